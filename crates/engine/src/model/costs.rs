//! How long a batch takes in which an answer's draft is checked, by its size.

use std::time::Duration;

/// Sizes are told apart by their power of two.
const SIZES: usize = 12;

/// What was measured.
#[derive(Debug, Clone, Default)]
pub(super) struct Costs {
    /// Seconds a token.
    token: [Option<f64>; SIZES],
}

impl Costs {
    /// A batch of so many tokens took so long.
    pub(super) fn measured(&mut self, tokens: usize, took: Duration) {
        /// What one batch counts in the average.
        const SHARE: f64 = 0.3;
        let token = took.as_secs_f64() / tokens.max(1) as f64;
        let known = &mut self.token[size(tokens)];
        *known = Some(known.map_or(token, |known| known + SHARE * (token - known)));
    }

    /// What a batch of so many tokens takes; `None` where none of its size was measured.
    pub(super) fn batch(&self, tokens: usize) -> Option<Duration> {
        self.token[size(tokens)].map(|token| Duration::from_secs_f64(token * tokens as f64))
    }
}

fn size(tokens: usize) -> usize {
    (tokens.max(1).ilog2() as usize).min(SIZES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_known_once_it_was_measured() {
        let mut costs = Costs::default();
        assert_eq!(costs.batch(17), None);
        costs.measured(17, Duration::from_millis(170));
        assert_eq!(costs.batch(20), Some(Duration::from_millis(200)));
        assert_eq!(costs.batch(33), None);
    }
}
