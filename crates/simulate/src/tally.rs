//! What is counted while a simulation runs.

mod open;
mod spent;

use std::collections::BTreeMap;

use cascade::{CancelReason, Decision, Ending, FaultKind, Limit, Outcome, Skip, Task};

use crate::server::Nanos;

pub(crate) use open::Open;
pub(crate) use spent::Spent;

/// Of one run, or of several.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) tiers: Vec<TierTally>,
    /// By the word for how they ended.
    pub(crate) endings: BTreeMap<&'static str, u64>,
    pub(crate) answered: u64,
    pub(crate) carried_on: u64,
    pub(crate) times: Times,
}

/// Of one tier.
#[derive(Clone, Debug, Default)]
pub(crate) struct TierTally {
    pub(crate) attempts: u64,
    /// Of those, the ones that were begun beside another tier's, which was late.
    pub(crate) hedges: u64,
    /// How many ended because the one beside them was first.
    pub(crate) overtaken: u64,
    pub(crate) answered: u64,
    /// Of those, the ones in which it carried on what another had begun.
    pub(crate) carried_on: u64,
    pub(crate) shortened: u64,
    /// How often it was asked for more than its provider allows.
    pub(crate) over_limit: u64,
    pub(crate) failed: BTreeMap<&'static str, u64>,
    pub(crate) skipped: BTreeMap<&'static str, u64>,
    /// How many requests waited for their turn.
    pub(crate) queued: u64,
    pub(crate) times: Times,
    pub(crate) spent: Spent,
    pub(crate) open: Open,
}

/// How long answered requests took, in milliseconds from their beginning.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times {
    pub(crate) first_token: Vec<u32>,
    pub(crate) end: Vec<u32>,
}

/// A request that has ended.
pub(crate) struct Ended<'a> {
    pub(crate) decision: &'a Decision,
    pub(crate) ending: Ending,
    pub(crate) first_token: Option<Nanos>,
    pub(crate) took: Nanos,
}

impl Tally {
    pub(crate) fn new(tiers: usize) -> Self {
        Self { tiers: vec![TierTally::default(); tiers], ..Self::default() }
    }

    pub(crate) fn on_end(&mut self, ended: &Ended<'_>) {
        let Decision { attempts, .. } = ended.decision;
        for attempt in attempts {
            let tier = &mut self.tiers[attempt.tier.index()];
            tier.attempts += 1;
            tier.hedges += u64::from(attempt.hedge);
            tier.overtaken +=
                u64::from(matches!(attempt.ended, Some((_, Outcome::Cancelled(CancelReason::Overtaken)))));
            if let Some((_, outcome)) = attempt.ended
                && let Some(why) = failure(outcome)
            {
                *tier.failed.entry(why).or_default() += 1;
            }
        }
        *self.endings.entry(ending(ended.ending)).or_default() += 1;
        if let Ending::Answered(id) = ended.ending {
            let answering = &attempts[id.index()];
            let carried_on = answering.task != Task::Answer;
            let tier = &mut self.tiers[answering.tier.index()];
            tier.answered += 1;
            tier.carried_on += u64::from(carried_on);
            tier.times.add(ended);
            self.times.add(ended);
            self.answered += 1;
            self.carried_on += u64::from(carried_on);
        }
    }

    pub(crate) fn requests(&self) -> u64 {
        self.endings.values().sum()
    }

    /// Adds what another run counted.
    pub(crate) fn merge(&mut self, other: Self) {
        add(&mut self.endings, other.endings);
        self.answered += other.answered;
        self.carried_on += other.carried_on;
        self.times.merge(other.times);
        for (tier, other) in self.tiers.iter_mut().zip(other.tiers) {
            tier.merge(other);
        }
    }
}

impl TierTally {
    pub(crate) fn skipped(&mut self, why: Skip) {
        *self.skipped.entry(skip(why)).or_default() += 1;
    }

    fn merge(&mut self, other: Self) {
        self.attempts += other.attempts;
        self.hedges += other.hedges;
        self.overtaken += other.overtaken;
        self.answered += other.answered;
        self.carried_on += other.carried_on;
        self.shortened += other.shortened;
        self.over_limit += other.over_limit;
        add(&mut self.failed, other.failed);
        add(&mut self.skipped, other.skipped);
        self.queued += other.queued;
        self.times.merge(other.times);
        self.spent.merge(other.spent);
        self.open.merge(other.open);
    }
}

impl Times {
    fn add(&mut self, ended: &Ended<'_>) {
        let millis = |nanos: Nanos| u32::try_from(nanos / 1_000_000).unwrap_or(u32::MAX);
        self.first_token.push(millis(ended.first_token.unwrap_or(ended.took)));
        self.end.push(millis(ended.took));
    }

    fn merge(&mut self, other: Self) {
        self.first_token.extend(other.first_token);
        self.end.extend(other.end);
    }
}

fn add(counts: &mut BTreeMap<&'static str, u64>, others: BTreeMap<&'static str, u64>) {
    for (word, count) in others {
        *counts.entry(word).or_default() += count;
    }
}

const fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Answered(_) => "answered",
        Ending::Refused(_) => "refused",
        Ending::BrokenOff(_) => "broken off",
        Ending::TooLong(_) => "too long",
        Ending::RateLimited { .. } => "rate limited",
        Ending::GaveUp => "gave up",
        Ending::CallerLeft => "caller left",
    }
}

const fn skip(why: Skip) -> &'static str {
    match why {
        Skip::Unavailable => "unavailable",
        Skip::Open { .. } => "breaker open",
        Skip::NoTime => "no time",
        Skip::NoBudget { .. } => "no quota",
        Skip::Kept { .. } => "kept for another route",
        Skip::Busy { .. } => "busy",
        Skip::Full { .. } => "queue full",
    }
}

/// Why an attempt failed, in words; `None` where it did not.
const fn failure(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Answered | Outcome::Cancelled(CancelReason::CallerLeft | CancelReason::Overtaken) => None,
        Outcome::Failed(fault) => Some(fault_words(fault.kind)),
        Outcome::Cancelled(CancelReason::Limit(limit, _)) => Some(limit_words(limit)),
    }
}

const fn fault_words(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Timeout(limit) => limit_words(limit),
        FaultKind::Connection => "connection",
        FaultKind::Unreachable => "unreachable",
        FaultKind::RateLimited => "rate limited",
        FaultKind::Overloaded => "overloaded",
        FaultKind::Account => "key or account refused",
        FaultKind::ModelGone => "model gone",
        FaultKind::Rejected => "rejected",
        FaultKind::Blocked | FaultKind::InTheWay => "blocked",
        FaultKind::Unavailable => "unavailable",
        FaultKind::TooLong => "too long",
        FaultKind::Unsupported => "unsupported",
        FaultKind::Nonsense => "nonsense",
        FaultKind::Cut => "cut",
        FaultKind::CutByLength => "cut by its length",
        FaultKind::Gate => "not what was asked for",
        FaultKind::NoSeam => "no seam",
        FaultKind::Callers => "caller's fault",
        FaultKind::Refused => "refused",
    }
}

const fn limit_words(limit: Limit) -> &'static str {
    match limit {
        Limit::Connect => "connect limit",
        Limit::FirstToken => "first-token limit",
        Limit::Idle => "idle limit",
        Limit::Total => "total limit",
        Limit::Deadline => "deadline",
    }
}
