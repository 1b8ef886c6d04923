//! A provider's own count of what it is asked: over every sliding span, to the millisecond.

use std::time::Duration;

use cascade::{Counted, Quota, Reading, Share, Span};

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
/// The core counts in slots of a sixtieth of the span: so much longer than the span may it remember something.
const SLOTS: u64 = 60;
/// The core takes a day for over so much later than its end, and what was counted so shortly before that for the next day's.
const LATER: u64 = MINUTE;
const SHORTLY: u64 = 10 * MINUTE;

/// One provider's books.
pub(crate) struct Books {
    pub(crate) quota: Quota,
    /// Whether others spend from the same quota, unseen by us: then a 429 is no fault of ours.
    pub(crate) shared: bool,
    /// A moment in which a day ends, as the core knows it; the provider's own clock may be behind that by so much.
    day_ends: Option<(u64, u64)>,
    charges: Vec<Charge>,
}

/// What one call is charged. What the provider counts is the least, what the core may take it for the most.
#[derive(Clone, Copy)]
pub(crate) struct Charge {
    pub(crate) at: u64,
    /// When the call ended; until then, and a span after it, the core may count its tokens.
    pub(crate) ended: Option<u64>,
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
    pub(crate) const fn new(quota: Quota, shared: bool, day_ends: Option<(u64, u64)>) -> Self {
        Self { quota, shared, day_ends, charges: Vec::new() }
    }

    fn unbounded(&self) -> bool {
        self.quota == Quota::default()
    }

    /// Writes a charge down; the place it has from then on.
    pub(crate) fn charge(&mut self, charge: Charge) -> usize {
        self.charges.push(charge);
        self.charges.len() - 1
    }

    /// Puts what a call really cost in place of what it could; it has ended at `now`.
    pub(crate) fn settle(&mut self, place: usize, tokens: u32, now: u64) {
        self.charges[place].tokens = (tokens, tokens);
        self.charges[place].ended = Some(now);
    }

    /// The most tokens that the core may take a charge for.
    pub(crate) fn most_of(&self, place: usize) -> u32 {
        self.charges[place].tokens.1
    }

    /// Notes that the core may go on taking a charge for so many tokens: it never heard what the call really cost.
    pub(crate) fn was_never_settled(&mut self, place: usize, most: u32) {
        self.charges[place].tokens.1 = most;
    }

    /// Whether the provider takes one more request of so many tokens, of whom may use so much of a day.
    pub(crate) fn admits(&self, share: Share, tokens: u32, now: u64) -> bool {
        self.unbounded()
            || self.spans(share).all(|(span, requests, most)| {
                let spent = self.least(span, now);
                fits(spent.requests, 1, requests) && fits(spent.tokens, tokens, most)
            })
    }

    /// Whether the core may hold that there is no room for one more request of so many tokens.
    pub(crate) fn may_be_full(&self, share: Share, tokens: u32, now: u64) -> bool {
        self.shared
            || self.spans(share).any(|(span, requests, most)| {
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
            self.spans(Share::Whole).filter_map(of).min()
        };
        Some((left(Self::most)?, left(Self::least)?))
    }

    /// What the provider's rate headers say.
    pub(crate) fn readings(&self, now: u64) -> Vec<Reading> {
        let mut readings = Vec::new();
        for (span, requests, tokens) in self.spans(Share::Whole) {
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

    fn spans(&self, share: Share) -> impl Iterator<Item = Bounds> {
        let Quota { rpm, rpd, tpm, tpd, .. } = self.quota;
        let of_a_day = |limit: Option<u32>| match share {
            Share::Whole => limit,
            Share::FourFifths => limit.map(|limit| limit - limit / 5),
        };
        [(MINUTE, rpm, tpm), (DAY, of_a_day(rpd), of_a_day(tpd))].into_iter()
    }

    /// Of a provider that counts a call when it begins.
    fn least(&self, span: u64, now: u64) -> Spent {
        let began = self.day_ends.filter(|_| span == DAY).map_or(0, |(end, behind)| last_end(end + behind, now));
        let counts = |charge: &Charge| charge.at + span > now && charge.at >= began;
        self.sum(|charge| if counts(charge) { (charge.requests.0, charge.tokens.0) } else { (0, 0) })
    }

    fn most(&self, span: u64, now: u64) -> Spent {
        let began = self.day_ends.filter(|_| span == DAY).map_or(0, |(end, _)| last_end(end + LATER, now));
        let (span, slot) = (span + span / SLOTS, span / SLOTS);
        let counts = |at: u64| at + span > now && at + slot + SHORTLY + LATER > began;
        self.sum(|charge| {
            let requests = if counts(charge.at) { charge.requests.1 } else { 0 };
            let tokens = if charge.ended.is_none_or(counts) { charge.tokens.1 } else { 0 };
            (requests, tokens)
        })
    }

    fn sum(&self, of: impl Fn(&Charge) -> (u32, u32)) -> Spent {
        self.charges.iter().map(of).fold(Spent::default(), |spent, (requests, tokens)| Spent {
            requests: spent.requests + requests,
            tokens: spent.tokens.saturating_add(tokens),
        })
    }
}

/// When the last day before `now` ended, if one has; `end` is an end of one.
fn last_end(end: u64, now: u64) -> u64 {
    now.checked_sub(end % DAY).map_or(0, |since| now - since % DAY)
}

fn fits(spent: u32, more: u32, limit: Option<u32>) -> bool {
    limit.is_none_or(|limit| spent.saturating_add(more) <= limit)
}
