//! The only clock that the core knows.

use std::ops::Add;
use std::time::Duration;

/// A point in time: how long after an origin that the driver chose, and that never moves backwards.
///
/// A driver that serves real callers takes the start of its process as the origin; a simulation starts at
/// [`Moment::ZERO`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(Duration);

impl Moment {
    /// The origin.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// The moment that lies `since_origin` after the origin.
    #[must_use]
    pub const fn after(since_origin: Duration) -> Self {
        Self(since_origin)
    }

    /// How long this moment lies after `earlier`; zero where it does not.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The moment that lies `earlier` before this one, and no earlier than the origin.
    #[must_use]
    pub(crate) const fn less(self, earlier: Duration) -> Self {
        Self(self.0.saturating_sub(earlier))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    /// Saturates: a limit of `Duration::MAX` is no limit, not a panic.
    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(later))
    }
}
