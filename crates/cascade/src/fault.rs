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
    /// The member of the request that the refusal names.
    pub member: Option<Member>,
}

/// A member of a request, as a number that its driver gives to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Member(pub u64);

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
    /// A refused key, or an account that is closed or limited: a person must mend it.
    Account,
    /// The tier does not have its model (any more): a person must mend it.
    ModelGone,
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
    /// The tier refuses this request (a 4xx); another one may take it.
    Rejected,
    /// A content filter has refused: that is the answer, and no other tier is asked for another one.
    Callers,
    /// Something on the way to the tier lets nobody through.
    Blocked,
    /// Something on the way to the tier, or this process itself, was in the way of this one request.
    InTheWay,
    /// Any other status.
    Refused,
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self { kind, retry_after: None, member: None }
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

    /// Whether the tier has refused the request for what it is: no tier could do better where all of them do so.
    #[must_use]
    pub const fn refuses(self) -> bool {
        matches!(self, Self::Rejected | Self::Unsupported | Self::TooLong)
    }

    /// Whether a person must mend it, so that the tier is left alone for long once it is certain.
    #[must_use]
    pub const fn needs_a_person(self) -> bool {
        matches!(self, Self::Account | Self::ModelGone)
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
