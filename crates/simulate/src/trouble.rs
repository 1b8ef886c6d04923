//! What goes wrong with a tier, how often, and when.

use std::time::Duration;

use cascade::{Fault, FaultKind};

use crate::draws::Draws;

/// One thing that goes wrong with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Connection,
    Unreachable,
    Silent,
    Overloaded,
    RateLimited,
    Misconfigured,
    Unavailable,
    Nonsense,
    Cut,
    Stalled,
}

/// Every trouble by the word that a file names it by.
pub(crate) const WORDS: [(&str, Trouble); 10] = [
    ("connection", Trouble::Connection),
    ("unreachable", Trouble::Unreachable),
    ("silent", Trouble::Silent),
    ("overloaded", Trouble::Overloaded),
    ("rate_limited", Trouble::RateLimited),
    ("misconfigured", Trouble::Misconfigured),
    ("unavailable", Trouble::Unavailable),
    ("nonsense", Trouble::Nonsense),
    ("cut", Trouble::Cut),
    ("stalled", Trouble::Stalled),
];

impl Trouble {
    pub(crate) fn named(word: &str) -> Option<Self> {
        WORDS.iter().find(|(name, _)| *name == word).map(|&(_, trouble)| trouble)
    }

    /// What the tier says in place of an answer; `None` where it says nothing, or breaks off later.
    pub(crate) fn fault(self, retry_after: Option<Duration>) -> Option<Fault> {
        let kind = match self {
            Self::Connection => FaultKind::Connection,
            Self::Unreachable => FaultKind::Unreachable,
            Self::Overloaded => FaultKind::Overloaded,
            Self::RateLimited => FaultKind::RateLimited,
            Self::Misconfigured => FaultKind::Account,
            Self::Unavailable => FaultKind::Unavailable,
            Self::Nonsense => FaultKind::Nonsense,
            Self::Silent | Self::Cut | Self::Stalled => return None,
        };
        Some(Fault { retry_after, ..kind.into() })
    }
}

/// How often what goes wrong, in percent of the attempts.
pub(crate) type Rates = Vec<(Trouble, f64)>;

/// Draws whether anything goes wrong with one attempt.
pub(crate) fn draw(rates: &Rates, random: &mut Draws) -> Option<Trouble> {
    let mut drawn = random.share() * 100.0;
    rates.iter().find_map(|&(trouble, percent)| {
        drawn -= percent;
        (drawn < 0.0).then_some(trouble)
    })
}

/// A time of each day in which something goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outage {
    /// Since midnight.
    pub(crate) from: Duration,
    pub(crate) to: Duration,
    pub(crate) trouble: Trouble,
    /// Of the attempts.
    pub(crate) percent: f64,
    pub(crate) retry_after: Option<Duration>,
}

impl Outage {
    pub(crate) fn covers(&self, time_of_day: Duration) -> bool {
        (self.from..self.to).contains(&time_of_day)
    }

    /// Whether all that runs when it begins breaks off with it.
    pub(crate) fn is_total(&self) -> bool {
        self.percent >= 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_comes_as_often_as_its_rate_says() {
        let rates = vec![(Trouble::Cut, 10.0), (Trouble::Silent, 30.0)];
        let mut random = Draws::of(2, &[]);
        let drawn: Vec<_> = (0..10_000).map(|_| draw(&rates, &mut random)).collect();
        let count = |trouble| drawn.iter().filter(|drawn| **drawn == trouble).count();
        assert!((900..1_100).contains(&count(Some(Trouble::Cut))));
        assert!((2_850..3_150).contains(&count(Some(Trouble::Silent))));
        assert_eq!(count(Some(Trouble::Cut)) + count(Some(Trouble::Silent)) + count(None), 10_000);
    }
}
