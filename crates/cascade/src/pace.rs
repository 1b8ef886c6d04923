//! How fast a tier has lately been.

use std::time::Duration;

/// What a tier was measured at: how long a prompt token takes to its first token, and how long an answer takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    prompt_token: Option<Duration>,
    answer: Option<Duration>,
}

/// Shorter prompts measure the way to the tier and not its reading.
const SHORTEST: u32 = 64;

impl Pace {
    /// Notes that the first token to a prompt of so many tokens took `took`.
    pub(crate) fn on_first_token(&mut self, prompt_tokens: u32, took: Duration) {
        if prompt_tokens >= SHORTEST {
            self.prompt_token = Some(learned(self.prompt_token, took / prompt_tokens));
        }
    }

    /// Notes that a whole answer took `took`.
    pub(crate) fn on_answer(&mut self, took: Duration) {
        self.answer = Some(learned(self.answer, took));
    }

    /// What one token of a prompt takes.
    pub(crate) fn prompt_token(&self) -> Option<Duration> {
        self.prompt_token
    }

    /// What an answer takes.
    pub(crate) fn answer(&self) -> Option<Duration> {
        self.answer
    }
}

/// Slowness is believed at once, and forgotten by an eighth a time: a prompt that was found in a cache says little of the
/// next one.
fn learned(before: Option<Duration>, measured: Duration) -> Duration {
    match before {
        Some(before) if measured < before => before - (before - measured) / 8,
        _ => measured,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn slowness_is_believed_at_once_and_forgotten_slowly() {
        let mut pace = Pace::default();
        pace.on_first_token(100, ms(1_000));
        pace.on_first_token(100, ms(4_000));
        assert_eq!(pace.prompt_token(), Some(ms(40)));
        pace.on_first_token(100, ms(0));
        assert_eq!(pace.prompt_token(), Some(ms(35)));
    }

    #[test]
    fn a_short_prompt_says_nothing_of_the_reading() {
        let mut pace = Pace::default();
        pace.on_first_token(10, ms(1_000));
        assert_eq!(pace.prompt_token(), None);
    }
}
