//! What an answer says, before it takes the form of a stream or of a whole: its tokens, its end, its usage.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use crate::ask::Form;
use crate::continuation::Start;
use crate::fault::FinishReason;
use crate::plan::Answer;
use crate::text::Text;

/// The tool that is called.
pub(crate) const TOOL_NAME: &str = "get_weather";
/// Its arguments, `{"city":"Paris"}`, as they are cut up in a stream; escaped for JSON.
pub(crate) const TOOL_ARGUMENTS: [&str; 3] = [r#"{\"city\":"#, r#"\"Par"#, r#"is\"}"#];
/// Two calls, each whole: their identities and their arguments.
pub(crate) const TOOL_CALLS: [(&str, &str); 2] = [("c1", r#"{\"city\":\"Paris\"}"#), ("c2", r#"{\"city\":\"Rome\"}"#)];
/// The tokens of a tool call: its name and its arguments.
pub(crate) const TOOL_CALL_PIECES: u32 = 1 + TOOL_ARGUMENTS.len() as u32;

/// What a model says that begins a new turn where it should have gone on.
const APOLOGY: &str = "I apologize, my last answer was cut off. Here it is in full: ";
/// The error inside a choice, in OpenRouter's form (<https://openrouter.ai/docs/api-reference/overview>).
pub(crate) const CHOICE_ERROR: &str = r#","error":{"code":502,"message":"The provider broke off."}"#;

/// The moment at which every answer says that it was made: the same bytes for the same call.
pub(crate) const CREATED: u64 = 1_767_225_600;

/// All of a request that an answer depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wanted {
    pub(crate) form: Form,
    pub(crate) streamed: bool,
    pub(crate) include_usage: bool,
    pub(crate) progress: bool,
    pub(crate) prompt_tokens: u32,
    pub(crate) max_tokens: Option<u32>,
    pub(crate) start: Start,
    /// The words that it is asked to repeat.
    pub(crate) quoted: Option<String>,
}

/// What is said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) form: Form,
    /// The identity of the answer, one for each model name.
    pub(crate) id: String,
    /// The model's name as a JSON string, with its quotes.
    pub(crate) model: String,
    pub(crate) reasoning: u32,
    pub(crate) words: Range<u32>,
    pub(crate) tool_call: bool,
    /// Whether two tools are called under one index.
    pub(crate) same_index: bool,
    pub(crate) parts: bool,
    pub(crate) broken_usage: bool,
    surrogate_halves: bool,
    /// What is said before the first word, as it stands in a JSON string.
    opening: String,
    /// The tokens of a fixed text, which the words then number.
    text: Option<Vec<&'static str>>,
    /// `w`, or `v` for words that have nothing in common with those.
    letter: char,
    /// Whether the first word needs a space before it.
    space: bool,
    pub(crate) finish_reason: Option<&'static str>,
    /// Whether the error stands inside the choice.
    pub(crate) failed: bool,
    pub(crate) prompt_tokens: u32,
}

/// A text as it stands in a JSON string.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

impl Said {
    pub(crate) fn new(answer: &Answer, wanted: &Wanted, model: &str) -> Said {
        let opening = match &wanted.quoted {
            Some(quoted) if answer.repeats => escaped(quoted),
            _ if answer.apologizes && wanted.start != Start::ANEW => APOLOGY.to_owned(),
            _ => String::new(),
        };
        let from_the_first = answer.anew || answer.apologizes || answer.repeats;
        let start = if from_the_first { Start::ANEW } else { wanted.start };
        let chat = wanted.form == Form::Chat;
        let tool_call = answer.tool_call && chat;
        let reasoning = if chat { answer.reasoning } else { 0 };
        let text = answer.text.map(Text::tokens);
        let all = text.as_ref().map_or(answer.words, |tokens| u32::try_from(tokens.len()).unwrap_or(u32::MAX));
        let words = if tool_call { 0 } else { (all + 1).saturating_sub(start.word) };
        let natural_end = if tool_call { "tool_calls" } else { "stop" };
        let natural_end = answer.reason.unwrap_or(Some(natural_end));
        let (tokens, finish_reason) = end(reasoning + words, natural_end, answer, wanted);
        let failed = finish_reason == Some("error") && matches!(answer.finish, Some((_, FinishReason::Error)));
        let reasoning = reasoning.min(tokens);
        Said {
            form: wanted.form,
            id: id(wanted.form, model),
            model: serde_json::Value::from(model).to_string(),
            reasoning,
            words: start.word..start.word.saturating_add(tokens - reasoning),
            tool_call,
            same_index: answer.same_index,
            parts: answer.parts,
            broken_usage: answer.broken_usage,
            surrogate_halves: answer.surrogate_halves,
            opening,
            text,
            letter: if answer.other_words { 'v' } else { 'w' },
            space: start.space,
            finish_reason,
            failed,
            prompt_tokens: wanted.prompt_tokens,
        }
    }

    /// What the token of this number says, as it stands in a JSON string.
    pub(crate) fn word(&self, word: u32) -> String {
        if let Some(text) = &self.text {
            let index = word as usize - 1;
            // White space that the caller has left out at the end of what was said.
            let blank = (word == self.words.start && self.space).then(|| text[index - 1]);
            let blank = blank.map_or("", |before| &before[before.trim_end().len()..]);
            return escaped(&format!("{blank}{}", text[index]));
        }
        let space = if word > self.words.start || self.space { " " } else { &self.opening };
        let (half, other_half) = match word {
            2 if self.surrogate_halves => ("", r"\ud83d"),
            3 if self.surrogate_halves => (r"\ude00", ""),
            _ => ("", ""),
        };
        format!("{half}{space}{}{word}{other_half}", self.letter)
    }

    /// What the word of a thought of this number says.
    pub(crate) fn thought(&self, word: u32) -> String {
        format!("{}r{word}", if word > 1 { " " } else { "" })
    }

    /// The tokens of the prompt, of the answer, and of both.
    pub(crate) fn counted(&self) -> (u32, u32, u32) {
        let tool_call = if self.tool_call { TOOL_CALL_PIECES } else { 0 };
        let completion = self.reasoning + (self.words.end - self.words.start) + tool_call;
        (self.prompt_tokens, completion, self.prompt_tokens.saturating_add(completion))
    }

    /// The usage object.
    pub(crate) fn usage(&self) -> String {
        if self.broken_usage {
            return r#"{"prompt_tokens":"12"}"#.to_owned();
        }
        let (prompt, completion, total) = self.counted();
        format!(r#"{{"prompt_tokens":{prompt},"completion_tokens":{completion},"total_tokens":{total}}}"#)
    }
}

/// How many tokens are said, and why no more: the nearest of the script's end, the caller's limit and the natural end.
fn end(tokens: u32, natural: Option<&'static str>, answer: &Answer, wanted: &Wanted) -> (u32, Option<&'static str>) {
    let scripted = answer.finish.map(|(after, reason)| {
        let reason = match reason {
            FinishReason::Length => "length",
            FinishReason::ContentFilter => "content_filter",
            FinishReason::Error => "error",
        };
        (after, Some(reason))
    });
    let limit = wanted.max_tokens.map(|limit| (limit, Some("length")));
    scripted
        .into_iter()
        .chain(limit)
        .fold((tokens, natural), |nearest, end| if end.0 < nearest.0 { end } else { nearest })
}

fn id(form: Form, model: &str) -> String {
    let mut hasher = DefaultHasher::new();
    model.hash(&mut hasher);
    let prefix = match form {
        Form::Chat => "chatcmpl",
        Form::Text => "cmpl",
    };
    format!("{prefix}-wall-{:08x}", hasher.finish() >> 32)
}

/// An answer's bytes and where its tokens lie in them: what comes first, the tokens one by one, what comes last.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    bytes: Vec<u8>,
    /// Where the prefix ends, then where each token ends.
    marks: Vec<usize>,
}

impl Spoken {
    pub(crate) fn add(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Ends the prefix or a token.
    pub(crate) fn mark(&mut self) {
        self.marks.push(self.bytes.len());
    }

    pub(crate) fn prefix(&self) -> &[u8] {
        &self.bytes[..self.prefix_end()]
    }

    pub(crate) fn tokens(&self) -> impl Iterator<Item = &[u8]> {
        self.marks.windows(2).map(|ends| &self.bytes[ends[0]..ends[1]])
    }

    pub(crate) fn suffix(&self) -> &[u8] {
        &self.bytes[self.marks.last().copied().unwrap_or(0)..]
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// How many bytes there are before the token of this number (counted from 0), or before the suffix.
    pub(crate) fn len_before(&self, token: usize) -> usize {
        self.marks.get(token).copied().unwrap_or(self.bytes.len())
    }

    fn prefix_end(&self) -> usize {
        self.marks.first().copied().unwrap_or(0)
    }
}
