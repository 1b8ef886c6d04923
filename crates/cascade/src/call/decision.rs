//! The record of one request.

use std::time::Duration;

use crate::action::{AttemptId, CancelReason, Task};
use crate::breaker::Opening;
use crate::fault::Fault;
use crate::fleet::TierId;
use crate::moment::Moment;

/// Tiers skipped and why, each attempt, its times and its outcome.
#[derive(Clone, Debug)]
pub struct Decision {
    /// When the request began.
    pub began: Moment,
    /// The tiers that were not asked.
    pub skipped: Vec<(TierId, Skip)>,
    /// The attempts in the order in which they were started; [`AttemptId::index`] finds one.
    pub attempts: Vec<AttemptRecord>,
    /// How the request ended, once it has.
    pub ending: Option<Ending>,
}

/// Why a tier was not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// It cannot be asked for now.
    Unavailable,
    /// Its breaker is open.
    Open {
        /// When it may be probed; `None` while a probe is under way.
        until: Option<Moment>,
        /// Why it is open.
        opening: Opening,
    },
    /// It could not so much as read the prompt before the deadline.
    NoTime,
    /// Its quota has no room for the request.
    NoBudget {
        /// When it has; `None` where the request is larger than the quota.
        until: Option<Moment>,
    },
    /// What is left of its day's quota is kept for other routes.
    Kept {
        /// When more than that is there, as far as is known.
        until: Option<Moment>,
    },
    /// It has enough to do: it would be too long until the request's turn, or has been.
    Busy {
        /// About when that would be, where it can be told.
        until: Option<Moment>,
    },
    /// It has enough to do, and as many wait for it as may.
    Full {
        /// About when one more may, where it can be told.
        until: Option<Moment>,
    },
}

impl Skip {
    /// When the tier could be asked, as far as is known.
    #[must_use]
    pub const fn until(self) -> Option<Moment> {
        match self {
            Self::Unavailable | Self::NoTime => None,
            Self::Open { until, .. }
            | Self::NoBudget { until }
            | Self::Kept { until }
            | Self::Busy { until }
            | Self::Full { until } => until,
        }
    }
}

/// One attempt.
#[derive(Clone, Copy, Debug)]
pub struct AttemptRecord {
    /// Whom it asked.
    pub tier: TierId,
    /// What it was to do.
    pub task: Task,
    /// When it began.
    pub started: Moment,
    /// The longest answer that the tier was asked for, where the caller's own `max_tokens` had no room in its quota.
    pub lowered_to: Option<u32>,
    /// Whether it was begun beside another one, which was late.
    pub hedge: bool,
    /// When its first token came.
    pub first_token: Option<Moment>,
    /// How many of its tokens became part of an answer that was shown, or that others were asked to carry on.
    pub kept: u32,
    /// When it ended, and how; `None` while it runs.
    pub ended: Option<(Moment, Outcome)>,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With a whole answer.
    Answered,
    /// It failed by itself.
    Failed(Fault),
    /// It was cancelled.
    Cancelled(CancelReason),
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this attempt's answer.
    Answered(AttemptId),
    /// With what a provider said to this attempt: no tier would have taken the request.
    Refused(AttemptId),
    /// In the middle of an answer.
    BrokenOff(AttemptId),
    /// Without an answer: the request is too long for every tier that it could be given to. This attempt was told so first.
    TooLong(AttemptId),
    /// Without an answer: every tier's quota or rate is used up.
    RateLimited {
        /// When the first of them may be asked again, as far as is known.
        until: Option<Moment>,
    },
    /// Without an answer.
    GaveUp,
    /// The caller left first.
    CallerLeft,
}

impl Decision {
    /// Each attempt at an answer of its own that has failed, and how.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (AttemptId, Fault)> {
        let of_an_answer = (0..).map(AttemptId).zip(&self.attempts).filter(|(_, attempt)| attempt.task == Task::Answer);
        of_an_answer.filter_map(|(id, attempt)| match attempt.ended {
            Some((_, Outcome::Failed(fault))) => Some((id, fault)),
            _ => None,
        })
    }

    /// The attempt whose answer the caller gets, as far as is known: the last one that runs or has answered, else the last
    /// one at all.
    #[must_use]
    pub fn answering(&self) -> Option<&AttemptRecord> {
        if let Some(Ending::Answered(id) | Ending::Refused(id)) = self.ending {
            return self.attempts.get(id.index());
        }
        let alive = |attempt: &&AttemptRecord| matches!(attempt.ended, None | Some((_, Outcome::Answered)));
        self.attempts.iter().rev().find(alive).or(self.attempts.last())
    }
}

impl AttemptRecord {
    /// How long it took, or has taken up to `now`.
    #[must_use]
    pub fn took(&self, now: Moment) -> Duration {
        self.ended.map_or(now, |(ended, _)| ended).since(self.started)
    }
}
