//! What one streamed chunk says. Every token passes through here, so nothing is built that is not asked for.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use crate::error::ProviderError;
use crate::said::Said;
use crate::usage::Usage;

/// The data of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// `[DONE]`
    Done,
    /// A chunk of an answer.
    Chunk(Chunk),
    /// An error in place of one.
    Error(ProviderError),
    /// Neither.
    Malformed,
}

/// A chunk of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// Whether it says something: content, text, reasoning, a refusal or a piece of a tool call. A role alone, an empty
    /// string and an empty delta are nothing.
    pub token: bool,
    /// Whether it holds a piece of a tool call.
    pub tool_call: bool,
    /// Whether it has any choice. One without tells the usage, if anything.
    pub choices: bool,
    /// Why the answer ended, where it has.
    pub finish: Option<Finish>,
    /// What it cost, where the chunk says so.
    pub usage: Option<Usage>,
}

/// OpenAI's `finish_reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Finish {
    /// It was complete, or came upon a stop sequence.
    Stop,
    /// It reached `max_tokens` or the end of the context.
    Length,
    /// It calls a tool.
    ToolCalls,
    /// A filter held it back.
    ContentFilter,
    /// What no provider's documentation that we know lists.
    Other,
}

impl Piece {
    /// Reads the data of one event, of either form.
    #[must_use]
    pub fn read(data: &[u8]) -> Self {
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            return Self::Done;
        }
        let Ok(body) = serde_json::from_slice::<Body>(data) else { return Self::Malformed };
        if body.error.0 || body.object.as_ref().is_some_and(|object| object.0) {
            return ProviderError::read(data).map_or(Self::Malformed, Self::Error);
        }
        let Choices { any, token, tool_call, finish } = body.choices;
        Self::Chunk(Chunk { token, tool_call, choices: any, finish, usage: body.usage })
    }
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    choices: Choices,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    error: Said,
    #[serde(default)]
    object: Option<IsError>,
}

/// Whether `object` reads `error`, as vLLM's does.
struct IsError(bool);

impl<'de> Deserialize<'de> for IsError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer).map(|object| Self(object == "error"))
    }
}

/// All choices of a chunk, or of a whole answer, taken together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Choices {
    pub(crate) any: bool,
    pub(crate) token: bool,
    pub(crate) tool_call: bool,
    pub(crate) finish: Option<Finish>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default, alias = "message")]
    delta: Option<Delta>,
    #[serde(default)]
    text: Said,
    #[serde(default)]
    finish_reason: Option<Finish>,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(default)]
    content: Said,
    #[serde(default)]
    reasoning: Said,
    #[serde(default)]
    reasoning_content: Said,
    #[serde(default)]
    refusal: Said,
    #[serde(default)]
    audio: Said,
    #[serde(default)]
    tool_calls: Said,
    #[serde(default)]
    function_call: Said,
}

impl Choices {
    fn add(&mut self, choice: &Choice) {
        self.any = true;
        self.finish = choice.finish_reason.or(self.finish);
        self.token |= choice.text.0;
        if let Some(delta) = &choice.delta {
            let text = [delta.content, delta.reasoning, delta.reasoning_content, delta.refusal, delta.audio];
            let tool_call = delta.tool_calls.0 || delta.function_call.0;
            self.tool_call |= tool_call;
            self.token |= tool_call || text.contains(&Said(true));
        }
    }
}

impl<'de> Deserialize<'de> for Choices {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChoicesVisitor)
    }
}

struct ChoicesVisitor;

impl<'de> Visitor<'de> for ChoicesVisitor {
    type Value = Choices;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of choices")
    }

    fn visit_unit<E>(self) -> Result<Choices, E> {
        Ok(Choices::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Choices, A::Error> {
        let mut choices = Choices::default();
        while let Some(choice) = items.next_element::<Choice>()? {
            choices.add(&choice);
        }
        Ok(choices)
    }
}

impl<'de> Deserialize<'de> for Finish {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let reason = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Ok(match &*reason {
            "stop" | "eos" | "end_turn" | "stop_sequence" => Self::Stop,
            "length" | "max_tokens" => Self::Length,
            "tool_calls" | "function_call" | "tool_use" => Self::ToolCalls,
            "content_filter" => Self::ContentFilter,
            _ => Self::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(json: &str) -> Chunk {
        match Piece::read(json.as_bytes()) {
            Piece::Chunk(chunk) => chunk,
            other => panic!("{json} is {other:?}"),
        }
    }

    #[test]
    fn content_reasoning_refusals_tool_calls_and_text_are_tokens() {
        for delta in [
            r#"{"content":"a"}"#,
            r#"{"content":" "}"#,
            r#"{"reasoning":"a"}"#,
            r#"{"reasoning_content":"a"}"#,
            r#"{"refusal":"no"}"#,
            r#"{"tool_calls":[{"index":0}]}"#,
            r#"{"function_call":{"name":"f"}}"#,
            r#"{"role":"assistant","content":"\u00e9"}"#,
        ] {
            let chunk = chunk(&format!(r#"{{"choices":[{{"index":0,"delta":{delta}}}]}}"#));
            assert!(chunk.token && chunk.choices, "{delta}");
        }
        assert!(chunk(r#"{"choices":[{"text":"a"}]}"#).token);
    }

    #[test]
    fn a_role_an_empty_string_an_empty_delta_and_null_are_no_tokens() {
        for delta in [
            "{}",
            "null",
            r#"{"role":"assistant"}"#,
            r#"{"content":""}"#,
            r#"{"content":null}"#,
            r#"{"role":"assistant","content":"","refusal":null,"tool_calls":[]}"#,
        ] {
            assert!(!chunk(&format!(r#"{{"choices":[{{"index":0,"delta":{delta}}}]}}"#)).token, "{delta}");
        }
        assert!(!chunk(r#"{"choices":[]}"#).token && !chunk("{}").token && !chunk(r#"{"choices":null}"#).token);
    }

    #[test]
    fn the_end_and_the_usage_are_read() {
        let last = chunk(
            r#"{"choices":[{"delta":{},"finish_reason":"length"}],
                "usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"other":{"deep":[1]}}}"#,
        );
        assert_eq!(last.finish, Some(Finish::Length));
        assert_eq!(last.usage, Some(Usage { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }));
        assert_eq!(chunk(r#"{"choices":[{"delta":{"content":"a"},"finish_reason":null}],"usage":null}"#).usage, None);
    }

    #[test]
    fn done_an_error_and_nonsense_are_told_apart() {
        assert_eq!(Piece::read(b" [DONE] "), Piece::Done);
        assert_eq!(Piece::read(b"{\"choices\":[{\"del"), Piece::Malformed);
        let Piece::Error(error) = Piece::read(br#"{"error":{"message":"full","code":503}}"#) else {
            panic!("an error");
        };
        assert_eq!((&*error.message, error.code.as_deref()), ("full", Some("503")));
        let vllm = br#"{"object":"error","message":"too long","type":"BadRequestError","code":400}"#;
        assert!(matches!(Piece::read(vllm), Piece::Error(error) if error.status == Some(400)));
    }
}
