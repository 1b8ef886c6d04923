//! All tiers: what the user configured of each, and how each stands at the moment.

use crate::limits::Limits;

/// A tier's place in its [`Fleet`]: an index, and its number for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TierId {
    index: u16,
    number: u32,
}

impl TierId {
    /// The number that the user knows it by: the `n` of `TIERn_…`.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// Its place in the fleet, from zero.
    #[must_use]
    pub const fn index(self) -> usize {
        self.index as usize
    }
}

/// Who owns the machine that a tier runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosting {
    /// The user: nothing that is sent there leaves their own machines.
    SelfHosted,
    /// Somebody else.
    Cloud,
}

/// What the user configured of one tier, as far as decisions depend on it.
#[derive(Clone, Debug)]
pub struct Tier {
    /// The `n` of `TIERn_…`.
    pub number: u32,
    /// Where it runs.
    pub hosting: Hosting,
    /// Its times.
    pub limits: Limits,
    /// How often it is asked again for one request, for failures that a retry can mend.
    pub retries: u32,
}

impl Tier {
    /// A tier with the default limits and one retry.
    #[must_use]
    pub fn new(number: u32, hosting: Hosting) -> Self {
        Self { number, hosting, limits: Limits::default(), retries: 1 }
    }
}

/// Whether a tier can be asked at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// It can.
    #[default]
    Ready,
    /// It cannot for now: its model is being fetched or loaded, or its worker is coming back.
    Unavailable,
}

/// The live state of all tiers, shared by every request.
#[derive(Debug)]
pub struct Fleet {
    tiers: Vec<Standing>,
}

#[derive(Debug)]
struct Standing {
    tier: Tier,
    condition: Condition,
}

impl Fleet {
    /// The given tiers, all of them ready.
    ///
    /// # Panics
    ///
    /// With more than 65,536 tiers.
    #[must_use]
    pub fn new(tiers: Vec<Tier>) -> Self {
        assert!(tiers.len() <= usize::from(u16::MAX), "a fleet holds at most 65,536 tiers");
        Self { tiers: tiers.into_iter().map(|tier| Standing { tier, condition: Condition::Ready }).collect() }
    }

    /// Every tier, in the order of configuration.
    pub fn tiers(&self) -> impl Iterator<Item = (TierId, &Tier)> {
        (0_u16..).zip(&self.tiers).map(|(index, s)| (TierId { index, number: s.tier.number }, &s.tier))
    }

    /// What was configured of `id`.
    #[must_use]
    pub fn tier(&self, id: TierId) -> &Tier {
        &self.tiers[id.index()].tier
    }

    /// Whether `id` can be asked.
    #[must_use]
    pub fn condition(&self, id: TierId) -> Condition {
        self.tiers[id.index()].condition
    }

    /// Notes whether `id` can be asked from now on.
    pub fn set_condition(&mut self, id: TierId, condition: Condition) {
        self.tiers[id.index()].condition = condition;
    }
}
