//! How fast a tier has lately been.

use std::time::Duration;

use crate::limits::READING;
use crate::moment::Moment;

/// What a tier was measured at: how long a prompt token takes to its first token, and how long an answer takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    /// As it was measured, and when.
    prompt_token: Option<(Duration, Moment)>,
    answer: Option<Duration>,
}

/// Shorter prompts measure the way to the tier and not its reading.
const SHORTEST: u32 = 64;
/// A slowness that is not measured again is half forgotten after so long: a tier that is passed over for it is measured by
/// nobody, and one bad minute must not bench it for ever.
const HALF_LIFE: Duration = Duration::from_secs(60);

impl Pace {
    /// Notes that the first token to a prompt of so many tokens took `took`.
    pub(crate) fn on_first_token(&mut self, prompt_tokens: u32, took: Duration, now: Moment) {
        if prompt_tokens >= SHORTEST {
            self.prompt_token = Some((learned(self.prompt_token(now), took / prompt_tokens), now));
        }
    }

    /// Notes that a whole answer took `took`.
    pub(crate) fn on_answer(&mut self, took: Duration) {
        self.answer = Some(learned(self.answer, took));
    }

    /// What one token of a prompt takes, as far as is known at `now`.
    pub(crate) fn prompt_token(&self, now: Moment) -> Option<Duration> {
        let (measured, then) = self.prompt_token?;
        let halvings = u32::try_from(now.since(then).as_secs() / HALF_LIFE.as_secs()).unwrap_or(u32::MAX);
        let faded = 2_u32.checked_pow(halvings).map_or(Duration::ZERO, |parts| measured / parts);
        Some(faded.max(measured.min(READING)))
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
        pace.on_first_token(100, ms(1_000), Moment::ZERO);
        pace.on_first_token(100, ms(4_000), Moment::ZERO);
        assert_eq!(pace.prompt_token(Moment::ZERO), Some(ms(40)));
        pace.on_first_token(100, ms(0), Moment::ZERO);
        assert_eq!(pace.prompt_token(Moment::ZERO), Some(ms(35)));
    }

    #[test]
    fn a_slowness_that_nobody_measures_again_fades_to_what_is_taken_for_granted() {
        let mut pace = Pace::default();
        pace.on_first_token(100, ms(20_000), Moment::ZERO);
        let after = |seconds| pace.prompt_token(Moment::after(Duration::from_secs(seconds)));
        assert_eq!(after(59), Some(ms(200)));
        assert_eq!(after(120), Some(ms(50)));
        assert_eq!(after(1_000_000), Some(READING));
        pace.on_first_token(100, ms(0), Moment::after(Duration::from_secs(1_000_000)));
        assert!(
            pace.prompt_token(Moment::after(Duration::from_secs(2_000_000))) < Some(READING),
            "speed is no slowness"
        );
    }

    #[test]
    fn a_short_prompt_says_nothing_of_the_reading() {
        let mut pace = Pace::default();
        pace.on_first_token(10, ms(1_000), Moment::ZERO);
        assert_eq!(pace.prompt_token(Moment::ZERO), None);
    }
}
