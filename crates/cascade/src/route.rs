//! A route: the name that a client asks for, and the ordered tiers behind it.

use std::time::Duration;

use crate::fleet::{Fleet, Tier, TierId};

/// See the module.
#[derive(Clone, Debug)]
pub struct Route {
    /// What the client writes as `model`.
    pub name: String,
    /// Asked in this order.
    pub tiers: Vec<TierId>,
    /// The longest that a request may take. Where it is not given: the sum of the tiers' totals.
    pub deadline: Option<Duration>,
    /// Whether the driver holds a tool call back until it is whole, so that one that breaks off is made anew and never
    /// shown in halves.
    pub hold_tool_calls: bool,
}

impl Route {
    /// All tiers of `fleet` for which `takes` holds, in the order of configuration.
    #[must_use]
    pub fn through(name: impl Into<String>, fleet: &Fleet, takes: impl Fn(&Tier) -> bool) -> Self {
        let tiers = fleet.tiers().filter(|(_, tier)| takes(tier)).map(|(id, _)| id).collect();
        Self { name: name.into(), tiers, deadline: None, hold_tool_calls: true }
    }

    /// The longest that a request on this route may take.
    pub(crate) fn longest(&self, fleet: &Fleet) -> Duration {
        self.deadline.unwrap_or_else(|| {
            self.tiers.iter().map(|&id| fleet.tier(id).limits.total).fold(Duration::ZERO, Duration::saturating_add)
        })
    }
}
