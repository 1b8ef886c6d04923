//! Healthy answers: their form, their words, their usage, and where they begin.

use std::io::{Read, Write};

use crate::client::{Ending, chat, connect, get, post, request, streamed, wall, whole, with_messages, words};
use serde_json::json;

#[test]
fn a_whole_answer_has_its_words_and_its_usage() {
    let answer = whole(&wall(), "ok-5");
    assert_eq!((answer.status(), answer.header("content-type")), (200, Some("application/json")));
    let body = answer.json();
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["model"], "ok-5");
    assert_eq!(body["choices"][0]["message"], json!({ "role": "assistant", "content": "w1 w2 w3 w4 w5" }));
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    assert_eq!(body["usage"], json!({ "prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8 }));
}

#[test]
fn a_streamed_answer_has_a_role_its_words_a_finish_and_its_end() {
    let answer = streamed(&wall(), "ok-3");
    assert_eq!((answer.status(), answer.header("content-type")), (200, Some("text/event-stream")));
    let chunks = answer.chunks();
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(chunks.len(), 5);
    assert!(chunks.iter().all(|chunk| chunk["id"] == chunks[0]["id"] && chunk["model"] == "ok-3"));
    assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()));
    assert_eq!(answer.streamed_text(), "w1 w2 w3");
    assert_eq!(answer.finish_reason().as_deref(), Some("stop"));
    assert!(answer.is_done());
    assert_eq!(answer.unchunked().1, None);
    assert_eq!(answer.ending, Ending::Closed);
}

#[test]
fn a_stream_ends_with_usage_where_that_is_asked_for() {
    let mut body = chat("ok-3", true);
    body["stream_options"] = json!({ "include_usage": true });
    let wall = wall();
    let last = post(&wall, "/v1/chat/completions", &body).chunks().pop().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"], json!({ "prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6 }));
    body["model"] = json!("ok-3+no-usage");
    let last = post(&wall, "/v1/chat/completions", &body).chunks().pop().unwrap();
    assert_eq!(last.get("usage"), None);
}

#[test]
fn a_llama_cpp_server_reports_its_progress_where_that_is_asked_for() {
    let wall = wall();
    let mut body = chat("reads-120ms+ok-2", true);
    let silent = post(&wall, "/v1/chat/completions", &body);
    assert_eq!((silent.header("server"), silent.chunks().len()), (Some("llama.cpp"), 4));
    body["return_progress"] = json!(true);
    let answer = post(&wall, "/v1/chat/completions", &body);
    let reports: Vec<_> = answer.chunks().into_iter().filter(|chunk| chunk.get("prompt_progress").is_some()).collect();
    let first = json!({ "total": 3, "cache": 0, "processed": 0, "time_ms": 0 });
    assert_eq!((reports.len(), &reports[0]["prompt_progress"]), (3, &first));
    assert_eq!((answer.streamed_text(), answer.is_done()), ("w1 w2".to_owned(), true));
}

#[test]
fn the_text_form_is_answered_in_its_own_form() {
    let wall = wall();
    let answer = post(&wall, "/v1/completions", &json!({ "model": "ok-4", "prompt": "Say it: w1" })).json();
    assert_eq!(answer["object"], "text_completion");
    assert_eq!(answer["choices"][0]["text"], " w2 w3 w4");
    let answer = post(&wall, "/v1/completions", &json!({ "model": "ok-2", "prompt": "Say it", "stream": true }));
    let chunks = answer.chunks();
    let text: String = chunks.iter().filter_map(|chunk| chunk["choices"][0]["text"].as_str()).collect();
    assert_eq!(text, "w1 w2");
    assert!(answer.is_done());
}

#[test]
fn an_answer_goes_on_after_a_prefill() {
    let messages = json!([{ "role": "user", "content": "Say it." }, { "role": "assistant", "content": words(1, 40) }]);
    let wall = wall();
    let answer = post(&wall, "/v1/chat/completions", &with_messages("ok-60", &messages));
    assert_eq!(answer.said(), format!(" {}", words(41, 60)));
    let anew = post(&wall, "/v1/chat/completions", &with_messages("ok-60+anew", &messages));
    assert_eq!(anew.said(), words(1, 60));
    let other = post(&wall, "/v1/chat/completions", &with_messages("ok-2+other-words", &messages));
    assert_eq!(other.said(), "v1 v2");
}

#[test]
fn an_answer_repeats_the_words_that_it_is_asked_to_repeat() {
    let quote = format!("Repeat exactly these words and go on: «{}»", words(35, 40));
    let messages = json!([{ "role": "user", "content": quote }]);
    let answer = post(&wall(), "/v1/chat/completions", &with_messages("ok-60", &messages));
    assert_eq!(answer.said(), words(35, 60));
}

#[test]
fn max_tokens_ends_an_answer_early() {
    let mut body = chat("ok-60", false);
    body["max_tokens"] = json!(4);
    let wall = wall();
    let answer = post(&wall, "/v1/chat/completions", &body);
    assert_eq!(answer.said(), words(1, 4));
    assert_eq!(answer.json()["choices"][0]["finish_reason"], "length");
    body["max_completion_tokens"] = json!(60);
    let answer = post(&wall, "/v1/chat/completions", &body).json();
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
}

#[test]
fn an_answer_can_end_for_another_reason() {
    let wall = wall();
    let answer = streamed(&wall, "length-30");
    assert_eq!((answer.streamed_text(), answer.finish_reason().unwrap()), (words(1, 30), "length".to_owned()));
    let answer = streamed(&wall, "content-filter-after-10");
    assert_eq!((answer.streamed_text(), answer.finish_reason().unwrap()), (words(1, 10), "content_filter".to_owned()));
}

#[test]
fn reasoning_comes_before_the_answer() {
    let wall = wall();
    let deltas: Vec<_> =
        streamed(&wall, "reasoning-2-then-ok+ok-1").chunks().iter().map(|c| c["choices"][0]["delta"].clone()).collect();
    assert_eq!(deltas[1], json!({ "reasoning_content": "r1" }));
    assert_eq!(deltas[2], json!({ "reasoning_content": " r2" }));
    assert_eq!(deltas[3], json!({ "content": "w1" }));
    let message = whole(&wall, "reasoning-2+ok-1").json()["choices"][0]["message"].clone();
    assert_eq!(message, json!({ "role": "assistant", "reasoning_content": "r1 r2", "content": "w1" }));
}

#[test]
fn a_tool_is_called() {
    let wall = wall();
    let answer = streamed(&wall, "tool-call");
    let arguments: String = answer
        .chunks()
        .iter()
        .filter_map(|c| c["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(arguments, r#"{"city":"Paris"}"#);
    assert_eq!(answer.finish_reason().as_deref(), Some("tool_calls"));
    let choice = whole(&wall, "tool-call").json()["choices"][0].clone();
    assert_eq!(choice["finish_reason"], "tool_calls");
    let function = &choice["message"]["tool_calls"][0]["function"];
    assert_eq!(*function, json!({ "name": "get_weather", "arguments": r#"{"city":"Paris"}"# }));
    let thought = whole(&wall, "reasoning-2+tool-call").json()["choices"][0]["message"].clone();
    assert_eq!((&thought["reasoning_content"], &thought["content"]), (&json!("r1 r2"), &json!(null)));
}

#[test]
fn a_connection_is_used_again_and_requests_may_be_sent_ahead() {
    let wall = wall();
    let mut stream = connect(&wall);
    let one = request("/v1/chat/completions", &chat("ok-1", false), "");
    let last = request("/v1/chat/completions", &chat("trickle-1ms+ok-3", false), "connection: close\r\n");
    stream.write_all(&[one.clone(), last, one].concat()).unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).unwrap_or_default();
    assert_eq!(all.matches("HTTP/1.1 200 OK").count(), 2);
    assert!(all.contains(r#""content":"w1 w2 w3""#));
}

#[test]
fn a_request_body_may_come_in_chunks_and_wait_to_be_wanted() {
    let body = chat("ok-1", false).to_string();
    let (first, second) = body.split_at(7);
    let head = "POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n";
    let wall = wall();
    let mut stream = connect(&wall);
    stream.write_all(head.as_bytes()).unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    for part in [first, second, ""] {
        stream.write_all(format!("{:x}\r\n{part}\r\n", part.len()).as_bytes()).unwrap();
    }
    assert_eq!(crate::client::read(stream).said(), "w1");
    assert_eq!(wall.log()[0].body, body.as_bytes());
}

#[test]
fn what_is_no_request_is_refused_with_a_reason() {
    let wall = wall();
    let answer = post(&wall, "/v1/chat/completions", &json!({ "messages": [] }));
    assert_eq!(answer.status(), 400);
    assert!(answer.json()["error"]["message"].as_str().unwrap().contains("model"));
    assert_eq!(post(&wall, "/v1/embeddings", &json!({})).status(), 404);
    let mut stream = connect(&wall);
    stream.write_all(b"this is no HTTP\r\n\r\n").unwrap();
    assert_eq!(crate::client::read(stream).status(), 400);
}

#[test]
fn models_and_health_are_told() {
    let wall = wall();
    let models = get(&wall, "/v1/models").json();
    assert!(models["data"].as_array().unwrap().iter().any(|model| model["id"] == "cut-after-40"));
    assert_eq!(get(&wall, "/health").json(), json!({ "status": "ok" }));
}
