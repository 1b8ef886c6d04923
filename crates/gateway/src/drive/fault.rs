//! What a failure means to the core.

use cascade::{Fault, FaultKind, Limit};
use upstream::{Cause, Failure};

pub(super) fn of(failure: &Failure) -> Fault {
    let kind = match &failure.cause {
        Cause::ConnectTimeout(_) | Cause::Timeout(_) => FaultKind::Timeout(Limit::Connect),
        Cause::Refused | Cause::Reset => FaultKind::Connection,
        Cause::Dns | Cause::Tls(_) | Cause::Unreachable(_) => FaultKind::Unreachable,
        Cause::Unauthorized | Cause::Forbidden | Cause::ModelNotFound => FaultKind::Misconfigured,
        Cause::ContextTooLong { .. } => FaultKind::TooLong,
        Cause::Unsupported(_) => FaultKind::Unsupported,
        Cause::ContentFilter | Cause::CallerFault => FaultKind::Callers,
        Cause::RateLimited | Cause::QuotaExhausted => FaultKind::RateLimited,
        Cause::Overloaded => FaultKind::Overloaded,
        Cause::Waking { .. } | Cause::Unavailable(_) => FaultKind::Unavailable,
        Cause::NotHttp | Cause::NotJson | Cause::Html | Cause::NotAnAnswer | Cause::Empty | Cause::Oversized => {
            FaultKind::Nonsense
        }
        Cause::Cut | Cause::Truncated | Cause::StreamError(_) | Cause::AnswerError(_) => FaultKind::Cut,
        Cause::Status if matches!(failure.status, Some(500 | 502 | 503)) => FaultKind::Overloaded,
        Cause::Status => FaultKind::Refused,
    };
    Fault { kind, retry_after: failure.retry_after }
}
