//! Calls of tools, with the real model under a chat template that has them: its own has none.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{ask, call, chat, stream};
use crate::doctored::{Says, copy};
use crate::worker::Tested;

const CHAT: &str = "/v1/chat/completions";

/// The form in which Hermes and Qwen models learn tools.
const TEMPLATE: &str = r#"{%- if tools %}<|im_start|>system
These functions may be called:
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}A call is written so:
<tool_call>
{"name": <name>, "arguments": <arguments>}
</tool_call><|im_end|>
{% endif %}{% for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"#;

async fn worker(folder: &TempDir) -> Tested {
    let tested = Tested::starting(copy(folder.path(), &[("tokenizer.chat_template", Says::Text(TEMPLATE))]));
    tested.pid().await;
    tested
}

fn tools() -> Value {
    let light = json!({"type": "object", "additionalProperties": false, "required": ["room", "level"], "properties": {
        "room": {"enum": ["kitchen", "hall"]}, "level": {"type": "integer", "minimum": 0, "maximum": 100}}});
    let wait = json!({"type": "object", "additionalProperties": false, "required": ["minutes"], "properties": {
        "minutes": {"type": "integer", "minimum": 1, "maximum": 60}}});
    let function = |name: &str, parameters: &Value| {
        json!({"type": "function",
        "function": {"name": name, "description": "Does it.", "parameters": parameters}})
    };
    json!([function("set_light", &light), function("wait", &wait)])
}

fn with(members: &Value) -> Value {
    let mut body = ask(&json!({"tools": tools(), "parallel_tool_calls": false, "max_tokens": 200, "temperature": 1.2}));
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

/// The functions, and whether arguments are what each takes.
fn assert_valid(function: &Value, allowed: &[&str]) {
    let name = function["name"].as_str().unwrap();
    assert!(allowed.contains(&name), "{function}");
    let arguments: Value = serde_json::from_str(function["arguments"].as_str().unwrap()).unwrap();
    let members = arguments.as_object().unwrap();
    match name {
        "set_light" => {
            assert_eq!(members.len(), 2, "{function}");
            assert!(["kitchen", "hall"].contains(&arguments["room"].as_str().unwrap()), "{function}");
            assert!(arguments["level"].as_u64().unwrap() <= 100, "{function}");
        }
        _ => assert!(members.len() == 1 && (1..=60).contains(&arguments["minutes"].as_u64().unwrap()), "{function}"),
    }
}

/// The only call of an answer, put together from its chunks.
async fn streamed(tested: &Tested, body: &Value) -> (Value, Value) {
    let mut body = body.clone();
    body["stream"] = true.into();
    let data = stream(tested.socket(), CHAT, &body).await.unwrap().data().await;
    let chunks: Vec<Value> = data.iter().filter_map(|chunk| serde_json::from_str(chunk).ok()).collect();
    let mut calls = chunks.iter().filter_map(|chunk| chunk.pointer("/choices/0/delta/tool_calls/0"));
    let call = calls.next().unwrap_or_else(|| panic!("{data:?}")).clone();
    assert!(calls.next().is_none(), "{chunks:?}");
    let said = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str());
    assert_eq!(said.collect::<String>(), "");
    (call, chunks.last().unwrap()["choices"][0]["finish_reason"].clone())
}

#[tokio::test]
async fn a_call_that_is_forced_comes_in_openais_form_with_arguments_that_fit() {
    let folder = TempDir::new().unwrap();
    let tested = worker(&folder).await;
    let named = json!({"type": "function", "function": {"name": "wait"}});
    let cases = [(json!("required"), &["set_light", "wait"][..]), (named, &["wait"])];
    for (choice, allowed) in cases {
        for seed in 1..4 {
            let body = with(&json!({"tool_choice": choice, "seed": seed}));
            let (status, _, answer) = chat(tested.socket(), &body).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
            let whole = &answer["choices"][0];
            assert_eq!((&whole["finish_reason"], &whole["message"]["content"]), (&json!("tool_calls"), &Value::Null));
            let [call] = &whole["message"]["tool_calls"].as_array().unwrap()[..] else { panic!("{answer}") };
            assert_eq!(call["type"], "function");
            assert!(call["id"].as_str().unwrap().starts_with("call_"));
            assert_valid(&call["function"], allowed);
            let (call, reason) = streamed(&tested, &body).await;
            assert_eq!((&call["index"], &reason), (&json!(0), &json!("tool_calls")));
            assert_valid(&call["function"], allowed);
        }
    }
}

#[tokio::test]
async fn beside_tools_an_answer_in_words_has_the_form_that_was_asked_for() {
    let folder = TempDir::new().unwrap();
    let tested = worker(&folder).await;
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["done"],
        "properties": {"done": {"type": "boolean"}}});
    let format = json!({"type": "json_schema", "json_schema": {"name": "n", "schema": schema}});
    for seed in 1..5 {
        let (status, _, answer) = chat(tested.socket(), &with(&json!({"response_format": format, "seed": seed}))).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let message = &answer["choices"][0]["message"];
        match message["tool_calls"].as_array() {
            Some(calls) => calls.iter().for_each(|call| assert_valid(&call["function"], &["set_light", "wait"])),
            None => {
                let said: Value = serde_json::from_str(message["content"].as_str().unwrap()).unwrap();
                assert!(said["done"].is_boolean(), "{answer}");
            }
        }
    }
}

/// A chat in which calls were made before that take what no function does, for the model to go on so.
fn led_astray(strict: bool, members: &Value) -> Value {
    let mut tools = tools();
    for tool in tools.as_array_mut().unwrap() {
        tool["function"]["strict"] = strict.into();
    }
    let before = "<tool_call>\n{\"name\": \"wait\", \"arguments\": {\"minutes\": 200}}\n</tool_call>";
    let turn = |number: u32| {
        [
            json!({"role": "user", "content": format!("Wait for the {number}. time.")}),
            json!({"role": "assistant", "content": before}),
        ]
    };
    let mut messages: Vec<_> = (1..4).flat_map(turn).collect();
    messages.push(turn(4)[0].clone());
    let mut body = with(&json!({"tools": tools, "messages": messages, "temperature": 0}));
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn where_a_function_is_strict_a_call_that_the_model_chooses_to_make_fits_it() {
    let folder = TempDir::new().unwrap();
    let tested = worker(&folder).await;
    let (_, _, free) = chat(tested.socket(), &led_astray(false, &json!({}))).await;
    let arguments = &free["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"];
    assert_eq!(arguments, "{\"minutes\": 200}", "{free}");
    for members in [json!({}), json!({"parallel_tool_calls": true}), json!({"temperature": 1, "seed": 1, "n": 3})] {
        let (status, _, held) = chat(tested.socket(), &led_astray(true, &members)).await;
        assert_eq!(status, StatusCode::OK, "{held}");
        for choice in held["choices"].as_array().unwrap() {
            let calls = choice["message"]["tool_calls"].as_array().unwrap_or_else(|| panic!("{held}"));
            calls.iter().for_each(|call| assert_valid(&call["function"], &["set_light", "wait"]));
        }
    }
    let (call, reason) = streamed(&tested, &led_astray(true, &json!({}))).await;
    assert_eq!(reason, "tool_calls");
    assert_valid(&call["function"], &["wait"]);
    let words = json!({"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8});
    let (_, _, hello) = chat(tested.socket(), &led_astray(true, &words)).await;
    let message = &hello["choices"][0]["message"];
    assert!(message["content"].as_str().is_some_and(|text| !text.is_empty()), "{hello}");
    assert!(message["tool_calls"].is_null(), "{hello}");
}

/// The text that the told tokens say.
fn spelled(logprobs: &Value) -> String {
    let tokens = logprobs["content"].as_array().unwrap().iter();
    let bytes = tokens.flat_map(|token| token["bytes"].as_array().unwrap().clone());
    String::from_utf8(bytes.map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap()).collect()).unwrap()
}

#[tokio::test]
async fn beside_tools_the_tokens_of_an_answer_in_words_are_told() {
    let folder = TempDir::new().unwrap();
    let tested = worker(&folder).await;
    let told = json!({"logprobs": true, "top_logprobs": 2});
    let (status, _, called) = chat(tested.socket(), &led_astray(true, &told)).await;
    assert_eq!(status, StatusCode::OK, "{called}");
    let choice = &called["choices"][0];
    assert!(choice["message"]["tool_calls"].is_array() && choice["logprobs"].is_null(), "{called}");
    let mut words = told;
    words["messages"] = json!([{"role": "user", "content": "Tell me a story."}]);
    words["max_tokens"] = 20.into();
    let body = led_astray(true, &words);
    let (_, _, answer) = chat(tested.socket(), &body).await;
    let choice = &answer["choices"][0];
    assert_eq!(spelled(&choice["logprobs"]), choice["message"]["content"].as_str().unwrap(), "{answer}");
    let mut body = body;
    body["stream"] = true.into();
    let data = stream(tested.socket(), CHAT, &body).await.unwrap().data().await;
    let chunks = data.iter().filter_map(|chunk| serde_json::from_str::<Value>(chunk).ok());
    let told: Vec<_> = chunks.filter(|chunk| !chunk["choices"][0]["logprobs"].is_null()).collect();
    let told: String = told.iter().map(|chunk| spelled(&chunk["choices"][0]["logprobs"])).collect();
    assert_eq!(told, spelled(&choice["logprobs"]));
}

#[tokio::test]
async fn what_stands_between_two_texts_is_asked_for_with_the_models_own_signs() {
    let folder = TempDir::new().unwrap();
    let signs = [("pre", 3), ("suf", 4), ("mid", 5)];
    let keys = signs.map(|(sign, token)| (format!("tokenizer.ggml.fim_{sign}_token_id"), Says::Number(token)));
    let keys: Vec<_> = keys.into_iter().map(|(name, says)| (name.leak() as &str, says)).collect();
    let tested = Tested::starting(copy(folder.path(), &keys));
    tested.pid().await;
    let text = async |body: Value| call(tested.socket(), Method::POST, "/v1/completions", &body).await;
    let (status, _, filled) = text(json!({"prompt": "def add(a, b):", "suffix": "\n", "max_tokens": 4})).await;
    assert_eq!(status, StatusCode::OK, "{filled}");
    let (_, _, plain) = text(json!({"prompt": "def add(a, b):", "max_tokens": 4})).await;
    let tokens = |answer: &Value| answer["usage"]["prompt_tokens"].as_u64().unwrap();
    assert_eq!(tokens(&filled), tokens(&plain) + 4, "three signs and the suffix");
}
