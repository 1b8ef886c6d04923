//! What a gateway is told to be.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use upstream::Providers;

use crate::gate::Gate;

/// A gateway's tiers, routes and keys.
#[derive(Clone, Debug)]
pub struct Settings {
    /// In the order in which they are asked.
    pub tiers: Vec<TierSettings>,
    /// Beside `auto`, `private` and `tier-N`, which are always there.
    pub routes: Vec<RouteSettings>,
    /// The keys that callers must send one of. Empty: anybody may call.
    pub api_keys: Vec<SecretString>,
    /// After so long a silence a stream gets a comment, so that no proxy on the way takes its connection for dead.
    pub keep_alive: Duration,
    /// The route that serves a request whose `model` names none; `None`: such a request is refused.
    pub catch_all: Option<String>,
    /// The origins whose pages may call.
    pub allowed_origins: AllowedOrigins,
    /// A caller who reads nothing for so long is taken to have left.
    pub longest_stall: Duration,
    /// How much may be kept of an attempt's answer until it ends, in bytes: what is put together, held back or looked through for
    /// a seam. The longest answers have 128 Ki tokens, of a few hundred bytes of events each.
    pub most_kept: usize,
}

/// The web origins whose pages may call; by default those of none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedOrigins(Vec<String>);

impl AllowedOrigins {
    /// `http://localhost:3000`, and `*` for all; `None` where one of these is no origin.
    pub fn new<'a>(origins: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let read = |origin: &str| {
            let origin = origin.trim().trim_end_matches('/').to_ascii_lowercase();
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            let is_origin = |authority: &str| {
                !authority.is_empty() && authority.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/')
            };
            (origin == "*" || authority.is_some_and(is_origin)).then_some(origin)
        };
        origins.into_iter().map(read).collect::<Option<_>>().map(Self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn hold(&self, origin: &http::HeaderValue) -> bool {
        let is = |allowed: &String| allowed == "*" || origin.as_bytes().eq_ignore_ascii_case(allowed.as_bytes());
        self.0.iter().any(is)
    }
}

impl Default for Settings {
    /// No tier, no route, no key, no web page; a comment after ten seconds, and half a minute to read it.
    fn default() -> Self {
        Self {
            tiers: Vec::new(),
            routes: Vec::new(),
            api_keys: Vec::new(),
            keep_alive: Duration::from_secs(10),
            catch_all: None,
            allowed_origins: AllowedOrigins::default(),
            longest_stall: Duration::from_secs(30),
            most_kept: 64 * 1024 * 1024,
        }
    }
}

/// One tier that is switched on.
#[derive(Clone, Debug)]
pub struct TierSettings {
    /// The `n` of `TIERn_…`.
    pub number: u32,
    /// What people call it: `Tier 1: Your HF Space`.
    pub name: String,
    /// Whom to ask, and how.
    pub target: upstream::Target,
    /// Its times.
    pub limits: cascade::Limits,
    /// How often it is asked again for one request.
    pub retries: u32,
    /// What the user says that its provider allows.
    pub quota: cascade::Quota,
    /// What is known beforehand of its provider's plan.
    pub plan: cascade::Quota,
    /// The routes for which the last fifth of a day's quota is kept.
    pub keep_for: Vec<String>,
    /// How many requests it is asked at once, at least one; `None` is as many as there are.
    pub concurrency: Option<u32>,
    /// How many requests may wait for one of these places.
    pub queue: u32,
    /// Which models it is asked for where its target's is gone.
    pub models: ModelChoice,
    /// Its budget's name and beginning, where somebody keeps it beyond this process.
    pub account: Account,
    /// Whether it can be asked at the moment; `None` for a tier that somebody else runs.
    pub presence: Option<Arc<dyn Presence>>,
}

impl TierSettings {
    /// All models that the user names for it.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.target.model).chain(&self.models.alternatives).map(String::as_str)
    }
}

/// What is kept of a tier beyond this process.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Under which name; the same in every process that spends from the same quota, and no other tier's.
    pub name: String,
    /// What was spent before.
    pub spent: Vec<cascade::Spent>,
    /// The model that stood in the place of its own before.
    pub replacement: Option<Replacement>,
}

/// Which models a tier is asked for where its target's is gone.
#[derive(Clone, Debug)]
pub struct ModelChoice {
    /// The user's own, in their order.
    pub alternatives: Vec<String>,
    /// Whether, where none of these is left, the provider's list is read and a successor chosen from it.
    pub mend: bool,
    /// What is known of successors.
    pub providers: Arc<Providers>,
}

impl Default for ModelChoice {
    /// No other model than the target's.
    fn default() -> Self {
        Self { alternatives: Vec::new(), mend: false, providers: Arc::new(Providers::built_in().clone()) }
    }
}

/// A model in the place of one that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Its name.
    pub model: String,
    /// How long it is until the other one is tried again.
    pub tried_again_in: Duration,
}

/// One route of the user's own.
#[derive(Clone, Debug)]
pub struct RouteSettings {
    /// What a client writes as `model`.
    pub name: String,
    /// The numbers of its tiers, in the order in which they are asked.
    pub tiers: Vec<u32>,
    /// The longest that a request may take; by default the sum of its tiers' totals.
    pub deadline: Option<Duration>,
    /// The checks that an answer must pass before it counts.
    pub gates: Vec<Gate>,
    /// Whether a streamed tool call is held back until it is whole, so that no caller ever sees half of one.
    pub hold_tool_calls: bool,
    /// Whether a later tier is started beside the first where that is late with its first token, and which may be.
    pub hedge: Option<cascade::Hedge>,
}

/// Knows whether a tier can be asked at the moment.
pub trait Presence: std::fmt::Debug + Send + Sync {
    /// The state now. It is asked at every request: an implementation does no work of its own here.
    fn now(&self) -> Availability;

    /// What the tier itself says that it has to do, where it says anything. Asked as often as [`Presence::now`].
    fn load(&self) -> Option<Load> {
        None
    }
}

/// What a tier has to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// How many requests run there.
    pub running: u32,
    /// How many wait there.
    pub waiting: u32,
    /// How long a new request would wait there before its prompt begins to be read.
    pub wait: Duration,
}

/// Whether a tier can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It can.
    Ready,
    /// It cannot for now, for this reason, and will soon: `loading 43 %`. Where no other tier can do it, a request waits.
    Returning(String),
    /// It cannot for now, for this reason: `11 of 98 MB`.
    Unavailable(String),
}
