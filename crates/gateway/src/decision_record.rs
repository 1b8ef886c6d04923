//! The record of a request that has ended.

use std::time::Duration;

use cascade::{CancelReason, Ending, Outcome, Task};

use crate::drive::{Drive, skip_code};
use crate::observer::Reason;

/// A request that has ended. It is read while the observer is told of it, and holds no key and no word of the prompt or the
/// answer.
#[derive(Clone, Copy)]
pub struct DecisionRecord<'a>(pub(crate) &'a Drive);

/// One call to one tier.
#[derive(Clone, Debug)]
pub struct AttemptSummary<'a> {
    /// The tier's number.
    pub tier: u32,
    /// The tier's name.
    pub name: &'a str,
    /// The model that it was asked for.
    pub model: &'a str,
    /// `ok`, or the code of `x-tierfall-attempts`.
    pub outcome: String,
    /// When it was started, from the request's beginning.
    pub at: Duration,
    /// When its first token came, from its own beginning.
    pub first_token: Option<Duration>,
    /// How long it took.
    pub took: Duration,
    /// How long the prompt was, in tokens, where the tier says so.
    pub prompt_tokens: Option<u32>,
    /// How much it answered, in tokens: what the tier says, else what was heard.
    pub tokens: u32,
    /// What the caller's `max_tokens` was lowered to for this tier's quota.
    pub lowered_to: Option<u32>,
    /// Where it carried an answer on: how much had been said before, in characters.
    pub seam: Option<usize>,
}

/// A tier that was not asked.
#[derive(Clone, Copy, Debug)]
pub struct SkipSummary<'a> {
    /// The tier's number.
    pub tier: u32,
    /// The tier's name.
    pub name: &'a str,
    /// Why, as a short token: `quota`, `breaker-open`.
    pub reason: &'static str,
}

impl<'a> DecisionRecord<'a> {
    /// The request's id.
    #[must_use]
    pub fn request(&self) -> &'a str {
        &self.0.order().id
    }

    /// The route's name.
    #[must_use]
    pub fn route(&self) -> &'a str {
        &self.0.order().route.name
    }

    /// Whether it was answered event by event.
    #[must_use]
    pub fn streamed(&self) -> bool {
        self.0.order().request.streamed()
    }

    /// The longest answer that the caller wanted, in tokens, where they said so.
    #[must_use]
    pub fn max_tokens(&self) -> Option<u32> {
        self.0.order().request.max_tokens()
    }

    /// The prompt's length in tokens: what the tier that answered says, else an estimate.
    #[must_use]
    pub fn prompt_tokens(&self) -> u32 {
        let told = self.answering().and_then(|attempt| self.attempted(attempt).prompt_tokens);
        told.unwrap_or_else(|| self.0.order().request.prompt_tokens())
    }

    /// The length in tokens of what the caller was given.
    #[must_use]
    pub fn answer_tokens(&self) -> u32 {
        match self.answering() {
            Some(attempt) if self.0.decision().attempts[attempt].task == Task::Answer => self.attempted(attempt).tokens,
            Some(_) => self.0.tokens_kept(),
            None if self.streamed() => self.0.tokens_kept(),
            None => 0,
        }
    }

    /// How it ended.
    #[must_use]
    pub fn ending(&self) -> Ending {
        self.0.decision().ending.unwrap_or(Ending::CallerLeft)
    }

    /// How long it has taken.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.0.now().since(self.0.decision().began)
    }

    /// Its attempts, in the order in which they were started.
    pub fn attempts(&self) -> impl Iterator<Item = AttemptSummary<'a>> {
        let decided = *self;
        (0..decided.0.decision().attempts.len()).map(move |attempt| decided.attempted(attempt))
    }

    /// The tiers that were not asked.
    pub fn skipped(&self) -> impl Iterator<Item = SkipSummary<'a>> {
        let drive = self.0;
        drive.decision().skipped.iter().map(|&(tier, why)| SkipSummary {
            tier: tier.number(),
            name: drive.tier_name(tier),
            reason: skip_code(why),
        })
    }

    fn answering(&self) -> Option<usize> {
        match self.ending() {
            Ending::Answered(attempt) => Some(attempt.index()),
            _ => None,
        }
    }

    fn attempted(&self, attempt: usize) -> AttemptSummary<'a> {
        let drive = self.0;
        let record = &drive.decision().attempts[attempt];
        let log = drive.log(attempt).cloned().unwrap_or_default();
        AttemptSummary {
            tier: record.tier.number(),
            name: drive.tier_name(record.tier),
            model: drive.log(attempt).map_or("", |log| &log.model),
            outcome: self.outcome(attempt),
            at: record.started.since(drive.decision().began),
            first_token: record.first_token.map(|first| first.since(record.started)),
            took: record.took(drive.now()),
            prompt_tokens: log.usage.map(|usage| usage.prompt_tokens).filter(|&tokens| tokens > 0),
            tokens: log.usage.map(|usage| usage.completion_tokens).filter(|&tokens| tokens > 0).unwrap_or(log.tokens),
            lowered_to: record.lowered_to,
            seam: log.seam,
        }
    }

    fn outcome(&self, attempt: usize) -> String {
        let ended = self.0.decision().attempts[attempt].ended;
        match (self.0.reason(attempt), ended) {
            (Some(reason), _) => reason.code(),
            (None, Some((_, Outcome::Answered))) => "ok".to_owned(),
            (None, Some((_, Outcome::Cancelled(CancelReason::CallerLeft)))) => Reason::CallerLeft.code(),
            (None, _) => "unknown".to_owned(),
        }
    }
}

impl std::fmt::Debug for DecisionRecord<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DecisionRecord").field("request", &self.request()).field("ending", &self.ending()).finish()
    }
}
