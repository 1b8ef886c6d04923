//! How many tokens of a prompt go into one batch.

use std::time::Duration;

/// The most time that a batch may take while nobody is being answered: as long as a cancelled job is still computed.
const ALONE: Duration = Duration::from_millis(1000);
/// The most time that a prompt may keep a running answer waiting for its next token.
const BESIDE_AN_ANSWER: Duration = Duration::from_millis(250);
/// Smaller slices cost more than they help: every batch reads all weights once.
const SMALLEST: usize = 16;

/// How fast prompts are read, measured as they are.
#[derive(Debug)]
pub(super) struct Pace {
    tokens_per_second: f64,
    is_measured: bool,
    largest: usize,
}

impl Pace {
    /// `largest` is what the context takes in one batch.
    pub(super) fn new(largest: usize) -> Self {
        /// A small model on two cores; the first slices correct it.
        const FIRST_GUESS: f64 = 64.0;
        Self { tokens_per_second: FIRST_GUESS, is_measured: false, largest }
    }

    /// The prompt tokens to read next. Whole multiples of the smallest slice keep to the sizes that kernels like.
    pub(super) fn slice(&self, beside_an_answer: bool) -> usize {
        let time = if beside_an_answer { BESIDE_AN_ANSWER } else { ALONE };
        let tokens = (self.tokens_per_second * time.as_secs_f64()) as usize;
        (tokens / SMALLEST * SMALLEST).clamp(SMALLEST, self.largest)
    }

    /// What it takes to read one token, as it was measured or guessed.
    pub(super) fn prompt_token(&self) -> Duration {
        Duration::from_secs_f64(self.tokens_per_second.recip())
    }

    /// The same, once it was measured.
    pub(super) fn measured_prompt_token(&self) -> Option<Duration> {
        self.is_measured.then(|| self.prompt_token())
    }

    /// A batch of so many tokens took so long.
    pub(super) fn measured(&mut self, tokens: usize, took: Duration) {
        /// The share that one batch has in the average.
        const SHARE: f64 = 0.3;
        if tokens >= SMALLEST && !took.is_zero() {
            let speed = tokens as f64 / took.as_secs_f64();
            self.tokens_per_second += SHARE * (speed - self.tokens_per_second);
            self.is_measured = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_takes_less_time_beside_an_answer() {
        let mut pace = Pace::new(512);
        for _ in 0..50 {
            pace.measured(100, Duration::from_secs(1));
        }
        assert_eq!((pace.slice(false), pace.slice(true)), (96, 16));
    }

    #[test]
    fn a_fast_machine_reads_whole_batches() {
        let mut pace = Pace::new(512);
        for _ in 0..50 {
            pace.measured(512, Duration::from_millis(10));
        }
        assert_eq!((pace.slice(false), pace.slice(true)), (512, 512));
    }

    #[test]
    fn a_single_token_says_nothing_of_how_fast_prompts_are_read() {
        let mut pace = Pace::new(512);
        let before = pace.slice(false);
        pace.measured(1, Duration::from_secs(10));
        assert_eq!((pace.slice(false), pace.measured_prompt_token()), (before, None));
    }

    #[test]
    fn what_a_token_takes_is_said_once_it_was_measured() {
        let mut pace = Pace::new(512);
        (0..50).for_each(|_| pace.measured(100, Duration::from_secs(1)));
        let token = pace.measured_prompt_token().expect("measured");
        assert!(token.abs_diff(Duration::from_millis(10)) < Duration::from_micros(10), "{token:?}");
    }
}
