//! How long answers are, learned from the latest.

use std::collections::VecDeque;

/// How many answers are remembered.
const KEPT: usize = 32;
/// What an answer is taken for before one has ended, in tokens.
const FIRST_GUESS: usize = 256;

/// The lengths of the latest answers, in tokens.
#[derive(Debug, Clone, Default)]
pub(super) struct Lengths {
    latest: VecDeque<usize>,
}

impl Lengths {
    /// An answer has ended by itself, with so many tokens.
    pub(super) fn ended(&mut self, tokens: usize) {
        if self.latest.len() == KEPT {
            self.latest.pop_front();
        }
        self.latest.push_back(tokens);
    }

    /// How many more tokens an answer will have that has `written` and may have `most` more: what those had more that
    /// were longer, on average.
    pub(super) fn left(&self, written: usize, most: usize) -> usize {
        let guess = self.latest.is_empty().then_some(FIRST_GUESS);
        let longer = self.latest.iter().copied().chain(guess).filter(|&length| length > written);
        let (count, sum) =
            longer.fold((0, 0_usize), |(count, sum), length| (count + 1, sum + (length - written).min(most)));
        // One longer than all others will go on for a while yet.
        let left = sum.checked_div(count).unwrap_or((written / 2).min(most));
        left.max(most.min(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(lengths: &[usize]) -> Lengths {
        Lengths { latest: lengths.iter().copied().collect() }
    }

    #[test]
    fn an_answer_is_as_long_as_the_latest_were() {
        assert_eq!(learned(&[100, 300]).left(0, 1000), 200);
        assert_eq!(learned(&[]).left(0, 1000), FIRST_GUESS);
    }

    #[test]
    fn one_that_has_outgrown_the_short_ones_is_measured_by_the_long_ones() {
        assert_eq!(learned(&[100, 300]).left(150, 1000), 150);
        assert_eq!(learned(&[100, 300]).left(400, 1000), 200);
    }

    #[test]
    fn no_more_is_expected_than_is_allowed_and_never_nothing_while_some_is() {
        assert_eq!(learned(&[100, 300]).left(0, 150), 125);
        assert_eq!(learned(&[100]).left(99, 0), 0);
        assert_eq!(learned(&[]).left(0, 0), 0);
        assert_eq!(learned(&[1]).left(1, 5), 1);
    }

    #[test]
    fn old_answers_are_forgotten() {
        let mut lengths = learned(&[1000]);
        (0..KEPT).for_each(|_| lengths.ended(10));
        assert_eq!(lengths.left(0, 5000), 10);
    }
}
