//! The row of one request, as it is stored and exported.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

/// A request that has ended: no word of its prompt or its answer, and no key.
///
/// Its JSON is a line of `tierfall ledger export`. Times are whole milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionRow {
    /// When it began.
    #[serde(serialize_with = "to_the_millisecond")]
    pub at: Timestamp,
    /// The request's id.
    pub request: String,
    /// What the client wrote as `model`.
    pub route: String,
    /// The prompt's length: what the answering tier says, else an estimate.
    pub prompt_tokens: u32,
    /// The length of what the caller was given.
    pub answer_tokens: u32,
    /// The longest answer that the caller wanted, where they said so.
    pub max_tokens: Option<u32>,
    /// Whether it was answered event by event.
    pub streamed: bool,
    /// In the order in which they were started.
    pub attempts: Vec<AttemptRow>,
    /// The tiers that were not asked.
    pub skipped: Vec<SkipRow>,
    /// How it ended.
    pub ending: Ending,
    /// How long it took.
    pub ms: u64,
}

/// One call to one tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptRow {
    /// The tier's number.
    pub tier: u32,
    /// What people call the tier.
    pub name: String,
    /// The model that it was asked for.
    pub model: String,
    /// `ok`, or the code of `x-tierfall-attempts`: `timeout`, `429`.
    pub outcome: String,
    /// When it was started, from the request's beginning.
    pub at_ms: u64,
    /// When its first token came, from its own beginning.
    pub first_token_ms: Option<u64>,
    /// How long it took.
    pub ms: u64,
    /// How long the prompt was, where the tier said so.
    pub prompt_tokens: Option<u32>,
    /// How much it answered: what the tier says, else what was heard.
    pub tokens: u32,
    /// What the caller's `max_tokens` was lowered to for this tier's quota.
    pub lowered_to: Option<u32>,
    /// Where it carried an answer on: how much had been said before, in characters.
    pub seam: Option<usize>,
}

/// A tier that was not asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkipRow {
    /// Its number.
    pub tier: u32,
    /// What people call it.
    pub name: String,
    /// Why: `quota`, `breaker-open`.
    pub reason: String,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// With a whole answer.
    Answered,
    /// With what a provider said of the caller's own fault.
    Refused,
    /// In the middle of an answer.
    BrokenOff,
    /// Without an answer.
    GaveUp,
    /// The caller left first.
    CallerLeft,
}

impl Ending {
    /// As it is written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::BrokenOff => "broken_off",
            Self::GaveUp => "gave_up",
            Self::CallerLeft => "caller_left",
        }
    }

    pub(crate) fn read(word: &str) -> Option<Self> {
        [Self::Answered, Self::Refused, Self::BrokenOff, Self::GaveUp, Self::CallerLeft]
            .into_iter()
            .find(|ending| ending.word() == word)
    }
}

fn to_the_millisecond<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{at:.3}"))
}
