//! A tier's typed configuration, and the defaults of its type and number.

use std::time::Duration;

use cascade::Quota;
use secrecy::SecretString;
use upstream::{Address, Hosting, Kind};

use super::error::{ConfigError, Warning};
use super::form;
use super::values::Values;

const KIND: form::Form<Kind> =
    form::Form { takes: "one of space, local, groq, serverless, commercial", read: |word| word.parse().ok() };

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
    /// Whether it takes part.
    pub state: State,
    /// The times of one attempt.
    pub limits: Limits,
    /// Further attempts on this tier, for failures that these can mend.
    pub retries: u32,
    /// Its quota.
    pub quota: Quota,
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
        self.kind.hosting() == Hosting::SelfHosted
    }
}

/// The model that the default tiers 1 and 2 run where nothing is configured at all.
const DEFAULT_LOCAL: [&str; 2] = ["qwen2.5-coder-1.5b-instruct", "smollm2-135m-instruct"];

/// Builds tier `number`. `first_run`: nothing says where answers come from, and tiers 1 and 2 are the engine.
///
/// # Errors
/// A value is not of the form that its key takes, or a tier beyond the fourth has no type.
pub(super) fn build(
    number: u32,
    first_run: bool,
    values: &Values,
    warnings: &mut Vec<Warning>,
) -> Result<TierConfig, ConfigError> {
    let key_of = |rest: &str| format!("TIER{number}_{rest}");
    let kind = match values.read(&key_of("TYPE"), &KIND)? {
        Some(kind) => kind,
        None if first_run && number <= 2 => Kind::Local,
        None => default_kind(number).ok_or(ConfigError::NoType { number })?,
    };
    let base_url = base_url(kind, &key_of("BASE_URL"), values, warnings)?;
    let key = match (values.secret(&key_of("API_KEY"))?, shared_key(kind)) {
        (Some(key), _) => Some(key),
        (None, Some(shared)) => values.secret(shared)?,
        (None, None) => None,
    };
    let model = values.read(&key_of("MODEL"), &form::MODEL)?.or_else(|| {
        let local = DEFAULT_LOCAL.get(number.saturating_sub(1) as usize).filter(|_| first_run && kind == Kind::Local);
        local.copied().or(default_model(kind)).map(str::to_owned)
    });
    let enabled = values.read(&key_of("ENABLED"), &form::BOOLEAN)?.unwrap_or(true);
    let missing = missing(kind, base_url.is_some(), key.is_some(), model.is_some());
    let state = match missing {
        _ if !enabled => State::Off { why: format!("{}=false", key_of("ENABLED")) },
        Some(rest) => {
            let shared = shared_key(kind).filter(|_| rest == "API_KEY");
            State::Off { why: format!("no {}", values.name_to_set(&key_of(rest), shared)) }
        }
        None => State::On,
    };
    let model = match model {
        Some(name) if kind == Kind::Local => local_model(&name, &key_of("MODEL"), values)?,
        name => name.unwrap_or_default(),
    };
    let name = match values.read(&key_of("NAME"), &form::NAME)? {
        Some(name) => name,
        None => default_name(number, kind, base_url.as_ref(), &model),
    };
    let limits = limits(number, kind, values)?;
    let retries = values.read(&key_of("RETRIES"), &form::RETRIES)?.unwrap_or(1);
    let quota = quota(number, kind, values)?;
    let concurrency = values.read(&key_of("CONCURRENCY"), &form::CONCURRENCY)?.or(default_concurrency(kind));
    let queue = values.read(&key_of("QUEUE"), &form::QUEUE)?.unwrap_or(cascade::QUEUE);
    Ok(TierConfig { number, name, kind, base_url, key, model, state, limits, retries, quota, concurrency, queue })
}

fn base_url(
    kind: Kind,
    key: &str,
    values: &Values,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Address>, ConfigError> {
    if kind == Kind::Local {
        if let Some(entry) = values.get(key) {
            let (key, origin) = (entry.key.clone(), entry.origin.clone());
            warnings.push(Warning::Unused { key, why: "a local tier has no address", origin });
        }
        return Ok(None);
    }
    let shared = match kind {
        Kind::Groq => Some("GROQ_BASE_URL"),
        Kind::Serverless => Some("HF_BASE_URL"),
        Kind::Space | Kind::Commercial | Kind::Local => None,
    };
    let Some(entry) = [Some(key), shared].into_iter().flatten().find_map(|key| values.get(key)) else {
        let default = kind.default_base_url().map(|base| base.parse().expect("a kind's own address is one"));
        return Ok(default);
    };
    let address = entry.text.parse::<Address>().map_err(|error| {
        let error = error.to_string();
        entry.bad(error.strip_prefix("takes ").unwrap_or(&error))
    })?;
    let used = address.to_string();
    if used.ends_with("/v1") && !entry.text.contains("/v1") {
        let (key, origin) = (entry.key.clone(), entry.origin.clone());
        warnings.push(Warning::Mended { key, used, origin });
    }
    Ok(Some(address))
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
    let needs_key = matches!(kind, Kind::Groq | Kind::Serverless | Kind::Commercial);
    [("BASE_URL", base_url || kind == Kind::Local), ("API_KEY", key || !needs_key), ("MODEL", model)]
        .into_iter()
        .find_map(|(part, there)| (!there).then_some(part))
}

fn shared_key(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Groq => Some("GROQ_API_KEY"),
        Kind::Serverless => Some("HF_TOKEN"),
        Kind::Space | Kind::Local | Kind::Commercial => None,
    }
}

fn default_kind(number: u32) -> Option<Kind> {
    match number {
        1 | 2 => Some(Kind::Space),
        3 => Some(Kind::Groq),
        4 => Some(Kind::Serverless),
        _ => None,
    }
}

/// The model where none is named. A server of the user's own mostly holds one model and takes any name; one that holds
/// several (vLLM, Ollama) answers that it has no `auto`, and `doctor` then names those that it has.
fn default_model(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Space => Some("auto"),
        Kind::Groq => Some("llama-3.3-70b-versatile"),
        Kind::Serverless => Some("openai/gpt-oss-120b"),
        Kind::Local | Kind::Commercial => None,
    }
}

fn default_name(number: u32, kind: Kind, base_url: Option<&Address>, model: &str) -> String {
    let host = match base_url {
        Some(Address::Http(uri)) => uri.authority().map(|authority| authority.as_str()),
        _ => None,
    };
    match (number, kind) {
        (1, _) => "Tier 1: Your HF Space".to_owned(),
        (2, _) => "Tier 2: Ultra-Fast Fallback".to_owned(),
        (3, _) => "Tier 3: Groq Cloud API".to_owned(),
        (4, _) => "Tier 4: HF Serverless".to_owned(),
        (_, Kind::Local) if !model.is_empty() => format!("Tier {number}: {model}"),
        (_, Kind::Groq) => format!("Tier {number}: Groq Cloud API"),
        (_, Kind::Serverless) => format!("Tier {number}: HF Serverless"),
        _ => format!("Tier {number}: {}", host.unwrap_or(kind.as_str())),
    }
}

/// The limits of a tier. A connection within one machine or to a cloud's edge is there at once or not at all, and a Space's
/// edge takes a little longer; a cloud that is silent for longer than the first-token limit is overloaded; between tokens a
/// small CPU may pause while it reads somebody else's prompt.
fn limits(number: u32, kind: Kind, values: &Values) -> Result<Limits, ConfigError> {
    let (connect, first_token, idle) = match kind {
        Kind::Local => (1_000, None, 20_000),
        Kind::Space => (5_000, None, 20_000),
        Kind::Groq => (3_000, Some(10_000), 10_000),
        Kind::Serverless => (5_000, Some(30_000), 20_000),
        Kind::Commercial => (5_000, Some(30_000), 20_000),
    };
    let total = match number {
        1 => 90_000,
        2 | 3 => 30_000,
        _ => 60_000,
    };
    let given = |rest: &str| values.read(&format!("TIER{number}_{rest}"), &form::MILLISECONDS);
    Ok(Limits {
        connect: given("CONNECT_TIMEOUT")?.unwrap_or(Duration::from_millis(connect)),
        first_token: given("FIRST_TOKEN_TIMEOUT")?.or(first_token.map(Duration::from_millis)),
        idle: given("IDLE_TIMEOUT")?.unwrap_or(Duration::from_millis(idle)),
        total: given("TIMEOUT")?.unwrap_or(Duration::from_millis(total)),
    })
}

/// The engine works at so many requests at once; what others serve, and how, only their owners know.
fn default_concurrency(kind: Kind) -> Option<u32> {
    (kind == Kind::Local).then_some(engine::model::PARALLEL)
}

fn quota(number: u32, kind: Kind, values: &Values) -> Result<Quota, ConfigError> {
    let known = match kind {
        Kind::Groq => Quota { rpm: Some(30), ..Quota::default() },
        Kind::Serverless => Quota { rpd: Some(1000), ..Quota::default() },
        Kind::Space | Kind::Local | Kind::Commercial => Quota::default(),
    };
    let given = |rest: &str| values.read(&format!("TIER{number}_{rest}"), &form::QUOTA);
    Ok(Quota {
        rpm: given("RPM")?.or(known.rpm),
        rpd: given("RPD")?.or(known.rpd),
        tpm: given("TPM")?.or(known.tpm),
        tpd: given("TPD")?.or(known.tpd),
    })
}
