//! A provider's own count of what it is asked, which is strict: it refuses what its limits have no room for, however the
//! gateway came to ask for it.

use std::time::Duration;

use cascade::{Moment, Quota};

use crate::DAY;
use crate::server::Nanos;
use crate::tier::nanos;

const MINUTE: Duration = Duration::from_secs(60);

/// See the module. Providers differ in when they count a call's tokens: the most that it may cost when it begins, or what it
/// has cost when it ends. This one counts both ways, and neither may exceed a limit.
#[derive(Debug)]
pub(crate) struct Allowance {
    quota: Quota,
    /// A moment in which a day ends; `None`: a day is the last 24 hours.
    day_ends: Option<Nanos>,
    /// No call lasts longer.
    longest: Nanos,
    /// In the order in which they began.
    calls: Vec<Call>,
}

#[derive(Clone, Copy, Debug)]
struct Call {
    began: Nanos,
    ended: Option<Nanos>,
    /// What it has cost; while it runs, the most that it may.
    tokens: u32,
}

impl Allowance {
    pub(crate) fn new(quota: Quota, day_ends: Option<Moment>, longest: Duration) -> Self {
        let day_ends = day_ends.map(|end| nanos(end.since(Moment::ZERO)));
        Self { quota, day_ends, longest: nanos(longest), calls: Vec::new() }
    }

    /// Takes in a call that may cost so many tokens; the place it has from then on. `None`: it is refused.
    pub(crate) fn begin(&mut self, tokens: u32, now: Nanos) -> Option<usize> {
        let began = |call: &Call| Some(call.began);
        let fits = self.spans(now).all(|(since, requests, most)| {
            let (calls, spent) = self.within(since, began);
            let fits = |spent: u64, more: u32, limit: Option<u32>| {
                limit.is_none_or(|limit| spent + u64::from(more) <= u64::from(limit))
            };
            fits(calls, 1, requests) && fits(spent, tokens, most)
        });
        fits.then(|| {
            self.calls.push(Call { began: now, ended: None, tokens });
            self.calls.len() - 1
        })
    }

    /// Counts what the call at `place` has cost. Whether that is within the limits.
    pub(crate) fn end(&mut self, place: usize, tokens: u32, now: Nanos) -> bool {
        let call = &mut self.calls[place];
        (call.tokens, call.ended) = (tokens, Some(now));
        let ended = |call: &Call| call.ended;
        self.spans(now).all(|(since, _, most)| {
            let (_, spent) = self.within(since, ended);
            most.is_none_or(|most| spent <= u64::from(most))
        })
    }

    /// Since when calls count at `now`, and how many of them and of their tokens there may be.
    fn spans(&self, now: Nanos) -> impl Iterator<Item = (Nanos, Option<u32>, Option<u32>)> + use<> {
        let Quota { rpm, rpd, tpm, tpd, .. } = self.quota;
        let sliding = |span: Duration| (now + 1).saturating_sub(nanos(span));
        let day = nanos(DAY);
        let today = match self.day_ends.map(|end| end % day) {
            Some(end) if now >= end => now - (now - end) % day,
            Some(_) => 0,
            None => sliding(DAY),
        };
        let bounded = |&(_, requests, tokens): &(Nanos, Option<u32>, Option<u32>)| requests.or(tokens).is_some();
        [(sliding(MINUTE), rpm, tpm), (today, rpd, tpd)].into_iter().filter(bounded)
    }

    fn within(&self, since: Nanos, at: impl Fn(&Call) -> Option<Nanos>) -> (u64, u64) {
        let recent = self.calls.iter().rev().take_while(|call| call.began.saturating_add(self.longest) >= since);
        let counted = recent.filter(|call| at(call).is_some_and(|at| at >= since));
        counted.fold((0, 0), |(calls, tokens), call| (calls + 1, tokens + u64::from(call.tokens)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Nanos = 1_000_000_000;
    const HOUR: Nanos = 3_600 * SECOND;

    fn of(quota: Quota, day_ends: Option<u64>) -> Allowance {
        let day_ends = day_ends.map(|hours| Moment::after(Duration::from_secs(hours * 3_600)));
        Allowance::new(quota, day_ends, Duration::from_secs(90))
    }

    #[test]
    fn one_more_than_a_minute_takes_is_refused_until_the_first_is_a_minute_old() {
        let mut provider = of(Quota { rpm: Some(2), ..Quota::default() }, None);
        let mut takes = |seconds| provider.begin(1, seconds * SECOND).is_some();
        assert_eq!([0, 30, 59, 60, 89, 90].map(&mut takes), [true, true, false, true, false, true]);
    }

    #[test]
    fn a_call_counts_with_the_most_that_it_may_cost_until_it_has_ended() {
        let mut provider = of(Quota { tpm: Some(1_000), ..Quota::default() }, None);
        let place = provider.begin(900, 0).expect("there is room");
        assert_eq!(provider.begin(200, SECOND), None);
        assert!(provider.end(place, 100, 2 * SECOND));
        assert!(provider.begin(900, 3 * SECOND).is_some());
    }

    #[test]
    fn what_ends_within_one_minute_counts_in_it_whenever_it_began() {
        let mut provider = of(Quota { tpm: Some(1_000), ..Quota::default() }, None);
        let first = provider.begin(900, 0).expect("there is room");
        let second = provider.begin(900, 70 * SECOND).expect("by its beginning there is");
        assert!(provider.end(first, 900, 75 * SECOND));
        assert!(!provider.end(second, 900, 80 * SECOND), "1,800 tokens were written within five seconds");
    }

    #[test]
    fn a_day_that_ends_begins_with_nothing_spent_and_one_that_slides_does_not() {
        for (day_ends, taken) in [(Some(8), true), (Some(32), true), (None, false)] {
            let mut provider = of(Quota { rpd: Some(1), ..Quota::default() }, day_ends);
            assert!(provider.begin(1, 7 * HOUR).is_some());
            assert!(provider.begin(1, 8 * HOUR - 1).is_none());
            assert_eq!(provider.begin(1, 8 * HOUR).is_some(), taken, "{day_ends:?}");
            assert!(provider.begin(1, 32 * HOUR).is_some(), "{day_ends:?}");
        }
    }
}
