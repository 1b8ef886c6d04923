//! A caller's request, of which only what routing needs is read.

mod amendment;
mod estimate;
mod rewrite;
mod segments;

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use bytes::Bytes;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::form::Form;

pub use amendment::{Amendment, BoundName};
pub use rewrite::{CarryOn, CarryOnBy, Rewrite};
pub use segments::Segments;

/// A request that can be routed: its body as it came, and where the members stand that a tier is told something else in.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) form: Form,
    pub(crate) body: Bytes,
    pub(crate) members: Members,
    model: String,
    streamed: bool,
    include_usage: bool,
    max_tokens: Option<u32>,
    prompt_tokens: u32,
    assemblable: bool,
    suffix: bool,
    one_plain_answer: bool,
    structured: bool,
    response_format: Option<Range<usize>>,
}

/// Where the values of the members stand in the body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    pub(crate) model: Option<Range<usize>>,
    pub(crate) stream: Option<Range<usize>>,
    pub(crate) stream_options: Option<Range<usize>>,
    pub(crate) max_tokens: Option<Range<usize>>,
    pub(crate) max_completion_tokens: Option<Range<usize>>,
    pub(crate) return_progress: Option<Range<usize>>,
    /// Of the messages: before the bracket that closes them. Of a text prompt: before its closing quote, where it is one
    /// string.
    pub(crate) prompt_end: Option<usize>,
}

/// What is wrong with a request, in words that its caller understands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Malformed {
    /// In one sentence.
    pub message: String,
    /// The member that is wrong.
    pub param: Option<&'static str>,
    /// For programs.
    pub code: &'static str,
}

/// The route of a request that names none.
const AUTO: &str = "auto";
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl Request {
    /// Reads `body`. Members that routing does not need are neither read nor checked: they are the tier's.
    ///
    /// # Errors
    ///
    /// Where it is no JSON object, asks nothing, or a member that routing needs is of another type.
    pub fn parse(form: Form, body: Bytes) -> Result<Self, Malformed> {
        // PowerShell and some editors put one in front of what they save (RFC 8259, 8.1: a reader may pass over it).
        let body = if body.starts_with(BYTE_ORDER_MARK) { body.slice(BYTE_ORDER_MARK.len()..) } else { body };
        let text = std::str::from_utf8(&body).map_err(|_| not_json("it is not UTF-8"))?;
        let top: Top<'_> = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
        // serde reads an array as a struct too, member by member.
        if !text.trim_start().starts_with('{') {
            return Err(not_json("it is not an object"));
        }
        let prompt = match form {
            Form::Chat => top.messages.filled("messages", "an array of at least one message", |first| first == b'[')?,
            Form::Text => top.prompt.filled("prompt", "a string or an array", |first| matches!(first, b'"' | b'['))?,
        };
        let model: Cow<'_, str> = top.model.read("model", "a string")?.unwrap_or(Cow::Borrowed(AUTO));
        let options: Options = top.stream_options.read("stream_options", "an object")?.unwrap_or_default();
        let choices = top.n.read::<Whole>("n", "a whole number of at least 1")?.map_or(1, |choices| choices.0);
        let ranked = top.best_of.text().and_then(|best| best.parse().ok()).is_some_and(|best: u32| best > choices);
        let max_tokens = top.max_tokens.bound("max_tokens")?;
        let max_completion_tokens = top.max_completion_tokens.bound("max_completion_tokens")?;
        let bounds = [(top.max_tokens, max_tokens), (top.max_completion_tokens, max_completion_tokens)];
        let odd = |(member, bound): (Member<'_>, Option<u32>)| member.spelled_as(bound, text);
        let edits: Vec<_> = bounds.into_iter().filter_map(odd).collect();
        if !edits.is_empty() {
            return Self::parse(form, Bytes::from(replaced(text, edits)));
        }
        Ok(Self {
            form,
            model: model.into_owned(),
            streamed: top.stream.read("stream", "true or false")?.unwrap_or_default(),
            include_usage: options.include_usage == Value::Bool(true),
            max_tokens: max_completion_tokens.or(max_tokens),
            prompt_tokens: [Some(prompt), top.tools.text(), top.functions.text(), top.response_format.text()]
                .into_iter()
                .flatten()
                .fold(0, |sum, text| sum.saturating_add(estimate::tokens(text.as_bytes()))),
            assemblable: !top.modalities.text().is_some_and(|modalities| modalities.contains("audio")) && !ranked,
            suffix: top.suffix.asks(),
            one_plain_answer: choices == 1 && !ranked && !top.logprobs.asks() && !top.echo.asks(),
            structured: top.response_format.text().is_some_and(is_structured) || top.is_constrained(),
            response_format: top.response_format.text().and_then(|format| place(format, text)),
            members: Members {
                prompt_end: prompt_end(form, prompt, text),
                model: top.model.place(text),
                stream: top.stream.place(text),
                stream_options: top.stream_options.place(text),
                max_tokens: top.max_tokens.place(text),
                max_completion_tokens: top.max_completion_tokens.place(text),
                return_progress: top.return_progress.place(text),
            },
            body,
        })
    }

    /// Which form it is in.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// The route that it asks for: its `model`, or `auto` where it has none.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Whether the answer is to be streamed.
    #[must_use]
    pub const fn streamed(&self) -> bool {
        self.streamed
    }

    /// Whether a streamed answer is to tell the usage in a chunk of its own.
    #[must_use]
    pub const fn include_usage(&self) -> bool {
        self.include_usage
    }

    /// The longest answer that the caller wants, in tokens.
    #[must_use]
    pub const fn max_tokens(&self) -> Option<u32> {
        self.max_tokens
    }

    /// A number that equal requests share, by the beginning and the end of their bodies.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        const LOOKED_AT: usize = 4 * 1024;
        let (length, mut hasher) = (self.body.len(), DefaultHasher::new());
        length.hash(&mut hasher);
        self.body[..length.min(LOOKED_AT)].hash(&mut hasher);
        self.body[length.saturating_sub(LOOKED_AT)..].hash(&mut hasher);
        hasher.finish()
    }

    /// The length of the prompt in tokens, estimated.
    #[must_use]
    pub const fn prompt_tokens(&self) -> u32 {
        self.prompt_tokens
    }

    /// Whether an answer that broke off can be carried on: there is one, the prompt has an end to add it to, and the answer
    /// is its text alone. What is told of each token, or a prompt that is said again, would not fit together; and half a JSON
    /// value with the half that another model makes of it is seldom one.
    #[must_use]
    pub const fn can_be_carried_on(&self) -> bool {
        self.one_plain_answer && !self.structured && self.members.prompt_end.is_some()
    }

    /// Whether its caller says whether reports of progress are wanted: then the caller gets what the tier makes of it.
    #[must_use]
    pub const fn speaks_of_progress(&self) -> bool {
        self.members.return_progress.is_some()
    }

    /// Whether the answer is to stand before a text of the caller's, so that nothing may be an answer.
    #[must_use]
    pub const fn has_suffix(&self) -> bool {
        self.suffix
    }

    /// The form that the answer is to have (`response_format`), as it stands in the body.
    #[must_use]
    pub fn response_format(&self) -> Option<&[u8]> {
        self.response_format.clone().map(|place| &self.body[place])
    }

    /// Whether a stream can be put together into the same answer as a whole one. Spoken answers cannot, nor those that are
    /// chosen once all are there (`best_of`), of which there is no stream.
    #[must_use]
    pub const fn assemblable(&self) -> bool {
        self.assemblable
    }
}

#[derive(Deserialize)]
struct Top<'a> {
    #[serde(borrow, default)]
    model: Member<'a>,
    #[serde(borrow, default)]
    messages: Member<'a>,
    #[serde(borrow, default)]
    prompt: Member<'a>,
    #[serde(borrow, default)]
    stream: Member<'a>,
    #[serde(borrow, default)]
    stream_options: Member<'a>,
    #[serde(borrow, default)]
    max_tokens: Member<'a>,
    #[serde(borrow, default)]
    max_completion_tokens: Member<'a>,
    #[serde(borrow, default)]
    return_progress: Member<'a>,
    #[serde(borrow, default)]
    modalities: Member<'a>,
    #[serde(borrow, default)]
    n: Member<'a>,
    #[serde(borrow, default)]
    best_of: Member<'a>,
    #[serde(borrow, default)]
    logprobs: Member<'a>,
    #[serde(borrow, default)]
    echo: Member<'a>,
    #[serde(borrow, default)]
    suffix: Member<'a>,
    #[serde(borrow, default)]
    response_format: Member<'a>,
    #[serde(borrow, default)]
    json_schema: Member<'a>,
    #[serde(borrow, default)]
    grammar: Member<'a>,
    #[serde(borrow, default)]
    guided_json: Member<'a>,
    #[serde(borrow, default)]
    structured_outputs: Member<'a>,
    #[serde(borrow, default)]
    tools: Member<'a>,
    #[serde(borrow, default)]
    functions: Member<'a>,
}

#[derive(Default, Deserialize)]
struct Options {
    #[serde(default)]
    include_usage: Value,
}

/// A whole number in any form that JSON has for it: `64`, `64.0`, `6.4e1`. What is larger than any answer is cut off there.
struct Whole(u32);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        if number < 0.0 || number.fract() != 0.0 {
            return Err(D::Error::custom("no whole number"));
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole, and `as` cuts it off")]
        let whole = number as u32;
        Ok(Self(whole))
    }
}

/// A member's value as it stands in the body. `null` has a place there, and says as little as a member that is absent.
#[derive(Clone, Copy, Default)]
struct Member<'a>(Option<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Member<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'a RawValue>::deserialize(deserializer).map(|raw| Self(Some(raw)))
    }
}

impl<'a> Member<'a> {
    fn text(self) -> Option<&'a str> {
        self.0.map(RawValue::get).filter(|&text| text != "null")
    }

    /// Whether it asks for something: in a text, `logprobs` may be 0 and still does.
    fn asks(self) -> bool {
        self.text().is_some_and(|text| text != "false")
    }

    fn read<T: Deserialize<'a>>(self, name: &'static str, takes: &str) -> Result<Option<T>, Malformed> {
        let read = |text| serde_json::from_str(text).map_err(|_| wrong(name, takes));
        self.text().map(read).transpose()
    }

    /// The bound that it sets on the answer's tokens. `-1` sets none: so llama.cpp's server has it, and its clients.
    fn bound(self, name: &'static str) -> Result<Option<u32>, Malformed> {
        if self.says_without_bound() {
            return Ok(None);
        }
        let bound = self.read::<Whole>(name, "a whole number of at least 0")?;
        Ok(bound.map(|bound| bound.0))
    }

    fn says_without_bound(self) -> bool {
        self.text().is_some_and(|text| text.parse() == Ok(-1.0))
    }

    /// The edit by which a tier reads `bound` as it is read here: servers in typed languages refuse `64.0`, and `-1`.
    fn spelled_as(self, bound: Option<u32>, body: &str) -> Option<(Range<usize>, String)> {
        let plain = bound.map_or_else(|| "null".to_owned(), |bound| bound.to_string());
        let text = self.text().filter(|text| *text != plain)?;
        Some((place(text, body)?, plain))
    }

    /// The value's text, which must begin as `takes` says and hold something.
    fn filled(self, name: &'static str, takes: &str, begins: impl Fn(u8) -> bool) -> Result<&'a str, Malformed> {
        let missing = || Malformed {
            message: format!("'{name}' is missing: it is {takes}"),
            param: Some(name),
            code: "missing_required_parameter",
        };
        let text = self.text().ok_or_else(missing)?;
        let bytes = text.as_bytes();
        let empty = bytes[0] == b'[' && bytes[1..].trim_ascii_start().starts_with(b"]");
        if begins(bytes[0]) && !empty { Ok(text) } else { Err(wrong(name, takes)) }
    }

    /// Where the value stands in `body`.
    fn place(self, body: &str) -> Option<Range<usize>> {
        place(self.0?.get(), body)
    }
}

/// Where `value` stands in `body`, of which it is a slice.
fn place(value: &str, body: &str) -> Option<Range<usize>> {
    let start = value.as_ptr().addr().checked_sub(body.as_ptr().addr())?;
    Some(start..start + value.len())
}

impl Top<'_> {
    /// Whether the answer is bound to a form by a member of a server's own: llama.cpp's, vLLM's.
    fn is_constrained(&self) -> bool {
        let constraints = [&self.json_schema, &self.grammar, &self.guided_json, &self.structured_outputs];
        constraints.iter().any(|constraint| constraint.text().is_some_and(|text| text != "\"\""))
    }
}

/// Whether a `response_format` asks for anything but text.
fn is_structured(format: &str) -> bool {
    #[derive(Deserialize)]
    struct Format<'a> {
        #[serde(borrow, default)]
        r#type: Cow<'a, str>,
    }
    serde_json::from_str(format).map_or(true, |Format { r#type }| r#type != "text")
}

/// Where something can be added to `prompt`, a slice of `body`: to messages, or to one text. A list of texts has many ends.
fn prompt_end(form: Form, prompt: &str, body: &str) -> Option<usize> {
    let takes_more = match form {
        Form::Chat => prompt.strip_prefix('[').is_some_and(|items| items.trim_start().starts_with('{')),
        Form::Text => prompt.starts_with('"'),
    };
    takes_more.then(|| place(prompt, body).map(|place| place.end - 1)).flatten()
}

/// `body` with these texts in these places of it.
fn replaced(body: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    let mut body = body.to_owned();
    for (place, text) in edits {
        body.replace_range(place, &text);
    }
    body
}

fn wrong(name: &'static str, takes: &str) -> Malformed {
    Malformed { message: format!("'{name}' must be {takes}"), param: Some(name), code: "invalid_type" }
}

fn not_json(why: &str) -> Malformed {
    Malformed { message: format!("The request's body is not JSON: {why}"), param: None, code: "invalid_json" }
}

fn unreadable(error: &serde_json::Error) -> Malformed {
    if error.is_data() && error.to_string().starts_with("duplicate") {
        return Malformed { message: format!("The request's body: {error}"), param: None, code: "invalid_request" };
    }
    let why = if error.is_data() { "it is not an object".to_owned() } else { error.to_string() };
    not_json(&why)
}

#[cfg(test)]
mod tests;
