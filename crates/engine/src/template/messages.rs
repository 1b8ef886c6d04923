//! A request's messages in the shape that templates are written for, which is older and plainer than OpenAI's form.

use minijinja::value::{Value, ValueKind};
use serde_json::value::RawValue;

use super::TemplateError;

/// Messages for a template, and the beginning of the answer.
#[derive(Debug)]
pub(super) struct Messages {
    pub(super) messages: Value,
    /// The text of a last message from `assistant`, which the answer carries on; else empty.
    pub(super) opening: String,
}

impl Messages {
    pub(super) fn read(messages: &RawValue) -> Result<Self, TemplateError> {
        let messages = parse(messages, "messages")?;
        let list = elements(&messages, "messages")?;
        let mut plain = list.iter().map(message).collect::<Result<Vec<_>, _>>()?;
        let opening = plain.pop_if(|last| is_opening(last)).map(|last| text_of(&last)).unwrap_or_default();
        if plain.is_empty() && opening.is_empty() {
            return Err(TemplateError::Messages("messages is empty".to_owned()));
        }
        Ok(Self { messages: Value::from(plain), opening })
    }
}

/// A value with its members in the order in which they came.
pub(super) fn parse(json: &RawValue, what: &str) -> Result<Value, TemplateError> {
    serde_json::from_str(json.get()).map_err(|error| TemplateError::Messages(format!("{what}: {error}")))
}

/// The members of an object.
pub(super) fn members(object: &Value, what: &str) -> Result<Vec<(String, Value)>, TemplateError> {
    if object.kind() != ValueKind::Map {
        return Err(TemplateError::Messages(format!("{what} is not an object")));
    }
    let names = object.try_iter().map_err(|error| TemplateError::Messages(error.to_string()))?;
    Ok(names.map(|name| (name.as_str().unwrap_or_default().to_owned(), item(object, &name))).collect())
}

fn elements(list: &Value, what: &str) -> Result<Vec<Value>, TemplateError> {
    if list.kind() != ValueKind::Seq {
        return Err(TemplateError::Messages(format!("{what} is not an array")));
    }
    Ok(list.try_iter().map_err(|error| TemplateError::Messages(error.to_string()))?.collect())
}

/// One message: content is text, `developer` is `system` (templates know no other word for it), and what a tool was
/// called with is an object, not JSON in a string.
fn message(message: &Value) -> Result<Value, TemplateError> {
    let mut plain = Vec::new();
    for (name, value) in members(message, "a message")? {
        let value = match name.as_str() {
            "content" => Value::from(content(&value)?),
            "role" if value.as_str() == Some("developer") => Value::from("system"),
            "tool_calls" if value.kind() == ValueKind::Seq => tool_calls(&value)?,
            _ => value,
        };
        plain.push((name, value));
    }
    let has = |wanted: &str| plain.iter().any(|(name, _)| name == wanted);
    if !plain.iter().any(|(name, value)| name == "role" && value.as_str().is_some()) {
        return Err(TemplateError::Messages("a message has no role".to_owned()));
    }
    if !has("content") {
        plain.push(("content".to_owned(), Value::from("")));
    }
    Ok(Value::from_pairs(plain))
}

/// Text, or parts that are all text, one a line.
fn content(content: &Value) -> Result<String, TemplateError> {
    match content.kind() {
        ValueKind::String => Ok(content.as_str().unwrap_or_default().to_owned()),
        ValueKind::None | ValueKind::Undefined => Ok(String::new()),
        ValueKind::Seq => {
            let parts = elements(content, "content")?;
            Ok(parts.iter().map(part).collect::<Result<Vec<_>, _>>()?.join("\n"))
        }
        _ => Err(TemplateError::Messages("a message's content is neither text nor a list of parts".to_owned())),
    }
}

fn part(part: &Value) -> Result<String, TemplateError> {
    let kind = attribute(part, "type");
    match (kind.as_str(), attribute(part, "text").as_str()) {
        (Some("text") | None, Some(text)) => Ok(text.to_owned()),
        _ => {
            let kind = kind.as_str().unwrap_or("unknown");
            Err(TemplateError::Unsupported(format!("content of type {kind:?} is not supported by this model")))
        }
    }
}

fn tool_calls(calls: &Value) -> Result<Value, TemplateError> {
    elements(calls, "tool_calls")?.iter().map(tool_call).collect::<Result<Vec<_>, _>>().map(Value::from)
}

fn tool_call(call: &Value) -> Result<Value, TemplateError> {
    let call = members(call, "a tool call")?;
    call.into_iter()
        .map(|(name, value)| match name.as_str() {
            "function" => Ok((name, function(&value)?)),
            _ => Ok((name, value)),
        })
        .collect::<Result<Vec<_>, TemplateError>>()
        .map(Value::from_pairs)
}

fn function(function: &Value) -> Result<Value, TemplateError> {
    let read = |(name, value): (String, Value)| {
        let parsed = value.as_str().filter(|_| name == "arguments").and_then(|json| serde_json::from_str(json).ok());
        (name, parsed.unwrap_or(value))
    };
    Ok(Value::from_pairs(members(function, "a tool call's function")?.into_iter().map(read)))
}

/// A last message from `assistant` that calls no tool is the answer's beginning.
fn is_opening(message: &Value) -> bool {
    attribute(message, "role").as_str() == Some("assistant") && !attribute(message, "tool_calls").is_true()
}

fn text_of(message: &Value) -> String {
    attribute(message, "content").as_str().unwrap_or_default().to_owned()
}

fn attribute(value: &Value, name: &str) -> Value {
    value.get_attr(name).unwrap_or(Value::UNDEFINED)
}

fn item(value: &Value, key: &Value) -> Value {
    value.get_item(key).unwrap_or(Value::UNDEFINED)
}
