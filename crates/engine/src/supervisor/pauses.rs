//! How long a dead worker stays down before it is started again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(30);
/// A worker that has answered for so long had no fault that a longer pause would mend.
const HEALTHY: Duration = Duration::from_secs(60);

/// Pauses that double from death to death, with jitter: two workers that died of one cause (no memory left) are not
/// started in the same moment again.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    deaths: u32,
}

impl Pauses {
    /// The pause after a death of a worker that had been ready for `ready`.
    pub(super) fn next(&mut self, ready: Duration) -> Duration {
        if ready >= HEALTHY {
            self.deaths = 0;
        }
        let pause = FIRST.saturating_mul(1 << self.deaths.min(16)).min(LONGEST);
        self.deaths += 1;
        pause.mul_f64(jitter())
    }
}

/// From a half up to one.
fn jitter() -> f64 {
    let random = RandomState::new().hash_one(()) >> 32;
    0.5 + random as f64 / (1_u64 << 33) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_about(pause: Duration, whole: Duration) {
        assert!(pause >= whole / 2 && pause <= whole, "{pause:?} of {whole:?}");
    }

    #[test]
    fn pauses_double_up_to_half_a_minute() {
        let mut pauses = Pauses::default();
        for millis in [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000] {
            assert_about(pauses.next(Duration::ZERO), Duration::from_millis(millis));
        }
        for _ in 0..100 {
            assert_about(pauses.next(Duration::ZERO), LONGEST);
        }
    }

    #[test]
    fn a_healthy_minute_begins_anew() {
        let mut pauses = Pauses::default();
        for _ in 0..5 {
            pauses.next(Duration::from_secs(59));
        }
        assert_about(pauses.next(Duration::from_secs(60)), FIRST);
        assert_about(pauses.next(Duration::ZERO), FIRST * 2);
    }

    #[test]
    fn no_two_pauses_are_alike() {
        let drawn: Vec<_> = (0..20).map(|_| Pauses::default().next(Duration::ZERO)).collect();
        assert!(drawn.iter().any(|pause| *pause != drawn[0]));
    }
}
