//! When a day's quota is used up, were it spent on as it lately was.

use std::time::Duration;

use crate::moment::Moment;

use super::super::DAY;
use super::Meter;

/// The pace is that of the last two hours: an hour's break does not hide it, and yesterday's does not count.
const LATELY: Duration = Duration::from_secs(2 * 60 * 60);
/// Of less time nothing is concluded: five requests in one minute are not three hundred in an hour.
const LEAST: Duration = Duration::from_secs(30 * 60);

impl Meter {
    /// When nothing that is spent counts any longer; `None` where nothing does now.
    pub(crate) fn whole_at(&self, now: Moment) -> Option<Moment> {
        let spent = self.alive(now).filter(|entry| entry.amount > 0).map(|entry| self.forgotten(entry, now));
        spent.chain((self.reserved > 0).then(|| self.leaves_at(now))).max()
    }

    /// When what is left is spent at the pace of the last two hours; `now` where nothing is left. `None` where it lasts: old
    /// spending leaves the span, or the day ends, before that.
    pub(crate) fn used_up_at(&self, now: Moment) -> Option<Moment> {
        if self.span != DAY {
            return None;
        }
        if self.left(0, now) == 0 {
            return Some(now);
        }
        let (lately, within) = self.pace(now)?;
        let mut ends: Vec<_> = self.alive(now).map(|entry| self.forgotten(entry, now)).collect();
        ends.push(now + DAY);
        ends.extend(self.next_day_end(now));
        ends.sort_unstable();
        let mut from = now;
        for until in ends {
            // What is spent from now on stays until the day is over.
            let left = self.limit.saturating_sub(self.spent(from));
            let at = now + within.saturating_mul(left) / lately;
            if at <= until {
                return Some(at.max(from));
            }
            if self.next_day_end(now).is_some_and(|end| until >= end) {
                return None;
            }
            from = until;
        }
        None
    }

    /// How much was spent lately, and in what time.
    fn pace(&self, now: Moment) -> Option<(u32, Duration)> {
        // What leaves the span after a span and a slot more was spent now.
        let age = |leaves: Moment| (now + self.span + self.slot()).since(leaves);
        let lately = self.alive(now).filter(|entry| !entry.told && entry.amount > 0 && age(entry.leaves) <= LATELY);
        let (spent, oldest) = lately.fold((0_u32, Duration::ZERO), |(spent, oldest), entry| {
            (spent.saturating_add(entry.amount), oldest.max(age(entry.leaves)))
        });
        (spent > 0).then(|| (spent, oldest.clamp(LEAST, LATELY)))
    }
}
