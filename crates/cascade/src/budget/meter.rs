//! One count over one sliding span; a day may also end at a moment of the provider's.

mod forecast;

use std::collections::VecDeque;
use std::time::Duration;

use crate::moment::Moment;

use super::DAY;

/// A span is counted in this many slots; a slot is forgotten only once all of it has left the span, so that a count is
/// never too low.
const SLOTS: u32 = 60;
/// A provider's clock may be so much behind ours: until then, its day has not ended.
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);
/// What was settled so shortly before a day's end may be counted in the next day: the provider hears of it later.
const LATE_COUNT: Duration = Duration::from_secs(600);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meter {
    limit: u32,
    span: Duration,
    source: LimitSource,
    /// What calls that run may cost. Some providers count a call when it begins, others when it ends: it counts from the one
    /// moment until a span after the other.
    reserved: u32,
    /// In the order in which they leave the span.
    entries: VecDeque<Entry>,
    /// A moment in which a day of the provider's ends, where the span is a day that does.
    day_ends: Option<Moment>,
}

/// Who says how large a limit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitSource {
    /// The user: it stays, whatever the provider says.
    User,
    /// The provider's plan, as far as it is known beforehand.
    Plan,
    /// The provider itself.
    Provider,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    amount: u32,
    /// When it leaves the span.
    leaves: Moment,
    /// Whether the provider said so: no end of a day changes that.
    told: bool,
}

impl Meter {
    pub(super) fn new(limit: u32, span: Duration, source: LimitSource) -> Self {
        Self { limit, span, source, reserved: 0, entries: VecDeque::new(), day_ends: None }
    }

    pub(super) const fn limit(&self) -> u32 {
        self.limit
    }

    pub(super) const fn source(&self) -> LimitSource {
        self.source
    }

    /// The limit, where the provider itself has said it.
    pub(super) fn learned_limit(&self) -> Option<u32> {
        (self.source == LimitSource::Provider).then_some(self.limit)
    }

    /// Takes up the limit that the provider now has, where nobody has configured one.
    pub(super) fn learn(&mut self, limit: u32) {
        if self.source != LimitSource::User {
            (self.limit, self.source) = (limit, LimitSource::Provider);
        }
    }

    /// A day ends at `at`, and 24 hours before and after that. A span that is no day has no such end.
    pub(super) fn set_day_end(&mut self, at: Moment) {
        if self.span == DAY {
            self.day_ends = Some(at);
        }
    }

    /// What is left beside a part that is `withheld`.
    pub(super) fn left(&self, withheld: u32, now: Moment) -> u32 {
        self.limit.saturating_sub(withheld).saturating_sub(self.spent(now))
    }

    /// When `amount` fits beside a part that is `withheld`, as far as is known; `None` where it never does. Calls that run are
    /// taken to end now.
    pub(super) fn fits_at(&self, amount: u32, withheld: u32, now: Moment) -> Option<Moment> {
        if self.left(withheld, now) >= amount {
            return Some(now);
        }
        let all_ended = self.leaves_at(now);
        let left = |at: Moment| self.left(withheld, at).saturating_add(if at >= all_ended { self.reserved } else { 0 });
        let mut changes: Vec<_> = self.alive(now).map(|entry| self.forgotten(entry, now)).chain([all_ended]).collect();
        changes.sort_unstable();
        changes.into_iter().find(|&at| left(at).min(self.limit.saturating_sub(withheld)) >= amount)
    }

    /// Counts `amount` from `now` on.
    pub(super) fn add(&mut self, amount: u32, now: Moment) {
        self.forget(now);
        self.put(amount, self.leaves_at(now), false);
    }

    /// Takes back what was added at `at`.
    pub(super) fn take_back(&mut self, amount: u32, at: Moment) {
        let leaves = self.leaves_at(at);
        if let Some(entry) = self.entries.iter_mut().find(|entry| !entry.told && entry.leaves == leaves) {
            entry.amount = entry.amount.saturating_sub(amount);
        }
    }

    /// Counts what a call may cost, for as long as it runs.
    pub(super) fn reserve(&mut self, amount: u32) {
        self.reserved = self.reserved.saturating_add(amount);
    }

    /// Puts what the call really cost in place of what was reserved for it.
    pub(super) fn settle(&mut self, reserved: u32, actual: u32, now: Moment) {
        self.reserved = self.reserved.saturating_sub(reserved);
        if actual > 0 {
            self.add(actual, now);
        }
    }

    /// Takes off what lies between our count and the provider's, until the provider's reset.
    pub(super) fn correct(&mut self, remaining: u32, reset: Duration, now: Moment) {
        self.forget(now);
        let unknown = self.left(0, now).saturating_sub(remaining);
        if unknown > 0 && !reset.is_zero() {
            self.put(unknown, now + reset.min(self.span), true);
        }
    }

    /// How much was spent, and for how long that still counts within the span. Whether a day has ended meanwhile is for
    /// whoever counts on to know.
    pub(super) fn amounts(&self, now: Moment) -> Vec<(u32, Duration)> {
        let spent = self.alive(now).filter(|entry| entry.amount > 0);
        let spent = spent.map(|entry| (entry.amount, entry.leaves.since(now)));
        let running = (self.reserved > 0).then(|| (self.reserved, self.leaves_at(now).since(now)));
        spent.chain(running).collect()
    }

    /// Counts `amount` for as long as it is said to, but never for longer than it would, were it spent now.
    pub(super) fn restore(&mut self, amount: u32, counts_for: Duration, now: Moment) {
        if amount > 0 && !counts_for.is_zero() {
            self.put(amount, now + counts_for.min(self.span), false);
        }
    }

    /// Counts what runs as if it had ended: nobody will say here what it cost.
    pub(super) fn close(&mut self, now: Moment) {
        let reserved = self.reserved;
        self.settle(reserved, reserved, now);
    }

    pub(super) fn spent(&self, now: Moment) -> u32 {
        self.alive(now).fold(self.reserved, |spent, entry| spent.saturating_add(entry.amount))
    }

    fn put(&mut self, amount: u32, leaves: Moment, told: bool) {
        let place = self.entries.partition_point(|entry| entry.leaves < leaves);
        match self.entries.get_mut(place) {
            Some(entry) if entry.leaves == leaves && entry.told == told => {
                entry.amount = entry.amount.saturating_add(amount);
            }
            _ => self.entries.insert(place, Entry { amount, leaves, told }),
        }
    }

    fn alive(&self, now: Moment) -> impl Iterator<Item = &Entry> {
        let today = self.next_day_end(now).map(|end| end.less(LATE_COUNT));
        // What leaves a sliding day by its end was spent by the end of the day before.
        let is_todays = move |entry: &&Entry| entry.told || today.is_none_or(|end| entry.leaves > end);
        self.entries.iter().filter(move |entry| entry.leaves > now).filter(is_todays)
    }

    /// When `entry`, which counts at `now`, does so no longer.
    fn forgotten(&self, entry: &Entry, now: Moment) -> Moment {
        match self.next_day_end(now) {
            Some(end) if !entry.told && entry.leaves <= (end + DAY).less(LATE_COUNT) => {
                entry.leaves.min(end + CLOCKS_DIFFER)
            }
            _ => entry.leaves,
        }
    }

    /// The next end of a day that is not yet over on every clock.
    fn next_day_end(&self, now: Moment) -> Option<Moment> {
        let end = self.day_ends? + CLOCKS_DIFFER;
        let days = now.since(end).as_secs() / DAY.as_secs() + u64::from(now >= end);
        let days = u32::try_from(days).unwrap_or(u32::MAX);
        Some(self.day_ends? + DAY.saturating_mul(days))
    }

    fn forget(&mut self, now: Moment) {
        while self.entries.front().is_some_and(|entry| entry.leaves <= now) {
            self.entries.pop_front();
        }
    }

    /// The end of the slot in which `at` lies, and a span more.
    fn leaves_at(&self, at: Moment) -> Moment {
        let slot = self.slot().as_secs();
        let passed = at.since(Moment::ZERO).as_secs() / slot;
        Moment::after(Duration::from_secs((passed + 1) * slot)) + self.span
    }

    fn slot(&self) -> Duration {
        self.span / SLOTS
    }
}
