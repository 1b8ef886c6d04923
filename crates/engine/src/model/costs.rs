//! How long a batch takes in which an answer's draft is checked, by its size.
//!
//! It is kept in steps, the time that one token takes without a draft, as it was then: what slows the machine down slows both.

/// Sizes are told apart by their power of two.
const SIZES: usize = 12;
/// After so many batches without a draft, what was measured before them is forgotten: one bad moment must not end drafting.
const REMEMBERED: u64 = 64;

/// What was measured.
#[derive(Debug, Clone, Default)]
pub(super) struct Costs {
    sizes: [Option<Known>; SIZES],
    /// Batches without a draft.
    steps: u64,
}

/// What is known of one size.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// Steps that a token takes.
    token: f64,
    /// The count of [`Costs::steps`] when it was measured.
    at: u64,
}

impl Costs {
    /// A batch of so many tokens took as long as so many steps.
    pub(super) fn measured(&mut self, tokens: usize, steps: f64) {
        /// What one batch counts in the average.
        const SHARE: f64 = 0.3;
        let token = steps / tokens.max(1) as f64;
        let known = self.known(tokens).map_or(token, |known| known + SHARE * (token - known));
        self.sizes[size(tokens)] = Some(Known { token: known, at: self.steps });
    }

    /// A batch without a draft was computed.
    pub(super) fn stepped(&mut self) {
        self.steps += 1;
    }

    /// How many steps a batch of so many tokens takes; `None` where none of its size was measured of late.
    pub(super) fn batch(&self, tokens: usize) -> Option<f64> {
        self.known(tokens).map(|token| token * tokens as f64)
    }

    fn known(&self, tokens: usize) -> Option<f64> {
        let known = self.sizes[size(tokens)]?;
        (self.steps - known.at < REMEMBERED).then_some(known.token)
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
        costs.measured(16, 4.0);
        assert_eq!(costs.batch(20), Some(5.0));
        assert_eq!(costs.batch(33), None);
    }

    #[test]
    fn what_was_measured_long_ago_is_forgotten() {
        let mut costs = Costs::default();
        costs.measured(16, 40.0);
        (1..REMEMBERED).for_each(|_| costs.stepped());
        assert_eq!(costs.batch(16), Some(40.0));
        costs.stepped();
        assert_eq!(costs.batch(16), None);
        costs.measured(16, 4.0);
        assert_eq!(costs.batch(16), Some(4.0));
    }
}
