//! What the wall must know of a request: its model, how it wants to be answered, and how its messages end.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::Number;
use serde_json::value::RawValue;

/// OpenAI's two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// `/chat/completions`
    Chat,
    /// `/completions`
    Text,
}

/// A request's body. Everything else in it is passed over.
#[derive(Debug, Deserialize)]
pub(crate) struct Ask<'a> {
    #[serde(borrow)]
    pub(crate) model: Cow<'a, str>,
    #[serde(default)]
    pub(crate) stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
    #[serde(default)]
    max_tokens: Option<Number>,
    #[serde(default)]
    max_completion_tokens: Option<Number>,
    #[serde(default)]
    return_progress: Option<bool>,
    #[serde(borrow, default)]
    pub(crate) messages: Tail<'a>,
    #[serde(borrow, default)]
    prompt: Option<&'a RawValue>,
    #[serde(default)]
    pub(crate) response_format: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) presence_penalty: Option<IgnoredAny>,
    pub(crate) reasoning_effort: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) suffix: Option<IgnoredAny>,
    /// The body, byte for byte.
    #[serde(skip)]
    pub(crate) body: &'a [u8],
    /// The request's path, and the host that it names.
    #[serde(skip)]
    pub(crate) path: &'a str,
    #[serde(skip)]
    pub(crate) host: &'a str,
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: Option<bool>,
}

/// The end of the messages, and the size of all of them.
#[derive(Debug, Default)]
pub(crate) struct Tail<'a> {
    /// The last message.
    pub(crate) last: Option<Message<'a>>,
    /// The message before it.
    pub(crate) before: Option<Message<'a>>,
    /// Whether a message holds a picture, a sound or a file.
    pub(crate) media: bool,
    bytes: usize,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Message<'a> {
    #[serde(borrow, default)]
    role: Cow<'a, str>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
}

impl<'a> Ask<'a> {
    pub(crate) fn read(body: &'a [u8]) -> serde_json::Result<Self> {
        Ok(Ask { body, ..serde_json::from_slice(body)? })
    }

    /// With the address that was asked.
    pub(crate) fn at(self, path: &'a str, host: &'a str) -> Self {
        Ask { path, host, ..self }
    }

    pub(crate) fn streamed(&self) -> bool {
        self.stream == Some(true)
    }

    pub(crate) fn include_usage(&self) -> bool {
        self.stream_options.as_ref().is_some_and(|options| options.include_usage == Some(true))
    }

    pub(crate) fn wants_progress(&self) -> bool {
        self.return_progress == Some(true)
    }

    pub(crate) fn max_tokens(&self) -> Option<u32> {
        let bound = self.max_completion_tokens.as_ref().or(self.max_tokens.as_ref())?.as_f64()?;
        // A negative bound is none, as llama.cpp and Ollama read it. The cast saturates.
        (bound >= 0.0).then_some(bound as u32)
    }

    pub(crate) fn carries_stream_options(&self) -> bool {
        self.stream_options.is_some()
    }

    pub(crate) fn carries_max_tokens(&self) -> bool {
        self.max_tokens.is_some()
    }

    pub(crate) fn body_holds(&self, text: &str) -> bool {
        String::from_utf8_lossy(self.body).contains(text)
    }

    /// An estimate: four bytes of JSON text are a token.
    pub(crate) fn prompt_tokens(&self) -> u32 {
        let bytes = self.messages.bytes + self.prompt.map_or(0, |prompt| prompt.get().len());
        u32::try_from(bytes.div_ceil(4)).unwrap_or(u32::MAX)
    }

    /// The prompt of the text form, where it is one text.
    pub(crate) fn prompt(&self) -> Option<String> {
        self.prompt.and_then(|prompt| serde_json::from_str(prompt.get()).ok())
    }
}

impl Message<'_> {
    pub(crate) fn is_from_assistant(&self) -> bool {
        self.role == "assistant"
    }

    fn has_media(&self) -> bool {
        let content = self.content.map_or("", RawValue::get);
        content.starts_with('[')
            && ["image_url", "input_audio", "file"].iter().any(|kind| content.contains(&format!("\"{kind}\"")))
    }

    /// The message's text: a string, or the text parts of a list.
    pub(crate) fn text(&self) -> String {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Content {
            Text(String),
            Parts(Vec<TextPart>),
        }
        #[derive(Deserialize)]
        struct TextPart {
            #[serde(default)]
            text: String,
        }
        match self.content.map(|content| serde_json::from_str(content.get())) {
            Some(Ok(Content::Text(text))) => text,
            Some(Ok(Content::Parts(parts))) => parts.into_iter().map(|part| part.text).collect(),
            Some(Err(_)) | None => String::new(),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Tail<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(TailVisitor)
    }
}

struct TailVisitor;

impl<'de> Visitor<'de> for TailVisitor {
    type Value = Tail<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut messages: A) -> Result<Tail<'de>, A::Error> {
        let mut tail = Tail::default();
        while let Some(message) = messages.next_element::<Message<'de>>()? {
            tail.media |= message.has_media();
            tail.bytes += message.content.map_or(0, |content| content.get().len());
            tail.before = tail.last.replace(message);
        }
        Ok(tail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_the_messages_is_kept() {
        let body = br#"{"model":"a\u0062","x":[1,{}],"messages":[{"role":"system","content":"12345678"},
            {"role":"user","content":[{"type":"text","text":"he"},{"type":"text","text":"llo"}]},
            {"role":"assistant","content":"w1"}],"stream":true,"stream_options":{"include_usage":true},"max_tokens":7}"#;
        let ask = Ask::read(body).unwrap();
        assert_eq!(ask.model, "ab");
        assert!(ask.streamed() && ask.include_usage());
        assert_eq!(ask.max_tokens(), Some(7));
        assert_eq!(ask.messages.last.as_ref().unwrap().text(), "w1");
        assert!(ask.messages.last.as_ref().unwrap().is_from_assistant());
        assert_eq!(ask.messages.before.as_ref().unwrap().text(), "hello");
    }

    #[test]
    fn a_longer_prompt_counts_more_tokens() {
        let tokens = |text: &str| {
            let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{text}"}}]}}"#);
            Ask::read(body.as_bytes()).unwrap().prompt_tokens()
        };
        assert_eq!(tokens("123456"), 2);
        assert_eq!(tokens(&"x".repeat(398)), 100);
    }

    #[test]
    fn a_body_without_a_model_is_no_request() {
        assert!(Ask::read(br#"{"messages":[]}"#).is_err());
    }
}
