//! A chunk with members that are of another type than they should be: what cannot be read says nothing, and the rest stands.

use bytes::Bytes;
use serde_json::{Map, Value};

/// `data` with only what can be read; `None` where it is no object.
pub(super) fn mended(data: &[u8]) -> Option<Bytes> {
    let Ok(Value::Object(mut chunk)) = serde_json::from_slice(data) else { return None };
    chunk.retain(|name, value| name != "usage" || value.is_object());
    if let Some(Value::Object(usage)) = chunk.get_mut("usage") {
        usage.values_mut().for_each(number);
    }
    match chunk.get_mut("choices") {
        Some(Value::Array(choices)) => {
            choices.retain(Value::is_object);
            choices.iter_mut().filter_map(Value::as_object_mut).for_each(choice);
        }
        Some(Value::Null) | None => {}
        Some(_) => _ = chunk.remove("choices"),
    }
    Some(Value::Object(chunk).to_string().into())
}

fn choice(choice: &mut Map<String, Value>) {
    choice.retain(|name, value| match &**name {
        "delta" | "message" => value.is_object(),
        "finish_reason" => value.is_string(),
        "text" => value.is_string() || value.is_null(),
        _ => true,
    });
    for message in ["delta", "message"] {
        if let Some(Value::Object(message)) = choice.get_mut(message) {
            message.retain(|name, value| {
                name != "content" || matches!(value, Value::String(_) | Value::Array(_) | Value::Null)
            });
        }
    }
}

/// A number that was written as a text; what is none of both is left out of sight.
fn number(value: &mut Value) {
    if let Value::String(text) = value {
        *value = text.trim().parse::<u32>().map_or(Value::Null, Value::from);
    } else if matches!(value, Value::Array(_) | Value::Bool(_)) {
        *value = Value::Null;
    }
}
