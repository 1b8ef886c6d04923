//! The typed configuration, and how it is put together.
//!
//! Lowest to highest: the defaults, `tierfall.toml`, `.env`, `.env.local`, the process's environment, the command line. Each
//! file is turned into keys with their origin, the layers are laid over one another, and one code builds the typed
//! [`Configuration`] from what is on top.

mod discover;
mod dotenv;
mod error;
mod file;
mod form;
mod keys;
mod route;
mod sources;
mod tier;
mod values;
mod watch;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use gateway::AllowedOrigins;
use secrecy::{ExposeSecret as _, SecretString};
use upstream::{Hosting, Kind, Providers};

pub use discover::{Place, Server};
pub use error::{ConfigError, Origin, Warning};
pub use route::RouteConfig;
pub use sources::{Loaded, Sources};
pub use tier::{Limits, State, TierConfig};
pub use watch::Watch;

use tier::Slot;
use values::{Entry, Values};

/// Where the gateway listens unless it is told otherwise.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7860);

/// Everything that Tierfall is told. Secrets show as `[REDACTED]` in `Debug`.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The gateway's own address.
    pub listen: SocketAddr,
    /// Whether nothing says where answers come from, so that the first two tiers are the engine.
    pub first_run: bool,
    /// The tiers in the order of their numbers: 1 to 4, and every later one that is configured; those that are off as well.
    pub tiers: Vec<TierConfig>,
    /// What is known of their providers.
    pub providers: Arc<Providers>,
    /// The routes: `auto`, `private`, then the user's own.
    pub routes: Vec<RouteConfig>,
    /// The keys of which callers must send one; none means that no key is asked for.
    pub api_keys: Vec<SecretString>,
    /// Whether anyone may call, without keys, from off this machine.
    pub open: bool,
    /// Where servers of models are looked for on this machine.
    pub discover: Vec<Place>,
    /// The web origins whose pages may call.
    pub allowed_origins: AllowedOrigins,
    /// The route of a request whose `model` names none.
    pub catch_all: Option<String>,
    /// The folder of models, the ledger and projects.
    pub data_dir: PathBuf,
    /// `sqlite:` or `postgres:`; `None`: SQLite in the data folder.
    pub database_url: Option<SecretString>,
    /// `redis:`, the state that replicas share; `None`: in memory.
    pub state_url: Option<SecretString>,
    /// For model downloads (and tier 4's key).
    pub hf_token: Option<SecretString>,
    /// A mirror of the Hugging Face Hub.
    pub hf_endpoint: Option<String>,
}

impl Configuration {
    /// What is configured, and has no effect in this version.
    #[must_use]
    pub fn without_effect(&self) -> Vec<&'static str> {
        self.state_url.iter().map(|_| "STATE_URL").collect()
    }

    /// What differs between `self` and `newer` and is taken up at the next start only.
    #[must_use]
    pub fn needs_restart(&self, newer: &Self) -> Vec<&'static str> {
        let database =
            |configuration: &Self| configuration.database_url.as_ref().map(|url| url.expose_secret().to_owned());
        [
            ("the listen address", self.listen != newer.listen),
            ("TIERFALL_DATA_DIR", self.data_dir != newer.data_dir),
            ("DATABASE_URL", database(self) != database(newer)),
            ("how many requests a worker that runs already works at, at once,", self.has_other_lanes(newer)),
        ]
        .into_iter()
        .filter_map(|(what, differs)| differs.then_some(what))
        .collect()
    }

    /// How many requests the worker of `model` works at, at once: the most that any of its tiers takes.
    #[must_use]
    pub fn lanes(&self, model: &str) -> Option<u32> {
        self.local_tiers().filter(|tier| tier.model == model).filter_map(|tier| tier.concurrency).max()
    }

    /// The tiers that a worker of our own serves.
    pub fn local_tiers(&self) -> impl Iterator<Item = &TierConfig> {
        self.tiers.iter().filter(|tier| tier.kind.is_engine() && tier.is_on())
    }

    /// Whether a model that runs in both is to work at another number of requests.
    fn has_other_lanes(&self, newer: &Self) -> bool {
        let kept = self.local_tiers().filter(|tier| newer.local_tiers().any(|other| other.model == tier.model));
        kept.map(|tier| &tier.model).any(|model| self.lanes(model) != newer.lanes(model))
    }
}

/// A tier of which nothing is said but its number and, perhaps, its type.
///
/// # Errors
/// There is no such type, or no type is given and the number has none.
pub fn default_tier(number: u32, kind: Option<&str>) -> Result<TierConfig, ConfigError> {
    let mut values = Values::default();
    if let Some(kind) = kind {
        let key = format!("TIER{number}_TYPE");
        let entry = Entry::new(&key, &*key, kind.to_owned(), Origin::Argument);
        values.overlay([(key, entry)].into())?;
    }
    let slot =
        Slot { number, kind: default_kind(number, false, Providers::built_in()), first_run: false, by_key: None };
    tier::build(slot, Providers::built_in(), &values, &mut Vec::new())
}

fn build(
    values: &mut Values,
    providers: &Providers,
    routes: Vec<RouteConfig>,
    warnings: &mut Vec<Warning>,
) -> Result<Configuration, ConfigError> {
    let first_run = !values.any(says_where_answers_come_from);
    let mut tiers = tiers(values, providers, warnings)?;
    let routes = route::build(routes, &tiers)?;
    keep_for(values, &mut tiers, &routes)?;
    let listen = values.read("TIERFALL_LISTEN", &form::LISTEN)?.unwrap_or(DEFAULT_LISTEN);
    let api_keys = api_keys(values)?;
    let open = values.read("TIERFALL_OPEN", &form::BOOLEAN)?.unwrap_or(false);
    if !listen.ip().is_loopback() && api_keys.is_empty() && !open {
        return Err(ConfigError::Exposed { listen });
    }
    let allowed_origins = values.read("TIERFALL_ALLOWED_ORIGINS", &form::ORIGINS)?.unwrap_or_default();
    let catch_all = catch_all(values, &tiers, &routes)?;
    let hf_endpoint = values.read("HF_ENDPOINT", &form::ADDRESS)?;
    Ok(Configuration {
        listen,
        first_run,
        tiers,
        providers: Arc::new(providers.clone()),
        routes,
        api_keys,
        open,
        discover: values
            .read("TIERFALL_DISCOVER", &discover::PLACES)?
            .unwrap_or_else(|| Server::ALL.map(Server::usual).to_vec()),
        allowed_origins,
        catch_all,
        data_dir: data_dir(values)?,
        database_url: service(
            values,
            "DATABASE_URL",
            &["sqlite:", "postgres:", "postgresql:"],
            "sqlite: or postgres:",
        )?,
        state_url: service(
            values,
            "STATE_URL",
            &["redis:", "rediss:", "valkey:", "valkeys:"],
            "redis: (Valkey, Redis)",
        )?,
        hf_token: values.secret("HF_TOKEN")?,
        hf_endpoint: hf_endpoint.map(|address| address.to_string().trim_end_matches('/').to_owned()),
    })
}

fn tiers(
    values: &mut Values,
    providers: &Providers,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<TierConfig>, ConfigError> {
    if values.get("MODEL_URL").is_some() {
        values.alias("TIER1_BASE_URL", "MODEL_URL")?;
        let slot = Slot { number: 1, kind: default_kind(1, false, providers), first_run: false, by_key: None };
        let tier = tier::build(slot, providers, values, warnings)?;
        if let (true, Some(entry)) = (tier.kind.is_engine(), values.get("TIER1_TYPE")) {
            return Err(entry.bad("any type but local where MODEL_URL is set"));
        }
        return Ok(vec![tier]);
    }
    let mut numbers = values.tiers();
    numbers.extend(1..=4);
    let first_run = !values.any(says_where_answers_come_from);
    let named =
        |&number: &u32| Slot { number, kind: default_kind(number, first_run, providers), first_run, by_key: None };
    let mut slots: Vec<Slot> = numbers.iter().map(named).collect();
    slots.extend(slots_by_key(&numbers, values, providers));
    slots.into_iter().map(|slot| tier::build(slot, providers, values, warnings)).collect()
}

/// The kind of a tier whose type nobody names.
fn default_kind(number: u32, first_run: bool, providers: &Providers) -> Option<Kind> {
    let word = match number {
        1 | 2 if first_run => "local",
        1 | 2 => "space",
        3 => "groq",
        4 => "serverless",
        _ => return None,
    };
    providers.kind(word).ok()
}

/// Tiers behind those of `numbers`, each made by the key of a provider that none of these asks, in the file's order. One that
/// can bill is never made so: such a key may be there for another program.
fn slots_by_key(numbers: &BTreeSet<u32>, values: &Values, providers: &Providers) -> Vec<Slot> {
    let asked = |kind: &Kind| {
        let is_kind = |number: &u32| match values.text(&format!("TIER{number}_TYPE")) {
            Some(word) => word.eq_ignore_ascii_case(kind.as_str()),
            None => default_kind(*number, false, providers) == Some(*kind),
        };
        numbers.iter().any(is_kind)
    };
    let free = |kind: &&Kind| kind.hosting == Hosting::Cloud && kind.costs != upstream::Costs::Bills;
    let keyed = |kind: Kind| {
        let key = kind.facts().key.as_deref().filter(|key| values.get(key).is_some())?;
        Some((kind, key))
    };
    let found = providers.kinds().iter().filter(free).filter(|kind| !asked(kind)).copied().filter_map(keyed);
    let behind = numbers.last().copied().unwrap_or_default() + 1;
    let slot = |(number, (kind, key))| Slot { number, kind: Some(kind), first_run: false, by_key: Some(key) };
    (behind..).zip(found).map(slot).collect()
}

/// Whether a key, once set, means that the user has chosen where answers come from. `HF_TOKEN` alone has not: downloads of
/// models take it too, and what a local tier can answer stays here.
fn says_where_answers_come_from(key: &str) -> bool {
    matches!(key, "GROQ_API_KEY" | "GROQ_BASE_URL" | "HF_BASE_URL")
        || keys::tier_key(key).is_some_and(|(_, rest)| matches!(rest, "TYPE" | "BASE_URL" | "API_KEY" | "MODEL"))
}

/// Reads for which routes tiers keep the last fifth of their day. The Studio asks on two routes under one name.
fn keep_for(values: &Values, tiers: &mut [TierConfig], routes: &[RouteConfig]) -> Result<(), ConfigError> {
    let own = routes.iter().map(|route| route.name.clone());
    let pinned = tiers.iter().filter(|tier| tier.is_on()).map(|tier| format!("tier-{}", tier.number));
    let studio = [studio::ROUTE, studio::HTML_ROUTE].map(str::to_owned);
    let known: Vec<String> = own.chain(studio).chain(pinned).collect();
    for tier in tiers {
        let Some(entry) = values.get(&format!("TIER{}_KEEP_FOR", tier.number)) else { continue };
        let named: Vec<_> = entry.text.split(',').map(str::trim).collect();
        if named.iter().any(|name| !known.iter().any(|known| known == name)) {
            return Err(entry.bad(format!("routes with commas between them; there are {}", known.join(", "))));
        }
        let whole = named.contains(&studio::ROUTE).then_some(studio::HTML_ROUTE);
        tier.keep_for = named.into_iter().chain(whole).map(str::to_owned).collect();
        tier.keep_for.dedup();
    }
    Ok(())
}

/// The route that serves whatever `model` names none. It is looked for now: a slip would be found by the first caller else.
fn catch_all(values: &Values, tiers: &[TierConfig], routes: &[RouteConfig]) -> Result<Option<String>, ConfigError> {
    let Some(entry) = values.get("TIERFALL_CATCH_ALL") else { return Ok(None) };
    let pinned = |tier: &TierConfig| tier.is_on() && entry.text == format!("tier-{}", tier.number);
    if routes.iter().any(|route| route.name == entry.text) || tiers.iter().any(pinned) {
        return Ok(Some(entry.text.clone()));
    }
    Err(entry.bad("the name of a route, such as auto"))
}

fn api_keys(values: &Values) -> Result<Vec<SecretString>, ConfigError> {
    let Some(entry) = values.get("TIERFALL_API_KEYS") else { return Ok(Vec::new()) };
    let keys: Option<Vec<SecretString>> =
        entry.text.split(',').map(str::trim).filter(|key| !key.is_empty()).map(values::secret).collect();
    keys.filter(|keys| !keys.is_empty())
        .ok_or_else(|| entry.bad("keys of visible ASCII characters, with commas between them"))
}

fn service(
    values: &Values,
    key: &str,
    schemes: &[&str],
    takes: &'static str,
) -> Result<Option<SecretString>, ConfigError> {
    let Some(entry) = values.get(key) else { return Ok(None) };
    let known = schemes.iter().any(|scheme| entry.text.len() > scheme.len() && entry.text.starts_with(scheme));
    if known {
        Ok(Some(SecretString::from(entry.text.as_str())))
    } else {
        Err(entry.bad(format!("an address that begins with {takes}")))
    }
}

/// What is known of the providers: built in, with the user's own rows over it.
fn providers(values: &Values) -> Result<Providers, ConfigError> {
    let path = data_dir(values)?.join("providers.toml");
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let bad = |bad: upstream::BadProviders| ConfigError::BadToml { path, line: bad.line, why: bad.why };
            Providers::with(&text).map_err(bad)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Providers::built_in().clone()),
        Err(error) => Err(ConfigError::Unreadable { path, why: error.to_string() }),
    }
}

/// By the XDG Base Directory Specification 0.8: a relative `XDG_DATA_HOME` counts as unset.
fn data_dir(values: &Values) -> Result<PathBuf, ConfigError> {
    if let Some(path) = values.text("TIERFALL_DATA_DIR") {
        return Ok(PathBuf::from(expand_home(&path, values)));
    }
    let xdg = values.text("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || values.text("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    xdg.or_else(home).map(|folder| folder.join("tierfall")).ok_or(ConfigError::NoDataDir)
}

/// `~/…` as a shell would have it; a `.env` file has no shell.
fn expand_home(path: &str, values: &Values) -> String {
    match (path.strip_prefix("~/"), values.text("HOME")) {
        (Some(rest), Some(home)) => format!("{}/{rest}", home.trim_end_matches('/')),
        _ => path.to_owned(),
    }
}
