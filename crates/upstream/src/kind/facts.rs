//! What one row of `providers.toml` says of a kind of provider. The file's head explains each member.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use wire::BoundName;

use crate::kind::Prefill;
use crate::quota::Window;

pub use toml::value::Date;

/// One row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The word of `TIERn_TYPE`.
    pub kind: String,
    /// What the log calls a tier of this kind.
    pub title: String,
    /// Whose machines prompts go to.
    pub hosting: Hosting,
    /// Which code reads what is peculiar to it.
    #[serde(default)]
    pub ways: Ways,
    /// The address where the user names none. `{NAME}` in it stands for the value of an environment variable.
    pub base_url: Option<String>,
    /// The environment variable that names another address.
    pub base_url_key: Option<String>,
    /// The environment variable of its key.
    pub key: Option<String>,
    /// Whether it answers nobody without a key.
    #[serde(default)]
    pub needs_key: bool,
    /// Where a key is made.
    pub keys_page: Option<String>,
    /// The model where the user names none.
    pub model: Option<String>,
    /// The path of its list of models from its address, where that is not `models`.
    pub list: Option<String>,
    /// The part of a model's name that says that it costs nothing; without one, all cost the same.
    pub free_models: Option<String>,
    /// What its free plan allows.
    #[serde(default)]
    pub limits: Limits,
    /// When its day begins.
    #[serde(default)]
    pub day: Day,
    /// Who pays.
    pub costs: Costs,
    /// Whether it learns from what it is sent.
    pub learns: Learns,
    /// Whether its free plan wants a credit card.
    #[serde(default)]
    pub card: bool,
    /// Which window `x-ratelimit-*-requests` is about, where the header does not say.
    pub request_window: Option<Window>,
    /// Which window `x-ratelimit-*-tokens` is about, where the header does not say.
    pub token_window: Option<Window>,
    /// The times of an attempt.
    #[serde(default)]
    pub times: Times,
    /// What it takes and refuses.
    #[serde(default)]
    pub takes: Takes,
    /// Those of its models that reason before they answer.
    #[serde(default)]
    pub reasoning: Vec<Reasoning>,
    /// Where all this is written.
    pub sources: Vec<String>,
    /// When it was true.
    pub as_of: AsOf,
}

/// Whose machines a tier's prompts go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hosting {
    /// The user's own: the route `private` may use it.
    SelfHosted,
    /// Somebody else's.
    Cloud,
}

/// The code that knows a provider's peculiarities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ways {
    /// None: the rules that hold for all are enough.
    #[default]
    OpenAi,
    /// A worker of this same binary.
    Engine,
    /// A server that may be asleep or loading.
    Space,
    /// Groq's cloud.
    Groq,
    /// Hugging Face's router.
    Serverless,
    /// `OpenRouter`, and whoever speaks as it does.
    OpenRouter,
    /// A Gradio app.
    Gradio,
}

/// What a free plan allows; `None`: not limited, or not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Requests a minute.
    pub rpm: Option<u32>,
    /// Requests a day.
    pub rpd: Option<u32>,
    /// Tokens a minute, prompt and answer together.
    pub tpm: Option<u32>,
    /// Tokens a day.
    pub tpd: Option<u32>,
    /// Seconds of a GPU a day.
    pub gpu_seconds: Option<u32>,
    /// What else limits it, in words.
    pub other: Option<String>,
}

/// When a provider's day begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum Day {
    /// What is used is there again 24 hours later.
    #[default]
    #[serde(rename = "rolling")]
    Rolling,
    /// Midnight, UTC.
    #[serde(rename = "UTC")]
    Utc,
    /// Midnight in California.
    #[serde(rename = "America/Los_Angeles")]
    Pacific,
}

impl Day {
    /// How long it is at `now` until the next day begins; of a rolling one a whole day.
    #[must_use]
    pub fn left(self, now: SystemTime) -> Duration {
        let zone = match self {
            Self::Rolling => return Duration::from_secs(24 * 60 * 60),
            Self::Utc => TimeZone::UTC,
            Self::Pacific => TimeZone::get("America/Los_Angeles").expect("the time zones are built in"),
        };
        let left = || {
            let now = Timestamp::try_from(now).ok()?.to_zoned_datetime(zone);
            let midnight = now.tomorrow().ok()?.start_of_day().ok()?;
            midnight.duration_since(&now).try_into().ok()
        };
        left().unwrap_or_default()
    }
}

/// Who pays for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Costs {
    /// Nobody but the user's own power bill.
    Own,
    /// Nobody: a free plan, which ends in a refusal and not in a bill.
    Free,
    /// The user, where there is an account that can be billed.
    Bills,
}

/// Whether a provider learns from what its free plan is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Learns {
    /// It does not, by its own word.
    No,
    /// It does.
    Yes,
    /// Some of those behind it do.
    Some,
    /// It does not say.
    Unknown,
}

/// The times of an attempt, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// To a connection.
    pub connect: u32,
    /// To the first token. `None`: it grows with the prompt.
    pub first_token: Option<u32>,
    /// Between tokens.
    pub idle: u32,
}

/// A cloud that is silent for longer is overloaded.
impl Default for Times {
    fn default() -> Self {
        Self { connect: 5_000, first_token: Some(30_000), idle: 20_000 }
    }
}

/// What a provider takes and refuses of a request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Takes {
    /// Streams.
    pub streams: bool,
    /// `stream_options` in a stream.
    pub stream_options: bool,
    /// How it is asked to go on from an unfinished message, where it is known to do so.
    pub prefill: Option<Prefill>,
    /// The only name under which it knows the bound on an answer's tokens.
    pub bound: Option<Bound>,
    /// Members that it refuses.
    pub refuses: Vec<String>,
}

impl Default for Takes {
    fn default() -> Self {
        Self { streams: true, stream_options: true, prefill: None, bound: None, refuses: Vec::new() }
    }
}

/// [`BoundName`] as the file writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// `max_tokens`
    MaxTokens,
    /// `max_completion_tokens`
    MaxCompletionTokens,
}

impl From<Bound> for BoundName {
    fn from(bound: Bound) -> Self {
        match bound {
            Bound::MaxTokens => Self::MaxTokens,
            Bound::MaxCompletionTokens => Self::MaxCompletionTokens,
        }
    }
}

/// Models that reason, and the least effort that they take.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasoning {
    /// A part of their names.
    pub models: String,
    /// The value of `reasoning_effort`.
    pub effort: String,
}

/// A day, written as TOML's local date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::value::Datetime")]
pub struct AsOf(pub Date);

impl TryFrom<toml::value::Datetime> for AsOf {
    type Error = &'static str;

    fn try_from(value: toml::value::Datetime) -> Result<Self, Self::Error> {
        value.date.map(Self).ok_or("takes a date such as 2026-11-30")
    }
}

impl Facts {
    /// Whether an answer of `model` can cost money.
    #[must_use]
    pub fn can_bill(&self, model: &str) -> bool {
        match self.costs {
            Costs::Own => false,
            Costs::Free => self.free_models.as_ref().is_some_and(|part| !model.contains(part)),
            Costs::Bills => true,
        }
    }

    /// Whether it says that it learns from no prompt.
    #[must_use]
    pub fn never_learns(&self) -> bool {
        self.learns == Learns::No
    }

    /// The least `reasoning_effort` of `model`, where it is known to reason.
    #[must_use]
    pub fn least_effort(&self, model: &str) -> Option<&str> {
        let reasoning = self.reasoning.iter().find(|reasoning| model.contains(&reasoning.models));
        reasoning.map(|reasoning| reasoning.effort.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_where_the_provider_is() {
        let left = |day: Day, moment: &str| {
            let moment: Timestamp = moment.parse().expect("a moment");
            day.left(SystemTime::UNIX_EPOCH + Duration::from_secs(moment.as_second().unsigned_abs())).as_secs()
        };
        let hours = |hours: u64| hours * 60 * 60;
        assert_eq!(left(Day::Utc, "2026-12-01T22:00:00Z"), hours(2));
        assert_eq!(left(Day::Pacific, "2026-12-01T22:00:00Z"), hours(10));
        assert_eq!(left(Day::Pacific, "2026-07-01T22:00:00Z"), hours(9), "in summer");
        assert_eq!(left(Day::Rolling, "2026-12-01T22:00:00Z"), hours(24));
    }
}
