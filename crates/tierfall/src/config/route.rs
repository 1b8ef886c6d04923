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

/// `auto` (every tier in order, where the user defines none), `private` (`auto` without its cloud tiers), and the user's own.
///
/// # Errors
/// A route has no tiers, one that there is not, one twice, a name that is taken; or `private` holds a cloud tier.
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
    let private = match find("private") {
        Some(private) => private.clone(),
        None => {
            let stays = |number: &u32| tiers.iter().any(|tier| tier.number == *number && tier.is_self_hosted());
            let tiers = auto.tiers.iter().copied().filter(stays).collect();
            RouteConfig { name: "private".to_owned(), tiers, ..auto.clone() }
        }
    };
    let others = own.into_iter().filter(|route| !matches!(route.name.as_str(), "auto" | "private"));
    Ok([auto, private].into_iter().chain(others).collect())
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
        if name == "private" && !tier.is_self_hosted() {
            return Err(bad(
                route,
                &format!("tier {number} is {}, and nothing may leave your machines", tier.kind.as_str()),
            ));
        }
    }
    Ok(())
}

fn bad(route: &RouteConfig, why: &str) -> ConfigError {
    ConfigError::BadRoute { name: route.name.clone(), why: why.to_owned() }
}
