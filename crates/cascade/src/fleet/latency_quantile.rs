//! How long a tier's first tokens have lately taken, and which of them count as late.

use std::collections::VecDeque;
use std::time::Duration;

/// So many are remembered.
const MOST: usize = 100;
/// Of fewer than so many, nothing is said.
const LEAST: usize = 10;
/// One in twenty is late (Dean and Barroso, "The Tail at Scale", CACM 2013).
const PERCENT: usize = 95;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct LatencyQuantile(VecDeque<Duration>);

impl LatencyQuantile {
    /// Notes that a first token took `took`, or had not come by then.
    pub(crate) fn add(&mut self, took: Duration) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(took);
    }

    /// The 95th percentile: the least time within which that share of them came.
    pub(crate) fn late(&self) -> Option<Duration> {
        if self.0.len() < LEAST {
            return None;
        }
        let mut times: Vec<_> = self.0.iter().copied().collect();
        let rank = (times.len() * PERCENT).div_ceil(100);
        Some(*times.select_nth_unstable(rank - 1).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: impl IntoIterator<Item = u64>) -> LatencyQuantile {
        let mut tail = LatencyQuantile::default();
        times.into_iter().for_each(|millis| tail.add(Duration::from_millis(millis)));
        tail
    }

    #[test]
    fn of_few_times_nothing_is_said() {
        assert_eq!(of(0..9).late(), None);
        assert_eq!(of(0..10).late(), Some(Duration::from_millis(9)));
    }

    #[test]
    fn one_in_twenty_is_late_and_what_is_old_is_forgotten() {
        assert_eq!(of((1..=100).rev()).late(), Some(Duration::from_millis(95)));
        assert_eq!(of((1_000..2_000).chain(1..=100)).late(), Some(Duration::from_millis(95)));
    }
}
