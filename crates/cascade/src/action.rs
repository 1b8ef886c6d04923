//! What goes in and what comes out.

use std::time::Duration;

use crate::call::Skip;
use crate::fault::Fault;
use crate::fleet::TierId;
use crate::limits::Limit;

/// An attempt of one request: the first is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(pub(crate) u16);

impl AttemptId {
    /// Its place among the request's attempts, from zero.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The moment that [`crate::Call::wake_at`] named has come.
    Tick,
    /// [`crate::Fleet::take_granted`] has named the request's [`crate::Call::waits_as`].
    Granted,
    /// The answer ended as it should.
    Finished {
        /// Whose.
        attempt: AttemptId,
        /// What the tier says that it cost: tokens of prompt and answer together.
        tokens: Option<u32>,
    },
    /// The attempt failed, and has already ended.
    Failed {
        /// Whose.
        attempt: AttemptId,
        /// How.
        fault: Fault,
        /// As of an answer that ended as it should, where the tier said so: one that fell short cost as much.
        tokens: Option<u32>,
    },
    /// The caller has gone.
    CallerLeft,
    /// Whoever drives the request ends now, and nothing more can come of it.
    Stopped,
}

/// A sign of life of a running attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The tier said that it is at work (a progress report, a comment), but nothing of an answer.
    Progress,
    /// A token came: content, reasoning, or a piece of a tool call.
    Token {
        /// Whether it is the answer's for good: the caller has been shown it, or it carries on what is kept of a whole
        /// answer. A whole answer's first attempt keeps nothing until its end.
        kept: bool,
    },
}

/// Something to do, in the order given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Begin an attempt.
    Start(Start),
    /// A tier was passed over.
    Skipped {
        /// Which.
        tier: TierId,
        /// Why.
        why: Skip,
    },
    /// A tier has enough to do: the request waits for its turn.
    Queued {
        /// Which.
        tier: TierId,
        /// How many wait for it before this one.
        ahead: u32,
    },
    /// End an attempt at once. Nothing more is to be told of it.
    Cancel {
        /// Which.
        attempt: AttemptId,
        /// Why.
        reason: CancelReason,
    },
    /// The attempt's first token has come: from here on its text is the caller's. Where another one runs beside it, an
    /// [`Event::Tick`] is due at once, which ends that one.
    Deliver {
        /// Which.
        attempt: AttemptId,
    },
    /// The request ended well, with this attempt's answer.
    Complete {
        /// Which.
        attempt: AttemptId,
    },
    /// The request ended: give the caller what the provider said to this attempt.
    Refuse {
        /// Which.
        attempt: AttemptId,
    },
    /// The request ended in the middle of an answer that the caller has seen a part of: say so plainly.
    BreakOff {
        /// Whose answer it was.
        attempt: AttemptId,
    },
    /// The request ended: no tier could answer.
    GiveUp,
}

/// What an attempt is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Answer from the beginning.
    Answer,
    /// Carry on what another attempt has said in sight of the caller, or of a whole answer that its length cut off.
    CarryOn(ContinuationMode),
}

/// How a tier is asked to carry an answer on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContinuationMode {
    /// By what was said as the assistant's own unfinished message.
    Prefill,
    /// By the request to repeat the last words and go on, for a tier that refuses the former.
    Repeat,
}

/// What an attempt needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// How the driver names it from now on.
    pub attempt: AttemptId,
    /// Whom to ask.
    pub tier: TierId,
    /// What it is to do.
    pub task: Task,
    /// How long it may take to open a connection.
    pub connect: Duration,
    /// How long the attempt may take as a whole; the tier may be told.
    pub total: Duration,
    /// Whether it is begun beside another one, which is late.
    pub hedge: bool,
    /// Whether its end decides over its tier's breaker: then [`crate::Call::delivered`] is due at [`Action::Deliver`].
    pub probe: bool,
    /// The longest answer to ask for, in tokens, where the caller's own bound has no room in the tier's quota: all of it,
    /// with what was said of it before.
    pub max_tokens: Option<u32>,
}

/// Why an attempt was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelReason {
    /// It reached a limit of this length.
    Limit(Limit, Duration),
    /// Another attempt of the same request, which ran beside it, has said its first token.
    Overtaken,
    /// The caller has gone.
    CallerLeft,
}
