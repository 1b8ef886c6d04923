//! A whole answer, and whether it is one.

mod unassemble;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use crate::chunk::presence::Present;
use crate::chunk::{Choices, Finish, Usage};
use crate::error::ProviderError;
use crate::form::Form;
use crate::stream::parts;

/// A whole answer as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// As it came.
    pub body: Bytes,
    /// Which form it is in.
    pub form: Form,
    /// What it cost, where it says so.
    pub usage: Option<Usage>,
    /// Why it ended, where it says so.
    pub finish: Option<Finish>,
}

/// What an answer may be that would be none for another request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// It may say nothing: there may be nothing to insert before a `suffix`.
    pub empty: bool,
    /// Its caller's own bound, in tokens: one that ends there before it has said anything but thoughts is what they asked for.
    pub bound: Option<u32>,
}

impl Allowed {
    /// Whether an answer of thoughts alone, which its length ended, has come to its caller's own bound: by its usage, else by
    /// its pieces, of which a token or two make one.
    #[must_use]
    pub fn reaches_the_bound(self, usage: Option<Usage>, pieces: u32) -> bool {
        let told = usage.map(|usage| usage.completion_tokens).filter(|&tokens| tokens > 0);
        self.bound.is_some_and(|bound| told.map_or(pieces >= bound / 2, |tokens| tokens >= bound))
    }
}

/// Why a body is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAnswer {
    /// It is not JSON.
    #[error("not JSON")]
    NotJson {
        /// Whether it looks like a web page.
        looks_like_html: bool,
    },
    /// It is JSON without choices.
    #[error("no choices")]
    NoChoices,
    /// Its choices say nothing.
    #[error("empty answer")]
    Empty,
    /// It ended by a failure of its provider's.
    #[error("broken off")]
    BrokenOff,
    /// It is an error.
    #[error("{}", .0.message)]
    Error(ProviderError),
}

impl Whole {
    /// Reads a whole answer in `form`.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn read(form: Form, body: Bytes, allowed: Allowed) -> Result<Self, NotAnAnswer> {
        let Ok(answer) = serde_json::from_slice::<Answer>(&body) else {
            let looks_like_html = body.trim_ascii_start().starts_with(b"<");
            return Err(NotAnAnswer::NotJson { looks_like_html });
        };
        // serde reads an array as a struct too, member by member.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(NotAnAnswer::NoChoices);
        }
        if answer.error.0 {
            return Err(NotAnAnswer::Error(ProviderError::read(&body).unwrap_or_default()));
        }
        if !answer.choices.any {
            return Err(ProviderError::read(&body).map_or(NotAnAnswer::NoChoices, NotAnAnswer::Error));
        }
        let finish = answer.choices.finish;
        if answer.choices.failed || finish.is_some_and(|finish| !finish.is_an_end()) {
            return Err(NotAnAnswer::BrokenOff);
        }
        // What a filter held back is empty, and an answer all the same.
        let thought_alone = answer.choices.token && !answer.choices.answer;
        let cut_in_thought = thought_alone && finish == Some(Finish::Length);
        let cut_in_thought = cut_in_thought && !allowed.reaches_the_bound(answer.usage, u32::MAX);
        let empty = !answer.choices.token && finish != Some(Finish::ContentFilter);
        if (empty && !(allowed.empty && finish == Some(Finish::Stop))) || cut_in_thought {
            return Err(NotAnAnswer::Empty);
        }
        let body = if answer.choices.shape.parts { flattened(&body) } else { body };
        Ok(Self { body, form, usage: answer.usage, finish })
    }

    /// The events that a client of a stream expects in the answer's place, without the `[DONE]`.
    #[must_use]
    pub fn into_events(self, include_usage: bool) -> Vec<Bytes> {
        unassemble::events(self.form, &self.body, include_usage)
    }
}

/// A whole answer whose content is text and not parts.
fn flattened(body: &Bytes) -> Bytes {
    let Ok(mut answer) = serde_json::from_slice::<Value>(body) else { return body.clone() };
    let choices = answer.get_mut("choices").and_then(Value::as_array_mut).into_iter().flatten();
    for message in choices.filter_map(|choice| choice.get_mut("message")?.as_object_mut()) {
        parts::flatten(message);
    }
    answer.to_string().into()
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    choices: Choices,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    error: Present,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Whole, NotAnAnswer> {
        Whole::read(Form::Chat, Bytes::copy_from_slice(body.as_bytes()), Allowed::default())
    }

    #[test]
    fn an_answer_is_kept_as_it_came() {
        let body = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"total_tokens":7}}"#;
        let whole = read(body).expect("an answer");
        assert_eq!(&whole.body[..], body.as_bytes());
        assert_eq!((whole.finish, whole.usage.map(|usage| usage.total_tokens)), (Some(Finish::Stop), Some(7)));
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        let html = NotAnAnswer::NotJson { looks_like_html: true };
        let garbage = NotAnAnswer::NotJson { looks_like_html: false };
        for (body, what) in [
            ("\n<!doctype html>", html),
            ("", garbage.clone()),
            (r#"{"choices":[{"mess"#, garbage),
            ("{}", NotAnAnswer::NoChoices),
            (r#"{"choices":[]}"#, NotAnAnswer::NoChoices),
            (r#"[[{"text":"a"}]]"#, NotAnAnswer::NoChoices),
            (r#"{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}"#, NotAnAnswer::Empty),
            (r#"{"choices":[{"message":{"role":"assistant","content":null}}]}"#, NotAnAnswer::Empty),
        ] {
            assert_eq!(read(body), Err(what), "{body}");
        }
        assert!(
            matches!(read(r#"{"error":{"message":"full"}}"#), Err(NotAnAnswer::Error(error)) if error.message == "full")
        );
    }

    #[test]
    fn a_filtered_answer_is_one() {
        assert!(read(r#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#).is_ok());
    }
}
