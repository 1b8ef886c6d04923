//! All tiers: what the user configured of each, and how each stands at the moment.

mod concurrency;
mod latency_quantile;
mod pace;
mod queue;
mod retry_budget;

use std::time::Duration;

use crate::action::ContinuationMode;
use crate::breaker::{Admission, Breaker, Probe};
use crate::budget::{Budget, Cost, Need, NoRoom, Quota, Reading, Reservation, Share, Spent};
use crate::call::Skip;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::moment::Moment;
use crate::random::Random;
use crate::route::Route;

use latency_quantile::LatencyQuantile;
use pace::Pace;
use queue::Queue;
use retry_budget::RetryBudget;

pub use queue::WaiterId;
pub(crate) use queue::{Permit, QueueState};

/// A tier's place in its [`Fleet`]: an index, and its number for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TierId {
    index: u16,
    number: u32,
}

impl TierId {
    /// The number that the user knows it by: the `n` of `TIERn_…`.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// Its place in the fleet, from zero.
    #[must_use]
    pub const fn index(self) -> usize {
        self.index as usize
    }
}

/// Who owns the machine that a tier runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosting {
    /// The user: nothing that is sent there leaves their own machines.
    SelfHosted,
    /// Somebody else.
    Cloud,
}

/// What the user configured of one tier, as far as decisions depend on it.
#[derive(Clone, Debug)]
pub struct Tier {
    /// The `n` of `TIERn_…`.
    pub number: u32,
    /// Where it runs.
    pub hosting: Hosting,
    /// Its times.
    pub limits: Limits,
    /// How often it is asked again for one request, for failures that a retry can mend.
    pub retries: u32,
    /// What its provider allows.
    pub quota: Quota,
    /// What its provider's plan allows as far as that is known beforehand: it holds where `quota` says nothing, and until
    /// the provider says otherwise.
    pub plan: Quota,
    /// A moment in which a day of its provider's ends. `None`: its day is the last 24 hours.
    pub day_ends: Option<Moment>,
    /// The routes for which the last fifth of a day's quota is kept; for none, everybody may spend all of it.
    pub keep_for: Vec<String>,
    /// How many requests it is asked at once, at least one; `None` is as many as there are.
    pub concurrency: Option<u32>,
    /// How many requests may wait for one of these places.
    pub queue: u32,
    /// Whether each call costs its user money.
    pub paid: bool,
    /// Whether somebody here watches over it, who knows when it has died and starts it again.
    pub supervised: bool,
    /// Which provider runs it: two tiers with equal numbers refuse for the same reasons.
    pub provider: u16,
    /// Whether it is known to go on with an assistant's unfinished message. One that is not is asked to repeat the last words,
    /// which can be checked.
    pub prefill: bool,
}

/// As many as wait for a tier where nothing else is said: more would be answered long after anybody still listens.
pub const QUEUE: u32 = 64;

impl Tier {
    /// A tier with the default limits, one retry, no quota and as many places as are asked for.
    #[must_use]
    pub fn new(number: u32, hosting: Hosting) -> Self {
        Self {
            number,
            hosting,
            limits: Limits::default(),
            retries: 1,
            quota: Quota::default(),
            plan: Quota::default(),
            day_ends: None,
            keep_for: Vec::new(),
            concurrency: None,
            queue: QUEUE,
            paid: false,
            supervised: false,
            provider: 0,
            prefill: false,
        }
    }

    /// How much of a day's quota a request on `route` may use.
    #[must_use]
    pub fn share_of(&self, route: &str) -> Share {
        let all = self.keep_for.is_empty() || self.keep_for.iter().any(|kept_for| kept_for == route);
        if all { Share::Whole } else { Share::FourFifths }
    }
}

/// Whether a tier can be asked at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// It can.
    #[default]
    Ready,
    /// It cannot for now, and nobody knows when: its model is being fetched, or it has failed for good.
    Unavailable,
    /// It cannot for now, and will soon: its worker loads its model, or is being started again. Where nobody else can do it, a
    /// request waits for this one.
    Returning,
}

/// The live state of all tiers, shared by every request.
#[derive(Debug)]
pub struct Fleet {
    tiers: Vec<TierState>,
    /// How many have waited for a place so far.
    waiters: u64,
    /// Whose turn has come since the driver last asked.
    granted: Vec<WaiterId>,
}

/// Whether a tier goes on from an unfinished message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Prefill {
    /// Nobody knows, so that it is not asked to.
    #[default]
    Unknown,
    Taken,
    /// It was asked to, and did not.
    Refused,
}

#[derive(Debug)]
struct TierState {
    tier: Tier,
    condition: Condition,
    breaker: Breaker,
    budget: Budget,
    retries: RetryBudget,
    /// How many requests that it is late with may be hedged.
    hedges: RetryBudget,
    pace: Pace,
    tail: LatencyQuantile,
    prefill: Prefill,
    queue: Queue,
    /// How long a new request would wait there, as the tier itself says.
    load: Option<Duration>,
}

/// Leave to ask a tier: what it takes from the tier is put right when the attempt ends.
#[derive(Debug)]
pub(crate) struct Lease {
    tier: TierId,
    probe: Option<Probe>,
    reservation: Reservation,
    permit: Permit,
    fingerprint: u64,
}

impl Lease {
    pub(crate) const fn tier(&self) -> TierId {
        self.tier
    }

    pub(crate) const fn is_probe(&self) -> bool {
        self.probe.is_some()
    }
}

/// How an attempt ended, as far as the tier's standing depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verdict {
    Answered,
    Failed(Fault),
    /// The caller left, or another answer was first.
    None,
}

impl Fleet {
    /// The given tiers, all of them ready and nothing of their quotas spent.
    ///
    /// # Panics
    ///
    /// With more than 65,536 tiers.
    #[must_use]
    pub fn new(tiers: Vec<Tier>) -> Self {
        assert!(tiers.len() <= usize::from(u16::MAX), "a fleet holds at most 65,536 tiers");
        let tiers = tiers.into_iter().map(TierState::new).collect();
        Self { tiers, waiters: 0, granted: Vec::new() }
    }

    /// Takes over how a tier of `older` stands, for one that is the same under other settings. What is left of its quota
    /// counts where that is the same too. Requests that have a place there keep it there, and have none here.
    pub fn take_over(&mut self, id: TierId, older: &Self, old: TierId, now: Moment) {
        let (new, old) = (&mut self.tiers[id.index()], &older.tiers[old.index()]);
        new.breaker = old.breaker.reloaded(now);
        (new.retries, new.hedges) = (old.retries.clone(), old.hedges.clone());
        (new.pace, new.tail) = (old.pace, old.tail.clone());
        new.prefill = old.prefill;
        if (new.tier.quota, new.tier.plan) == (old.tier.quota, old.tier.plan) {
            new.budget = old.budget.handed_over(now);
        }
    }

    /// Every tier, in the order of configuration.
    pub fn tiers(&self) -> impl Iterator<Item = (TierId, &Tier)> {
        (0_u16..).zip(&self.tiers).map(|(index, s)| (TierId { index, number: s.tier.number }, &s.tier))
    }

    /// What was configured of `id`.
    #[must_use]
    pub fn tier(&self, id: TierId) -> &Tier {
        &self.tiers[id.index()].tier
    }

    /// Whether `id` can be asked.
    #[must_use]
    pub fn condition(&self, id: TierId) -> Condition {
        self.tiers[id.index()].condition
    }

    /// Notes whether `id` can be asked from now on.
    pub fn set_condition(&mut self, id: TierId, condition: Condition) {
        self.tiers[id.index()].condition = condition;
    }

    /// Notes of every tier whether it can be asked from now on.
    pub fn set_conditions(&mut self, of: impl Fn(TierId) -> Condition) {
        for (index, state) in (0_u16..).zip(&mut self.tiers) {
            state.condition = of(TierId { index, number: state.tier.number });
        }
    }

    /// The breaker of `id`.
    #[must_use]
    pub fn breaker(&self, id: TierId) -> &Breaker {
        &self.tiers[id.index()].breaker
    }

    /// Notes that `id` has been seen to answer outside any request: its breaker closes.
    pub fn mended(&mut self, id: TierId, now: Moment) {
        self.tiers[id.index()].breaker.on_mended(now);
    }

    /// Whether one request was told of `id` what a person would have to mend: see [`Fleet::confirm`].
    #[must_use]
    pub fn is_suspected(&self, id: TierId) -> bool {
        self.tiers[id.index()].breaker.is_suspected()
    }

    /// Notes that somebody has looked at `id`, outside any request: what one request was told of it is so. `seed` is what the
    /// breaker's time is jittered by.
    pub fn confirm(&mut self, id: TierId, seed: u64, now: Moment) {
        self.tiers[id.index()].breaker.on_confirmation(now, &mut Random::seeded(seed));
    }

    /// Notes the first token of the attempt that `lease` is of.
    pub(crate) fn on_token_of(&mut self, lease: &Lease, now: Moment) {
        self.tiers[lease.tier.index()].breaker.on_first_token(lease.probe, now);
    }

    /// What is left of the quota of `id`.
    #[must_use]
    pub fn budget(&self, id: TierId) -> &Budget {
        &self.tiers[id.index()].budget
    }

    /// Takes off the budget of `id` what was spent of it before this fleet was made.
    pub fn restore_budget(&mut self, id: TierId, spent: &[Spent], now: Moment) {
        self.tiers[id.index()].budget.restore(spent, now);
    }

    /// The day of the provider of `id` ends at `at`, and every 24 hours before and after that.
    pub fn set_day_end(&mut self, id: TierId, at: Moment) {
        self.tiers[id.index()].budget.set_day_end(at);
    }

    /// Takes up what the provider of `id` said of its quotas.
    pub fn correct_budget(&mut self, id: TierId, reading: Reading, now: Moment) {
        self.tiers[id.index()].budget.correct(reading, now);
    }

    /// How fast `id` has lately been.
    pub(crate) fn pace(&self, id: TierId) -> &Pace {
        &self.tiers[id.index()].pace
    }

    pub(crate) fn pace_mut(&mut self, id: TierId) -> &mut Pace {
        &mut self.tiers[id.index()].pace
    }

    /// How long the answer of `id` to `need` on `route` may be, or why it is not asked.
    pub(crate) fn admit(&self, id: TierId, need: Need, route: &str, now: Moment) -> Result<u32, Skip> {
        let state = &self.tiers[id.index()];
        if state.condition != Condition::Ready {
            return Err(Skip::Unavailable);
        }
        if let Admission::No { until, opening } = state.breaker.admission(now) {
            return Err(Skip::Open { until, opening });
        }
        state.room(need, route, now)
    }

    /// Of the tiers of `route`, the one whose open breaker may be probed early because the caller has nobody else: the first to mend.
    pub(crate) fn last_resort(&self, route: &Route, need: Need, now: Moment) -> Option<(TierId, u32)> {
        let candidate = |&id: &TierId| match self.admit(id, need, &route.name, now) {
            Err(Skip::Open { until: Some(until), opening }) if opening.may_mend() && self.is_free(id) => {
                let answer = self.tiers[id.index()].room(need, &route.name, now).ok()?;
                Some((until, id, answer))
            }
            _ => None,
        };
        route.tiers.iter().filter_map(candidate).min_by_key(|&(until, ..)| until).map(|(_, id, answer)| (id, answer))
    }

    /// Notes which tiers are known to go on from an unfinished message. One that has refused to is not asked again.
    pub fn set_prefill(&mut self, takes: impl Fn(TierId) -> bool) {
        for (index, state) in (0_u16..).zip(&mut self.tiers) {
            if state.prefill == Prefill::Unknown && takes(TierId { index, number: state.tier.number }) {
                state.prefill = Prefill::Taken;
            }
        }
    }

    /// How `id` is asked to carry an answer on: by repeating, which can be checked, unless it is known to take a prefill.
    pub(crate) fn carries_on_by(&self, id: TierId) -> ContinuationMode {
        match self.tiers[id.index()].prefill {
            Prefill::Taken => ContinuationMode::Prefill,
            Prefill::Unknown | Prefill::Refused => ContinuationMode::Repeat,
        }
    }

    /// Notes that `id` takes no prefill.
    pub(crate) fn refuses_prefill(&mut self, id: TierId) {
        self.tiers[id.index()].prefill = Prefill::Refused;
    }

    /// Whether `id` may be given one more retry.
    pub(crate) fn grant_retry(&mut self, id: TierId, now: Moment) -> bool {
        self.tiers[id.index()].retries.take(now)
    }

    /// When an attempt on `id` is late with its first token, as far as is known.
    pub(crate) fn late(&self, id: TierId) -> Option<Duration> {
        self.tiers[id.index()].tail.late()
    }

    /// Notes that a first token of `id` took `took`, or had not come by then.
    pub(crate) fn on_first_token(&mut self, id: TierId, took: Duration) {
        self.tiers[id.index()].tail.add(took);
    }

    /// Whether one more request that `id` is late with may be hedged.
    pub(crate) fn grant_hedge(&mut self, id: TierId, now: Moment) -> bool {
        self.tiers[id.index()].hedges.take(now)
    }

    /// How long the answer of `id` to a request that another tier is late with may be; `None` where `id` is not at its best.
    pub(crate) fn may_hedge(&self, id: TierId, need: Need, route: &str, now: Moment) -> Option<u32> {
        let closed = self.breaker(id).admission(now) == Admission::Yes;
        let at_once = self.queue_state(id) == QueueState::Free(Duration::ZERO);
        if closed && at_once { self.admit(id, need, route, now).ok() } else { None }
    }

    /// Notes that `id` is being asked in `permit`; `extra` where that is a retry or a hedge, which earns no further one.
    pub(crate) fn enter(
        &mut self,
        (id, permit): (TierId, Permit),
        need: Need,
        extra: bool,
        fingerprint: u64,
        now: Moment,
    ) -> Lease {
        let state = &mut self.tiers[id.index()];
        if !extra {
            state.retries.on_request(now);
            state.hedges.on_request(now);
        }
        let (probe, reservation) = (state.breaker.enter(), state.budget.reserve(need, now));
        Lease { tier: id, probe, reservation, permit, fingerprint }
    }

    /// Notes how that ended, and what it cost.
    pub(crate) fn leave(&mut self, lease: Lease, verdict: Verdict, cost: Cost, now: Moment, random: &mut Random) {
        let Lease { tier, probe, reservation, permit, fingerprint } = lease;
        let state = &mut self.tiers[tier.index()];
        let broke = matches!(verdict, Verdict::Failed(fault) if fault.kind.broke());
        match verdict {
            // Its supervisor may not have missed it yet, and knows better than a breaker when it is back.
            Verdict::Failed(_) if broke && state.tier.supervised => {
                state.condition = Condition::Returning;
                state.breaker.on_no_verdict(probe);
            }
            Verdict::Answered => state.breaker.on_success(probe, now),
            Verdict::Failed(fault) if fault.kind.fell_short() => state.breaker.on_success(probe, now),
            Verdict::Failed(fault) => state.breaker.on_failure(fault, fingerprint, probe, now, random),
            Verdict::None => state.breaker.on_no_verdict(probe),
        }
        match verdict {
            Verdict::Failed(fault) if fault.kind.never_arrived() => {
                state.budget.give_back(reservation, now);
            }
            _ => state.budget.settle(reservation, cost, now),
        }
        self.give_back(tier, permit);
    }
}

impl TierState {
    /// How long the answer to `need` on `route` may be, by what is left of the quota.
    fn room(&self, need: Need, route: &str, now: Moment) -> Result<u32, Skip> {
        let share = self.tier.share_of(route);
        self.budget.room_within(share, need, now).map_err(|NoRoom { until }| {
            let kept = share != Share::Whole && self.budget.room(need, now).is_ok();
            if kept { Skip::Kept { until } } else { Skip::NoBudget { until } }
        })
    }

    fn new(tier: Tier) -> Self {
        let mut budget = Budget::with_plan(tier.quota, tier.plan);
        if let Some(end) = tier.day_ends {
            budget.set_day_end(end);
        }
        Self {
            budget,
            queue: Queue::new(tier.concurrency, tier.queue),
            prefill: if tier.prefill { Prefill::Taken } else { Prefill::Unknown },
            tier,
            condition: Condition::Ready,
            breaker: Breaker::default(),
            retries: RetryBudget::retries(),
            hedges: RetryBudget::hedges(),
            pace: Pace::default(),
            tail: LatencyQuantile::default(),
            load: None,
        }
    }
}
