//! What a simulated tier is: the settings that the cascade knows, and the server behind them, which it does not.

use std::time::Duration;

use crate::sizes::Sizes;
use crate::trouble::{Outage, Rates};

/// What a kind of tier is where the file does not say; the same as in the configuration that it simulates.
#[derive(Clone, Debug)]
pub struct Kind {
    /// What the tier is called.
    pub name: String,
    /// Its hosting, limits, retries and quota.
    pub settings: cascade::Tier,
    /// Whether it says how far it is while it reads a prompt.
    pub reports_progress: bool,
}

/// One tier.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) settings: cascade::Tier,
    pub(crate) reports_progress: bool,
    pub(crate) speed: Speed,
    /// The longest that prompt and answer may be together, in tokens.
    pub(crate) context: u32,
    pub(crate) sleep: Option<Sleep>,
    pub(crate) failures: Rates,
    pub(crate) outages: Vec<Outage>,
}

/// How fast a server is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Speed {
    /// Milliseconds before it begins to read.
    pub(crate) first_byte: Sizes,
    /// Tokens a second that it reads.
    pub(crate) prompt: f64,
    /// Tokens a second that it says to one caller alone.
    pub(crate) answer: f64,
    /// Tokens a second that it says to all callers, where every slot is at work and they share one machine. `None`: each has
    /// a machine of its own, as in a cloud.
    pub(crate) in_all: Option<f64>,
    /// How many requests it works on at once; those beyond wait in it.
    pub(crate) slots: usize,
}

/// A server that is put to sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sleep {
    /// After so long without a request.
    pub(crate) after: Duration,
    /// How long it takes to wake.
    pub(crate) wakes_in: Duration,
}
