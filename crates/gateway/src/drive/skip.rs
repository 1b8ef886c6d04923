//! Why a tier was not asked, in words.

use cascade::{FaultKind, Moment, Skip};

pub(super) fn words(why: Skip, now: Moment) -> String {
    let soon = |until: Moment| format!("{} s", until.since(now).as_secs().max(1));
    match why {
        // It has become ready since the core looked.
        Skip::Unavailable => "unavailable".to_owned(),
        Skip::Open { until: Some(until), opening } => {
            format!("breaker open after {}, next probe in {}", kind(opening.kind), soon(until))
        }
        Skip::Open { until: None, opening } => format!("breaker open after {}, being probed", kind(opening.kind)),
        Skip::NoTime => "too slow for the time that is left".to_owned(),
        Skip::NoBudget { until: Some(until) } => format!("quota used up, room again in {}", soon(until)),
        Skip::NoBudget { until: None } => "larger than the quota".to_owned(),
        Skip::Kept { .. } => "the last fifth of its day is kept for another route".to_owned(),
        Skip::Busy { until: Some(until) } => format!("busy, about {} until its turn", soon(until)),
        Skip::Busy { until: None } => "busy".to_owned(),
        Skip::Full { until: Some(until) } => format!("busy, and its queue is full for about {}", soon(until)),
        Skip::Full { until: None } => "busy, and its queue is full".to_owned(),
    }
}

/// The same as a short token, for the record.
pub(crate) const fn code(why: Skip) -> &'static str {
    match why {
        Skip::Unavailable => "unavailable",
        Skip::Open { .. } => "breaker-open",
        Skip::NoTime => "no-time",
        Skip::NoBudget { until: Some(_) } => "quota",
        Skip::NoBudget { until: None } => "too-large",
        Skip::Kept { .. } => "kept",
        Skip::Busy { .. } => "busy",
        Skip::Full { .. } => "full",
    }
}

const fn kind(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Timeout(_) => "timeouts",
        FaultKind::Connection => "refused connections",
        FaultKind::Unreachable => "being unreachable",
        FaultKind::RateLimited => "a rate limit",
        FaultKind::Overloaded => "server errors",
        FaultKind::Account => "a refused key or account",
        FaultKind::ModelGone => "a model that is gone",
        FaultKind::Blocked => "a block on the way",
        FaultKind::Unavailable => "being asleep",
        FaultKind::TooLong | FaultKind::Unsupported => "requests that it does not take",
        FaultKind::Nonsense => "answers that were none",
        FaultKind::Cut => "answers cut off",
        FaultKind::CutByLength | FaultKind::Gate => "answers that fell short",
        FaultKind::NoSeam | FaultKind::Callers | FaultKind::Rejected | FaultKind::InTheWay => "bad requests",
        FaultKind::Refused => "refusals",
    }
}
