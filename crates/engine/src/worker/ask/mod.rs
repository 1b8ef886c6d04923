//! From a request's body to a job for the engine. What the engine cannot do is refused by name: a member that is not
//! read here is an error, never a thing that is quietly left out.

mod constraint;
mod members;
mod prompt;
mod sampling;
#[cfg(test)]
mod tests;
mod tools;

use serde::Deserialize;
use wire::Form;

use super::answer::Calls;
use super::refusal::Refusal;
use crate::model::{Drafting, Job, Model};
use constraint::Shape;
use members::Members;
use prompt::Told;

/// More stop strings than this only slow each token down. (OpenAI takes 4.)
const MOST_STOPS: usize = 16;
/// What `max_tokens` is in the text form where nobody says (OpenAI's reference, "Create completion").
const TEXT_MAX_TOKENS: u32 = 16;

/// Members that say who asks, where it is kept or what may help, and never what the answer may be.
const HINTS: [&str; 9] = [
    "model",
    "user",
    "metadata",
    "store",
    "service_tier",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prediction",
];

/// Members that are taken with one value only, the one that asks for nothing.
const AS_EVER: [(&str, &str); 7] = [
    ("n", "1"),
    ("best_of", "1"),
    ("echo", "false"),
    ("suffix", r#""""#),
    ("logprobs", "false"),
    ("top_logprobs", "0"),
    ("modalities", r#"["text"]"#),
];

/// One request, ready to be answered.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) job: Job,
    /// Where the model was told of tools.
    pub(super) calls: Option<Calls>,
    pub(super) streamed: bool,
    /// A stream ends with a chunk that has `usage`.
    pub(super) include_usage: bool,
}

#[derive(Default, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: Option<bool>,
}

impl Ask {
    /// Reads a body, renders and tokenizes its prompt: milliseconds of work for a long one.
    pub(super) fn read(model: &Model, form: Form, body: &[u8]) -> Result<Self, Refusal> {
        let mut members = Members::read(body)?;
        let (settings, source) = Settings::read(form, &mut members)?;
        let Told { tokens: prompt, opening, calls, forced } = source.told(model)?;
        let Settings { max_tokens, stop, sampling, shape, streamed, include_usage } = settings;
        let shape = constraint::beside_calls(shape, calls.is_some(), forced)?;
        let grammar = shape.map(|shape| shape.compile(model, &opening)).transpose()?;
        Ok(Self {
            job: Job { prompt, max_tokens, stop, sampling, grammar, drafting: Drafting::default() },
            calls,
            streamed,
            include_usage,
        })
    }
}

/// Everything that a request says beside its prompt.
#[derive(Debug, PartialEq)]
struct Settings {
    max_tokens: Option<u32>,
    stop: Vec<String>,
    sampling: crate::model::Sampling,
    shape: Option<Shape>,
    streamed: bool,
    include_usage: bool,
}

impl Settings {
    /// Reads all members, and with them what the prompt is made of.
    fn read<'a>(form: Form, members: &mut Members<'a>) -> Result<(Self, prompt::Source<'a>), Refusal> {
        HINTS.iter().for_each(|name| members.ignore(name));
        AS_EVER.iter().try_for_each(|(name, value)| members.only(name, value))?;
        let source = prompt::Source::read(form, members)?;
        let max_tokens = members.take("max_completion_tokens", COUNT)?;
        let max_tokens = members.take("max_tokens", COUNT)?.filter(|_| max_tokens.is_none()).or(max_tokens);
        let max_tokens = max_tokens.or_else(|| matches!(form, Form::Text).then_some(TEXT_MAX_TOKENS));
        let stop = stop(members)?;
        let sampling = sampling::read(members)?;
        let shape = Shape::read(members)?;
        let streamed = members.take("stream", "true or false")?.unwrap_or(false);
        let options: StreamOptions = members.take("stream_options", "an object")?.unwrap_or_default();
        let include_usage = options.include_usage.unwrap_or(false);
        members.nothing_left()?;
        Ok((Self { max_tokens, stop, sampling, shape, streamed, include_usage }, source))
    }
}

const COUNT: &str = "a whole number, 0 or more";

fn stop(members: &mut Members<'_>) -> Result<Vec<String>, Refusal> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stop {
        One(String),
        Many(Vec<String>),
    }
    const TAKES: &str = "a string or a list of strings, 16 at most";
    let stop = match members.take("stop", TAKES)? {
        None => Vec::new(),
        Some(Stop::One(stop)) => vec![stop],
        Some(Stop::Many(stop)) => stop,
    };
    if stop.len() > MOST_STOPS {
        return Err(Refusal::bad_value("stop", TAKES));
    }
    Ok(stop)
}
