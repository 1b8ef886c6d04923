//! A stream put together into a whole answer.

mod partial;

use bytes::Bytes;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::form::Form;
use crate::object::{Members, Object, Text};

pub use partial::PartialChoice;

/// Takes the chunks of a stream, and gives the answer that they make.
///
/// Members that are not known are kept: of a chunk's the last one, of a delta's the texts joined and the lists
/// lengthened.
#[derive(Debug)]
pub struct Assembler {
    form: Form,
    head: Members,
    /// By their `index`, which is how they stand in the answer too.
    choices: Vec<Choice>,
}

/// A choice as far as it has come. What is put together is apart from what is only kept.
#[derive(Debug, Default)]
struct Choice {
    kept: Members,
    message: Map<String, Value>,
    text: Value,
    logprobs: Value,
}

/// More choices than any provider gives: an index beyond is nonsense, and must not become memory.
const MOST_CHOICES: usize = 128;
/// The same for the tool calls of a choice.
const MOST_CALLS: usize = 1024;

impl Assembler {
    /// An assembler of an answer in `form`.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self { form, head: Members::default(), choices: Vec::new() }
    }

    /// Takes the data of one event. What is no chunk is passed over.
    pub fn push(&mut self, data: &[u8]) {
        let Ok(Object(chunk)) = serde_json::from_slice(data) else { return };
        for (name, value) in chunk {
            match &*name {
                "choices" => {
                    let choices: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
                    choices.into_iter().for_each(|choice| self.add(choice));
                }
                name => self.head.keep(name, value),
            }
        }
    }

    /// The whole answer; `None` where no choice was ever begun.
    #[must_use]
    pub fn finish(self) -> Option<Bytes> {
        let Self { form, head, choices } = self;
        if choices.is_empty() {
            return None;
        }
        let choices = choices.into_iter().enumerate().map(|(index, choice)| choice.finish(form, index)).collect();
        serde_json::to_vec(&Answer { form, head, choices }).ok().map(Bytes::from)
    }

    fn add(&mut self, choice: &RawValue) {
        let Ok(Object(choice)) = serde_json::from_str(choice.get()) else { return };
        let index = choice.iter().find(|(name, _)| name == "index").and_then(|(_, index)| index.get().parse().ok());
        let index: usize = index.unwrap_or(0);
        if index >= MOST_CHOICES {
            return;
        }
        if self.choices.len() <= index {
            self.choices.resize_with(index + 1, Choice::default);
        }
        let whole = &mut self.choices[index];
        for (name, value) in choice {
            match &*name {
                "delta" | "message" => whole.merge_delta(value),
                "text" => merge_raw(&mut whole.text, value),
                "logprobs" => merge_raw(&mut whole.logprobs, value),
                name => whole.kept.keep(name, value),
            }
        }
    }
}

impl Choice {
    fn merge_delta(&mut self, delta: &RawValue) {
        let Ok(Object(delta)) = serde_json::from_str(delta.get()) else { return };
        for (name, value) in delta {
            match (&*name, self.message.get_mut(&*name)) {
                (_, _) if value.get() == "null" => {}
                ("role", _) => _ = self.message.insert(name.into_owned(), read(value)),
                ("reasoning_details", Some(Value::Array(all))) => {
                    let Value::Array(details) = read(value) else { continue };
                    details.into_iter().for_each(|detail| merge_detail(all, detail));
                }
                ("tool_calls", _) => {
                    let Value::Array(calls) = read(value) else { continue };
                    let all = self.message.entry(name).or_insert_with(|| json!([]));
                    if let Some(all) = all.as_array_mut() {
                        merge_calls(all, calls);
                    }
                }
                (_, Some(whole)) => merge_raw(whole, value),
                (_, None) => _ = self.message.insert(name.into_owned(), read(value)),
            }
        }
    }

    /// The choice as a whole answer holds it.
    fn finish(mut self, form: Form, index: usize) -> Finished {
        match form {
            Form::Text if self.text.is_null() => self.text = "".into(),
            Form::Text => {}
            Form::Chat => {
                self.message.entry("role").or_insert_with(|| "assistant".into());
                self.message.entry("content").or_insert(Value::Null);
            }
        }
        forget_the_numbers(&mut self.message);
        Finished { index, choice: self }
    }
}

fn read(value: &RawValue) -> Value {
    serde_json::from_str(value.get()).unwrap_or_default()
}

/// As [`merge`]; a piece of a text, which is what nearly every piece is, goes to its end without a detour.
fn merge_raw(whole: &mut Value, piece: &RawValue) {
    match (whole, piece.get().starts_with('"')) {
        (Value::String(whole), true) => {
            if let Ok(Text(piece)) = serde_json::from_str(piece.get()) {
                whole.push_str(&piece);
            }
        }
        (whole, _) => merge(whole, read(piece)),
    }
}

struct Answer {
    form: Form,
    head: Members,
    choices: Vec<Finished>,
}

struct Finished {
    index: usize,
    choice: Choice,
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut answer = serializer.serialize_map(None)?;
        for (name, value) in self.head.iter().filter(|(name, _)| *name != "object") {
            answer.serialize_entry(name, value)?;
        }
        answer.serialize_entry("object", self.form.whole())?;
        answer.serialize_entry("choices", &self.choices)?;
        answer.end()
    }
}

impl Serialize for Finished {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Choice { kept, message, text, logprobs } = &self.choice;
        let mut choice = serializer.serialize_map(None)?;
        choice.serialize_entry("index", &self.index)?;
        if !message.is_empty() {
            choice.serialize_entry("message", message)?;
        }
        for (name, value) in [("text", text), ("logprobs", logprobs)] {
            if !value.is_null() {
                choice.serialize_entry(name, value)?;
            }
        }
        let finish = ("finish_reason", kept.get("finish_reason"));
        let others = kept.iter().filter(|(name, _)| !matches!(*name, "index" | "finish_reason"));
        for (name, value) in std::iter::once(finish).chain(others.map(|(name, value)| (name, Some(value)))) {
            choice.serialize_entry(name, &value)?;
        }
        choice.end()
    }
}

fn merge_calls(all: &mut Vec<Value>, calls: Vec<Value>) {
    for (place, call) in calls.into_iter().enumerate() {
        let index = call.get("index").and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok());
        let index = index.unwrap_or(place);
        if index >= MOST_CALLS {
            continue;
        }
        if all.len() <= index {
            all.resize_with(index + 1, || json!({}));
        }
        let (Value::Object(whole), Value::Object(call)) = (&mut all[index], call) else { continue };
        for (name, value) in call {
            match (&*name, value) {
                (_, Value::Null) => {}
                ("function", Value::Object(function)) => {
                    let all = whole.entry(name).or_insert_with(|| json!({}));
                    if let Some(all) = all.as_object_mut() {
                        merge_function(all, function);
                    }
                }
                (_, value) => replace(whole, name, value),
            }
        }
    }
}

/// OpenRouter's details of reasoning: pieces of one type and index are one detail, whose texts are joined
/// (<https://openrouter.ai/docs/guides/best-practices/reasoning-tokens>).
fn merge_detail(all: &mut Vec<Value>, detail: Value) {
    const JOINED: [&str; 3] = ["text", "summary", "data"];
    let same =
        |known: &&mut Value| known.get("type") == detail.get("type") && known.get("index") == detail.get("index");
    let has_index = detail.get("index").is_some_and(Value::is_number);
    match (all.iter_mut().find(same), detail) {
        (Some(Value::Object(known)), Value::Object(detail)) if has_index => {
            for (name, value) in detail {
                match known.get_mut(&name) {
                    Some(known) if JOINED.contains(&&*name) => merge(known, value),
                    _ => replace(known, name, value),
                }
            }
        }
        (_, detail) => all.push(detail),
    }
}

/// The arguments come in pieces; the name comes whole, and from some providers again and again.
fn merge_function(all: &mut Map<String, Value>, function: Map<String, Value>) {
    for (name, value) in function {
        if name == "arguments" {
            merge(all.entry(name).or_insert(Value::Null), value);
        } else {
            replace(all, name, value);
        }
    }
}

/// Some providers repeat an id or a name as an empty string with every piece: that takes nothing back.
fn replace(members: &mut Map<String, Value>, name: String, value: Value) {
    let nothing = value.is_null() || value.as_str() == Some("");
    if !(nothing && members.contains_key(&name)) {
        members.insert(name, value);
    }
}

/// Lengthens texts and lists, goes into objects, and lets anything else take the place of what was there.
fn merge(whole: &mut Value, piece: Value) {
    match (whole, piece) {
        (_, Value::Null) => {}
        (Value::String(whole), Value::String(piece)) => whole.push_str(&piece),
        (Value::Array(whole), Value::Array(piece)) => whole.extend(piece),
        (Value::Object(whole), Value::Object(piece)) => {
            for (name, value) in piece {
                merge(whole.entry(name).or_insert(Value::Null), value);
            }
        }
        (whole, piece) => *whole = piece,
    }
}

/// In a whole answer a tool call's place says which one it is.
fn forget_the_numbers(message: &mut Map<String, Value>) {
    let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
    for call in calls.into_iter().flatten().filter_map(Value::as_object_mut) {
        call.remove("index");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::chunk::Piece;
    use crate::sse::Decoder;
    use crate::whole::{Allowed, Whole};

    fn assembled(form: Form, chunks: &[Value]) -> Value {
        let mut assembler = Assembler::new(form);
        chunks.iter().for_each(|chunk| assembler.push(chunk.to_string().as_bytes()));
        serde_json::from_slice(&assembler.finish().expect("an answer")).expect("JSON")
    }

    fn delta(delta: &Value) -> Value {
        json!({ "id": "x", "object": "chat.completion.chunk", "choices": [{ "index": 0, "delta": delta }] })
    }

    #[test]
    fn texts_are_joined_and_the_end_is_kept() {
        let answer = assembled(
            Form::Chat,
            &[
                delta(&json!({ "role": "assistant", "content": "" })),
                delta(&json!({ "reasoning_content": "hm" })),
                delta(&json!({ "content": "He" })),
                delta(&json!({ "content": "llo", "extra": "a" })),
                json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }], "x_provider": { "id": 1 } }),
                json!({ "choices": [], "usage": { "total_tokens": 9 } }),
            ],
        );
        let expected = json!({
            "id": "x", "object": "chat.completion", "x_provider": { "id": 1 }, "usage": { "total_tokens": 9 },
            "choices": [{ "index": 0, "finish_reason": "stop", "message": {
                "role": "assistant", "content": "Hello", "reasoning_content": "hm", "extra": "a" } }],
        });
        assert_eq!(answer, expected);
    }

    #[test]
    fn tool_calls_are_put_together_by_their_index() {
        let call = |index: u32, function: Value| json!({ "tool_calls": [{ "index": index, "function": function }] });
        let answer = assembled(
            Form::Chat,
            &[
                delta(&json!({ "tool_calls": [{ "index": 0, "id": "a", "type": "function",
                    "function": { "name": "f", "arguments": "" } }] })),
                delta(&call(0, json!({ "arguments": "{\"x\":" }))),
                delta(&call(1, json!({ "name": "g", "arguments": "{}" }))),
                delta(&call(0, json!({ "name": "f", "arguments": "1" }))),
                delta(&json!({ "tool_calls": [{ "index": 0, "id": "", "type": null,
                    "function": { "name": "", "arguments": "}" } }] })),
            ],
        );
        let expected = json!([
            { "id": "a", "type": "function", "function": { "name": "f", "arguments": "{\"x\":1}" } },
            { "function": { "name": "g", "arguments": "{}" } },
        ]);
        assert_eq!(answer["choices"][0]["message"]["tool_calls"], expected);
        assert_eq!(answer["choices"][0]["message"]["content"], Value::Null);
    }

    #[test]
    fn details_of_reasoning_are_joined_by_their_type_and_index() {
        let detail = |text: &str, index: u32| json!({ "reasoning_details": [{ "type": "reasoning.text", "text": text, "index": index }] });
        let answer = assembled(Form::Chat, &[delta(&detail("a", 0)), delta(&detail("b", 0)), delta(&detail("c", 1))]);
        let expected = json!([
            { "type": "reasoning.text", "text": "ab", "index": 0 },
            { "type": "reasoning.text", "text": "c", "index": 1 },
        ]);
        assert_eq!(answer["choices"][0]["message"]["reasoning_details"], expected);
    }

    #[test]
    fn several_choices_and_logprobs_are_kept_apart() {
        let choice = |index: u32, text: &str| json!({ "choices": [{ "index": index, "text": text, "logprobs": { "tokens": [text] } }] });
        let answer = assembled(Form::Text, &[choice(1, "b"), choice(0, "a"), choice(1, "c")]);
        assert_eq!(answer["choices"][0]["text"], "a");
        assert_eq!(answer["choices"][1]["text"], "bc");
        assert_eq!(answer["choices"][1]["logprobs"], json!({ "tokens": ["b", "c"] }));
    }

    #[test]
    fn an_index_that_is_nonsense_becomes_no_memory() {
        let mut assembler = Assembler::new(Form::Chat);
        assembler.push(br#"{"choices":[{"index":4000000000,"delta":{"content":"a"}}]}"#);
        assembler.push(br#"{"choices":[{"index":-1}]}"#.trim_ascii());
        assembler.push(b"not json");
        assert_eq!(assembler.choices.len(), 1);
    }

    #[test]
    fn a_stream_without_a_choice_is_no_answer() {
        let mut assembler = Assembler::new(Form::Chat);
        assembler.push(br#"{"choices":[],"usage":{"total_tokens":1}}"#);
        assert_eq!(assembler.finish(), None);
    }

    fn answers() -> impl Strategy<Value = (Form, Value)> {
        let text = "[a-zA-Z0-9 é語😀\"\\\\\n]{1,30}";
        let calls = proptest::collection::vec(text, 0..3);
        let ends = prop_oneof![Just("stop"), Just("length"), Just("tool_calls"), Just("content_filter")];
        let chat =
            (text, calls, proptest::option::of(text), 1_u32..3, ends).prop_map(|(content, calls, extra, n, end)| {
                let mut message = json!({ "role": "assistant", "content": content });
                if !calls.is_empty() {
                    let call = |(i, arguments): (usize, &String)| {
                        json!({ "id": format!("c{i}"), "type": "function",
                    "function": { "name": format!("f{i}"), "arguments": arguments } })
                    };
                    message["tool_calls"] = calls.iter().enumerate().map(call).collect();
                }
                if let Some(extra) = extra {
                    message["annotations"] = json!([extra]);
                    message["reasoning_content"] = json!(extra);
                    message["x_of_message"] = json!({ "deep": [extra] });
                }
                let logprobs = json!({ "content": [{ "token": content, "logprob": -0.25, "top_logprobs": [] }] });
                let choice = |index| {
                    json!({ "index": index, "message": message, "finish_reason": end,
                "logprobs": logprobs, "x_of_choice": true })
                };
                let choices: Vec<Value> = (0..n).map(choice).collect();
                let usage = json!({ "prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3 });
                let answer = json!({ "id": "x", "object": "chat.completion", "created": 7, "model": "m",
                "system_fingerprint": "fp", "x_other": { "deep": [1] }, "choices": choices, "usage": usage });
                (Form::Chat, answer)
            });
        let text = (text, text).prop_map(|(text, token)| {
            let logprobs = json!({ "tokens": [token], "token_logprobs": [-0.5] });
            let choice = json!({ "index": 0, "text": text, "logprobs": logprobs, "finish_reason": "length" });
            let answer = json!({ "id": "x", "object": "text_completion", "model": "m", "choices": [choice],
                "usage": { "total_tokens": 3 } });
            (Form::Text, answer)
        });
        prop_oneof![chat, text]
    }

    proptest! {
        #[test]
        fn what_is_taken_apart_is_put_together_again((form, answer) in answers()) {
            let whole = Whole::read(form, answer.to_string().into(), Allowed::default()).expect("an answer");
            let (mut decoder, mut assembler) = (Decoder::new(), Assembler::new(form));
            whole.into_events(true).into_iter().for_each(|event| decoder.push(event));
            let mut tokens = 0;
            while let Some(event) = decoder.decode().expect("small") {
                let data = event.data.expect("data");
                let Piece::Chunk(chunk) = Piece::read(&data) else { panic!("a chunk") };
                tokens += u32::from(chunk.token);
                assembler.push(&data);
            }
            prop_assert_eq!(tokens, 1);
            let again: Value = serde_json::from_slice(&assembler.finish().expect("an answer")).expect("JSON");
            prop_assert_eq!(again, answer);
        }
    }
}
