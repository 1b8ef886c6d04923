//! What a tier was asked for: requests and tokens, over any minute and any day.

use std::time::Duration;

use crate::DAY;
use crate::server::Nanos;
use crate::tier::nanos;

const MINUTE: Duration = Duration::from_secs(60);

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spent {
    /// When each attempt began, and what it has cost in tokens, in the order in which they began.
    attempts: Vec<(Nanos, u32)>,
    /// Of the runs before.
    earlier: Peak,
}

/// The most within any one minute, and any one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Peak {
    pub(crate) requests_a_minute: u64,
    pub(crate) requests_a_day: u64,
    pub(crate) tokens_a_minute: u64,
    pub(crate) tokens_a_day: u64,
}

impl Spent {
    /// Writes an attempt down; the place it has from then on.
    pub(crate) fn begin(&mut self, now: Nanos) -> usize {
        self.attempts.push((now, 0));
        self.attempts.len() - 1
    }

    /// Writes down what it cost.
    pub(crate) fn settle(&mut self, place: usize, tokens: u32) {
        self.attempts[place].1 = tokens;
    }

    pub(crate) fn peak(&self) -> Peak {
        let (requests_a_minute, tokens_a_minute) = self.most_within(nanos(MINUTE));
        let (requests_a_day, tokens_a_day) = self.most_within(nanos(DAY));
        Peak { requests_a_minute, requests_a_day, tokens_a_minute, tokens_a_day }.and(self.earlier)
    }

    fn most_within(&self, span: Nanos) -> (u64, u64) {
        let (mut from, mut tokens, mut most) = (0, 0, (0, 0));
        for (to, &(at, cost)) in self.attempts.iter().enumerate() {
            tokens += u64::from(cost);
            while self.attempts[from].0 + span <= at {
                tokens -= u64::from(self.attempts[from].1);
                from += 1;
            }
            most = (most.0.max((to + 1 - from) as u64), most.1.max(tokens));
        }
        most
    }

    /// Each run is a world of its own: no window reaches from one into the next.
    pub(crate) fn merge(&mut self, other: Self) {
        self.earlier = self.peak().and(other.peak());
        self.attempts.clear();
    }
}

impl Peak {
    fn and(self, other: Self) -> Self {
        Self {
            requests_a_minute: self.requests_a_minute.max(other.requests_a_minute),
            requests_a_day: self.requests_a_day.max(other.requests_a_day),
            tokens_a_minute: self.tokens_a_minute.max(other.tokens_a_minute),
            tokens_a_day: self.tokens_a_day.max(other.tokens_a_day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_of_any_minute_and_not_only_of_those_on_the_clock() {
        let mut spent = Spent::default();
        for (second, tokens) in [(30, 100), (59, 200), (61, 300), (90, 50)] {
            let place = spent.begin(second * 1_000_000_000);
            spent.settle(place, tokens);
        }
        let peak = spent.peak();
        assert_eq!((peak.requests_a_minute, peak.tokens_a_minute), (3, 600));
        assert_eq!((peak.requests_a_day, peak.tokens_a_day), (4, 650));
    }
}
