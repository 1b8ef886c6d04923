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
    /// Whether a later tier is started beside the first where that is late with its first token.
    pub hedge: Option<Hedge>,
}

/// How a route hedges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hedge {
    /// Whether a tier that costs money may be started too.
    pub paid: bool,
}

impl Route {
    /// All tiers of `fleet` for which `takes` holds, in the order of configuration.
    #[must_use]
    pub fn through(name: impl Into<String>, fleet: &Fleet, takes: impl Fn(&Tier) -> bool) -> Self {
        let tiers = fleet.tiers().filter(|(_, tier)| takes(tier)).map(|(id, _)| id).collect();
        Self { name: name.into(), tiers, deadline: None, hold_tool_calls: true, hedge: None }
    }

    /// The longest that a request on this route may take.
    pub(crate) fn longest(&self, fleet: &Fleet) -> Duration {
        self.deadline.unwrap_or_else(|| {
            self.tiers.iter().map(|&id| fleet.tier(id).limits.total).fold(Duration::ZERO, Duration::saturating_add)
        })
    }
}
