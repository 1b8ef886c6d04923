//! The gateway's settings, from the user's configuration.

use std::sync::Arc;

use anyhow::Context as _;
use gateway::{Account, Presence, RouteSettings, Settings, TierSettings};
use upstream::{Address, Kind, Target};

use super::local::LocalTiers;
use crate::config::{Configuration, RouteConfig, TierConfig};

/// What the gateway is told of `configuration`: its tiers that are on, with what `account` names and knows of each, its
/// routes and its callers' keys.
///
/// # Errors
/// A tier has no address.
pub(super) fn gateway_settings(
    configuration: &Configuration,
    locals: &LocalTiers,
    mut account: impl FnMut(&TierConfig) -> Account,
) -> anyhow::Result<Settings> {
    let tiers = configuration.tiers.iter().filter(|tier| tier.is_on());
    let tiers = tiers.map(|tier| tier_settings(tier, locals, account(tier)));
    Ok(Settings {
        tiers: tiers.collect::<anyhow::Result<_>>()?,
        routes: configuration.routes.iter().map(|route| route_settings(route, &configuration.tiers)).collect(),
        api_keys: configuration.api_keys.clone(),
        ..Settings::default()
    })
}

fn tier_settings(tier: &TierConfig, locals: &LocalTiers, account: Account) -> anyhow::Result<TierSettings> {
    let local = (tier.kind == Kind::Local).then(|| locals.of(&tier.model)).flatten();
    let base_url = match &local {
        Some(local) => Address::Unix(local.socket().to_owned()),
        None => tier.base_url.clone().with_context(|| format!("{} has no address", tier.name))?,
    };
    let target = Target {
        kind: tier.kind,
        base_url,
        key: tier.key.clone(),
        model: tier.model.clone(),
        connect: tier.limits.connect,
    };
    Ok(TierSettings {
        number: tier.number,
        name: tier.name.clone(),
        target,
        limits: tier.limits.into(),
        retries: tier.retries,
        quota: tier.quota,
        concurrency: tier.concurrency,
        queue: tier.queue,
        account,
        presence: local.map(|local| local as Arc<dyn Presence>),
    })
}

/// A route through those of its tiers that are on.
fn route_settings(route: &RouteConfig, tiers: &[TierConfig]) -> RouteSettings {
    let RouteConfig { name, tiers: numbers, deadline, gates, hold_tool_calls, hedge } = route;
    let is_on = |number: &u32| tiers.iter().any(|tier| tier.number == *number && tier.is_on());
    RouteSettings {
        name: name.clone(),
        tiers: numbers.iter().copied().filter(is_on).collect(),
        deadline: *deadline,
        gates: gates.clone(),
        hold_tool_calls: *hold_tool_calls,
        hedge: *hedge,
    }
}
