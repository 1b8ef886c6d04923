//! The longest end of one text that another, which comes piece by piece, begins with.

/// A search by Knuth, Morris and Pratt in which the text is known and the pattern grows: each byte of either is compared
/// a bounded number of times, whatever repeats itself in them.
#[derive(Debug)]
pub(super) struct Overlap {
    text: Box<[u8]>,
    pattern: Vec<u8>,
    /// The prefix function of the pattern: how long the longest proper beginning is with which each of its beginnings ends.
    borders: Vec<usize>,
    /// How much of the text has been compared.
    compared: usize,
    /// How much of the pattern's beginning ends there.
    matched: usize,
    #[cfg(test)]
    pub(super) steps: usize,
}

impl Overlap {
    pub(super) fn with(text: &str) -> Self {
        Self {
            text: text.as_bytes().into(),
            pattern: Vec::new(),
            borders: Vec::new(),
            compared: 0,
            matched: 0,
            #[cfg(test)]
            steps: 0,
        }
    }

    pub(super) fn push(&mut self, piece: &str) {
        for &byte in piece.as_bytes() {
            if self.length().is_some() {
                return;
            }
            self.grow(byte);
            self.compare();
        }
    }

    /// How long the overlap is, in bytes; `None` while a longer one than is known may come of what follows: the pattern
    /// stands in the text, and not at its end.
    pub(super) fn length(&self) -> Option<usize> {
        (self.compared == self.text.len()).then_some(self.matched)
    }

    fn grow(&mut self, byte: u8) {
        let mut border = self.borders.last().copied().unwrap_or(0);
        while border > 0 && self.pattern[border] != byte {
            self.step();
            border = self.borders[border - 1];
        }
        let longer = !self.pattern.is_empty() && self.pattern[border] == byte;
        self.pattern.push(byte);
        self.borders.push(border + usize::from(longer));
    }

    fn compare(&mut self) {
        while self.compared < self.text.len() && self.matched < self.pattern.len() {
            self.step();
            if self.text[self.compared] == self.pattern[self.matched] {
                self.matched += 1;
                self.compared += 1;
            } else if self.matched > 0 {
                self.matched = self.borders[self.matched - 1];
            } else {
                self.compared += 1;
            }
        }
    }

    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "steps are counted in tests"))]
    fn step(&mut self) {
        #[cfg(test)]
        {
            self.steps += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(text: &str, pattern: &str) -> usize {
        (0..=text.len().min(pattern.len())).rev().find(|&size| text.ends_with(&pattern[..size])).unwrap_or(0)
    }

    proptest! {
        #[test]
        fn it_is_the_longest_end_that_the_pattern_begins_with(text in "[ab]{0,40}", pattern in "[ab]{0,60}") {
            let mut overlap = Overlap::with(&text);
            overlap.push(&pattern);
            match overlap.length() {
                Some(length) => prop_assert_eq!(length, naive(&text, &pattern)),
                None => prop_assert!(text.contains(&pattern) && !pattern.is_empty() || pattern.is_empty()),
            }
        }
    }

    #[test]
    fn a_text_that_repeats_itself_costs_a_few_steps_a_byte() {
        for (text, pattern) in [
            ("a".repeat(2_048), "a".repeat(20_480)),
            ("la ".repeat(700), "la ".repeat(7_000)),
            ("a".repeat(2_048), "a".repeat(1_000) + "b"),
            ("ab".repeat(1_000) + "c", "ab".repeat(900) + "d"),
        ] {
            let mut overlap = Overlap::with(&text);
            pattern.chars().for_each(|c| overlap.push(c.encode_utf8(&mut [0; 4])));
            assert!(overlap.steps <= 4 * (text.len() + pattern.len()), "{} steps", overlap.steps);
        }
    }
}
