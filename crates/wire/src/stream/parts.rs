//! `content` as a list of parts, as Mistral's reasoning models send it
//! (<https://docs.mistral.ai/capabilities/reasoning/>): brought into OpenAI's two strings.

use serde_json::{Map, Value};

/// Puts the text of `content`'s parts in its place, and its thoughts into `reasoning_content`. Whether there was anything to
/// change.
pub(crate) fn flatten(message: &mut Map<String, Value>) -> bool {
    let Some(Value::Array(parts)) = message.get("content") else { return false };
    let (mut text, mut thoughts) = (String::new(), String::new());
    for part in parts {
        match part.get("type").and_then(Value::as_str) {
            Some("thinking" | "reasoning") => collect(part, &mut thoughts),
            _ => collect(part, &mut text),
        }
    }
    let content = if text.is_empty() { Value::Null } else { text.into() };
    message.insert("content".to_owned(), content);
    if !thoughts.is_empty() {
        message.insert("reasoning_content".to_owned(), thoughts.into());
    }
    true
}

/// The texts of a part: `text`, or the parts that `thinking` holds.
fn collect(part: &Value, into: &mut String) {
    match part {
        Value::String(text) => into.push_str(text),
        Value::Array(parts) => parts.iter().for_each(|part| collect(part, into)),
        Value::Object(members) => {
            for name in ["text", "thinking", "reasoning"] {
                members.get(name).into_iter().for_each(|inner| collect(inner, into));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_and_thoughts_are_told_apart() {
        let mut message = json!({ "content": [
            { "type": "thinking", "thinking": [{ "type": "text", "text": "h" }, { "type": "text", "text": "m" }] },
            { "type": "text", "text": "a" }, { "type": "text", "text": "b" },
        ] });
        assert!(flatten(message.as_object_mut().expect("an object")));
        assert_eq!(message, json!({ "content": "ab", "reasoning_content": "hm" }));
        let mut plain = json!({ "content": "a" });
        assert!(!flatten(plain.as_object_mut().expect("an object")));
    }
}
