//! The four times that bound an attempt.

use std::time::Duration;

/// Which of the times ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Name look-up, TCP and TLS together. The driver's connector keeps this one: only it sees a connection open.
    Connect,
    /// From the start of the attempt to its first token.
    FirstToken,
    /// Between two tokens.
    Idle,
    /// The attempt as a whole.
    Total,
    /// The request as a whole: the caller's deadline, or the route's.
    Deadline,
}

/// A tier's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// See [`Limit::Connect`].
    pub connect: Duration,
    /// See [`Limit::FirstToken`].
    pub first_token: FirstToken,
    /// See [`Limit::Idle`].
    pub idle: Duration,
    /// See [`Limit::Total`].
    pub total: Duration,
}

/// How long a tier may take to its first token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstToken {
    /// As long as the user said, whatever the prompt.
    Fixed(Duration),
    /// As long as reading the prompt takes on a CPU. A server that reports progress while it reads is given its idle
    /// limit anew with each report.
    GrowsWithPrompt,
}

impl Limits {
    /// These limits for a caller who bears no longer silence than `longest`.
    pub(crate) fn with_silence(mut self, longest: Option<Duration>) -> Self {
        if let Some(longest) = longest {
            self.idle = self.idle.min(longest);
        }
        self
    }
}

/// What a CPU needs to read one token, until it is measured: two cores read 40 a second.
pub(crate) const READING: Duration = Duration::from_millis(25);
/// A busy machine reads at half its speed.
const SLACK: u32 = 2;
/// Below this, what is measured is the scheduling of the box and not its speed.
const LEAST: Duration = Duration::from_secs(10);

impl FirstToken {
    /// The limit for a prompt of `prompt_tokens` tokens, where one token was `measured` to take so long.
    #[must_use]
    pub fn for_prompt(self, prompt_tokens: u32, measured: Option<Duration>) -> Duration {
        let reading = measured.unwrap_or(READING);
        match self {
            Self::Fixed(limit) => limit,
            Self::GrowsWithPrompt => reading.saturating_mul(prompt_tokens).saturating_mul(SLACK).max(LEAST),
        }
    }

    /// How much of that limit reading the prompt takes: as `measured`, else what a CPU needs, where it is one that reads.
    pub(crate) fn reading(self, prompt_tokens: u32, measured: Option<Duration>) -> Duration {
        let taken_for_granted = match self {
            Self::Fixed(_) => Duration::ZERO,
            Self::GrowsWithPrompt => READING,
        };
        measured.unwrap_or(taken_for_granted).saturating_mul(prompt_tokens)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_token: FirstToken::Fixed(Duration::from_secs(15)),
            idle: Duration::from_secs(15),
            total: Duration::from_secs(60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_grows_has_a_floor_and_then_follows_the_prompt() {
        let limit = FirstToken::GrowsWithPrompt;
        assert_eq!(limit.for_prompt(0, None), LEAST);
        assert_eq!(limit.for_prompt(200, None), LEAST);
        assert_eq!(limit.for_prompt(4_000, None), Duration::from_secs(200));
        assert_eq!(limit.for_prompt(4_000, Some(Duration::from_millis(5))), Duration::from_secs(40));
    }

    #[test]
    fn a_fixed_limit_does_not_grow() {
        let limit = FirstToken::Fixed(Duration::from_millis(700));
        assert_eq!(limit.for_prompt(100_000, None), Duration::from_millis(700));
    }
}
