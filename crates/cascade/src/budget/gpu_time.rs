//! How long a lent GPU is asked for, by the length of the answer.
//!
//! The Space that `tierfall space init --role zerogpu` writes asks for the same: `spaces/zerogpu/app.py`.

use std::time::Duration;

/// What a GPU takes before the first token, at most: the weights get there, and the prompt is read.
pub(crate) const START: Duration = Duration::from_secs(10);
/// The pace of a slow day.
const TOKENS_A_SECOND: u32 = 20;
/// No answer is given more.
const LONGEST: u32 = 120;

const START_SECONDS: u32 = START.as_secs() as u32;

/// The seconds that are asked for, for an answer of up to `tokens`.
#[must_use]
pub const fn gpu_seconds(tokens: u32) -> u32 {
    let seconds = tokens.div_ceil(TOKENS_A_SECOND).saturating_add(START_SECONDS);
    if seconds < LONGEST { seconds } else { LONGEST }
}

/// The longest answer for which no more than `seconds` are asked.
pub(super) const fn longest_answer(seconds: u32) -> u32 {
    if seconds >= LONGEST { u32::MAX } else { seconds.saturating_sub(START_SECONDS) * TOKENS_A_SECOND }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_fits_asks_for_no_more_than_there_is() {
        for seconds in START_SECONDS..LONGEST {
            let longest = longest_answer(seconds);
            assert!(gpu_seconds(longest) <= seconds && gpu_seconds(longest + 1) > seconds, "{seconds}");
        }
        assert_eq!((longest_answer(LONGEST), longest_answer(3)), (u32::MAX, 0));
        assert_eq!((gpu_seconds(1), gpu_seconds(1_024), gpu_seconds(u32::MAX)), (11, 62, LONGEST));
    }
}
