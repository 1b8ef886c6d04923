//! Routes: the names that a client asks for, and the tiers behind them.

use std::collections::BTreeSet;
use std::time::Duration;

use cascade::Hedge;
use gateway::Gate;

use super::error::ConfigError;
use super::tier::TierConfig;

/// One route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteConfig {
    /// What the client sends as `model`.
    pub name: String,
    /// The numbers of its tiers, in the order in which they are tried.
    pub tiers: Vec<u32>,
    /// By when the whole request must have ended. `None`: the sum of its tiers' totals.
    pub deadline: Option<Duration>,
    /// The checks that an answer must pass.
    pub gates: Vec<Gate>,
    /// Whether a tool call is held back until its arguments are whole.
    pub hold_tool_calls: bool,
    /// Whether a later tier is started beside the first where that is late with its first token.
    pub hedge: Option<Hedge>,
}

impl RouteConfig {
    fn over(name: &str, tiers: Vec<u32>) -> Self {
        Self { name: name.to_owned(), tiers, deadline: None, gates: Vec::new(), hold_tool_calls: true, hedge: None }
    }
}

/// A route that is `auto` without the tiers that may not be in it.
struct Promise {
    name: &'static str,
    holds: fn(&TierConfig) -> bool,
    /// What is said of a tier that breaks it, behind its kind.
    broken: &'static str,
}

/// What the names of routes promise: who reads, and who pays.
const PROMISES: [Promise; 3] = [
    Promise { name: "private", holds: TierConfig::is_self_hosted, broken: "and nothing may leave your machines" },
    Promise { name: "free", holds: |tier| !tier.can_bill(), broken: "which can bill" },
    Promise {
        name: "no-training",
        holds: |tier| tier.kind.never_learns(),
        broken: "which does not say that it learns from no prompt",
    },
];

/// `auto` (every tier in order, where the user defines none), `private`, `free` and `no-training` (`auto` without the tiers
/// that would break what the name promises), and the user's own.
///
/// # Errors
/// A route has no tiers, one that there is not, one twice, a name that is taken; or one that its name promises not to hold.
pub(super) fn build(own: Vec<RouteConfig>, tiers: &[TierConfig]) -> Result<Vec<RouteConfig>, ConfigError> {
    let mut names = BTreeSet::new();
    for route in &own {
        check(route, tiers)?;
        if !names.insert(route.name.as_str()) {
            return Err(bad(route, "is given twice"));
        }
    }
    let find = |name: &str| own.iter().find(|route| route.name == name);
    let auto = match find("auto") {
        Some(auto) => auto.clone(),
        None => RouteConfig::over("auto", tiers.iter().map(|tier| tier.number).collect()),
    };
    let promised = PROMISES.iter().map(|promise| match find(promise.name) {
        Some(route) => route.clone(),
        None => {
            let holds = |number: &u32| tiers.iter().any(|tier| tier.number == *number && (promise.holds)(tier));
            let tiers = auto.tiers.iter().copied().filter(holds).collect();
            RouteConfig { name: promise.name.to_owned(), tiers, ..auto.clone() }
        }
    });
    let mut routes: Vec<_> = std::iter::once(auto.clone()).chain(promised).collect();
    routes.extend(own.into_iter().filter(|route| !is_built_in(&route.name)));
    Ok(routes)
}

fn is_built_in(name: &str) -> bool {
    name == "auto" || PROMISES.iter().any(|promise| promise.name == name)
}

fn check(route: &RouteConfig, tiers: &[TierConfig]) -> Result<(), ConfigError> {
    let name = route.name.as_str();
    if name.is_empty() || name.len() > 80 || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(bad(route, "the name takes 1 to 80 visible ASCII characters, without spaces"));
    }
    let pins = name.strip_prefix("tier-").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    if pins {
        return Err(bad(route, "tier-N is kept for pinning a tier: take another name"));
    }
    if route.tiers.is_empty() {
        return Err(bad(route, "tiers takes at least one tier's number, such as tiers = [1, 3]"));
    }
    let mut seen = BTreeSet::new();
    for number in &route.tiers {
        let Some(tier) = tiers.iter().find(|tier| tier.number == *number) else {
            return Err(bad(route, &format!("there is no tier {number}")));
        };
        if !seen.insert(number) {
            return Err(bad(route, &format!("tier {number} stands in it twice")));
        }
        let broken = PROMISES.iter().find(|promise| promise.name == name && !(promise.holds)(tier));
        if let Some(Promise { broken, .. }) = broken {
            return Err(bad(route, &format!("tier {number} is {}, {broken}", tier.kind)));
        }
    }
    Ok(())
}

fn bad(route: &RouteConfig, why: &str) -> ConfigError {
    ConfigError::BadRoute { name: route.name.clone(), why: why.to_owned() }
}
