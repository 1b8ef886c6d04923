//! One count over one sliding span.

use std::collections::VecDeque;
use std::time::Duration;

use crate::moment::Moment;

/// A span is counted in this many slots; a slot is forgotten only once all of it has left the span, so that a count is
/// never too low.
const SLOTS: u32 = 60;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meter {
    limit: u32,
    span: Duration,
    source: Source,
    /// In the order in which they are forgotten.
    entries: VecDeque<Entry>,
}

/// Who says how large the limit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
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
    forgotten: Moment,
}

impl Meter {
    pub(super) fn new(limit: u32, span: Duration, source: Source) -> Self {
        Self { limit, span, source, entries: VecDeque::new() }
    }

    /// The limit, where the provider itself has said it.
    pub(super) fn learned_limit(&self) -> Option<u32> {
        (self.source == Source::Provider).then_some(self.limit)
    }

    /// Takes up the limit that the provider now has, where nobody has configured one.
    pub(super) fn learn(&mut self, limit: u32) {
        if self.source != Source::User {
            (self.limit, self.source) = (limit, Source::Provider);
        }
    }

    pub(super) fn left(&self, now: Moment) -> u32 {
        let spent = self.alive(now).fold(0_u32, |spent, entry| spent.saturating_add(entry.amount));
        self.limit.saturating_sub(spent)
    }

    /// When `amount` fits, as far as is known; `None` where it never does.
    pub(super) fn fits_at(&self, amount: u32, now: Moment) -> Option<Moment> {
        let changes = self.alive(now).map(|entry| entry.forgotten);
        std::iter::once(now).chain(changes).find(|&at| self.left(at) >= amount)
    }

    pub(super) fn add(&mut self, amount: u32, now: Moment) {
        self.forget(now);
        self.put(amount, self.forgotten_at(now));
    }

    /// Puts `actual` in place of a `reserved` amount that was added at `at`.
    pub(super) fn replace(&mut self, reserved: u32, actual: u32, at: Moment, now: Moment) {
        let forgotten = self.forgotten_at(at);
        if forgotten <= now {
            return;
        }
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.forgotten == forgotten) {
            entry.amount = entry.amount.saturating_sub(reserved).saturating_add(actual);
        }
    }

    /// Takes off what lies between our count and the provider's, until the provider's reset.
    pub(super) fn correct(&mut self, remaining: u32, reset: Duration, now: Moment) {
        self.forget(now);
        let unknown = self.left(now).saturating_sub(remaining);
        if unknown > 0 && !reset.is_zero() {
            self.put(unknown, now + reset.min(self.span));
        }
    }

    /// How much was spent, and how long that still counts.
    pub(super) fn amounts(&self, now: Moment) -> Vec<(u32, Duration)> {
        let spent = self.alive(now).filter(|entry| entry.amount > 0);
        spent.map(|entry| (entry.amount, entry.forgotten.since(now))).collect()
    }

    /// Counts `amount` for as long as it is said to, but never for longer than it would, were it spent now.
    pub(super) fn restore(&mut self, amount: u32, counts_for: Duration, now: Moment) {
        if amount > 0 && !counts_for.is_zero() {
            self.put(amount, now + counts_for.min(self.span));
        }
    }

    fn put(&mut self, amount: u32, forgotten: Moment) {
        let place = self.entries.partition_point(|entry| entry.forgotten < forgotten);
        match self.entries.get_mut(place) {
            Some(entry) if entry.forgotten == forgotten => entry.amount = entry.amount.saturating_add(amount),
            _ => self.entries.insert(place, Entry { amount, forgotten }),
        }
    }

    fn alive(&self, now: Moment) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.forgotten > now)
    }

    fn forget(&mut self, now: Moment) {
        while self.entries.front().is_some_and(|entry| entry.forgotten <= now) {
            self.entries.pop_front();
        }
    }

    /// The end of the slot in which `at` lies, and a span more.
    fn forgotten_at(&self, at: Moment) -> Moment {
        let slot = (self.span / SLOTS).as_secs();
        let passed = at.since(Moment::ZERO).as_secs() / slot;
        Moment::after(Duration::from_secs((passed + 1) * slot)) + self.span
    }
}
