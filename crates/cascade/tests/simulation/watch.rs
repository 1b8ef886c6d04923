//! A fleet and what is known of it from outside, to hold it to its promises.

use std::collections::VecDeque;
use std::time::Duration;

use cascade::{
    Admission, AttemptId, AttemptRecord, CancelReason, Condition, Fault, FaultKind, Fleet, Limit, Moment, Need,
    Outcome, Share, Task, TierId,
};

use crate::books::Books;
use crate::history::{Seen, Tally};
use crate::line::Line;
use crate::world::ROUTE;

/// Envoy's rule, with its jitter of a tenth.
const LONGEST: Duration = Duration::from_secs(66);
/// As long as a tier is left alone that a person must mend, once that is certain.
const LONGEST_FOR_A_PERSON: Duration = Duration::from_secs(660);
/// A `Retry-After` that is longer is no pause of one request any more: the tier is left alone by all.
const LONG: Duration = Duration::from_secs(2);

/// An attempt of one of the world's callers.
pub(crate) type Whose = (usize, AttemptId);

/// See the module.
pub(crate) struct Watch {
    pub(crate) fleet: Fleet,
    pub(crate) ids: Vec<TierId>,
    tiers: Vec<Known>,
    pub(crate) lines: Vec<Line>,
}

#[derive(Clone, Default)]
struct Known {
    /// The probe that is under way.
    probe: Option<Whose>,
    /// Until when the breaker has said that it is open, while it has not been closed.
    until: Option<Moment>,
    /// As long as that may be, by the tier's failures so far.
    longest: Duration,
    /// Until when it asked to be left alone.
    left_alone: Moment,
    /// What a person must mend, by which requests.
    suspicions: Vec<(FaultKind, u64)>,
    /// When it was asked, but for retries and hedges, when retries were granted, and when requests that it was late with were
    /// hedged; in milliseconds.
    asked: VecDeque<u64>,
    granted: VecDeque<u64>,
    hedged: VecDeque<u64>,
    /// What its first tokens took, or had taken when they were waited for no longer.
    firsts: Vec<Duration>,
}

impl Watch {
    pub(crate) fn new(fleet: Fleet) -> Self {
        let ids: Vec<_> = fleet.tiers().map(|(id, _)| id).collect();
        let lines = fleet.tiers().map(|(_, tier)| Line::of(tier)).collect();
        Self { lines, tiers: vec![Known { longest: LONGEST, ..Known::default() }; ids.len()], ids, fleet }
    }

    /// The same tiers in a new fleet, as after a change of the configuration.
    pub(crate) fn replaced(&self, now: Moment) -> Self {
        let mut fleet = Fleet::new(self.fleet.tiers().map(|(_, tier)| tier.clone()).collect());
        for &id in &self.ids {
            fleet.take_over(id, &self.fleet, id, now);
            fleet.set_condition(id, self.fleet.condition(id));
        }
        let forgets = |known: &Known, id| match fleet.breaker(id).admission(now) {
            Admission::Yes => Known { probe: None, until: None, left_alone: Moment::ZERO, ..known.clone() },
            _ => Known { probe: None, ..known.clone() },
        };
        let tiers = self.tiers.iter().zip(&self.ids).map(|(known, &id)| forgets(known, id)).collect();
        let lines = fleet.tiers().map(|(_, tier)| Line::of(tier)).collect();
        Self { fleet, ids: self.ids.clone(), tiers, lines }
    }

    pub(crate) fn admissions(&self, now: Moment) -> Vec<Admission> {
        self.ids.iter().map(|&id| self.fleet.breaker(id).admission(now)).collect()
    }

    /// An attempt on `tier` has begun; `before` is what its breaker said before, where that still held.
    pub(crate) fn on_start(
        &mut self,
        tier: usize,
        whose: Whose,
        before: Option<Admission>,
        now: Moment,
        tally: &mut Tally,
    ) -> Result<(), String> {
        if let Some(other) = self.tiers[tier].probe {
            return Err(format!("a tier that {other:?} probes is asked by {whose:?}"));
        }
        if now < self.tiers[tier].left_alone {
            return Err(format!("tier {} asked to be left alone until {:?}", tier + 1, self.tiers[tier].left_alone));
        }
        match self.fleet.breaker(self.ids[tier]).admission(now) {
            Admission::No { until: None, .. } => {
                tally.add(Seen::Probe);
                self.tiers[tier].probe = Some(whose);
            }
            Admission::No { .. } | Admission::Probe => {
                return Err("an open tier is asked, but not by a probe".to_owned());
            }
            Admission::Yes => {}
        }
        if let Some(Admission::No { until: Some(_), opening }) = before {
            tally.add(Seen::EarlyProbe);
            if whose.1.index() != 0 || opening.asked || opening.kind.needs_a_person() {
                return Err(format!("a tier that is open after {opening:?} is probed early by {whose:?}"));
            }
        }
        Ok(())
    }

    /// That attempt has ended; whether it was the tier's probe.
    pub(crate) fn on_end(&mut self, tier: usize, whose: Whose) -> bool {
        self.lines[tier].leave();
        self.tiers[tier].probe.take_if(|probe| *probe == whose).is_some()
    }

    /// The probe `whose` has said its first token: whether it is one, and has shown enough.
    pub(crate) fn on_probe_token(&mut self, whose: Whose) -> bool {
        self.tiers.iter_mut().any(|known| known.probe.take_if(|probe| *probe == whose).is_some())
    }

    pub(crate) fn is_suspected(&self, tier: usize) -> bool {
        self.fleet.is_suspected(self.ids[tier])
    }

    /// Somebody has looked at `tier`.
    pub(crate) fn confirm(&mut self, tier: usize, seed: u64, now: Moment) {
        self.tiers[tier].longest = self.tiers[tier].longest.max(LONGEST_FOR_A_PERSON);
        self.fleet.confirm(self.ids[tier], seed, now);
    }

    pub(crate) fn on_fault(&mut self, tier: usize, fault: Fault, fingerprint: u64, now: Moment) {
        let known = &mut self.tiers[tier];
        if fault.kind.needs_a_person() {
            known.suspicions.push((fault.kind, fingerprint));
        }
        let said_by_two = known.suspicions.iter().any(|&(kind, other)| kind == fault.kind && other != fingerprint);
        // While a probe is under way, its end decides, and no other's.
        if let (Some(asked), None) = (fault.retry_after.filter(|&asked| asked > LONG), known.probe) {
            known.left_alone = known.left_alone.max(now + asked);
        }
        let longest = match (fault.retry_after, fault.kind) {
            (Some(asked), _) => asked,
            (None, kind) if kind.needs_a_person() && said_by_two => LONGEST_FOR_A_PERSON,
            (None, _) => LONGEST,
        };
        self.tiers[tier].longest = self.tiers[tier].longest.max(longest);
    }

    /// `tier` has been seen to answer outside any request: nothing is held against it, and no probe decides.
    pub(crate) fn on_mended(&mut self, tier: usize, now: Moment) {
        self.fleet.mended(self.ids[tier], now);
        let known = &mut self.tiers[tier];
        (known.probe, known.until, known.left_alone) = (None, None, Moment::ZERO);
    }

    /// Whether `tier` has a place and can be asked for `need` tokens; `early` as well before its breaker's time.
    pub(crate) fn can_be_asked(&self, tier: usize, need: Need, early: bool, now: Moment) -> bool {
        let id = self.ids[tier];
        let admitted = match self.fleet.breaker(id).admission(now) {
            Admission::Yes | Admission::Probe => true,
            Admission::No { until: Some(_), opening } => early && opening.may_mend(),
            Admission::No { until: None, .. } => false,
        };
        let admitted = admitted && !self.lines[tier].is_taken();
        admitted
            && self.fleet.condition(id) == Condition::Ready
            && self.fleet.budget(id).room_within(self.fleet.tier(id).share_of(ROUTE), need, now).is_ok()
    }

    /// `tier` was asked by what is no retry.
    pub(crate) fn on_request(&mut self, tier: usize, now: u64) {
        self.tiers[tier].asked.push_back(now);
    }

    /// A retry was granted: 20 % of ten seconds' requests and a floor of three, as Finagle has it. The core counts whole
    /// seconds, so nine are certain.
    pub(crate) fn on_retry(&mut self, tier: usize, now: u64) -> Result<(), String> {
        let Known { asked, granted, .. } = &mut self.tiers[tier];
        granted.push_back(now);
        let drop_older = |times: &mut VecDeque<u64>, span| {
            while times.front().is_some_and(|&at| at + span < now) {
                times.pop_front();
            }
            times.len()
        };
        let (asked, granted) = (drop_older(asked, 10_000), drop_older(granted, 9_000));
        if granted > 3 + asked / 5 {
            return Err(format!("{granted} retries beside {asked} requests in ten seconds"));
        }
        Ok(())
    }

    /// An attempt has ended: what its first token took, or had taken when it was waited for no longer.
    pub(crate) fn on_first_token(&mut self, record: &AttemptRecord) {
        let Some((ended, outcome)) = record.ended else { return };
        let in_vain =
            matches!(outcome, Outcome::Cancelled(CancelReason::Overtaken | CancelReason::Limit(Limit::FirstToken, _)));
        if let (Task::Answer, Some(at)) = (record.task, record.first_token.or(in_vain.then_some(ended))) {
            self.tiers[record.tier.index()].firsts.push(at.since(record.started));
        }
    }

    /// Within what time nineteen in twenty of the last hundred first tokens of `tier` came; `None` of less than ten.
    pub(crate) fn late(&self, tier: usize) -> Option<Duration> {
        let firsts = &self.tiers[tier].firsts;
        let last = &firsts[firsts.len().saturating_sub(100)..];
        let enough = |&&time: &&Duration| last.iter().filter(|&&first| first <= time).count() * 20 >= last.len() * 19;
        last.iter().filter(enough).min().copied().filter(|_| last.len() >= 10)
    }

    /// A request that `late` was late with, as it was held to when it began, was hedged: a twentieth of ten seconds' requests
    /// and one, as retries are counted.
    pub(crate) fn on_hedge(&mut self, late: &AttemptRecord, held_to: Option<Duration>, now: u64) -> Result<(), String> {
        let Known { asked, hedged, .. } = &mut self.tiers[late.tier.index()];
        hedged.push_back(now);
        let within = |times: &VecDeque<u64>, span| times.iter().filter(|&&at| at + span >= now).count();
        let (asked, hedged) = (within(asked, 10_000), within(hedged, 9_000));
        if hedged > 1 + asked / 20 {
            return Err(format!("{hedged} hedges beside {asked} requests in ten seconds"));
        }
        let ran = Moment::after(Duration::from_millis(now)).since(late.started);
        if held_to.is_none_or(|late| ran < late) {
            return Err(format!("hedged after {ran:?}, but late is after {held_to:?}"));
        }
        Ok(())
    }

    /// What must hold of each tier whatever has happened.
    pub(crate) fn check(&mut self, now: Moment, tally: &mut Tally) -> Result<(), String> {
        for ((&id, known), line) in self.ids.iter().zip(&mut self.tiers).zip(&self.lines) {
            let number = id.number();
            line.check(&self.fleet, id).map_err(|why| format!("tier {number}: {why}"))?;
            let admission = self.fleet.breaker(id).admission(now);
            let probed = matches!(admission, Admission::No { until: None, .. });
            if probed != known.probe.is_some() {
                return Err(format!("tier {number}: its breaker says {admission:?}, its probe is {:?}", known.probe));
            }
            match admission {
                Admission::Yes => {
                    if known.until.take().is_some() {
                        tally.add(Seen::Reopened);
                    }
                }
                Admission::No { until: Some(until), .. } => {
                    if known.until.is_some_and(|before| until < before) {
                        return Err(format!("tier {number}: open until {:?} became {until:?}", known.until));
                    }
                    if until.since(now) > known.longest {
                        return Err(format!("tier {number}: open for {:?}", until.since(now)));
                    }
                    known.until = Some(until);
                }
                Admission::Probe if known.until.is_some_and(|until| until > now) => {
                    return Err(format!(
                        "tier {number}: open until {:?}, and yet to be probed at {now:?}",
                        known.until
                    ));
                }
                Admission::Probe | Admission::No { until: None, .. } => {}
            }
        }
        Ok(())
    }

    /// That the core's count of `tier`'s tokens is the provider's, but for the slots in which it counts.
    pub(crate) fn check_budget(&self, tier: usize, books: &Books, at: u64) -> Result<(), String> {
        let Some((least, most)) = books.tokens_left(at) else { return Ok(()) };
        let now = Moment::after(Duration::from_millis(at));
        let everything = Need { prompt: 0, answer: u32::MAX };
        match self.fleet.budget(self.ids[tier]).room(everything, now) {
            Ok(left) if left > most => Err(format!("{left} tokens are left of a quota that has {most}")),
            Ok(left) if left < least => Err(format!("a reservation leaked: {left} tokens are left, not {least}")),
            Err(_) if !books.may_be_full(Share::Whole, cascade::LEAST_ANSWER, at) => {
                Err("a reservation leaked".to_owned())
            }
            _ => Ok(()),
        }
    }
}
