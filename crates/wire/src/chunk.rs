//! What one streamed chunk says. Every token passes through here, so nothing is built that is not asked for.

mod choice_index;
pub(crate) mod presence;
mod usage;

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use crate::error::ProviderError;
use crate::sse::Event;

use choice_index::ChoiceIndex;
use presence::{Content, Present};
pub use usage::Usage;

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
    /// Whether it says something of the answer itself, and not of the thoughts before it.
    pub answer: bool,
    /// Whether it holds a piece of a tool call.
    pub tool_call: bool,
    /// Whether it has any choice. One without tells the usage, if anything.
    pub choices: bool,
    /// Which choices it is of: a bit each, by their index.
    pub of: u128,
    /// Which of them ended.
    pub ended: u128,
    /// Why the answer ended, where it has.
    pub finish: Option<Finish>,
    /// Whether a choice holds an error in its place, as OpenRouter's last chunk may
    /// (<https://openrouter.ai/docs/api/reference/errors-and-debugging>).
    pub failed: bool,
    /// What it cost, where the chunk says so.
    pub usage: Option<Usage>,
    /// Whether it reports how much of the prompt has been read, as llama.cpp's server does where `return_progress` asks for
    /// it (its README, `POST /completion`).
    pub progress: bool,
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
    /// A failure of the provider's (DeepSeek's `insufficient_system_resource`, Z.ai's `network_error`), or what no
    /// documentation that we know lists as an end.
    Other,
}

impl Piece {
    /// Reads the data of one event, of either form.
    #[must_use]
    pub fn read(data: &[u8]) -> Self {
        Self::read_with_shape(data).0
    }

    /// As [`Piece::read`], with what of a chunk is not in the one form that clients expect.
    pub(crate) fn read_with_shape(data: &[u8]) -> (Self, Shape) {
        let mut shape = Shape::default();
        (Self::read_into(data, &mut shape), shape)
    }

    fn read_into(data: &[u8], shape: &mut Shape) -> Self {
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            return Self::Done;
        }
        // serde reads an array as a struct too, member by member.
        let object = data.first() == Some(&b'{');
        let Some(body) = object.then(|| serde_json::from_slice::<Body>(data).ok()).flatten() else {
            return Self::Malformed;
        };
        if body.error.0 {
            return ProviderError::read(data).map_or(Self::Malformed, Self::Error);
        }
        let Some(choices) = body.choices else {
            // vLLM and FastAPI tell an error without a member of that name.
            let nothing =
                Self::Chunk(Chunk { usage: body.usage, progress: body.prompt_progress.0, ..Chunk::default() });
            return ProviderError::read(data).map_or(nothing, Self::Error);
        };
        *shape = Shape { id: body.id.0, ..choices.shape };
        let Choices { any, of, ended, token, answer, tool_call, finish, failed, .. } = choices;
        let progress = body.prompt_progress.0;
        Self::Chunk(Chunk {
            token,
            answer,
            tool_call,
            choices: any,
            of,
            ended,
            finish,
            failed,
            usage: body.usage,
            progress,
        })
    }

    /// Reads one event; `None` where it has no data, as a comment does. An event by the name of `error` is one, whatever
    /// the form of its data.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        let data = event.data.as_deref()?;
        if event.name.as_deref() != Some(b"error") {
            return Some(Self::read(data));
        }
        let words = || ProviderError { message: String::from_utf8_lossy(data).trim().to_owned(), ..Default::default() };
        Some(Self::Error(ProviderError::read(data).unwrap_or_else(words)))
    }
}

/// What of a chunk's form has to be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// It has an id.
    pub(crate) id: bool,
    /// A choice says whose role it is.
    pub(crate) role: bool,
    /// A choice's content is a list of parts.
    pub(crate) parts: bool,
    /// A choice has pieces of tool calls.
    pub(crate) tool_calls: bool,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    id: Present,
    #[serde(default)]
    choices: Option<Choices>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    error: Present,
    #[serde(default)]
    prompt_progress: Present,
}

/// All choices of a chunk, or of a whole answer, taken together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Choices {
    pub(crate) any: bool,
    of: u128,
    ended: u128,
    pub(crate) token: bool,
    pub(crate) answer: bool,
    pub(crate) tool_call: bool,
    pub(crate) finish: Option<Finish>,
    pub(crate) failed: bool,
    pub(crate) shape: Shape,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: ChoiceIndex,
    #[serde(default)]
    delta: Option<Delta>,
    /// A whole answer's name for it. Some providers send both in the last chunk.
    #[serde(default)]
    message: Option<Delta>,
    #[serde(default)]
    text: Present,
    #[serde(default)]
    finish_reason: FinishMember,
    #[serde(default)]
    error: Present,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(default)]
    role: Present,
    #[serde(default)]
    content: Content,
    #[serde(default)]
    reasoning: Present,
    #[serde(default)]
    reasoning_content: Present,
    #[serde(default)]
    refusal: Present,
    #[serde(default)]
    audio: Present,
    #[serde(default)]
    tool_calls: Present,
    #[serde(default)]
    function_call: Present,
}

impl Choices {
    fn add(&mut self, choice: &Choice) {
        self.any = true;
        self.of |= choice.index.bit();
        if choice.finish_reason.0.is_some() {
            self.ended |= choice.index.bit();
        }
        self.finish = choice.finish_reason.0.or(self.finish);
        self.failed |= choice.error.0;
        self.answer |= choice.text.0;
        for delta in [&choice.delta, &choice.message].into_iter().flatten() {
            let tool_call = delta.tool_calls.0 || delta.function_call.0;
            self.tool_call |= tool_call;
            self.answer |= tool_call || delta.content.present.0 || delta.refusal.0 || delta.audio.0;
            self.token |= delta.reasoning.0 || delta.reasoning_content.0;
            self.shape.role |= delta.role.0;
            self.shape.parts |= delta.content.parts;
            self.shape.tool_calls |= delta.tool_calls.0;
        }
        self.token |= self.answer;
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

/// A `finish_reason`. An empty one, which some providers send with every chunk, says as little as `null`.
#[derive(Clone, Copy, Default)]
pub(crate) struct FinishMember(pub(crate) Option<Finish>);

impl<'de> Deserialize<'de> for FinishMember {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let reason = Option::<Reason<'de>>::deserialize(deserializer)?;
        Ok(Self(reason.and_then(|Reason(reason)| match &*reason {
            "" | "null" => None,
            // OpenAI's, Anthropic's, TGI's, Cohere's and Gemini's words for it.
            "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" | "complete" | "COMPLETE" | "end" | "STOP" => {
                Some(Finish::Stop)
            }
            // `model_length` is Mistral's, `model_context_window_exceeded` Anthropic's and Z.ai's.
            "length"
            | "max_tokens"
            | "MAX_TOKENS"
            | "model_length"
            | "max_output_tokens"
            | "model_context_window_exceeded" => Some(Finish::Length),
            "tool_calls" | "tool_call" | "function_call" | "tool_use" | "TOOL_CALL" => Some(Finish::ToolCalls),
            // `sensitive` is Z.ai's, the rest Gemini's.
            "content_filter" | "sensitive" | "refusal" | "SAFETY" | "safety" | "RECITATION" | "recitation"
            | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" => Some(Finish::ContentFilter),
            _ => Some(Finish::Other),
        })))
    }
}

/// Borrowed where it holds no escape.
#[derive(Deserialize)]
struct Reason<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use bytes::Bytes;

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
    fn which_choices_it_is_of_and_which_ended_is_read() {
        let both = chunk(
            r#"{"choices":[{"index":0,"text":"a"},{"index":2,"text":"","finish_reason":"stop"},{"index":900,"text":"b"}]}"#,
        );
        assert_eq!((both.of, both.ended), (0b101, 0b100));
        let without = chunk(r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#);
        assert_eq!((without.of, without.ended), (1, 1));
    }

    #[test]
    fn a_report_of_progress_is_told_from_an_answer() {
        let report = chunk(
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}],
                "prompt_progress":{"total":900,"cache":0,"processed":256,"time_ms":6400}}"#,
        );
        assert!(report.progress && !report.token);
        assert!(!chunk(r#"{"choices":[{"delta":{"content":"a"}}],"prompt_progress":null}"#).progress);
    }

    #[test]
    fn an_empty_reason_is_no_end() {
        assert_eq!(chunk(r#"{"choices":[{"delta":{"content":"a"},"finish_reason":""}]}"#).finish, None);
        assert_eq!(chunk(r#"{"choices":[{"delta":{},"finish_reason":"\u0073top"}]}"#).finish, Some(Finish::Stop));
        assert_eq!(chunk(r#"{"choices":[{"delta":{},"finish_reason":"abort"}]}"#).finish, Some(Finish::Other));
    }

    #[test]
    fn a_choice_may_hold_both_a_delta_and_a_message() {
        assert!(chunk(r#"{"choices":[{"delta":{"content":""},"message":{"content":"a"}}]}"#).token);
        assert!(chunk(r#"{"choices":[{"delta":{"content":"a"},"message":null}]}"#).token);
    }

    #[test]
    fn an_event_by_the_name_of_error_is_one() {
        let event = |name: Option<&'static str>, data: Option<&'static str>| Event {
            raw: Bytes::new(),
            data: data.map(Bytes::from),
            name: name.map(Bytes::from),
            bare: true,
        };
        let message = |data| match Piece::of(&event(Some("error"), Some(data))) {
            Some(Piece::Error(error)) => error.message,
            other => panic!("{other:?}"),
        };
        assert_eq!(message(r#"{"error":{"message":"full"}}"#), "full");
        assert_eq!(message(r#"{"message":"full"}"#), "full");
        assert_eq!(message("out of memory\n"), "out of memory");
        assert_eq!(Piece::of(&event(None, Some("[DONE]"))), Some(Piece::Done));
        assert_eq!(Piece::of(&event(Some("error"), None)), None);
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
        assert!(matches!(Piece::read(br#"{"detail":"Not Found"}"#), Piece::Error(_)));
        assert_eq!(Piece::read(b"[[{\"delta\":{\"content\":\"a\"}}]]"), Piece::Malformed);
        assert_eq!(Piece::read(br#"{"type":"ping"}"#), Piece::Chunk(Chunk::default()));
    }
}
