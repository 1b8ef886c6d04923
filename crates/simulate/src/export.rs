//! A ledger's export: one request a line, as JSON.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::DAY;
use crate::file::BadFile;
use crate::traffic::Arrival;

/// What an export says: the requests, and how each tier did.
#[derive(Debug, Default)]
pub(crate) struct Export {
    /// In their order.
    pub(crate) arrivals: Vec<Arrival>,
    pub(crate) attempts: Vec<Attempt>,
}

/// One attempt.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) tier: u32,
    /// `ok`, or why it failed, in the words of `x-tierfall-attempts`.
    pub(crate) outcome: String,
    pub(crate) prompt_tokens: u32,
    /// To the first token, in milliseconds.
    pub(crate) first_token_ms: Option<u32>,
    /// To the end.
    pub(crate) ms: u32,
    /// What it said.
    pub(crate) tokens: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    at: Timestamped,
    #[serde(default, rename = "request")]
    _request: IgnoredAny,
    #[serde(default, rename = "route")]
    _route: IgnoredAny,
    prompt_tokens: u32,
    answer_tokens: Option<u32>,
    max_tokens: Option<u32>,
    streamed: bool,
    attempts: Vec<AttemptLine>,
    #[serde(default, rename = "skipped")]
    _skipped: IgnoredAny,
    ending: Ending,
    #[serde(default, rename = "ms")]
    _ms: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttemptLine {
    tier: u32,
    #[serde(default, rename = "name")]
    _name: IgnoredAny,
    #[serde(default, rename = "model")]
    _model: IgnoredAny,
    #[serde(default, rename = "at_ms")]
    _at_ms: IgnoredAny,
    #[serde(default, rename = "prompt_tokens")]
    _prompt_tokens: IgnoredAny,
    #[serde(default, rename = "lowered_to")]
    _lowered_to: IgnoredAny,
    #[serde(default, rename = "seam")]
    _seam: IgnoredAny,
    outcome: String,
    first_token_ms: Option<u32>,
    ms: u32,
    tokens: Option<u32>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Ending {
    Answered,
    Refused,
    BrokenOff,
    GaveUp,
    CallerLeft,
}

struct Timestamped(Timestamp);

impl<'de> Deserialize<'de> for Timestamped {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let refused = |_| serde::de::Error::custom("at: takes a time such as 2026-01-31T12:00:00Z (RFC 3339)");
        text.parse().map(Self).map_err(refused)
    }
}

/// Reads `text`, which stands in the file `name`.
///
/// # Errors
///
/// A line is no request, or there is none.
pub(crate) fn read(name: &str, text: &str) -> Result<Export, BadFile> {
    let bad = |line, why: String| BadFile { file: name.to_owned(), line, why };
    let mut lines = Vec::new();
    for (line, number) in text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
        let read = serde_json::from_str::<Line>(line);
        lines.push(read.map_err(|error| bad(number, in_words(&error)))?);
    }
    lines.sort_by_key(|line| line.at.0);
    let Some(first) = lines.first() else { return Err(bad(1, "takes one request a line, and has none".to_owned())) };
    let day = i64::try_from(DAY.as_secs()).expect("a day is no age");
    let midnight = first.at.0.as_second().div_euclid(day) * day;
    let typical = typical_answer(&lines);
    let mut export = Export::default();
    for line in lines {
        export.arrivals.push(line.arrival(midnight, typical));
        export.attempts.extend(line.attempts.into_iter().map(|attempt| Attempt {
            tier: attempt.tier,
            outcome: attempt.outcome,
            prompt_tokens: line.prompt_tokens,
            first_token_ms: attempt.first_token_ms,
            ms: attempt.ms,
            tokens: attempt.tokens,
        }));
    }
    Ok(export)
}

impl Line {
    /// The request; where nobody answered it, its answer is taken to be as long as others are.
    fn arrival(&self, midnight: i64, typical: u32) -> Arrival {
        let whole = self.answer_tokens.filter(|&tokens| tokens > 0 && self.ending == Ending::Answered);
        let answer = whole.unwrap_or(typical).min(self.max_tokens.unwrap_or(u32::MAX)).max(1);
        let since = self.at.0.as_nanosecond() - i128::from(midnight) * 1_000_000_000;
        Arrival {
            at: Duration::from_nanos(u64::try_from(since).unwrap_or(0)),
            prompt: self.prompt_tokens.max(1),
            answer,
            max_tokens: self.max_tokens,
            streamed: self.streamed,
            at_fault: self.ending == Ending::Refused,
            deadline: None,
        }
    }
}

fn typical_answer(lines: &[Line]) -> u32 {
    let mut answers: Vec<u32> =
        lines.iter().filter_map(|line| line.answer_tokens).filter(|&tokens| tokens > 0).collect();
    answers.sort_unstable();
    answers.get(answers.len() / 2).copied().unwrap_or(1)
}

/// The error without its place in the line, which is all the file's.
fn in_words(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or(&words);
    if error.is_data() { words.to_owned() } else { format!("takes one request a line, as a JSON object: {words}") }
}
