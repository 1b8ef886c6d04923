//! What is told of a request while it is carried out: the events that `/api/projects/{id}/events` streams.

use bytes::Bytes;
use kit::facts::MadeUp;
use serde::Serialize;

use crate::diff::DiffLine;
use crate::intent::Choice;
use crate::model_client::{TierNews, TierState};

/// Something that is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Event {
    /// Something became of a tier.
    Tier {
        tier: u32,
        name: String,
        state: TierState,
        reason: Option<String>,
        /// Since the request began.
        ms: u64,
    },
    /// The answer goes on.
    Token { text: String },
    /// A page as it stands, in the form that the preview shows.
    File {
        path: String,
        html: String,
        /// Whether it is finished.
        whole: bool,
    },
    /// What a version changed.
    Patch { version: u32, lines: Vec<DiffLine>, summary: String },
    /// What is sure of the page, and what is not.
    Check {
        facts_kept: Vec<String>,
        facts_put_in: Vec<String>,
        /// What the request states and has no place on the page.
        facts_missing: Vec<String>,
        made_up: Vec<MadeUp>,
        checks: Vec<Checked>,
    },
    /// A wish that is not sure is asked back; each choice is a wish.
    Choices { question: String, choices: Vec<Choice> },
    /// It did not work.
    Error { code: String, message: String },
    /// A version is there.
    Done(Done),
}

/// A check of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Checked {
    pub(crate) name: &'static str,
    pub(crate) passed: bool,
}

/// How it ended well.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Done {
    pub(crate) version: u32,
    pub(crate) tier: Option<u32>,
    pub(crate) name: Option<String>,
    pub(crate) ms: u64,
    pub(crate) first_paint_ms: Option<u64>,
    pub(crate) tokens: u32,
    pub(crate) tokens_per_second: Option<f64>,
    pub(crate) cost_usd: Option<f64>,
}

impl From<TierNews> for Event {
    fn from(TierNews { tier, state, reason, ms }: TierNews) -> Self {
        Self::Tier { tier: tier.number, name: tier.name, state, reason, ms }
    }
}

impl Event {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Tier { .. } => "tier",
            Self::Token { .. } => "token",
            Self::File { .. } => "file",
            Self::Patch { .. } => "patch",
            Self::Check { .. } => "check",
            Self::Choices { .. } => "choices",
            Self::Error { .. } => "error",
            Self::Done(_) => "done",
        }
    }

    /// As a stream of server-sent events holds it.
    pub(crate) fn frame(&self, id: usize) -> Bytes {
        let data = serde_json::to_string(self).unwrap_or_default();
        format!("event: {}\nid: {id}\ndata: {data}\n\n", self.name()).into()
    }
}
