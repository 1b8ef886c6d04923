//! Every member of OpenAI's reference, and what becomes of it.

use serde_json::{Value, json};

use super::tests::chat;
use super::*;

/// What becomes of a member.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    /// The answer, or what is told of it, follows it.
    Followed,
    /// It cannot change the answer, and is left out.
    Left,
    /// It is refused by its name.
    Refused,
}
use Fate::{Followed, Left, Refused};

/// All members that OpenAI's reference has for a chat ("Create chat completion"), each with a value that asks for something.
fn members_of_a_chat() -> Vec<(&'static str, Value, Fate)> {
    let tool = json!({"type": "function", "function": {"name": "f"}});
    vec![
        ("model", json!("other"), Left),
        ("audio", json!({"voice": "alloy", "format": "wav"}), Refused),
        ("frequency_penalty", json!(1), Followed),
        ("function_call", json!("auto"), Refused),
        ("functions", json!([{"name": "f"}]), Refused),
        ("logit_bias", json!({"5": 1}), Followed),
        ("logprobs", json!(true), Followed),
        ("max_completion_tokens", json!(5), Followed),
        ("max_tokens", json!(5), Followed),
        ("metadata", json!({"a": "b"}), Left),
        ("modalities", json!(["text", "audio"]), Refused),
        ("n", json!(2), Followed),
        ("parallel_tool_calls", json!(false), Followed),
        ("prediction", json!({"type": "content", "content": "a"}), Left),
        ("presence_penalty", json!(1), Followed),
        ("prompt_cache_key", json!("a"), Left),
        ("prompt_cache_retention", json!("24h"), Left),
        ("reasoning_effort", json!("high"), Refused),
        ("response_format", json!({"type": "json_object"}), Followed),
        ("safety_identifier", json!("a"), Left),
        ("seed", json!(7), Followed),
        ("service_tier", json!("flex"), Left),
        ("stop", json!("a"), Followed),
        ("store", json!(true), Left),
        ("stream", json!(true), Followed),
        ("stream_options", json!({"include_usage": true}), Followed),
        ("temperature", json!(0.5), Followed),
        ("tool_choice", json!("required"), Followed),
        ("tools", json!([tool]), Followed),
        ("top_logprobs", json!(2), Followed),
        ("top_p", json!(0.5), Followed),
        ("user", json!("a"), Left),
        ("verbosity", json!("low"), Refused),
        ("web_search_options", json!({}), Refused),
    ]
}

/// The same for a text ("Create completion").
fn members_of_a_text() -> Vec<(&'static str, Value, Fate)> {
    vec![
        ("model", json!("other"), Left),
        ("best_of", json!(2), Followed),
        ("echo", json!(true), Followed),
        ("frequency_penalty", json!(1), Followed),
        ("logit_bias", json!({"5": 1}), Followed),
        ("logprobs", json!(2), Followed),
        ("max_tokens", json!(5), Followed),
        ("n", json!(2), Followed),
        ("presence_penalty", json!(1), Followed),
        ("seed", json!(7), Followed),
        ("stop", json!("a"), Followed),
        ("stream", json!(true), Followed),
        ("stream_options", json!({"include_usage": true}), Followed),
        ("suffix", json!("end"), Followed),
        ("temperature", json!(0.5), Followed),
        ("top_p", json!(0.5), Followed),
        ("user", json!("a"), Left),
    ]
}

/// All that a request comes to, in words; two that differ in nothing else differ in what is followed.
fn read_in_words(form: Form, body: &Value) -> Result<String, Refusal> {
    let body = body.to_string();
    let mut members = Members::read(body.as_bytes())?;
    Settings::read(form, &mut members).map(|(settings, source)| format!("{settings:?} {source:?}"))
}

#[test]
fn each_member_of_openais_forms_is_followed_or_refused_by_name_or_cannot_change_the_answer() {
    let plain_chat = chat(&json!({}));
    let plain_text = json!({"model": "m", "prompt": "once"});
    for (form, plain, table) in
        [(Form::Chat, plain_chat, members_of_a_chat()), (Form::Text, plain_text, members_of_a_text())]
    {
        for (name, value, fate) in table {
            let mut beside = plain.clone();
            match name {
                "tool_choice" | "parallel_tool_calls" => {
                    beside["tools"] = json!([{"type": "function", "function": {"name": "f"}}]);
                }
                "top_logprobs" => beside["logprobs"] = json!(true),
                _ => {}
            }
            let without = read_in_words(form, &beside).expect("a request");
            beside[name] = value;
            match (read_in_words(form, &beside), fate) {
                (Ok(read), Followed) => assert_ne!(read, without, "{name} is ignored in silence"),
                (Ok(read), Left) => assert_eq!(read, without, "{name}"),
                (Err(refusal), Refused) => assert_eq!(refusal.param.as_deref(), Some(name)),
                (read, fate) => panic!("{name} is not {fate:?}: {read:?}"),
            }
        }
    }
}
