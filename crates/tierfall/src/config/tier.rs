//! A tier's typed configuration, and the defaults of its type and number.

use std::time::Duration;

use cascade::Quota;
use secrecy::SecretString;
use upstream::{Address, Hosting, Kind, Providers, Ways};

use super::error::{ConfigError, Warning};
use super::form;
use super::values::Values;

/// Whether a tier takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It has what it needs.
    On,
    /// It is never asked.
    Off {
        /// Why, in words for the user, such as `no GROQ_API_KEY`.
        why: String,
    },
}

/// The times of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To a connection, TLS included.
    pub connect: Duration,
    /// To the first content, reasoning or tool call. `None`: grows with the prompt.
    pub first_token: Option<Duration>,
    /// Between tokens.
    pub idle: Duration,
    /// Of the whole attempt.
    pub total: Duration,
}

impl From<Limits> for cascade::Limits {
    fn from(Limits { connect, first_token, idle, total }: Limits) -> Self {
        let first_token = first_token.map_or(cascade::FirstToken::GrowsWithPrompt, cascade::FirstToken::Fixed);
        Self { connect, first_token, idle, total }
    }
}

/// One tier.
#[derive(Clone, Debug)]
pub struct TierConfig {
    /// Its place in the cascade, counted from 1.
    pub number: u32,
    /// What the log calls it.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its OpenAI-compatible base; `None` for a local tier.
    pub base_url: Option<Address>,
    /// The key or token that it takes.
    pub key: Option<SecretString>,
    /// The model's name there. For a local tier a catalogue name, `hf:OWNER/REPO:QUANT` or a path to a `.gguf`.
    pub model: String,
    /// The models to ask for once that one is gone, in the user's own order.
    pub alternatives: Vec<String>,
    /// Whether a model that is gone is replaced by its successor at the provider.
    pub mend: bool,
    /// Whether it takes part.
    pub state: State,
    /// The times of one attempt.
    pub limits: Limits,
    /// Further attempts on this tier, for failures that these can mend.
    pub retries: u32,
    /// Its quota, as far as the user has set it.
    pub quota: Quota,
    /// What its provider's free plan allows where the user has set nothing.
    pub plan: Quota,
    /// The routes for which the last fifth of a day's quota is kept.
    pub keep_for: Vec<String>,
    /// The environment variable whose key alone made it.
    pub by_key: Option<&'static str>,
    /// How many requests it is asked at once. `None`: as many as there are.
    pub concurrency: Option<u32>,
    /// How many requests may wait for one of these places.
    pub queue: u32,
}

impl TierConfig {
    /// Whether the tier takes part.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.state == State::On
    }

    /// Whether what is sent to the tier stays on the user's own machines.
    #[must_use]
    pub fn is_self_hosted(&self) -> bool {
        self.kind.hosting == Hosting::SelfHosted
    }

    /// Whether an answer of the tier can cost money.
    #[must_use]
    pub fn can_bill(&self) -> bool {
        std::iter::once(&self.model).chain(&self.alternatives).any(|model| self.kind.can_bill(model))
    }
}

/// The model that the default tiers 1 and 2 run where nothing is configured at all.
const DEFAULT_LOCAL: [&str; 2] = ["qwen2.5-coder-1.5b-instruct", "smollm2-135m-instruct"];

/// Where a tier stands among all, before anything of it is read.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    pub(super) number: u32,
    /// The kind of a tier whose type nobody names.
    pub(super) kind: Option<Kind>,
    /// Whether nothing says where answers come from: tiers 1 and 2 are the engine.
    pub(super) first_run: bool,
    /// The environment variable whose key alone makes the tier.
    pub(super) by_key: Option<&'static str>,
}

/// Builds the tier of `slot`.
///
/// # Errors
/// A value is not of the form that its key takes, or a tier beyond the fourth has no type.
pub(super) fn build(
    slot: Slot,
    providers: &Providers,
    values: &Values,
    warnings: &mut Vec<Warning>,
) -> Result<TierConfig, ConfigError> {
    let Slot { number, first_run, by_key, .. } = slot;
    let key_of = |rest: &str| format!("TIER{number}_{rest}");
    let kind = match values.kind(&key_of("TYPE"), providers)? {
        Some(kind) => kind,
        None => slot.kind.ok_or_else(|| ConfigError::NoType { number, takes: providers.takes() })?,
    };
    let facts = kind.facts();
    let base_url = base_url(kind, &key_of("BASE_URL"), values, warnings)?;
    let key = match (values.secret(&key_of("API_KEY"))?, &facts.key) {
        (Some(key), _) => Some(key),
        (None, Some(shared)) => values.secret(shared)?,
        (None, None) => None,
    };
    let (given, alternatives) = models_in_order(kind, &key_of("MODEL"), values)?;
    let model = given.or_else(|| {
        let local = DEFAULT_LOCAL.get(number.saturating_sub(1) as usize).filter(|_| first_run && kind.is_engine());
        local.copied().or(facts.model.as_deref()).map(str::to_owned)
    });
    let enabled = values.read(&key_of("ENABLED"), &form::BOOLEAN)?.unwrap_or(true);
    let missing = missing(kind, base_url.is_some(), key.is_some(), model.is_some());
    let state = match missing {
        _ if !enabled => State::Off { why: format!("{}=false", key_of("ENABLED")) },
        Some(rest) => {
            let shared = match rest {
                "API_KEY" => facts.key.as_deref(),
                "BASE_URL" => facts.base_url.as_deref().and_then(variable),
                _ => None,
            };
            State::Off { why: format!("no {}", values.name_to_set(&key_of(rest), shared)) }
        }
        None => State::On,
    };
    let model = match model {
        Some(name) if kind.is_engine() => local_model(&name, &key_of("MODEL"), values)?,
        name => name.unwrap_or_default(),
    };
    let name = match values.read(&key_of("NAME"), &form::NAME)? {
        Some(name) => name,
        None => default_name(number, kind, base_url.as_ref()),
    };
    let mend = values.read(&key_of("MEND"), &form::BOOLEAN)?.unwrap_or(true) && !kind.is_engine();
    let limits = limits(number, kind, values)?;
    let retries = values.read(&key_of("RETRIES"), &form::RETRIES)?.unwrap_or(1);
    let quota = quota(number, values)?;
    let plan = plan(&facts.limits);
    let concurrency = values.read(&key_of("CONCURRENCY"), &form::CONCURRENCY)?.or(default_concurrency(kind));
    let queue = values.read(&key_of("QUEUE"), &form::QUEUE)?.unwrap_or(cascade::QUEUE);
    Ok(TierConfig {
        number,
        name,
        kind,
        base_url,
        key,
        model,
        alternatives,
        mend,
        state,
        limits,
        retries,
        quota,
        plan,
        keep_for: Vec::new(),
        by_key,
        concurrency,
        queue,
    })
}

/// The model that `key` names, and those behind it. The path of a local one may hold a comma, and has no others.
fn models_in_order(kind: Kind, key: &str, values: &Values) -> Result<(Option<String>, Vec<String>), ConfigError> {
    if kind.is_engine() {
        return Ok((values.read(key, &form::MODEL)?, Vec::new()));
    }
    let mut models = values.read(key, &form::MODELS)?.unwrap_or_default().into_iter();
    Ok((models.next(), models.collect()))
}

fn base_url(
    kind: Kind,
    key: &str,
    values: &Values,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Address>, ConfigError> {
    if kind.is_engine() {
        if let Some(entry) = values.get(key) {
            let (key, origin) = (entry.key.clone(), entry.origin.clone());
            warnings.push(Warning::Unused { key, why: "a local tier has no address", origin });
        }
        return Ok(None);
    }
    let shared = kind.base_url_key.as_deref();
    let Some(entry) = [Some(key), shared].into_iter().flatten().find_map(|key| values.get(key)) else {
        return default_base_url(kind, values);
    };
    let address = entry.text.parse::<Address>().map_err(|error| {
        let error = error.to_string();
        entry.bad(error.strip_prefix("takes ").unwrap_or(&error))
    })?;
    if kind.ways == Ways::Gradio {
        return Ok(Some(address.without_version()));
    }
    let used = address.to_string();
    if used.ends_with("/v1") && !entry.text.contains("/v1") {
        let (key, origin) = (entry.key.clone(), entry.origin.clone());
        warnings.push(Warning::Mended { key, used, origin });
    }
    Ok(Some(address))
}

/// The kind's own address, with the variable that it names filled in; `None` where that is not set.
fn default_base_url(kind: Kind, values: &Values) -> Result<Option<Address>, ConfigError> {
    let Some(base) = &kind.base_url else { return Ok(None) };
    let Some(name) = variable(base) else {
        return Ok(base.parse().ok());
    };
    let Some(entry) = values.get(name) else { return Ok(None) };
    let address = base.replace(&format!("{{{name}}}"), &entry.text).parse();
    address.map(Some).map_err(|_| entry.bad("what can stand in an address"))
}

/// The environment variable that an address names: `ACCOUNT` of `https://host/{ACCOUNT}/v1`.
fn variable(address: &str) -> Option<&str> {
    Some(address.split_once('{')?.1.split_once('}')?.0)
}

/// The engine's models are known beforehand: a name that stands for none is refused at the start.
fn local_model(name: &str, key: &str, values: &Values) -> Result<String, ConfigError> {
    let name = super::expand_home(name, values);
    let library = models::Library::new(&models::Settings::new(""));
    match (library.find(&name), values.get(key)) {
        (Err(error), Some(entry)) => {
            let known: Vec<&str> = library.catalogue().models().iter().map(|model| model.name.as_str()).collect();
            let takes = format!("one of {}, or hf:OWNER/REPO:QUANT, or a path to a .gguf", known.join(", "));
            let is_known = known.iter().any(|known| name.split(':').next() == Some(known)) || name.starts_with("hf:");
            Err(entry.bad(if is_known { error.to_string() } else { takes }))
        }
        _ => Ok(name),
    }
}

/// The part of the configuration that a tier of this kind cannot do without and does not have.
fn missing(kind: Kind, base_url: bool, key: bool, model: bool) -> Option<&'static str> {
    [("BASE_URL", base_url || kind.is_engine()), ("API_KEY", key || !kind.needs_key), ("MODEL", model)]
        .into_iter()
        .find_map(|(part, there)| (!there).then_some(part))
}

/// The contract's names for tiers of the contract's types; others are called by their provider, and a server that could be
/// anybody's by its host.
fn default_name(number: u32, kind: Kind, base_url: Option<&Address>) -> String {
    let host = match base_url {
        Some(Address::Http(uri)) => uri.authority().map(|authority| authority.as_str()),
        _ => None,
    };
    match (number, kind.as_str()) {
        (1, "space") => "Tier 1: Your HF Space".to_owned(),
        (2, "space") => "Tier 2: Ultra-Fast Fallback".to_owned(),
        (3, "groq") => "Tier 3: Groq Cloud API".to_owned(),
        (4, "serverless") => "Tier 4: HF Serverless".to_owned(),
        (2, _) if kind.is_engine() => format!("Tier 2: {}, quick", kind.title),
        (_, word @ ("space" | "commercial")) => format!("Tier {number}: {}", host.unwrap_or(word)),
        _ => format!("Tier {number}: {}", kind.title),
    }
}

/// The limits of a tier. A connection within one machine or to a cloud's edge is there at once or not at all, and a Space's
/// edge takes a little longer; a cloud that is silent for longer than the first-token limit is overloaded; between tokens a
/// small CPU may pause while it reads somebody else's prompt. A GPU that is lent is waited for, and then may be kept for two minutes.
fn limits(number: u32, kind: Kind, values: &Values) -> Result<Limits, ConfigError> {
    let times = kind.times;
    let milliseconds = |ms: u32| Duration::from_millis(ms.into());
    let total = match number {
        _ if kind.ways == Ways::Gradio => 180_000,
        1 => 90_000,
        2 | 3 => 30_000,
        _ => 60_000,
    };
    let given = |rest: &str| values.read(&format!("TIER{number}_{rest}"), &form::MILLISECONDS);
    Ok(Limits {
        connect: given("CONNECT_TIMEOUT")?.unwrap_or(milliseconds(times.connect)),
        first_token: given("FIRST_TOKEN_TIMEOUT")?.or(times.first_token.map(milliseconds)),
        idle: given("IDLE_TIMEOUT")?.unwrap_or(milliseconds(times.idle)),
        total: given("TIMEOUT")?.unwrap_or(Duration::from_millis(total)),
    })
}

/// The engine works at so many requests at once, and so does the program that a Space with a lent GPU is given; what others
/// serve, and how, only their owners know.
fn default_concurrency(kind: Kind) -> Option<u32> {
    match kind.ways {
        Ways::Engine => Some(engine::model::PARALLEL),
        Ways::Gradio => Some(space::PARALLEL),
        _ => None,
    }
}

fn quota(number: u32, values: &Values) -> Result<Quota, ConfigError> {
    let given = |rest: &str| values.read(&format!("TIER{number}_{rest}"), &form::QUOTA);
    let (rpm, rpd, tpm, tpd) = (given("RPM")?, given("RPD")?, given("TPM")?, given("TPD")?);
    Ok(Quota { rpm, rpd, tpm, tpd, gpu_seconds: given("GPU_SECONDS")? })
}

fn plan(limits: &upstream::Limits) -> Quota {
    let &upstream::Limits { rpm, rpd, tpm, tpd, gpu_seconds, .. } = limits;
    Quota { rpm, rpd, tpm, tpd, gpu_seconds }
}
