//! The world's driver: it does what a call says and tells it what happened, as the gateway does.

use cascade::{
    Action, Admission, AttemptId, CancelReason, Ending, Event, Fault, FaultKind, Limit, Share, Sign, Skip, Task,
};

use crate::caller::{Caller, Heard};
use crate::history::Seen;
use crate::invariants;
use crate::tier::Said;
use crate::world::{What, World, ceil};

/// A driver that is busy looks at its clock so much later at most; in milliseconds.
pub(crate) const LATE: u64 = 20;
/// The driver gives up its search for a seam after so much that is no part of the answer.
const NO_PART: u32 = 2;

type Check = Result<(), String>;

/// The attempt that an event has ended.
#[derive(Clone, Copy)]
pub(crate) struct Done {
    tier: usize,
    probe: bool,
    /// Its last word, how many tokens it said, and how many it was bound to.
    said: (u32, u32, Option<u32>),
}

impl World<'_> {
    pub(crate) fn ticks(&mut self, c: usize) -> Check {
        let caller = &mut self.callers[c];
        caller.tick = None;
        let attempts = caller.call.decision().attempts.len();
        match ceil(caller.call.wake_at()) {
            None => Ok(()),
            Some(wake) if wake > self.now => {
                self.set_tick(c);
                Ok(())
            }
            Some(_) => {
                self.tell(c, Event::Tick, None)?;
                invariants::tick_moved(&self.callers[c], attempts, self.now)
            }
        }
    }

    pub(crate) fn leaves(&mut self, c: usize) -> Check {
        if self.callers[c].ended.is_some() {
            return Ok(());
        }
        self.note(|| format!("caller {c} leaves"));
        let waited = self.stop_waiting(c);
        if waited {
            self.tally.add(Seen::LeftTheQueue);
        } else if self.callers[c].lives.len() > 1 {
            self.tally.add(Seen::LeftBoth);
        } else if self.callers[c].lives.is_empty() {
            self.tally.add(Seen::LeftInPause);
        }
        self.callers[c].pausing = None;
        self.tell(c, Event::CallerLeft, None)?;
        let still_runs = !self.callers[c].lives.is_empty();
        if still_runs {
            Err("the caller left, and the attempt runs on".to_owned())
        } else {
            self.ended(c, Ending::CallerLeft, None)
        }
    }

    /// The next of what `attempt`'s tier says has come.
    pub(crate) fn says(&mut self, c: usize, attempt: AttemptId) -> Check {
        let Some(live) = self.callers[c].live_mut(attempt) else { return self.stale(c, attempt) };
        let said = live.coming.take().expect("something is coming");
        let tier = live.tier;
        self.note(|| format!("caller {c}: tier {} says {said:?}", tier + 1));
        match said {
            Said::Progress => self.heard(c, attempt, Sign::Progress)?,
            Said::Word(word) if self.callers[c].is_astray(attempt, word) => return self.says_no_part(c, attempt),
            Said::Else => return self.says_no_part(c, attempt),
            Said::Word(word) => {
                if let Heard::Token { shown } = self.callers[c].hear(attempt, word)? {
                    self.heard(c, attempt, Sign::Token { kept: shown })?;
                }
            }
            Said::End { says_usage } => {
                return match self.callers[c].hear_end(attempt) {
                    Heard::NoSeam => self.fails(c, attempt, FaultKind::NoSeam.into()),
                    Heard::Token { .. } | Heard::Finished => {
                        let live = self.callers[c].live(attempt).expect("it ends");
                        let tokens = says_usage.then(|| live.cost());
                        let done = self.close(c, attempt);
                        self.tell(c, Event::Finished { attempt, tokens }, Some(done))
                    }
                };
            }
            Said::Fails(fault) => return self.fails(c, attempt, fault),
        }
        self.let_speak(c, attempt);
        Ok(())
    }

    /// What `attempt`'s tier says is no part of the answer.
    fn says_no_part(&mut self, c: usize, attempt: AttemptId) -> Check {
        let live = self.callers[c].live_mut(attempt).expect("it speaks");
        live.tokens += 1;
        live.no_part += 1;
        let no_seam = live.no_part == NO_PART;
        self.heard(c, attempt, Sign::Token { kept: false })?;
        if no_seam {
            return self.fails(c, attempt, FaultKind::NoSeam.into());
        }
        self.let_speak(c, attempt);
        Ok(())
    }

    /// What is told of an attempt that has ended changes nothing.
    fn stale(&mut self, c: usize, attempt: AttemptId) -> Check {
        if !self.random.chance(20) {
            return Ok(());
        }
        self.tally.add(Seen::Stale);
        let now = self.moment();
        let caller = &mut self.callers[c];
        let fleet = &mut self.fleets[caller.fleet].fleet;
        let before = (caller.call.wake_at(), caller.call.decision().ending, caller.call.decision().attempts.len());
        caller.call.heard(attempt, Sign::Token { kept: true }, now);
        let event = match self.random.between(0, 1) {
            0 => Event::Failed { attempt, fault: FaultKind::Account.into(), tokens: None },
            _ => Event::Finished { attempt, tokens: Some(1_000) },
        };
        caller.call.on(event, fleet, now);
        let after = (caller.call.wake_at(), caller.call.decision().ending, caller.call.decision().attempts.len());
        if before != after || caller.call.poll().is_some() {
            return Err(format!("what was told of {attempt:?} after its end changed something"));
        }
        self.check_fleets()
    }

    fn heard(&mut self, c: usize, attempt: AttemptId, sign: Sign) -> Check {
        let now = self.moment();
        let caller = &mut self.callers[c];
        caller.call.heard(attempt, sign, now);
        let tokens = caller.live(attempt).map_or(0, |live| live.tokens);
        let delivered = caller.call.poll();
        let expected = matches!(sign, Sign::Token { .. }) && tokens == 1;
        if delivered != expected.then_some(Action::Deliver { attempt }) || caller.call.poll().is_some() {
            return Err(format!("{delivered:?} on token {tokens}"));
        }
        if delivered.is_some() {
            let caller = &mut self.callers[c];
            let fleet = &mut self.fleets[caller.fleet];
            if fleet.on_probe_token((c, attempt)) {
                self.tally.add(Seen::ProbeSpoke);
            }
            caller.call.delivered(attempt, &mut fleet.fleet, now);
        }
        if delivered.is_some() && self.callers[c].lives.len() > 1 {
            self.tally.add(if attempt.index() == 0 { Seen::HedgeLost } else { Seen::HedgeWon });
            self.tell(c, Event::Tick, None)?;
            return invariants::nobody_beside(&self.callers[c], attempt);
        }
        // Tokens only ever move the moment away, but for the first: after it, the idle limit may be the sooner.
        self.set_tick(c);
        Ok(())
    }

    fn fails(&mut self, c: usize, attempt: AttemptId, fault: Fault) -> Check {
        self.tally.add(seen_fault(fault.kind));
        if fault.kind == FaultKind::CutByLength {
            self.callers[c].keep(attempt);
        }
        let fleet = self.callers[c].fleet;
        let done = self.close(c, attempt);
        let hedged = self.callers[c].call.decision().attempts.iter().any(|attempt| attempt.hedge);
        if !self.callers[c].lives.is_empty() {
            self.tally.add(Seen::FailedBeside);
        } else if hedged && self.callers[c].call.decision().attempts.iter().all(|attempt| attempt.first_token.is_none())
        {
            self.tally.add(Seen::BothFailed);
        }
        let now = self.moment();
        self.fleets[fleet].on_fault(done.tier, fault, self.callers[c].wish.ask.fingerprint, now);
        self.tell(c, Event::Failed { attempt, fault, tokens: None }, Some(done))?;
        self.look_at(fleet, done.tier)
    }

    /// Now and then somebody looks whether a tier is what one request was told of it.
    fn look_at(&mut self, fleet: usize, tier: usize) -> Check {
        if !self.fleets[fleet].is_suspected(tier) || !self.random.chance(30) {
            return Ok(());
        }
        let (seed, now) = (self.random.number(), self.moment());
        self.tally.add(Seen::Confirmed);
        self.fleets[fleet].confirm(tier, seed, now);
        self.check_fleets()
    }

    /// Takes an attempt that runs off the world, and settles its tier's books.
    fn close(&mut self, c: usize, attempt: AttemptId) -> Done {
        let caller = &mut self.callers[c];
        let at = caller.lives.iter().position(|live| live.id == attempt).expect("it runs");
        let live = caller.lives.remove(at);
        self.books[live.tier].settle(live.charge, live.cost(), self.now);
        let watch = &mut self.fleets[caller.fleet];
        let probe = watch.on_end(live.tier, (c, live.id));
        Done { tier: live.tier, probe, said: (live.last, live.tokens, live.most) }
    }

    pub(crate) fn tell(&mut self, c: usize, event: Event, done: Option<Done>) -> Check {
        let now = self.moment();
        let caller = &mut self.callers[c];
        let watch = &mut self.fleets[caller.fleet];
        let before = watch.admissions(now);
        caller.call.on(event, &mut watch.fleet, now);
        self.act(c, &before, done)
    }

    /// Does what the call says; `before` is what each tier's breaker said before it did.
    pub(crate) fn act(&mut self, c: usize, before: &[Admission], mut done: Option<Done>) -> Check {
        self.grant(self.callers[c].fleet)?;
        let mut settled: Vec<_> = done.iter().map(|done| done.tier).collect();
        while let Some(action) = self.callers[c].call.poll() {
            self.note(|| format!("caller {c}: {action:?}"));
            invariants::has_not_ended(&self.callers[c], &action)?;
            match action {
                Action::Start(start) => {
                    let before = before[start.tier.index()];
                    // What ended in the same breath may have changed what the tier's breaker says.
                    let before = done.is_none_or(|done| done.tier != start.tier.index()).then_some(before);
                    self.start(c, start, before)?;
                }
                Action::Skipped { tier, why } => self.skipped(c, tier.index(), why)?,
                Action::Queued { tier, ahead } => self.queues_up(c, tier.index(), ahead)?,
                Action::Cancel { attempt, reason } => {
                    let cancelled = self.cancel(c, attempt, reason)?;
                    settled.push(cancelled.tier);
                    // What ends a request is the end of the one that was first.
                    if reason != CancelReason::Overtaken {
                        done = Some(cancelled);
                    }
                }
                Action::Deliver { .. } => return Err("delivered, but nothing was heard".to_owned()),
                Action::Complete { attempt } => self.ended(c, Ending::Answered(attempt), done)?,
                Action::Refuse { attempt } => self.ended(c, Ending::Refused(attempt), done)?,
                Action::BreakOff { attempt } => self.ended(c, Ending::BrokenOff(attempt), done)?,
                Action::GiveUp => {
                    let ending = self.callers[c].call.decision().ending.ok_or("given up without an ending")?;
                    self.ended(c, ending, done)?;
                }
            }
        }
        let caller = &mut self.callers[c];
        for (attempt, record) in caller.call.decision().attempts.iter().enumerate() {
            if record.ended.is_some() && !caller.told.contains(&attempt) {
                caller.told.push(attempt);
                self.fleets[caller.fleet].on_first_token(record);
            }
        }
        for tier in settled {
            self.fleets[self.callers[c].fleet].check_budget(tier, &self.books[tier], self.now)?;
        }
        self.note_pause(c, done)?;
        invariants::is_looked_after(&self.callers[c], |tier| self.tiers[tier].settings.limits)?;
        if self.callers[c].call.decision().ending != Some(Ending::CallerLeft) {
            invariants::will_be_woken(&self.callers[c])?;
        }
        self.set_tick(c);
        self.check_fleets()
    }

    fn note_pause(&mut self, c: usize, done: Option<Done>) -> Check {
        if self.callers[c].call.waits_as().is_some() {
            return Ok(());
        }
        // Its turn came, and what closed the tier to it will be over: it pauses once more.
        if self.stop_waiting(c) {
            self.tally.add(Seen::TurnPassedOn);
        }
        if self.callers[c].call.awaits_return() {
            self.tally.add(Seen::AwaitsReturn);
            self.callers[c].pausing = None;
            return Ok(());
        }
        let caller = &mut self.callers[c];
        let pauses = caller.lives.is_empty() && caller.call.wake_at().is_some();
        if !pauses {
            caller.pausing = None;
        } else if caller.pausing.is_none() {
            let tier = done.ok_or("it waits for a tier that it has not asked")?.tier;
            caller.pausing = Some(tier);
            self.fleets[caller.fleet].on_retry(tier, self.now)?;
        }
        Ok(())
    }

    fn skipped(&mut self, c: usize, tier: usize, why: Skip) -> Check {
        self.tally.add(match why {
            Skip::Unavailable => Seen::SkippedUnavailable,
            Skip::Open { until: Some(_), .. } => Seen::SkippedOpen,
            Skip::Open { until: None, .. } => Seen::SkippedBeingProbed,
            Skip::NoTime => Seen::SkippedNoTime,
            Skip::NoBudget { .. } => Seen::SkippedNoBudget,
            Skip::Kept { .. } => Seen::SkippedKept,
            Skip::Busy { .. } => Seen::SkippedBusy,
            Skip::Full { .. } => Seen::SkippedFull,
        });
        let waited = self.callers[c].waits == Some(tier) && self.stop_waiting(c);
        if waited {
            self.tally.add(if matches!(why, Skip::Busy { .. }) { Seen::WaitedTooLong } else { Seen::TurnPassedOn });
        }
        let Caller { wish, seen, fleet, .. } = &self.callers[c];
        let line = &self.fleets[*fleet].lines[tier];
        invariants::has_enough_to_do(why, line, waited || self.says_load > 0)?;
        let least = wish.ask.max_tokens.unwrap_or(u32::MAX).min(cascade::LEAST_ANSWER);
        let tokens = wish.ask.prompt_tokens + seen + least;
        let share = if matches!(why, Skip::Kept { .. }) { Share::FourFifths } else { self.tiers[tier].share() };
        let may_be_full = || self.books[tier].may_be_full(share, tokens, self.now);
        invariants::skip_is_true(why, self.moment(), may_be_full)
    }

    fn cancel(&mut self, c: usize, attempt: AttemptId, reason: CancelReason) -> Result<Done, String> {
        let caller = &self.callers[c];
        if caller.live(attempt).is_none() {
            return Err(format!("{attempt:?} is cancelled, but does not run"));
        }
        if let CancelReason::Limit(limit, length) = reason {
            let record = &caller.call.decision().attempts[attempt.index()];
            invariants::limit_was_reached(limit, length, record, self.moment())?;
            self.tally.add(match limit {
                Limit::FirstToken => Seen::FirstTokenLimit,
                Limit::Idle => Seen::IdleLimit,
                Limit::Total => Seen::TotalLimit,
                Limit::Connect | Limit::Deadline => Seen::DeadlineLimit,
            });
        }
        if reason == CancelReason::Overtaken {
            invariants::was_overtaken(caller, attempt)?;
        }
        let done = self.close(c, attempt);
        if done.probe && matches!(reason, CancelReason::CallerLeft | CancelReason::Overtaken) {
            self.tally.add(Seen::ProbeWithoutVerdict);
            let watch = &self.fleets[self.callers[c].fleet];
            if watch.fleet.breaker(watch.ids[done.tier]).admission(self.moment()) == Admission::Yes {
                return Err(format!("a probe that told nothing has closed the breaker of tier {}", done.tier + 1));
            }
        }
        Ok(done)
    }

    /// Sets the driver's timer, where it has none that is as early.
    fn set_tick(&mut self, c: usize) {
        let caller = &mut self.callers[c];
        let Some(wake) = ceil(caller.call.wake_at()) else { return };
        let late = if self.random.chance(30) { self.random.between(0, LATE) } else { 0 };
        let at = wake.saturating_add(late);
        if caller.tick.is_none_or(|tick| at < tick) {
            caller.tick = Some(at);
            self.schedule(at, What::Tick(c));
        }
    }

    fn ended(&mut self, c: usize, ending: Ending, done: Option<Done>) -> Check {
        self.tally.add(match ending {
            Ending::Answered(_) => Seen::Answered,
            Ending::Refused(_) if self.callers[c].wish.at_fault => Seen::Refused,
            Ending::Refused(_) => Seen::RefusedByAll,
            Ending::TooLong(_) => Seen::TooLongForAll,
            Ending::RateLimited { .. } => Seen::RateLimitedByAll,
            Ending::BrokenOff(_) => Seen::BrokenOff,
            Ending::GaveUp => Seen::GaveUp,
            Ending::CallerLeft => Seen::CallerLeft,
        });
        if let Some(tier) = self.callers[c].waits {
            return Err(format!("it has ended, and still waits for tier {}", tier + 1));
        }
        let caller = &mut self.callers[c];
        if !caller.lives.is_empty() {
            return Err(format!("it has ended with {ending:?}, and an attempt runs on"));
        }
        invariants::ended(caller, ending, self.now, self.resumed, done.map(|done| done.said))?;
        invariants::nobody_could(caller, ending, &self.fleets[caller.fleet], self.resumed > 0, self.now)?;
        let decision = caller.call.decision();
        invariants::record_is_whole(decision)?;
        let carried = decision.attempts.last().is_some_and(|last| last.task != Task::Answer);
        caller.ended = Some(ending);
        if carried && matches!(ending, Ending::Answered(_)) {
            self.tally.add(Seen::CarriedToTheEnd);
        }
        invariants::will_be_woken(&self.callers[c])
    }
}

const fn seen_fault(kind: FaultKind) -> Seen {
    match kind {
        FaultKind::Timeout(_) => Seen::ConnectTimeout,
        FaultKind::Connection => Seen::Connection,
        FaultKind::Unreachable => Seen::Unreachable,
        FaultKind::RateLimited => Seen::RateLimited,
        FaultKind::Overloaded => Seen::Overloaded,
        FaultKind::Account => Seen::Account,
        FaultKind::ModelGone => Seen::ModelGone,
        FaultKind::Rejected => Seen::Rejected,
        FaultKind::Blocked => Seen::Blocked,
        FaultKind::InTheWay => Seen::InTheWay,
        FaultKind::Unavailable => Seen::Asleep,
        FaultKind::TooLong => Seen::TooLong,
        FaultKind::Nonsense => Seen::Nonsense,
        FaultKind::Cut => Seen::Cut,
        FaultKind::CutByLength => Seen::CutByLength,
        FaultKind::Gate => Seen::Gate,
        FaultKind::NoSeam => Seen::NoSeam,
        FaultKind::Callers => Seen::Callers,
        FaultKind::Unsupported => Seen::Unsupported,
        FaultKind::Refused => Seen::OtherStatus,
    }
}
