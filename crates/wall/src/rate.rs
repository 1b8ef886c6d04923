//! A quota over a sliding window.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::fault::{Quota, Rate};

/// What was spent within the window, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Window {
    spent: VecDeque<(Instant, u32)>,
}

/// Whether a call fits its quota.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// It does, and so much is left; the window is as new after `reset`.
    Enough { left: u32, reset: Duration },
    /// It will after this time.
    Later { wait: Duration, left: u32 },
    /// It never will.
    Never,
}

impl Window {
    /// Takes `cost` out of the quota where there is room for it.
    pub(crate) fn take(&mut self, rate: Rate, cost: u32, now: Instant) -> Room {
        if cost > rate.limit {
            return Room::Never;
        }
        while self.spent.front().is_some_and(|(at, _)| now.duration_since(*at) >= rate.window) {
            self.spent.pop_front();
        }
        let used: u32 = self.spent.iter().map(|(_, cost)| cost).sum();
        let left = rate.limit - used;
        if cost > left {
            return Room::Later { wait: self.wait_for(cost - left, rate.window, now), left };
        }
        self.spent.push_back((now, cost));
        Room::Enough { left: left - cost, reset: rate.window }
    }

    /// How long until `missing` more has left the window.
    fn wait_for(&self, missing: u32, window: Duration, now: Instant) -> Duration {
        let mut freed = 0;
        self.spent
            .iter()
            .find(|(_, cost)| {
                freed += cost;
                freed >= missing
            })
            .map_or(window, |(at, _)| window.saturating_sub(now.duration_since(*at)))
    }
}

/// The `x-ratelimit-*` headers of a quota: limit, what is left, and the time until it is as new.
pub(crate) fn headers(rate: Rate, left: u32, reset: Duration) -> Vec<(&'static str, String)> {
    let names = match rate.of {
        Quota::Requests => {
            ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"]
        }
        Quota::Tokens => ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"],
    };
    names.into_iter().zip([rate.limit.to_string(), left.to_string(), minutes_and_seconds(reset)]).collect()
}

/// Groq's way to write a time: `2m59.56s`, `7.66s` (<https://console.groq.com/docs/rate-limits>).
fn minutes_and_seconds(time: Duration) -> String {
    let (minutes, rest) = (time.as_secs() / 60, time.as_millis() % 60_000);
    let seconds = format!("{}.{:02}", rest / 1000, rest % 1000 / 10);
    let seconds = seconds.trim_end_matches('0').trim_end_matches('.');
    if minutes == 0 { format!("{seconds}s") } else { format!("{minutes}m{seconds}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(60);
    const RATE: Rate = Rate { limit: 10, of: Quota::Tokens, window: WINDOW };

    #[test]
    fn a_full_window_has_room_again_when_enough_has_left_it() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut window = Window::default();
        assert_eq!(window.take(RATE, 6, at(0)), Room::Enough { left: 4, reset: WINDOW });
        assert_eq!(window.take(RATE, 4, at(10)), Room::Enough { left: 0, reset: WINDOW });
        assert_eq!(window.take(RATE, 1, at(20)), Room::Later { wait: Duration::from_secs(40), left: 0 });
        assert_eq!(window.take(RATE, 7, at(20)), Room::Later { wait: Duration::from_secs(50), left: 0 });
        assert_eq!(window.take(RATE, 6, at(60)), Room::Enough { left: 0, reset: WINDOW });
    }

    #[test]
    fn a_call_larger_than_the_quota_never_fits() {
        assert_eq!(Window::default().take(RATE, 11, Instant::now()), Room::Never);
    }

    #[test]
    fn times_are_written_as_groq_does() {
        assert_eq!(minutes_and_seconds(Duration::from_millis(179_560)), "2m59.56s");
        assert_eq!(minutes_and_seconds(Duration::from_secs(60)), "1m0s");
        assert_eq!(minutes_and_seconds(Duration::from_millis(7_660)), "7.66s");
        assert_eq!(minutes_and_seconds(Duration::from_secs(10)), "10s");
    }
}
