//! A Space of the user's own whose GPU is lent for as long as an answer takes (ZeroGPU): what its program takes of a request, and
//! what its refusals mean.
//!
//! The program is `spaces/zerogpu/app.py`, which `tierfall space init --role zerogpu` writes. ZeroGPU's refusals are those of the
//! package `spaces` (`zero/client.py`); what is lent: <https://huggingface.co/docs/hub/spaces-zerogpu>.

use bytes::Bytes;
use serde_json::{Map, Value, json};
use wire::{Form, error_body};

use super::space;
use crate::failure::{Cause, quote};
use crate::refusal::Refusal;

/// The function that answers a chat.
pub(crate) const FUNCTION: &str = "generate";

/// Members that go to the program as they are.
const SAMPLING: [&str; 6] = ["temperature", "top_p", "top_k", "min_p", "repetition_penalty", "seed"];
/// Members that the answer does not depend on, or that are read apart.
const OTHERWISE: [&str; 18] = [
    "model",
    "messages",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "parallel_tool_calls",
    "reasoning_effort",
    "return_progress",
    "cache_prompt",
    "user",
    "metadata",
    "store",
    "service_tier",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
];
/// Members that only bend the style. A refusal names them, so that the request is sent again without.
const STYLE: [&str; 3] = ["presence_penalty", "frequency_penalty", "verbosity"];

/// What the program is asked.
pub(crate) struct Asked {
    /// `{"data":[messages, options]}`, the function's two arguments.
    pub(crate) body: Bytes,
    /// Whether the stream is to tell the usage.
    pub(crate) tells_usage: bool,
}

impl Asked {
    /// Reads a request of OpenAI's form, whose top level and messages are known to be well formed.
    ///
    /// # Errors
    ///
    /// What the program does not take, as the body of a refusal.
    pub(crate) fn read(form: Form, body: &[u8]) -> Result<Self, Bytes> {
        if form == Form::Text {
            return Err(not_taken("text completions"));
        }
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return Err(not_taken("such a body")) };
        refuse_what_is_not_taken(&members)?;
        let given = members.get("messages").and_then(Value::as_array);
        let messages = given.into_iter().flatten().map(message).collect::<Result<Vec<_>, _>>()?;
        let tells_usage = members.get("stream_options").is_some_and(|options| options["include_usage"] == true);
        let data = json!({ "data": [messages, options(&members)?] });
        Ok(Self { body: data.to_string().into(), tells_usage })
    }
}

fn refuse_what_is_not_taken(members: &Map<String, Value>) -> Result<(), Bytes> {
    let known = |name: &str| SAMPLING.contains(&name) || OTHERWISE.contains(&name);
    let refused = members.iter().find(|(name, value)| !known(name) && !asks_for_nothing(name, value));
    match refused {
        Some((name, _)) if STYLE.contains(&&**name) => {
            let message = format!("'{name}' is not supported");
            Err(error_body(&message, "invalid_request_error", Some("unsupported_parameter"), Some(name)))
        }
        Some((name, _)) => Err(not_taken(name)),
        None => Ok(()),
    }
}

/// Whether a member says what would be so without it.
fn asks_for_nothing(name: &str, value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty() || (name == "response_format" && value["type"] == "text"),
        Value::Number(number) => number.as_f64() == Some(if name == "n" { 1.0 } else { 0.0 }),
        Value::String(word) => name == "tool_choice" && matches!(word.as_str(), "auto" | "none"),
        Value::Bool(true) => false,
    }
}

/// A message as chat templates know it: a role and a text.
fn message(given: &Value) -> Result<Value, Bytes> {
    let calls = |name: &str| given.get(name).is_some_and(|calls| !asks_for_nothing(name, calls));
    let role = match given["role"].as_str() {
        Some("developer") => "system",
        Some(role @ ("system" | "user" | "assistant")) => role,
        Some("tool" | "function") => return Err(not_taken("tools")),
        _ => return Err(not_taken("such a role")),
    };
    if calls("tool_calls") || calls("function_call") {
        return Err(not_taken("tools"));
    }
    let content = match &given["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text_of).collect::<Result<Vec<_>, _>>()?.concat(),
        _ => String::new(),
    };
    Ok(json!({ "role": role, "content": content }))
}

fn text_of(part: &Value) -> Result<&str, Bytes> {
    part["text"].as_str().filter(|_| part["type"] == "text").ok_or_else(|| not_taken("pictures, sound and files"))
}

/// How the answer is to be made.
fn options(members: &Map<String, Value>) -> Result<Map<String, Value>, Bytes> {
    let mut options = Map::new();
    for name in SAMPLING {
        match members.get(name) {
            None | Some(Value::Null) => {}
            // Servers of other kinds take 0 and -1 for "all tokens".
            Some(Value::Number(most)) if name == "top_k" && most.as_f64().is_some_and(|most| most <= 0.0) => {}
            Some(Value::Number(number)) => {
                options.insert(name.to_owned(), number.clone().into());
            }
            Some(_) => return Err(wrong(name, "a number")),
        }
    }
    if let Some(most) = ["max_completion_tokens", "max_tokens"].iter().find_map(|name| members.get(*name)?.as_u64()) {
        options.insert("max_tokens".to_owned(), most.into());
    }
    let stop: Vec<&str> = match members.get("stop") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(word)) => vec![word],
        Some(Value::Array(words)) => {
            words.iter().map(Value::as_str).collect::<Option<_>>().ok_or_else(|| wrong("stop", "texts"))?
        }
        Some(_) => return Err(wrong("stop", "a text or several")),
    };
    options.insert("stop".to_owned(), stop.into_iter().filter(|word| !word.is_empty()).collect());
    Ok(options)
}

/// What another tier may well take: no member is named, so that nobody takes it for the caller's fault.
fn not_taken(what: &str) -> Bytes {
    let message = format!("a Space with a lent GPU takes no {what}");
    error_body(&message, "invalid_request_error", Some("unsupported_parameter"), None)
}

fn wrong(name: &str, takes: &str) -> Bytes {
    let message = format!("'{name}' must be {takes}");
    error_body(&message, "invalid_request_error", Some("invalid_value"), Some(name))
}

/// What was refused before it was sent, what ZeroGPU refuses, what the program does (its error's title is the type), and a
/// Space that is asleep.
pub(super) fn cause(refusal: &Refusal<'_>) -> Option<Cause> {
    let words = || refusal.said.as_ref().map(|said| quote(&said.message)).unwrap_or_default();
    if refusal.is(400) && refusal.code_in(&["unsupported_parameter"]) {
        return Some(Cause::Unsupported(words()));
    }
    // Its own account may do less at once than the program asks for.
    if refusal.says("requested gpu duration") {
        return Some(Cause::Unsupported(words()));
    }
    if refusal.says_any(&["gpu quota", "zerogpu quota", "runs limit", "reached its gpu limit", "zerogpu credits"]) {
        return Some(Cause::RateLimited);
    }
    if refusal.says_any(&["no gpu was available", "expired zerogpu proxy token"]) {
        return Some(Cause::Overloaded);
    }
    if refusal.code_in(&["context_length_exceeded"]) {
        return Some(refusal.too_long());
    }
    if refusal.code_in(&["invalid_request_error"]) {
        return Some(Cause::Rejected);
    }
    space::cause(refusal)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it fails")]
mod tests {
    use super::*;

    fn asked(body: Value) -> Value {
        let asked = Asked::read(Form::Chat, body.to_string().as_bytes()).unwrap_or_else(|_| panic!("{body}"));
        serde_json::from_slice(&asked.body).unwrap()
    }

    /// Why `members` beside a message are not sent.
    fn refused(members: Value) -> Option<Cause> {
        let mut body = json!({ "model": "auto", "messages": [{ "role": "user", "content": "Hi" }] });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let refusal = Asked::read(Form::Chat, body.to_string().as_bytes()).err()?;
        Some(cause(&Refusal::new(Some(400), &refusal)).unwrap_or(Cause::Rejected))
    }

    #[test]
    fn a_chat_becomes_the_functions_two_arguments() {
        let body = json!({
            "model": "auto", "stream": true, "user": "me", "n": 1, "logprobs": false, "tools": [], "presence_penalty": 0,
            "response_format": { "type": "text" }, "temperature": 0.25, "seed": 7, "top_k": -1, "stop": "END",
            "max_tokens": 9, "max_completion_tokens": 5,
            "messages": [
                { "role": "developer", "content": "Be brief." },
                { "role": "user", "content": [{ "type": "text", "text": "Say " }, { "type": "text", "text": "so." }] },
                { "role": "assistant", "content": "So", "tool_calls": [] },
            ],
        });
        let messages = json!([
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": "Say so." },
            { "role": "assistant", "content": "So" },
        ]);
        let options = json!({ "temperature": 0.25, "seed": 7, "stop": ["END"], "max_tokens": 5 });
        assert_eq!(asked(body), json!({ "data": [messages, options] }));
    }

    #[test]
    fn what_the_program_does_not_take_is_left_to_another_tier() {
        let picture = json!([{ "type": "image_url", "image_url": { "url": "data:," } }]);
        for members in [
            json!({ "tools": [{ "type": "function" }] }),
            json!({ "response_format": { "type": "json_object" } }),
            json!({ "logprobs": true }),
            json!({ "n": 2 }),
            json!({ "logit_bias": { "5": 1 } }),
            json!({ "grammar": "root ::= x" }),
            json!({ "messages": [{ "role": "user", "content": picture }] }),
            json!({ "messages": [{ "role": "tool", "content": "5", "tool_call_id": "a" }] }),
            json!({ "messages": [{ "role": "assistant", "tool_calls": [{ "id": "a" }] }] }),
        ] {
            assert!(matches!(refused(members.clone()), Some(Cause::Unsupported(_))), "{members}");
        }
        assert!(Asked::read(Form::Text, b"{}").is_err());
        assert_eq!(refused(json!({ "temperature": "hot" })), Some(Cause::Rejected));
        assert_eq!(refused(json!({ "stop": 5 })), Some(Cause::Rejected));
    }

    #[test]
    fn only_a_member_that_bends_the_style_is_named_so_that_the_request_goes_again_without() {
        let named = |members: &str| {
            let body = format!(r#"{{"messages":[],{members}}}"#);
            let refusal = Asked::read(Form::Chat, body.as_bytes()).err().unwrap();
            serde_json::from_slice::<Value>(&refusal).unwrap()["error"]["param"].as_str().map(str::to_owned)
        };
        assert_eq!(named(r#""frequency_penalty":0.5"#).as_deref(), Some("frequency_penalty"));
        assert_eq!(named(r#""tools":[1]"#), None);
    }

    #[test]
    fn the_refusals_of_the_package_spaces_are_read() {
        let read = |message: &str, title: &str| cause(&Refusal::new(None, &error_body(message, title, None, None)));
        let quota = "ZeroGPU quota exceeded";
        for message in [
            "You have exceeded your GPU quota (60s requested vs. 21s left). Try again in 0:06:53",
            "You have exceeded your free ZeroGPU quota (62s requested vs. 0s left). Try again in 23:10:05. Subscribe to …",
            "You have exceeded your ZeroGPU runs limit. ",
            "Space app has reached its GPU limit. Try re-running outside of examples if it happened after clicking one",
            "You have too many ZeroGPU credits allocated to running tasks. Try again once some of those tasks have completed.",
        ] {
            assert_eq!(read(message, quota), Some(Cause::RateLimited), "{message}");
        }
        assert_eq!(
            read("No GPU was available after 60s. Retry later", "ZeroGPU queue timeout"),
            Some(Cause::Overloaded)
        );
        let too_much = "The requested GPU duration (120s) is larger than the maximum allowed";
        assert_eq!(read(too_much, "ZeroGPU illegal duration"), Some(Cause::Unsupported(too_much.to_owned())));
        assert_eq!(read("GPU task aborted", "ZeroGPU worker error"), None);
        let long = "This model's maximum context length is 512 tokens, and the messages have 3997 tokens";
        let cause = read(long, "context_length_exceeded");
        assert_eq!(cause, Some(Cause::ContextTooLong { asked: Some(3_997), fits: Some(512) }));
        assert_eq!(read("these messages do not fit", "invalid_request_error"), Some(Cause::Rejected));
    }
}
