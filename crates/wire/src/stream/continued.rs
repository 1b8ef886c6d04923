//! The chunks of one tier as a part of another tier's stream.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::form::Form;
use crate::sse;
use crate::stream::SharedMembers;

/// The text of a chunk's first choice; `None` where it has none. Reasoning is no text.
#[must_use]
pub fn content(data: &[u8]) -> Option<String> {
    let mut chunk: Value = serde_json::from_slice(data).ok()?;
    match text_of(&mut chunk)?.take() {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// What a chunk's first choice says of the model's thoughts; `None` where it says nothing of them.
#[must_use]
pub fn reasoning(data: &[u8]) -> Option<String> {
    let chunk: Value = serde_json::from_slice(data).ok()?;
    let delta = chunk.get("choices")?.get(0)?.get("delta")?;
    let of = |name: &str| Some(delta.get(name)?.as_str()?.to_owned()).filter(|text| !text.is_empty());
    of("reasoning_content").or_else(|| of("reasoning"))
}

fn text_of(chunk: &mut Value) -> Option<&mut Value> {
    let choice = chunk.get_mut("choices")?.get_mut(0)?;
    if choice.get("text").is_some() { choice.get_mut("text") } else { choice.get_mut("delta")?.get_mut("content") }
}

/// Makes chunks belong to the stream that a caller has already seen the beginning of: a stream has one `id` and one
/// `created`. Each chunk's `model` stays that of the tier that wrote it; its usage is that of the whole answer.
#[derive(Clone, Debug, Default)]
pub struct Continued {
    shared: SharedMembers,
    /// What the caller was given by others, in tokens, less what of this tier's tokens it was not given.
    others: i64,
}

impl Continued {
    /// Takes from `first`, the data of any chunk that the caller has seen, what its successors must share.
    #[must_use]
    pub fn after(first: &[u8]) -> Self {
        let Ok(Value::Object(mut chunk)) = serde_json::from_slice(first) else { return Self::default() };
        chunk.retain(|name, _| matches!(&**name, "id" | "created" | "object"));
        Self { shared: SharedMembers::of(chunk), others: 0 }
    }

    /// Counts `tokens` that others gave the caller to the answer's usage.
    pub fn count(&mut self, tokens: u32) {
        self.others += i64::from(tokens);
    }

    /// Takes `tokens` of this tier's out of the answer's usage: they were cut out.
    pub fn discount(&mut self, tokens: u32) {
        self.others -= i64::from(tokens);
    }

    /// The event for `data`, with `text` in place of its own where given. Its role goes, as the caller has had one, and so do
    /// the model's thoughts: those of two models are no line of thought.
    #[must_use]
    pub fn event(&self, data: &[u8], text: Option<&str>) -> Bytes {
        let Ok(mut chunk) = serde_json::from_slice::<Value>(data) else { return sse::data(data) };
        if let Value::Object(members) = &mut chunk {
            members.extend(self.shared.parsed());
        }
        for member in ["/usage/completion_tokens", "/usage/total_tokens"] {
            if let Some((place, own)) =
                chunk.pointer_mut(member).and_then(|place| place.as_i64().map(|own| (place, own)))
            {
                *place = own.saturating_add(self.others).max(0).into();
            }
        }
        if let Some(delta) = chunk.pointer_mut("/choices/0/delta").and_then(Value::as_object_mut) {
            delta
                .retain(|name, _| !matches!(&**name, "role" | "reasoning" | "reasoning_content" | "reasoning_details"));
        }
        if let (Some(place), Some(text)) = (text_of(&mut chunk), text) {
            *place = text.into();
        }
        sse::data(chunk.to_string().as_bytes())
    }

    /// An event in `form` that ends the answer at its length.
    #[must_use]
    pub fn end(&self, form: Form) -> Bytes {
        let choice = match form {
            Form::Chat => json!({ "index": 0, "delta": {}, "finish_reason": "length" }),
            Form::Text => json!({ "index": 0, "text": "", "finish_reason": "length" }),
        };
        self.of(json!([choice]), None)
    }

    /// An event that says what the answer cost, in tokens.
    #[must_use]
    pub fn usage(&self, prompt: u32, answer: u32) -> Bytes {
        let total = prompt.saturating_add(answer);
        let usage = json!({ "prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": total });
        self.of(json!([]), Some(usage))
    }

    fn of(&self, choices: Value, usage: Option<Value>) -> Bytes {
        let mut chunk = self.shared.parsed();
        chunk.insert("choices".to_owned(), choices);
        chunk.extend(usage.map(|usage| ("usage".to_owned(), usage)));
        sse::data(Value::Object(chunk).to_string().as_bytes())
    }

    /// An event in `form` that says `text` and nothing else.
    #[must_use]
    pub fn text(&self, form: Form, text: &str) -> Bytes {
        let choice = match form {
            Form::Chat => json!({ "index": 0, "delta": { "content": text }, "finish_reason": null }),
            Form::Text => json!({ "index": 0, "text": text, "finish_reason": null }),
        };
        self.of(json!([choice]), None)
    }
}

/// The event for `data` as one that ends nothing: what it says stays, its finish reasons and its usage go.
#[must_use]
pub fn without_end(data: &[u8]) -> Bytes {
    let Ok(mut chunk) = serde_json::from_slice::<Value>(data) else { return sse::data(data) };
    for choice in chunk.get_mut("choices").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(reason) = choice.get_mut("finish_reason") {
            *reason = Value::Null;
        }
    }
    if let Some(usage) = chunk.get_mut("usage") {
        *usage = Value::Null;
    }
    sse::data(chunk.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNK: &[u8] = br#"{"id":"b","created":2,"model":"m","choices":[{"index":0,
        "delta":{"role":"assistant","content":"hello"},"finish_reason":null}]}"#;

    fn read(event: &Bytes) -> Value {
        serde_json::from_slice(&event[6..]).expect("JSON")
    }

    #[test]
    fn the_text_of_a_chunk_is_its_content_and_not_its_reasoning() {
        assert_eq!(content(CHUNK).as_deref(), Some("hello"));
        assert_eq!(content(br#"{"choices":[{"text":"a\n"}]}"#).as_deref(), Some("a\n"));
        assert_eq!(content(br#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#), None);
        assert_eq!(content(br#"{"choices":[]}"#), None);
    }

    #[test]
    fn thoughts_are_read_under_both_their_names() {
        assert_eq!(reasoning(br#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#).as_deref(), Some("hm"));
        assert_eq!(
            reasoning(br#"{"choices":[{"delta":{"reasoning":"hm","reasoning_content":""}}]}"#).as_deref(),
            Some("hm")
        );
        for none in [CHUNK, br#"{"choices":[{"delta":{"reasoning":null}}]}"#, br#"{"choices":[]}"#, b"x"] {
            assert_eq!(reasoning(none), None);
        }
    }

    #[test]
    fn a_carried_chunk_has_the_id_of_the_stream_and_the_model_of_its_tier() {
        let carried = Continued::after(br#"{"id":"a","created":1,"model":"first","choices":[]}"#);
        let chunk = read(&carried.event(CHUNK, Some("lo")));
        assert_eq!((&chunk["id"], &chunk["created"], &chunk["model"]), (&json!("a"), &json!(1), &json!("m")));
        assert_eq!(chunk["choices"][0]["delta"], json!({ "content": "lo" }));
        assert_eq!(read(&carried.event(CHUNK, None))["choices"][0]["delta"]["content"], "hello");
    }

    #[test]
    fn the_usage_of_a_carried_answer_counts_what_its_caller_was_given() {
        let mut carried = Continued::default();
        carried.count(40);
        carried.discount(8);
        let usage = br#"{"choices":[],"usage":{"prompt_tokens":90,"completion_tokens":28,"total_tokens":118,"x":1}}"#;
        let expected = json!({ "prompt_tokens": 90, "completion_tokens": 60, "total_tokens": 150, "x": 1 });
        assert_eq!(read(&carried.event(usage, None))["usage"], expected);
        let unknown = br#"{"choices":[],"usage":{"completion_tokens":null}}"#;
        assert_eq!(read(&carried.event(unknown, None))["usage"], json!({ "completion_tokens": null }));
    }

    #[test]
    fn a_chunk_without_its_end_says_what_it_said() {
        let last = br#"{"id":"a","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"length"}],"usage":{"total_tokens":1}}"#;
        let chunk = read(&without_end(last));
        assert_eq!(chunk["choices"], json!([{ "index": 0, "delta": { "content": "x" }, "finish_reason": null }]));
        assert_eq!((&chunk["id"], &chunk["usage"]), (&json!("a"), &Value::Null));
    }

    #[test]
    fn a_text_of_its_own_is_a_chunk_of_the_stream() {
        let carried = Continued::after(br#"{"id":"a"}"#);
        assert_eq!(read(&carried.text(Form::Chat, "x"))["choices"][0]["delta"]["content"], "x");
        assert_eq!(read(&carried.text(Form::Text, "x"))["choices"][0]["text"], "x");
    }
}
