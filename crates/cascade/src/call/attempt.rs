//! An attempt that runs, and the moment by which it must have done what is next.

use std::time::Duration;

use crate::action::AttemptId;
use crate::limits::{FirstToken, Limit, Limits};
use crate::moment::Moment;

#[derive(Debug)]
pub(super) struct Running {
    pub(super) id: AttemptId,
    pub(super) started: Moment,
    limits: Limits,
    first_token: Duration,
    /// The last sign of life: a token, or a report of progress.
    alive: Moment,
    spoken: bool,
}

impl Running {
    pub(super) fn new(id: AttemptId, limits: Limits, prompt_tokens: u32, now: Moment) -> Self {
        let first_token = limits.first_token.for_prompt(prompt_tokens);
        Self { id, started: now, limits, first_token, alive: now, spoken: false }
    }

    /// Says whether it was the first.
    pub(super) fn on_token(&mut self, now: Moment) -> bool {
        self.alive = now;
        !std::mem::replace(&mut self.spoken, true)
    }

    pub(super) fn on_progress(&mut self, now: Moment) {
        self.alive = now;
    }

    /// When its next limit runs out, which one that is, and how long it was.
    pub(super) fn expires(&self) -> (Moment, Limit, Duration) {
        let total = (self.started + self.limits.total, Limit::Total, self.limits.total);
        let silence = if self.spoken { self.idle() } else { self.silence_before_the_first_token() };
        if silence.0 < total.0 { silence } else { total }
    }

    fn idle(&self) -> (Moment, Limit, Duration) {
        (self.alive + self.limits.idle, Limit::Idle, self.limits.idle)
    }

    fn silence_before_the_first_token(&self) -> (Moment, Limit, Duration) {
        let first = (self.started + self.first_token, Limit::FirstToken, self.first_token);
        let reported = self.alive > self.started;
        match self.limits.first_token {
            FirstToken::GrowsWithPrompt if reported && self.idle().0 > first.0 => self.idle(),
            _ => first,
        }
    }
}
