//! `tierfall.toml`: what it may hold, turned into the same keys that the environment gives, so that one code builds both.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use cascade::Hedge;
use gateway::Gate;
use serde::{Deserialize, Deserializer};

use super::error::{ConfigError, Origin};
use super::route::RouteConfig;
use super::values::{Entry, Layer};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<String>,
    data_dir: Option<String>,
    database_url: Option<Secret>,
    database_url_env: Option<String>,
    state_url: Option<Secret>,
    state_url_env: Option<String>,
    open: Option<bool>,
    #[serde(default)]
    allowed_origins: Vec<String>,
    catch_all: Option<String>,
    discover: Option<String>,
    #[serde(default)]
    api_keys: Vec<Secret>,
    api_keys_env: Option<String>,
    model_url: Option<String>,
    #[serde(default)]
    tier: Vec<Tier>,
    #[serde(default)]
    route: Vec<Route>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    number: Option<u32>,
    r#type: Option<String>,
    name: Option<String>,
    base_url: Option<String>,
    api_key: Option<Secret>,
    api_key_env: Option<String>,
    model: Option<String>,
    mend: Option<bool>,
    enabled: Option<bool>,
    timeout_ms: Option<i64>,
    connect_timeout_ms: Option<i64>,
    first_token_timeout_ms: Option<i64>,
    idle_timeout_ms: Option<i64>,
    retries: Option<i64>,
    rpm: Option<i64>,
    rpd: Option<i64>,
    tpm: Option<i64>,
    tpd: Option<i64>,
    gpu_seconds: Option<i64>,
    #[serde(default)]
    keep_for: Vec<String>,
    concurrency: Option<i64>,
    queue: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Route {
    name: String,
    tiers: Vec<u32>,
    deadline_ms: Option<std::num::NonZeroU32>,
    #[serde(default)]
    gates: Vec<Gate>,
    #[serde(default = "held")]
    hold_tool_calls: bool,
    #[serde(default)]
    hedge: bool,
    #[serde(default)]
    hedge_paid: bool,
}

fn held() -> bool {
    true
}

/// Text that no error may show: serde's own error for a wrong type holds the value.
struct Secret(String);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(text)),
            _ => Err(serde::de::Error::custom("takes text in quotes")),
        }
    }
}

/// What the file says.
pub(super) struct Said {
    /// Values by key, as the environment would give them.
    pub(super) layer: Layer,
    /// Keys whose value is that of another variable.
    pub(super) variables: Vec<(String, String)>,
    /// The user's own routes.
    pub(super) routes: Vec<RouteConfig>,
}

/// Reads `tierfall.toml`.
///
/// # Errors
/// It cannot be read, is not TOML, or holds what is not known there.
pub(super) fn read(path: &Path) -> Result<Said, ConfigError> {
    let unreadable = |error: std::io::Error| ConfigError::Unreadable { path: path.to_owned(), why: error.to_string() };
    parse(path, &std::fs::read_to_string(path).map_err(unreadable)?)
}

fn parse(path: &Path, text: &str) -> Result<Said, ConfigError> {
    let file: File = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count();
        let key = text.lines().nth(line).and_then(|line| line.split_once('=')).map_or("", |(key, _)| key.trim());
        let why = error.message().replace('\n', "; ");
        let why = if key.is_empty() || why.contains(key) { why } else { format!("{key}: {why}") };
        ConfigError::BadToml { path: path.to_owned(), line: line + 1, why }
    })?;
    let origin = Origin::Toml(path.to_owned());
    let mut lowered = Lowered { origin: &origin, layer: Layer::new(), variables: Vec::new() };
    lowered.set("TIERFALL_LISTEN", "listen", file.listen);
    lowered.set("TIERFALL_DATA_DIR", "data_dir", file.data_dir);
    lowered.set("DATABASE_URL", "database_url", file.database_url.map(|secret| secret.0));
    lowered.name("DATABASE_URL", file.database_url_env);
    lowered.set("STATE_URL", "state_url", file.state_url.map(|secret| secret.0));
    lowered.name("STATE_URL", file.state_url_env);
    lowered.set("TIERFALL_OPEN", "open", file.open);
    let origins = file.allowed_origins;
    lowered.set("TIERFALL_ALLOWED_ORIGINS", "allowed_origins", (!origins.is_empty()).then(|| origins.join(",")));
    lowered.set("TIERFALL_CATCH_ALL", "catch_all", file.catch_all);
    lowered.set("TIERFALL_DISCOVER", "discover", file.discover);
    let api_keys: Vec<String> = file.api_keys.into_iter().map(|secret| secret.0).collect();
    lowered.set("TIERFALL_API_KEYS", "api_keys", (!api_keys.is_empty()).then(|| api_keys.join(",")));
    lowered.name("TIERFALL_API_KEYS", file.api_keys_env);
    lowered.set("MODEL_URL", "model_url", file.model_url);
    let mut seen = BTreeSet::new();
    for (tier, place) in file.tier.into_iter().zip(1..) {
        let number = tier.number.unwrap_or(place);
        if number == 0 || !seen.insert(number) {
            let why = if number == 0 {
                "tiers are numbered from 1".to_owned()
            } else {
                format!("tier {number} is given twice")
            };
            return Err(ConfigError::BadToml { path: path.to_owned(), line: line_of_tier(text, place), why });
        }
        lowered.tier(number, tier);
    }
    let Lowered { layer, variables, .. } = lowered;
    let routes = file.route.into_iter().map(Route::build).collect::<Result<_, _>>()?;
    Ok(Said { layer, variables, routes })
}

fn line_of_tier(text: &str, place: u32) -> usize {
    let tiers = text.lines().zip(1..).filter(|(line, _)| line.trim_start().starts_with("[[tier]]"));
    tiers.map(|(_, line)| line).nth(place.saturating_sub(1) as usize).unwrap_or(1)
}

struct Lowered<'a> {
    origin: &'a Origin,
    layer: Layer,
    variables: Vec<(String, String)>,
}

impl Lowered<'_> {
    fn set(&mut self, key: &str, shown: &str, value: Option<impl ToString>) {
        let Some(value) = value else { return };
        self.layer.insert(key.to_owned(), Entry::new(key, shown, value.to_string(), self.origin.clone()));
    }

    fn name(&mut self, key: &str, variable: Option<String>) {
        self.variables.extend(variable.map(|variable| (key.to_owned(), variable)));
    }

    fn tier(&mut self, number: u32, tier: Tier) {
        let mut set = |rest: &str, shown: &str, value: Option<String>| {
            self.set(&format!("TIER{number}_{rest}"), &format!("tier {number}: {shown}"), value);
        };
        let whole = |value: Option<i64>| value.map(|value| value.to_string());
        set("TYPE", "type", tier.r#type);
        set("NAME", "name", tier.name);
        set("BASE_URL", "base_url", tier.base_url);
        set("API_KEY", "api_key", tier.api_key.map(|secret| secret.0));
        set("MODEL", "model", tier.model);
        set("MEND", "mend", tier.mend.map(|mend| mend.to_string()));
        set("ENABLED", "enabled", tier.enabled.map(|enabled| enabled.to_string()));
        set("TIMEOUT", "timeout_ms", whole(tier.timeout_ms));
        set("CONNECT_TIMEOUT", "connect_timeout_ms", whole(tier.connect_timeout_ms));
        set("FIRST_TOKEN_TIMEOUT", "first_token_timeout_ms", whole(tier.first_token_timeout_ms));
        set("IDLE_TIMEOUT", "idle_timeout_ms", whole(tier.idle_timeout_ms));
        set("RETRIES", "retries", whole(tier.retries));
        set("RPM", "rpm", whole(tier.rpm));
        set("RPD", "rpd", whole(tier.rpd));
        set("TPM", "tpm", whole(tier.tpm));
        set("TPD", "tpd", whole(tier.tpd));
        set("GPU_SECONDS", "gpu_seconds", whole(tier.gpu_seconds));
        set("KEEP_FOR", "keep_for", (!tier.keep_for.is_empty()).then(|| tier.keep_for.join(",")));
        set("CONCURRENCY", "concurrency", whole(tier.concurrency));
        set("QUEUE", "queue", whole(tier.queue));
        self.name(&format!("TIER{number}_API_KEY"), tier.api_key_env);
    }
}

impl Route {
    fn build(self) -> Result<RouteConfig, ConfigError> {
        if self.hedge_paid && !self.hedge {
            let why = "hedge_paid = true says which tiers are started early, and needs hedge = true".to_owned();
            return Err(ConfigError::BadRoute { name: self.name, why });
        }
        let deadline = self.deadline_ms.map(|ms| Duration::from_millis(ms.get().into()));
        let hedge = self.hedge.then_some(Hedge { paid: self.hedge_paid });
        let Self { name, tiers, gates, hold_tool_calls, .. } = self;
        Ok(RouteConfig { name, tiers, deadline, gates, hold_tool_calls, hedge })
    }
}
