//! The gateway's settings, from the user's configuration.

use std::sync::Arc;

use anyhow::Context as _;
use gateway::{Account, ModelChoice, Presence, RouteSettings, Settings, TierSettings};
use models::{Catalogue, Pages};
use upstream::{Address, Target};

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
    let tiers = tiers.map(|tier| tier_settings(tier, configuration, locals, account(tier)));
    let own = configuration.routes.iter().map(|route| route_settings(route, &configuration.tiers));
    let studio = studio_routes(configuration);
    Ok(Settings {
        tiers: tiers.collect::<anyhow::Result<_>>()?,
        routes: own.chain(studio).collect(),
        api_keys: configuration.api_keys.clone(),
        allowed_origins: configuration.allowed_origins.clone(),
        catch_all: configuration.catch_all.clone(),
        ..Settings::default()
    })
}

fn tier_settings(
    tier: &TierConfig,
    configuration: &Configuration,
    locals: &LocalTiers,
    account: Account,
) -> anyhow::Result<TierSettings> {
    let local = tier.kind.is_engine().then(|| locals.of(&tier.model)).flatten();
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
        plan: tier.plan,
        keep_for: tier.keep_for.clone(),
        concurrency: tier.concurrency,
        queue: tier.queue,
        models: ModelChoice {
            alternatives: tier.alternatives.clone(),
            mend: tier.mend,
            providers: Arc::clone(&configuration.providers),
        },
        account,
        presence: local.map(|local| local as Arc<dyn Presence>),
    })
}

/// The Studio's routes, through the tiers whose models may write a page's words, and through those that may write it whole.
/// A route of the user's own by such a name stays theirs.
fn studio_routes(configuration: &Configuration) -> impl Iterator<Item = RouteSettings> {
    let through = |name: &str, may: fn(Pages) -> bool| RouteSettings {
        name: name.to_owned(),
        tiers: configuration
            .tiers
            .iter()
            .filter(|tier| tier.is_on() && may(pages(tier)))
            .map(|tier| tier.number)
            .collect(),
        deadline: None,
        gates: Vec::new(),
        hold_tool_calls: true,
        hedge: None,
    };
    let routes = [
        through(studio::ROUTE, |pages| pages != Pages::None),
        through(studio::HTML_ROUTE, |pages| pages == Pages::Html),
    ];
    routes.into_iter().filter(|route| !configuration.routes.iter().any(|own| own.name == route.name))
}

/// The tiers that the Studio may ask, by number, each with whether it may write pages whole.
pub(crate) fn page_writers(configuration: &Configuration) -> Vec<(u32, bool)> {
    let through = |name: &str| {
        let own = configuration.routes.iter().map(|route| route_settings(route, &configuration.tiers));
        let route = own.chain(studio_routes(configuration)).find(|route| route.name == name);
        route.map(|route| route.tiers).unwrap_or_default()
    };
    let (words, whole) = (through(studio::ROUTE), through(studio::HTML_ROUTE));
    let numbers = configuration.tiers.iter().map(|tier| tier.number);
    let is_able = |number: &u32| words.contains(number) || whole.contains(number);
    numbers.filter(is_able).map(|number| (number, whole.contains(&number))).collect()
}

/// What a tier's model can be trusted with on a page: what the catalogue says, and of a model that it does not know the most.
pub(super) fn pages(tier: &TierConfig) -> Pages {
    let known = || {
        let name = tier.model.split(':').next()?;
        Some(Catalogue::built_in().model(name)?.pages)
    };
    tier.kind.is_engine().then(known).flatten().unwrap_or(Pages::Html)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_trusted_with_as_much_of_a_page_as_the_catalogue_says() {
        let of = |kind, model: &str| {
            let tier = crate::config::default_tier(1, Some(kind)).expect("a tier");
            pages(&TierConfig { model: model.to_owned(), ..tier })
        };
        assert_eq!(of("local", "smollm2-135m-instruct"), Pages::None);
        assert_eq!(of("local", "qwen2.5-coder-1.5b-instruct"), Pages::Words);
        assert_eq!(of("local", "qwen2.5-coder-1.5b-instruct:Q4_K_M"), Pages::Words);
        for (kind, model) in
            [("local", "/models/own.gguf"), ("local", "hf:me/mine:Q4_K_M"), ("groq", "llama"), ("space", "auto")]
        {
            assert_eq!(of(kind, model), Pages::Html, "{model}");
        }
    }
}
