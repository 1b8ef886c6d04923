//! What a failure means to the core: the rows of [`upstream::Verdict`] in its words.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::SystemTime;

use cascade::{Fault, FaultKind, Limit, Member};
use upstream::{Blame, BreakerEffect, Cause, Day, Failure};

/// `day` is the day of the tier's provider. A quota or credit that is used up without a word of when it is back is back with
/// the next day; but one request may only be too dear for what is left, so that another one has to be told the same.
pub(super) fn of(failure: &Failure, day: Day) -> Fault {
    let member = failure.member.as_ref().map(|member| number(&member.name));
    match (&failure.cause, failure.retry_after) {
        (Cause::QuotaExhausted, None) => {
            Fault { kind: FaultKind::Account, retry_after: Some(day.left(SystemTime::now())), member }
        }
        (_, retry_after) => Fault { kind: kind(failure), retry_after, member },
    }
}

fn kind(failure: &Failure) -> FaultKind {
    let verdict = failure.verdict();
    match (verdict.blame, verdict.breaker, &failure.cause) {
        (Blame::Caller, ..) => FaultKind::Callers,
        (Blame::Model, _, Cause::ContextTooLong { .. }) => FaultKind::TooLong,
        (Blame::Model, _, Cause::Unsupported(_)) => FaultKind::Unsupported,
        (Blame::Model, ..) => FaultKind::Rejected,
        (Blame::Account, BreakerEffect::Long, Cause::ModelNotFound) => FaultKind::ModelGone,
        (Blame::Account, BreakerEffect::Long, _) => FaultKind::Account,
        (Blame::Account, ..) => FaultKind::RateLimited,
        (Blame::Ours, ..) | (Blame::Way, BreakerEffect::None, _) => FaultKind::InTheWay,
        (Blame::Way, BreakerEffect::Short, _) => FaultKind::Blocked,
        (Blame::Way | Blame::Moment, _, cause) => passing(cause, verdict.retry),
    }
}

/// A failure that passes, or that lies on the way.
fn passing(cause: &Cause, retry: bool) -> FaultKind {
    match cause {
        Cause::ConnectTimeout(_) | Cause::Timeout(_) => FaultKind::Timeout(Limit::Connect),
        Cause::Refused | Cause::Reset => FaultKind::Connection,
        Cause::Dns | Cause::Tls(_) | Cause::Unreachable(_) => FaultKind::Unreachable,
        Cause::RateLimited => FaultKind::RateLimited,
        Cause::Waking { .. } | Cause::Unavailable(_) => FaultKind::Unavailable,
        Cause::Cut | Cause::Truncated | Cause::StreamError(_) | Cause::AnswerError(_) => FaultKind::Cut,
        _ if retry => FaultKind::Overloaded,
        Cause::Status => FaultKind::Refused,
        _ => FaultKind::Nonsense,
    }
}

/// Names are equal where their numbers are.
fn number(name: &str) -> Member {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    Member(hasher.finish())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_row_of_the_table_has_its_word() {
        let status = |status, cause: Cause| Failure { status: Some(status), ..cause.into() };
        for (failure, kind) in [
            (Cause::ContentFilter.into(), FaultKind::Callers),
            (Cause::Rejected.into(), FaultKind::Rejected),
            (Cause::ModelNotFound.into(), FaultKind::ModelGone),
            (Cause::Restricted.into(), FaultKind::Account),
            (Cause::QuotaExhausted.into(), FaultKind::Account),
            (Failure { retry_after: Some(Duration::ZERO), ..Cause::QuotaExhausted.into() }, FaultKind::RateLimited),
            (Cause::Blocked.into(), FaultKind::InTheWay),
            (Failure { challenged: true, ..Cause::Blocked.into() }, FaultKind::Blocked),
            (Cause::OutOfFiles.into(), FaultKind::InTheWay),
            (Cause::Refused.into(), FaultKind::Connection),
            (Cause::Overloaded.into(), FaultKind::Overloaded),
            (status(503, Cause::Status), FaultKind::Overloaded),
            (status(404, Cause::Status), FaultKind::Refused),
            (Cause::Html.into(), FaultKind::Nonsense),
            (Cause::ConnectTimeout(Duration::ZERO).into(), FaultKind::Timeout(Limit::Connect)),
        ] {
            assert_eq!(of(&failure, Day::Rolling).kind, kind, "{failure}");
        }
    }
}
