//! A whole answer taken apart into a stream.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::form::Form;
use crate::sse;

/// What the answer says, then how each choice ended, then the usage where it is wanted.
pub(crate) fn events(form: Form, body: &[u8], include_usage: bool) -> Vec<Bytes> {
    let Ok(Value::Object(mut head)) = serde_json::from_slice(body) else { return Vec::new() };
    let choices = match head.remove("choices") {
        Some(Value::Array(choices)) => choices,
        _ => Vec::new(),
    };
    let usage = head.remove("usage");
    head.insert("object".to_owned(), form.chunk().into());
    let (said, ended): (Vec<_>, Vec<_>) =
        choices.into_iter().enumerate().filter_map(|(index, choice)| apart(form, index, choice)).unzip();
    let mut events = vec![event(&head, said), event(&head, ended)];
    if let Some(usage) = usage.filter(|_| include_usage) {
        head.insert("usage".to_owned(), usage);
        events.push(event(&head, Vec::new()));
    }
    events
}

fn event(head: &Map<String, Value>, choices: Vec<Value>) -> Bytes {
    let mut chunk = head.clone();
    chunk.insert("choices".to_owned(), Value::Array(choices));
    sse::data(Value::Object(chunk).to_string().as_bytes())
}

/// A choice as two: what it says, and how it ended.
fn apart(form: Form, index: usize, choice: Value) -> Option<(Value, Value)> {
    let Value::Object(mut said) = choice else { return None };
    let index = said.entry("index").or_insert_with(|| index.into()).clone();
    let finish = said.insert("finish_reason".to_owned(), Value::Null).unwrap_or(Value::Null);
    let ended = match form {
        Form::Chat => {
            let mut message = said.remove("message").unwrap_or_else(|| json!({}));
            number_the_tool_calls(&mut message);
            said.insert("delta".to_owned(), message);
            json!({ "index": index, "delta": {}, "finish_reason": finish })
        }
        Form::Text => json!({ "index": index, "text": "", "finish_reason": finish }),
    };
    Some((Value::Object(said), ended))
}

/// In a stream a tool call says which one it is; in a whole answer its place does.
fn number_the_tool_calls(message: &mut Value) {
    let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
    for (index, call) in calls.into_iter().flatten().enumerate() {
        if let Value::Object(call) = call {
            call.insert("index".to_owned(), index.into());
        }
    }
}
