//! Whose fault a failure is, and what follows from that: one table.
//!
//! A cause says what happened; this table says who could change it. What a tier's breaker does, whether the same tier is asked
//! again, and what `tierfall doctor` advises follow from the row and from nothing else.

use crate::failure::{Cause, Failure};

/// Who could have done otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The caller: no tier is asked again.
    Caller,
    /// This tier's model or server does not take this request: a template, a parameter, a picture, a length.
    Model,
    /// The user's account at the provider: a key, credit, terms, a model that is gone. A person must mend it.
    Account,
    /// Nobody: it passes.
    Moment,
    /// Something between us and the provider.
    Way,
    /// This process.
    Ours,
}

/// What a failure does to its tier's breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BreakerEffect {
    /// Nothing: it tells nothing of the tier.
    None,
    /// It counts as one failure.
    Counts,
    /// It opens the breaker at once, for a short time.
    Short,
    /// It opens the breaker for long once a second, different request or the list of models confirms it.
    Long,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// Whose fault it is.
    pub blame: Blame,
    /// What it does to the breaker.
    pub breaker: BreakerEffect,
    /// Whether the same tier may do better a moment later.
    pub retry: bool,
}

impl Failure {
    /// The row of the table that this failure stands in.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        use BreakerEffect::{Counts, Long, None, Short};
        let (blame, breaker, retry) = match &self.cause {
            Cause::ContentFilter => (Blame::Caller, None, false),

            Cause::Rejected | Cause::Unsupported(_) | Cause::ContextTooLong { .. } => (Blame::Model, None, false),

            Cause::Unauthorized | Cause::Forbidden | Cause::Restricted | Cause::ModelNotFound => {
                (Blame::Account, Long, false)
            }
            Cause::QuotaExhausted => (Blame::Account, Counts, false),

            Cause::RateLimited | Cause::Overloaded => (Blame::Moment, Counts, true),
            Cause::Waking { .. } | Cause::Unavailable(_) => (Blame::Moment, Short, false),
            Cause::Status if matches!(self.status, Some(500 | 502 | 503)) => (Blame::Moment, Counts, true),
            Cause::Refused | Cause::Reset => (Blame::Moment, Counts, true),
            Cause::ConnectTimeout(_) | Cause::Timeout(_) => (Blame::Moment, Counts, false),
            Cause::NotJson | Cause::NotAnAnswer | Cause::Empty | Cause::Oversized => (Blame::Moment, Counts, false),
            Cause::Cut | Cause::Truncated | Cause::StreamError(_) | Cause::AnswerError(_) => {
                (Blame::Moment, Counts, false)
            }
            Cause::Status => (Blame::Moment, Counts, false),

            Cause::Dns | Cause::Tls(_) | Cause::Unreachable(_) | Cause::NotHttp | Cause::Html => {
                (Blame::Way, Counts, false)
            }
            // A firewall's page may be about this one prompt; a challenge is about every request.
            Cause::Blocked if self.challenged => (Blame::Way, Short, false),
            Cause::Blocked => (Blame::Way, None, false),
            Cause::Redirected(_) => (Blame::Way, Short, false),

            Cause::OutOfFiles => (Blame::Ours, None, false),
        };
        Verdict { blame, breaker, retry }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_alone_can_cause_never_touches_a_breaker() {
        for cause in [
            Cause::Rejected,
            Cause::Unsupported(String::new()),
            Cause::ContextTooLong { asked: None, fits: None },
            Cause::ContentFilter,
            Cause::Blocked,
            Cause::OutOfFiles,
        ] {
            let verdict = Failure::from(cause.clone()).verdict();
            assert_eq!((verdict.breaker, verdict.retry), (BreakerEffect::None, false), "{cause:?}");
        }
    }

    #[test]
    fn only_the_account_is_benched_for_long() {
        for cause in [Cause::Unauthorized, Cause::Forbidden, Cause::Restricted, Cause::ModelNotFound] {
            let verdict = Failure::from(cause.clone()).verdict();
            assert_eq!((verdict.blame, verdict.breaker), (Blame::Account, BreakerEffect::Long), "{cause:?}");
        }
    }

    #[test]
    fn a_challenge_is_told_from_a_page_about_one_prompt() {
        let challenge = Failure { challenged: true, ..Cause::Blocked.into() };
        assert_eq!(challenge.verdict().breaker, BreakerEffect::Short);
    }
}
