//! OpenAI's form over the socket.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::client::{ask, call, chat, endless, get, stream};
use crate::worker::{Tested, stat, until};

pub(crate) const CHAT: &str = "/v1/chat/completions";
pub(crate) const TEXT: &str = "/v1/completions";

#[tokio::test]
async fn a_chat_is_answered_whole() {
    let worker = Tested::ready().await;
    let (status, _, answer) = chat(worker.socket(), &ask(&json!({"max_tokens": 5, "temperature": 0}))).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!((&answer["object"], &answer["model"]), (&json!("chat.completion"), &json!("tiny")));
    let choice = &answer["choices"][0];
    assert_eq!((&choice["message"]["role"], &choice["finish_reason"]), (&json!("assistant"), &json!("length")));
    assert!(!choice["message"]["content"].as_str().unwrap().is_empty());
    let usage = &answer["usage"];
    assert_eq!(usage["completion_tokens"], 5);
    assert_eq!(usage["total_tokens"], usage["prompt_tokens"].as_u64().unwrap() + 5);
    assert_eq!(usage["prompt_tokens_details"]["cached_tokens"], 0);
}

#[tokio::test]
async fn a_chat_is_streamed_and_says_what_it_cost() {
    let worker = Tested::ready().await;
    let body =
        ask(&json!({"max_tokens": 5, "temperature": 0, "stream": true, "stream_options": {"include_usage": true}}));
    let call = stream(worker.socket(), CHAT, &body).await.unwrap();
    assert_eq!(call.response.headers()["content-type"], "text/event-stream");
    let data = call.data().await;
    let (last, chunks) = data.split_last().unwrap();
    assert_eq!(last, "[DONE]");
    let chunks: Vec<Value> = chunks.iter().map(|chunk| serde_json::from_str(chunk).unwrap()).collect();
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    let content = |chunk: &Value| chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default().to_owned();
    assert!(!chunks.iter().map(content).collect::<String>().is_empty());
    let [.., end, usage] = chunks.as_slice() else { panic!("{chunks:?}") };
    assert_eq!(end["choices"][0]["finish_reason"], "length");
    assert_eq!(usage["usage"]["completion_tokens"], 5);
}

#[tokio::test]
async fn a_text_is_carried_on_and_stops_where_it_is_told_to() {
    let worker = Tested::ready().await;
    let body = json!({"prompt": "1, 2, 3, 4,", "temperature": 0, "stop": " 7"});
    let (status, _, answer) = call(worker.socket(), Method::POST, TEXT, &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let choice = &answer["choices"][0];
    assert_eq!((&choice["text"], &choice["finish_reason"]), (&json!(" 5, 6,"), &json!("stop")));
}

#[tokio::test]
async fn a_last_message_of_the_assistant_is_carried_on() {
    let worker = Tested::ready().await;
    let messages = json!([{"role": "user", "content": "Count."}, {"role": "assistant", "content": "1, 2, 3, 4,"}]);
    let body = json!({"messages": messages, "temperature": 0, "max_tokens": 2});
    let (_, _, answer) = chat(worker.socket(), &body).await;
    let content = answer["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(content.starts_with(" 5"), "{content:?}");
}

#[tokio::test]
async fn an_answer_has_the_form_that_was_asked_for() {
    let worker = Tested::ready().await;
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["city"],
        "properties": {"city": {"type": "string", "maxLength": 20}}});
    let format = json!({"type": "json_schema", "json_schema": {"name": "place", "schema": schema}});
    let (status, _, answer) = chat(worker.socket(), &ask(&json!({"response_format": format}))).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let content = answer["choices"][0]["message"]["content"].as_str().unwrap();
    let place: Value = serde_json::from_str(content).unwrap();
    assert!(place["city"].is_string(), "{content}");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    let body = json!({"prompt": "The answer is", "grammar": "root ::= \" yes\" | \" no\""});
    let (_, _, answer) = call(worker.socket(), Method::POST, TEXT, &body).await;
    assert!([json!(" yes"), json!(" no")].contains(&answer["choices"][0]["text"]), "{answer}");
    let begun = json!({"messages": [{"role": "user", "content": "Where?"}, {"role": "assistant", "content": "In "}],
        "response_format": {"type": "json_object"}});
    let (status, _, answer) = chat(worker.socket(), &begun).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(answer["error"]["message"], "response_format: the answer's beginning does not fit it");
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_in_the_form_of_the_api() {
    let worker = Tested::ready().await;
    let long = json!({"messages": [{"role": "user", "content": "long ".repeat(3000)}]});
    let image = json!([{"type": "image_url", "image_url": {"url": "data:,"}}]);
    let image = json!({"messages": [{"role": "user", "content": image}]});
    for (body, part, code) in [
        (long, "tokens, 2047 fit", json!("context_length_exceeded")),
        (ask(&json!({"n": 17})), "n: ", json!("unsupported_value")),
        (ask(&json!({"grammar": "root ::= x"})), "grammar: line 1: the rule x is not defined", json!("invalid_value")),
        (
            ask(&json!({"tools": [{"type": "function", "function": {"name": "now"}}]})),
            "tools: a model whose chat template has no tools is not supported",
            json!("unsupported_value"),
        ),
        (ask(&json!({"reasoning_effort": "high"})), "reasoning_effort is not", json!("unsupported_parameter")),
        (json!({"messages": []}), "messages is empty", Value::Null),
    ] {
        let (status, _, answer) = chat(worker.socket(), &body).await;
        let error = &answer["error"];
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
        assert!(error["message"].as_str().unwrap().contains(part), "{answer}");
        assert_eq!((&error["code"], &error["type"]), (&code, &json!("invalid_request_error")));
    }
    let (status, _, answer) = chat(worker.socket(), &image).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer["error"]["message"].as_str().unwrap().contains("image_url"), "{answer}");
}

#[tokio::test]
async fn other_calls_are_answered_too() {
    let worker = Tested::ready().await;
    let (status, health) = get(worker.socket(), "/health").await;
    assert_eq!((status, &health["status"], &health["context"]), (StatusCode::OK, &json!("ok"), &json!(2048)));
    let (_, models) = get(worker.socket(), "/v1/models").await;
    assert_eq!(models["data"][0]["id"], "tiny");
    assert_eq!(get(worker.socket(), "/v1/nothing").await.0, StatusCode::NOT_FOUND);
    let (status, _, answer) = call(worker.socket(), Method::POST, "/v1/embeddings", &json!({"input": "x"})).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(answer["error"]["message"], "this model writes text and has no embeddings");
    assert_eq!(get(worker.socket(), CHAT).await.0, StatusCode::METHOD_NOT_ALLOWED);
}

/// The processor time that a process has used, in clock ticks.
fn used(pid: u32) -> u64 {
    let stat = stat(pid).unwrap();
    stat[11].parse::<u64>().unwrap() + stat[12].parse::<u64>().unwrap()
}

/// Waits until the process computes nothing any more. Its answer alone would take far more time of a processor than this
/// grants; how long it waits for one depends on what else the machine does.
pub(crate) async fn until_idle(pid: u32) {
    const GRANTED: u64 = 1_000;
    let (begun, mut idle) = (used(pid), 0);
    while idle < 5 {
        let before = used(pid);
        sleep(Duration::from_millis(100)).await;
        idle = if used(pid) == before { idle + 1 } else { 0 };
        assert!(used(pid) < begun + GRANTED, "it still computes");
    }
}

#[tokio::test]
async fn a_client_who_leaves_a_stream_ends_the_work() {
    let worker = Tested::ready().await;
    let pid = worker.pid().await;
    let mut call = stream(worker.socket(), CHAT, &endless(true)).await.unwrap();
    for _ in 0..3 {
        call.response.body_mut().frame().await.unwrap().unwrap();
    }
    call.hang_up();
    until_idle(pid).await;
    assert_eq!(worker.pid().await, pid);
}

#[tokio::test]
async fn a_client_who_leaves_before_a_whole_answer_ends_the_work() {
    let worker = Tested::ready().await;
    let pid = worker.pid().await;
    let socket = worker.socket().to_owned();
    let before = used(pid);
    let waiting = tokio::spawn(async move { chat(&socket, &endless(false)).await });
    until("it computes", || used(pid) > before + 5).await;
    waiting.abort();
    let _ = waiting.await;
    until_idle(pid).await;
}
