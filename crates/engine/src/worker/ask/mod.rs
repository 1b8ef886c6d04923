//! From a request's body to a job for the engine. What the engine cannot do is refused by name: a member that is not
//! read here is an error, never a thing that is quietly left out.

mod choices;
mod constraint;
mod held;
mod members;
mod prompt;
#[cfg(test)]
mod reference;
mod sampling;
#[cfg(test)]
mod tests;
mod tools;

use serde::Deserialize;
use wire::Form;

use super::answer::Wanted;
use super::refusal::Refusal;
use crate::model::{Chat, Drafting, Job, Model, Token};
use choices::Choices;
use constraint::Shape;
use members::Members;
use prompt::{Source, Told};

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

/// Members that are taken with one value only, the one that asks for nothing: of a form, those that belong to the other.
const AS_EVER: [(&str, &str); 1] = [("modalities", r#"["text"]"#)];
const AS_EVER_IN_CHAT: [(&str, &str); 3] = [("best_of", "1"), ("echo", "false"), ("suffix", r#""""#)];
const AS_EVER_IN_TEXT: [(&str, &str); 1] = [("top_logprobs", "0")];

/// Reads the start of a chat, a body as a chat's with its first messages alone, and gives the tokens that every chat with this start
/// begins with.
pub(super) fn start(model: &Model, body: &[u8]) -> Result<Vec<Token>, Refusal> {
    let mut members = Members::read(body)?;
    let messages = members.raw("messages").ok_or_else(|| Refusal::bad_value("messages", "given"))?;
    let chat = Chat { messages, tools: members.raw("tools"), extra: members.raw("chat_template_kwargs") };
    members.nothing_left()?;
    Ok(model.start_of(&chat)?)
}

/// One request, ready to be answered.
#[derive(Debug)]
pub(super) struct Ask {
    /// Those of one prompt after the other.
    pub(super) jobs: Vec<Job>,
    pub(super) wanted: Wanted,
    pub(super) streamed: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamOptions {
    #[serde(default)]
    include_usage: Option<bool>,
    /// Blanks that make all chunks alike in length; a worker's socket has nobody who would measure them.
    #[serde(default, rename = "include_obfuscation")]
    _include_obfuscation: Option<bool>,
}

impl Ask {
    /// Reads a body, renders and tokenizes its prompts: milliseconds of work for a long one.
    pub(super) fn read(model: &Model, form: Form, body: &[u8]) -> Result<Self, Refusal> {
        let mut members = Members::read(body)?;
        let (settings, source) = Settings::read(form, &mut members)?;
        let Told { prompts, echoes, opening, calls, calling } = source.told(model)?;
        let Settings { max_tokens, stop, sampling, drafting, shape, choices, streamed, include_usage } = settings;
        let shape = constraint::beside_calls(shape, calling)?;
        let grammar = shape.map(|shape| shape.compile(model, &opening)).transpose()?;
        let job = |prompt: Vec<Token>, index| Job {
            prompt,
            max_tokens,
            stop: stop.clone(),
            sampling: Choices::sampling(&sampling, index),
            grammar: grammar.clone(),
            drafting,
            logprobs: choices.weighed(),
            again: index > 0,
        };
        let jobs = |prompt: Vec<Token>| (0..choices.made).map(move |index| (prompt.clone(), index));
        let jobs = prompts.into_iter().flat_map(jobs).map(|(prompt, index)| job(prompt, index)).collect();
        let wanted = Wanted {
            made: choices.made,
            given: choices.given,
            echoes: choices.echo.then_some(echoes),
            logprobs: choices.logprobs.is_some(),
            calls,
            include_usage,
        };
        Ok(Self { jobs, wanted, streamed })
    }
}

/// Everything that a request says beside its prompts.
#[derive(Debug, PartialEq)]
struct Settings {
    max_tokens: Option<u32>,
    stop: Vec<String>,
    sampling: crate::model::Sampling,
    drafting: Drafting,
    shape: Option<Shape>,
    choices: Choices,
    streamed: bool,
    include_usage: bool,
}

impl Settings {
    /// Reads all members, and with them what the prompts are made of.
    fn read<'a>(form: Form, members: &mut Members<'a>) -> Result<(Self, Source<'a>), Refusal> {
        HINTS.iter().for_each(|name| members.ignore(name));
        let of_the_other = match form {
            Form::Chat => &AS_EVER_IN_CHAT[..],
            Form::Text => &AS_EVER_IN_TEXT,
        };
        AS_EVER.iter().chain(of_the_other).try_for_each(|(name, value)| members.only(name, value))?;
        let source = Source::read(form, members)?;
        let choices = Choices::read(form, members)?;
        if choices.echo && matches!(source, Source::Texts { suffix: Some(_), .. }) {
            return Err(Refusal::unsupported_value("echo", "true beside a suffix"));
        }
        let max_tokens = members.take("max_completion_tokens", COUNT)?;
        let max_tokens = members.take("max_tokens", COUNT)?.filter(|_| max_tokens.is_none()).or(max_tokens);
        let max_tokens = max_tokens.or_else(|| matches!(form, Form::Text).then_some(TEXT_MAX_TOKENS));
        let stop = stop(members)?;
        let sampling = sampling::read(members)?;
        let drafting = drafting(members)?;
        let shape = Shape::read(members)?;
        let streamed = members.take("stream", "true or false")?.unwrap_or(false);
        let options: StreamOptions = members.take("stream_options", OPTIONS)?.unwrap_or_default();
        let include_usage = options.include_usage.unwrap_or(false);
        members.nothing_left()?;
        choices.check(source.count(), streamed)?;
        Ok((Self { max_tokens, stop, sampling, drafting, shape, choices, streamed, include_usage }, source))
    }
}

const OPTIONS: &str = "an object with include_usage or include_obfuscation";
const COUNT: &str = "a whole number, 0 or more";

/// llama.cpp's own member for how many tokens are guessed at once (its server's README, `POST /completion`). How many pay
/// is measured here, so all that can be said is: none.
fn drafting(members: &mut Members<'_>) -> Result<Drafting, Refusal> {
    const NAME: &str = "speculative.n_max";
    match members.take::<u32>(NAME, COUNT)? {
        None => Ok(Drafting::WhereItPays),
        Some(0) => Ok(Drafting::Never),
        Some(_) => Err(Refusal::unsupported_value(NAME, "any value but 0")),
    }
}

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
