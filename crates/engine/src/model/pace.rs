//! How many tokens of a prompt go into one batch.

use std::time::Duration;

/// The most time that a batch may take while nobody is being answered: as long as a cancelled job is still computed, and as
/// long as a newcomer waits whose prompt is in the cache.
const ALONE: Duration = Duration::from_millis(4000);
/// The most time that a prompt may keep a running answer waiting for its next token.
const BESIDE_AN_ANSWER: Duration = Duration::from_millis(250);
/// Smaller slices cost more than they help: every batch reads all weights once.
const SMALLEST: usize = 16;
/// Rows of a batch that the kernels compute together, and read all weights once for. Each row beyond a multiple of these
/// reads them once more (`forward_mul_mat_one_chunk` in ggml's `repack.cpp`), as a step of its own would.
const ROWS: usize = 4;

/// As many tokens, or up to three fewer, so that with so many others in the batch no row is left over.
pub(super) fn without_leftover(tokens: usize, others: usize) -> usize {
    tokens.saturating_sub((tokens + others) % ROWS)
}

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

    /// The prompt tokens to read next. Whole multiples of the smallest slice keep to the sizes that kernels like. Alone it is
    /// a power of two: attention takes 64 rows at a time, and a size that seldom changes reads the same prompt in the same
    /// batches, which round alike.
    pub(super) fn slice(&self, beside_an_answer: bool) -> usize {
        let within = |time: Duration| (self.tokens_per_second * time.as_secs_f64()) as usize;
        let tokens = match beside_an_answer {
            true => within(BESIDE_AN_ANSWER) / SMALLEST * SMALLEST,
            false => 1 << within(ALONE).max(1).ilog2(),
        };
        tokens.clamp(SMALLEST, self.largest)
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
        assert_eq!((pace.slice(false), pace.slice(true)), (256, 16));
    }

    #[test]
    fn a_small_change_of_pace_leaves_the_slices_of_a_lone_prompt_as_they_are() {
        let slice = |tokens: usize| {
            let mut pace = Pace::new(512);
            (0..50).for_each(|_| pace.measured(tokens, Duration::from_secs(1)));
            pace.slice(false)
        };
        assert_eq!([70, 90, 120].map(slice), [256; 3]);
    }

    #[test]
    fn no_row_is_left_over() {
        assert_eq!([16, 17, 18, 19, 20].map(|tokens| without_leftover(tokens, 1)), [15, 15, 15, 19, 19]);
        assert_eq!((without_leftover(16, 0), without_leftover(16, 4), without_leftover(2, 1)), (16, 16, 0));
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
