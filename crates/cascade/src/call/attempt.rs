//! An attempt that runs, and the moment by which it must have done what is next.

use std::time::Duration;

use crate::action::AttemptId;
use crate::budget::{Cost, GPU_START};
use crate::fleet::Lease;
use crate::limits::{FirstToken, Limit, Limits};
use crate::moment::Moment;

use super::decision::Outcome;

#[derive(Debug)]
pub(super) struct Running {
    pub(super) id: AttemptId,
    pub(super) started: Moment,
    pub(super) lease: Lease,
    limits: Limits,
    patience: Patience,
    /// How many tokens the tier is given to read: the prompt, and what is to be carried on.
    reads: u32,
    /// The last sign of life: a token, or a report of progress.
    alive: Moment,
    tokens: u32,
    usage: Option<u32>,
}

/// How long the first token is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// The tier's own limit.
    pub(super) first_token: Duration,
    /// What the deadline leaves to this attempt, were it silent.
    pub(super) share: Duration,
}

impl Running {
    pub(super) fn new(
        id: AttemptId,
        limits: Limits,
        patience: Patience,
        reads: u32,
        lease: Lease,
        now: Moment,
    ) -> Self {
        Self { id, started: now, lease, limits, patience, reads, alive: now, tokens: 0, usage: None }
    }

    /// Says whether it was the first.
    pub(super) fn on_token(&mut self, now: Moment) -> bool {
        self.alive = now;
        self.tokens = self.tokens.saturating_add(1);
        self.tokens == 1
    }

    /// While a prompt is read, progress is life. Once the answer has begun, only the answer is.
    pub(super) fn on_progress(&mut self, now: Moment) {
        if self.tokens == 0 {
            self.alive = now;
        }
    }

    /// Notes what the tier says that the attempt cost.
    pub(super) fn costs(&mut self, tokens: Option<u32>) {
        self.usage = tokens;
    }

    /// How many tokens it has said.
    pub(super) fn heard(&self) -> u32 {
        self.tokens
    }

    /// Whether it has given no sign of life.
    pub(super) fn is_silent(&self) -> bool {
        self.tokens == 0 && self.alive == self.started
    }

    /// What it cost, where it ended so at `now`.
    pub(super) fn cost(&self, first_token: Option<Moment>, outcome: Outcome, now: Moment) -> Cost {
        Cost { tokens: self.token_cost(), gpu_seconds: self.gpu_cost(first_token, outcome, now) }
    }

    /// What the tier says, else what was heard of it. A tier that said nothing charges nothing.
    fn token_cost(&self) -> u32 {
        match (self.usage, self.tokens) {
            (Some(tokens), _) => tokens,
            (None, 0) => 0,
            (None, heard) => self.reads.saturating_add(heard),
        }
    }

    /// How long a lent GPU has worked: from its first token on, and before that what it takes to begin; the rest was the line
    /// before it. A call that failed without a token was given none.
    fn gpu_cost(&self, first_token: Option<Moment>, outcome: Outcome, now: Moment) -> u32 {
        let spoken = first_token.map(|first| now.since(first));
        if spoken.is_none() && matches!(outcome, Outcome::Failed(_)) {
            return 0;
        }
        let silent = first_token.unwrap_or(now).since(self.started).min(GPU_START);
        let took = silent.saturating_add(spoken.unwrap_or_default());
        u32::try_from(took.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
    }

    /// When its next limit runs out, which one that is, and how long it was.
    pub(super) fn expires(&self, deadline: Moment) -> (Moment, Limit, Duration) {
        let spoken = self.tokens > 0;
        let total = (self.started + self.limits.total, Limit::Total, self.limits.total);
        let silence = if spoken { self.idle() } else { self.silence_before_the_first_token() };
        let own = if silence.0 < total.0 { silence } else { total };
        let share = if spoken { deadline } else { deadline.min(self.started + self.patience.share) };
        if share < own.0 { (share, Limit::Deadline, share.since(self.started)) } else { own }
    }

    fn idle(&self) -> (Moment, Limit, Duration) {
        (self.alive + self.limits.idle, Limit::Idle, self.limits.idle)
    }

    fn silence_before_the_first_token(&self) -> (Moment, Limit, Duration) {
        let first = (self.started + self.patience.first_token, Limit::FirstToken, self.patience.first_token);
        let reported = self.alive > self.started;
        match self.limits.first_token {
            FirstToken::GrowsWithPrompt if reported && self.idle().0 > first.0 => self.idle(),
            _ => first,
        }
    }
}
