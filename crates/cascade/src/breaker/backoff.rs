//! How long to wait before the same tier is asked again.

use std::time::Duration;

use crate::fault::{Fault, FaultKind};
use crate::random::Random;

const BASE: Duration = Duration::from_millis(100);
/// The longest pause that is worth more than the next tier.
pub(crate) const CAP: Duration = Duration::from_secs(2);

/// The pause before retry number `retry` (the first is 0), or `None` where a retry cannot mend it.
///
/// Full jitter: `random(0, min(cap, base · 2^retry))` (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
/// 2015). A `Retry-After` replaces it, however long.
pub(crate) fn pause(fault: Fault, retry: u32, random: &mut Random) -> Option<Duration> {
    if !fault.kind.mends_itself() {
        return None;
    }
    match fault.retry_after {
        Some(asked) => Some(asked),
        // A 429 that does not say when it ends seldom ends within a request.
        None if fault.kind == FaultKind::RateLimited => None,
        None => Some(random.up_to(BASE.saturating_mul(1 << retry.min(10)).min(CAP))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overloaded(retry_after: Option<u64>) -> Fault {
        Fault { retry_after: retry_after.map(Duration::from_secs), ..FaultKind::Overloaded.into() }
    }

    #[test]
    fn the_pause_is_spread_from_nothing_to_a_bound_that_doubles_up_to_the_cap() {
        let mut random = Random::seeded(7);
        for (retry, bound) in [(0, 100), (1, 200), (3, 800), (9, 2_000), (1_000, 2_000)] {
            let pauses: Vec<_> = (0..200).filter_map(|_| pause(overloaded(None), retry, &mut random)).collect();
            let (least, most) = (pauses.iter().min().expect("200"), pauses.iter().max().expect("200"));
            assert!(*most <= Duration::from_millis(bound), "retry {retry}: {most:?}");
            assert!(*most > Duration::from_millis(bound / 2) && *least < Duration::from_millis(bound / 2));
        }
    }

    #[test]
    fn a_retry_after_takes_the_place_of_the_pause() {
        let mut random = Random::seeded(7);
        assert_eq!(pause(overloaded(Some(30)), 0, &mut random), Some(Duration::from_secs(30)));
    }

    #[test]
    fn what_a_retry_cannot_mend_is_not_retried() {
        let mut random = Random::seeded(7);
        for kind in [FaultKind::Account, FaultKind::TooLong, FaultKind::Nonsense, FaultKind::RateLimited] {
            assert_eq!(pause(kind.into(), 0, &mut random), None, "{kind:?}");
        }
    }
}
