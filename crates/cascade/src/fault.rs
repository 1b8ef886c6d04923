//! How an attempt failed, as far as a decision depends on it. The words for people are the driver's.

use std::time::Duration;

use crate::limits::Limit;

/// A failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it was.
    pub kind: FaultKind,
    /// How long the tier asked to be left alone, where it said so.
    pub retry_after: Option<Duration>,
}

/// What a failed attempt tells about the tier, and so about what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// A time ran out. The tier was silent, so asking it again would only spend the deadline.
    Timeout(Limit),
    /// Refused, reset, or closed before an answer: often over within a moment.
    Connection,
    /// No such host, no TLS, no route: not over within a request.
    Unreachable,
    /// 429.
    RateLimited,
    /// 500, 502, 503, 529: the tier is there, and may well answer the next time.
    Overloaded,
    /// 401, 403, or a model that the tier does not have: a person must mend it.
    Misconfigured,
    /// Asleep, building or loading: it will come, but not for this request.
    Unavailable,
    /// The prompt has no room in this tier's context; a larger one may take it.
    TooLong,
    /// The tier cannot do what the request asks for; another may.
    Unsupported,
    /// Not an answer at all: HTML, broken JSON, nothing.
    Nonsense,
    /// The answer broke off.
    Cut,
    /// The answer ended by its length, where that was not the caller's own bound.
    CutByLength,
    /// The answer is whole, and is not what the route asks of one.
    Gate,
    /// Asked to carry an answer on, it said something else.
    NoSeam,
    /// The caller's own fault (a malformed request, a content filter): no tier would do better.
    Callers,
    /// Any other status.
    Refused,
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self { kind, retry_after: None }
    }
}

impl FaultKind {
    /// Whether the same tier may do better a moment later.
    #[must_use]
    pub const fn mends_itself(self) -> bool {
        matches!(self, Self::Connection | Self::RateLimited | Self::Overloaded)
    }

    /// Whether the tier did answer, and it was only what it said that fell short: that speaks for its health.
    #[must_use]
    pub const fn fell_short(self) -> bool {
        matches!(self, Self::CutByLength | Self::Gate)
    }

    /// Whether the connection ended before the answer did: what becomes of one whose server has died.
    #[must_use]
    pub const fn broke(self) -> bool {
        matches!(self, Self::Connection | Self::Cut)
    }

    /// Whether the request cannot have reached the provider, so that it cost nothing there. A connection that was reset may
    /// have carried it.
    #[must_use]
    pub const fn never_arrived(self) -> bool {
        matches!(self, Self::Unreachable | Self::Timeout(Limit::Connect))
    }
}
