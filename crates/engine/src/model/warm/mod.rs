//! Warm prefixes: starts of prompts that are kept ready in the cache, each in a place of its own beside the lanes.
//!
//! A start is warm where two requests have shared it, or where it was told as known to come. This is the list of them;
//! what the cache holds of each is the lanes' matter, and [`store`] keeps them on disk.

pub(super) mod file;
pub(super) mod key;
pub(super) mod store;

use serde::Serialize;

use super::job::Token;

/// Places for warm prefixes. They share the context with everything else, so a place costs nothing while it is empty.
pub(super) const PLACES: usize = 12;
/// Places that hold what is known to come, at most: one is left for what requests turn out to share.
pub(crate) const MOST_KNOWN: usize = PLACES - 1;
/// A start shorter than this is read again sooner than it is worth a place: the few words that a chat template puts
/// before every prompt are none.
const SHORTEST: usize = 64;
/// How many files that were dropped are remembered.
const MOST_DROPPED: usize = 8;

/// What is kept warm, and what was found in its folder that could not be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Warmth {
    /// Each warm prefix.
    pub prefixes: Vec<WarmPrefix>,
    /// Files that were dropped, each with the reason.
    pub dropped: Vec<String>,
}

/// How far one warm prefix is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WarmPrefix {
    /// How many tokens it has.
    pub tokens: u32,
    /// How many of them are in the cache.
    pub held: u32,
    /// Whether it was told as known to come; else requests have shared it.
    pub known: bool,
    /// Whether it is on disk.
    pub saved: bool,
}

/// One warm prefix.
#[derive(Debug, Clone)]
pub(super) struct Prefix {
    pub(super) tokens: Vec<Token>,
    is_known: bool,
    /// When a request last began with it, or it was told, in the order of all that happened here.
    used: u64,
    pub(super) on_disk: OnDisk,
}

/// Whether a warm prefix outlives the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnDisk {
    /// Not yet.
    Unsaved,
    Saved,
    /// It was tried in vain, and is not tried again.
    Never,
}

/// What is kept warm, by its place.
#[derive(Debug)]
pub(super) struct Warm {
    places: Vec<Option<Prefix>>,
    /// The longest that a prefix may be, and all together that are known to come, in tokens.
    longest: usize,
    clock: u64,
    dropped: Vec<String>,
}

/// A place that is to hold something else.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) place: usize,
    /// How many tokens of its prefix are in the cache somewhere.
    pub(super) count: usize,
    /// Whose place it was.
    pub(super) before: Option<Prefix>,
}

impl Warm {
    pub(super) fn new(places: usize, longest: usize) -> Self {
        Self { places: vec![None; places], longest, clock: 0, dropped: Vec::new() }
    }

    /// The prefix at a place.
    pub(super) fn at(&self, place: usize) -> Option<&Prefix> {
        self.places.get(place)?.as_ref()
    }

    /// Remembers whether the prefix at a place is on disk.
    pub(super) fn set_on_disk(&mut self, place: usize, on_disk: OnDisk) {
        if let Some(Some(prefix)) = self.places.get_mut(place) {
            prefix.on_disk = on_disk;
        }
    }

    /// Remembers that a file was dropped.
    pub(super) fn drop_file(&mut self, reason: String) {
        self.dropped.push(reason);
        let surplus = self.dropped.len().saturating_sub(MOST_DROPPED);
        self.dropped.drain(..surplus);
    }

    /// The files that were dropped last, each with the reason.
    pub(super) fn dropped(&self) -> &[String] {
        &self.dropped
    }

    /// Gives a place to a prefix that was found on disk; none where all are taken.
    pub(super) fn found(&mut self, tokens: Vec<Token>) -> Option<usize> {
        let place = self.places.iter().position(Option::is_none)?;
        self.put(place, Prefix { tokens, is_known: false, used: 0, on_disk: OnDisk::Saved });
        Some(place)
    }

    /// A start that is known to come; what is too long is cut. `None` where it has its place already, or there is none.
    pub(super) fn tell(&mut self, mut tokens: Vec<Token>) -> Option<Placed> {
        tokens.truncate(self.longest);
        self.clock += 1;
        let clock = self.clock;
        if let Some(known) = self.places.iter_mut().flatten().find(|prefix| prefix.tokens == tokens) {
            (known.is_known, known.used) = (true, clock);
            self.bound_known();
            return None;
        }
        let place = self.least_needed(|_| false)?;
        let before = self.put(place, Prefix { tokens, is_known: true, used: clock, on_disk: OnDisk::Unsaved });
        self.bound_known();
        Some(Placed { place, count: 0, before })
    }

    /// A request began whose first `shared` tokens an earlier one had too, where a place holds so many. `Some` where a place is
    /// to hold more than it does.
    pub(super) fn began(&mut self, prompt: &[Token], shared: usize, held: impl Fn(usize) -> usize) -> Option<Placed> {
        self.clock += 1;
        let clock = self.clock;
        let start = &prompt[..shared.min(self.longest)];
        if start.len() < SHORTEST {
            return None;
        }
        let (mut is_covered, mut lost) = (false, None);
        for (place, prefix) in self.places.iter_mut().enumerate() {
            let Some(prefix) = prefix else { continue };
            let (goes_on, is_within) = (prompt.starts_with(&prefix.tokens), prefix.tokens.starts_with(start));
            if goes_on || is_within {
                prefix.used = clock;
            }
            if is_within || (goes_on && !prefix.grows_to(start)) {
                is_covered = true;
                let count = start.len().min(prefix.tokens.len());
                lost = lost.or((held(place) < count).then_some(Placed { place, count, before: None }));
            }
        }
        if is_covered {
            return lost;
        }
        // What this one goes on from is found in it.
        let place = self.least_needed(|prefix| start.starts_with(&prefix.tokens))?;
        let (tokens, count) = (start.to_vec(), start.len());
        let before = self.put(place, Prefix { tokens, is_known: false, used: clock, on_disk: OnDisk::Unsaved });
        Some(Placed { place, count, before })
    }

    /// Places whose prefix is known to come, the latest told first; then the others.
    pub(super) fn by_need(&self) -> Vec<usize> {
        let mut taken: Vec<_> = (0..self.places.len()).filter(|&place| self.places[place].is_some()).collect();
        taken.sort_by_key(|&place| std::cmp::Reverse(self.at(place).map(|prefix| (prefix.is_known, prefix.used))));
        taken
    }

    /// Takes away what is at a place.
    pub(super) fn forget(&mut self, place: usize) {
        if let Some(prefix) = self.places.get_mut(place) {
            *prefix = None;
        }
    }

    /// How it stands, where a place holds so many tokens.
    pub(super) fn tell_all(&self, held: impl Fn(usize) -> usize) -> Warmth {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let prefixes = (0..self.places.len()).filter_map(|place| {
            let prefix = self.at(place)?;
            Some(WarmPrefix {
                tokens: number(prefix.tokens.len()),
                held: number(held(place)),
                known: prefix.is_known,
                saved: prefix.on_disk == OnDisk::Saved,
            })
        });
        Warmth { prefixes: prefixes.collect(), dropped: self.dropped.clone() }
    }

    fn put(&mut self, place: usize, prefix: Prefix) -> Option<Prefix> {
        self.places[place].replace(prefix)
    }

    /// A place that a new prefix may have: one whose prefix is found in the new one, an empty one, the one that was
    /// unused longest. What is known to come stays, unless nothing else is there.
    fn least_needed(&self, is_found_in_it: impl Fn(&Prefix) -> bool) -> Option<usize> {
        let need = |place: &usize| match self.at(*place) {
            Some(prefix) if !prefix.is_known && is_found_in_it(prefix) => (0, 0),
            None => (1, 0),
            Some(prefix) if !prefix.is_known => (2, prefix.used),
            Some(prefix) => (3, prefix.used),
        };
        (0..self.places.len()).min_by_key(need)
    }

    /// Of what is known to come, the longest ago told counts as any other start where there is too much of it: to read one must
    /// never cost another its room.
    fn bound_known(&mut self) {
        let mut known: Vec<_> = self.places.iter_mut().flatten().filter(|prefix| prefix.is_known).collect();
        known.sort_by_key(|prefix| std::cmp::Reverse(prefix.used));
        let mut tokens = 0;
        for (index, prefix) in known.into_iter().enumerate() {
            tokens += prefix.tokens.len();
            prefix.is_known = index < MOST_KNOWN && tokens <= self.longest;
        }
    }
}

impl Prefix {
    /// Whether it was told as known to come.
    pub(super) fn is_known(&self) -> bool {
        self.is_known
    }

    /// Whether this start goes on from it so far that it is worth to be written anew: a conversation grows with each turn.
    fn grows_to(&self, start: &[Token]) -> bool {
        start.len() >= self.tokens.len() + self.tokens.len() / 4
    }
}

#[cfg(test)]
mod tests;
