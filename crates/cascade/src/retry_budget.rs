//! How many retries a tier may be given, so that retries never become its load.

use std::time::Duration;

use crate::moment::Moment;
use crate::window::Window;

const SPAN: Duration = Duration::from_secs(10);
const PERCENT: u32 = 20;
/// What a tier may be given however few its requests: a single user's one request must be retriable.
const FLOOR: u32 = 3;

/// Finagle's rule (`RetryBudget`): a share of the requests of the last ten seconds, and a small floor.
#[derive(Clone, Debug)]
pub(crate) struct RetryBudget(Window);

impl Default for RetryBudget {
    fn default() -> Self {
        Self(Window::over(SPAN))
    }
}

impl RetryBudget {
    pub(crate) fn on_request(&mut self, now: Moment) {
        self.0.add(now, false);
    }

    /// Takes one retry, where there is one.
    pub(crate) fn take(&mut self, now: Moment) -> bool {
        let lately = self.0.counts(now);
        let requests = lately.all - lately.marked;
        let granted = lately.marked < FLOOR + requests / (100 / PERCENT);
        if granted {
            self.0.add(now, true);
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(requests: usize, now: Moment, budget: &mut RetryBudget) -> usize {
        (0..requests).for_each(|_| budget.on_request(now));
        (0..requests).filter(|_| budget.take(now)).count()
    }

    #[test]
    fn a_fifth_of_the_requests_and_a_floor_may_be_retried() {
        let mut budget = RetryBudget::default();
        assert_eq!(granted(100, Moment::ZERO, &mut budget), 3 + 20);
        assert_eq!(granted(1, Moment::ZERO + SPAN, &mut budget), 1, "ten seconds later it is whole again");
    }
}
