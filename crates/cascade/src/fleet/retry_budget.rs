//! How many calls a tier's requests may cause beyond their first ones, so that these never become the load.

use std::time::Duration;

use crate::moment::Moment;
use crate::window::Window;

const SPAN: Duration = Duration::from_secs(10);

/// A share of the requests of the last ten seconds, and a small floor: what few requests may cause however few they are.
#[derive(Clone, Debug)]
pub(crate) struct RetryBudget {
    window: Window,
    percent: u32,
    floor: u32,
}

impl RetryBudget {
    /// Finagle's rule (`RetryBudget`): a fifth; a single user's one request must be retriable.
    pub(crate) fn retries() -> Self {
        Self { window: Window::over(SPAN), percent: 20, floor: 3 }
    }

    /// What hedging behind the 95th percentile comes to (Dean and Barroso, "The Tail at Scale", CACM 2013): a twentieth.
    /// The floor is a single user's one request in so long a time.
    pub(crate) fn hedges() -> Self {
        Self { window: Window::over(SPAN), percent: 5, floor: 1 }
    }

    pub(crate) fn on_request(&mut self, now: Moment) {
        self.window.add(now, false);
    }

    /// Takes one, where there is one.
    pub(crate) fn take(&mut self, now: Moment) -> bool {
        let lately = self.window.counts(now);
        let requests = lately.all - lately.marked;
        let granted = lately.marked < self.floor + requests / (100 / self.percent);
        if granted {
            self.window.add(now, true);
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(requests: usize, now: Moment, extra: &mut RetryBudget) -> usize {
        (0..requests).for_each(|_| extra.on_request(now));
        (0..requests).filter(|_| extra.take(now)).count()
    }

    #[test]
    fn a_fifth_of_the_requests_and_a_floor_may_be_retried() {
        let mut retries = RetryBudget::retries();
        assert_eq!(granted(100, Moment::ZERO, &mut retries), 3 + 20);
        assert_eq!(granted(1, Moment::ZERO + SPAN, &mut retries), 1, "ten seconds later it is whole again");
    }

    #[test]
    fn a_twentieth_of_the_requests_and_a_floor_may_be_hedged() {
        let mut hedges = RetryBudget::hedges();
        assert_eq!(granted(100, Moment::ZERO, &mut hedges), 1 + 5);
        assert_eq!(granted(10, Moment::ZERO + SPAN, &mut hedges), 1);
    }
}
