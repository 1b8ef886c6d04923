//! A provider's own count of what it is asked: over every sliding span, to the millisecond.

use std::time::Duration;

use cascade::{Counted, Quota, Reading, Span};

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
/// The core counts in slots of a sixtieth of the span: so much longer than the span may it remember something.
const SLOTS: u64 = 60;

/// One provider's books.
pub(crate) struct Books {
    pub(crate) quota: Quota,
    /// Whether others spend from the same quota, unseen by us: then a 429 is no fault of ours.
    pub(crate) shared: bool,
    charges: Vec<Charge>,
}

/// What one call is charged. What the provider counts is the least, what the core may take it for the most.
#[derive(Clone, Copy)]
pub(crate) struct Charge {
    pub(crate) at: u64,
    pub(crate) requests: (u32, u32),
    pub(crate) tokens: (u32, u32),
}

/// A span, and how many requests and tokens it may have.
type Bounds = (u64, Option<u32>, Option<u32>);

/// Of requests and tokens.
#[derive(Clone, Copy, Default)]
struct Spent {
    requests: u32,
    tokens: u32,
}

impl Books {
    pub(crate) const fn new(quota: Quota, shared: bool) -> Self {
        Self { quota, shared, charges: Vec::new() }
    }

    fn unbounded(&self) -> bool {
        self.quota == Quota::default()
    }

    /// Writes a charge down; the place it has from then on.
    pub(crate) fn charge(&mut self, charge: Charge) -> usize {
        self.charges.push(charge);
        self.charges.len() - 1
    }

    /// Puts what a call really cost in place of what it could.
    pub(crate) fn settle(&mut self, place: usize, tokens: u32) {
        self.charges[place].tokens = (tokens, tokens);
    }

    /// The most tokens that the core may take a charge for.
    pub(crate) fn most_of(&self, place: usize) -> u32 {
        self.charges[place].tokens.1
    }

    /// Notes that the core may go on taking a charge for so many tokens: it never heard what the call really cost.
    pub(crate) fn was_never_settled(&mut self, place: usize, most: u32) {
        self.charges[place].tokens.1 = most;
    }

    /// Whether the provider takes one more request of so many tokens.
    pub(crate) fn admits(&self, tokens: u32, now: u64) -> bool {
        self.unbounded()
            || self.spans().all(|(span, requests, most)| {
                let spent = self.least(span, now);
                fits(spent.requests, 1, requests) && fits(spent.tokens, tokens, most)
            })
    }

    /// Whether the core may hold that there is no room for one more request of so many tokens.
    pub(crate) fn may_be_full(&self, tokens: u32, now: u64) -> bool {
        self.shared
            || self.spans().any(|(span, requests, most)| {
                let spent = self.most(span, now);
                !fits(spent.requests, 1, requests) || !fits(spent.tokens, tokens, most)
            })
    }

    /// How many tokens are left: at least, and at most. `None` where they are not counted, or not by us alone.
    pub(crate) fn tokens_left(&self, now: u64) -> Option<(u32, u32)> {
        if self.shared {
            return None;
        }
        let left = |spent: fn(&Self, u64, u64) -> Spent| {
            let of = |(span, _, most): Bounds| Some(most?.saturating_sub(spent(self, span, now).tokens));
            self.spans().filter_map(of).min()
        };
        Some((left(Self::most)?, left(Self::least)?))
    }

    /// What the provider's rate headers say.
    pub(crate) fn readings(&self, now: u64) -> Vec<Reading> {
        let mut readings = Vec::new();
        for (span, requests, tokens) in self.spans() {
            let spent = self.least(span, now);
            let oldest = self.charges.iter().find(|charge| charge.at + span > now);
            let reset = Duration::from_millis(oldest.map_or(0, |charge| charge.at + span - now));
            for (counted, limit, spent) in
                [(Counted::Requests, requests, spent.requests), (Counted::Tokens, tokens, spent.tokens)]
            {
                let Some(limit) = limit else { continue };
                let span = if span == MINUTE { Span::Minute } else { Span::Day };
                let remaining = limit.saturating_sub(spent);
                readings.push(Reading { counted, span, limit: Some(limit), remaining, reset });
            }
        }
        readings
    }

    fn spans(&self) -> impl Iterator<Item = Bounds> {
        let Quota { rpm, rpd, tpm, tpd, .. } = self.quota;
        [(MINUTE, rpm, tpm), (DAY, rpd, tpd)].into_iter()
    }

    fn least(&self, span: u64, now: u64) -> Spent {
        self.within(span, now, |charge| (charge.requests.0, charge.tokens.0))
    }

    fn most(&self, span: u64, now: u64) -> Spent {
        self.within(span + span / SLOTS, now, |charge| (charge.requests.1, charge.tokens.1))
    }

    fn within(&self, span: u64, now: u64, of: impl Fn(&Charge) -> (u32, u32)) -> Spent {
        let alive = self.charges.iter().rev().take_while(|charge| charge.at + span > now);
        alive.map(of).fold(Spent::default(), |spent, (requests, tokens)| Spent {
            requests: spent.requests + requests,
            tokens: spent.tokens.saturating_add(tokens),
        })
    }
}

fn fits(spent: u32, more: u32, limit: Option<u32>) -> bool {
    limit.is_none_or(|limit| spent.saturating_add(more) <= limit)
}
