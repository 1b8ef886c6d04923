//! A Space with a lent GPU: two calls for one, and Gradio's events put into OpenAI's form. What is played here was recorded from
//! Gradio 6.31.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{End, KEY, LAST, Play, Server, call, events, read_all, response, serve, stream_of};
use upstream::{Cause, Failure, Kind, Measure, QuotaReading, StreamEvent, Window};

const FIRST: &str = "event: generating\ndata: [{\"model\": \"a/b\", \"text\": \"Hel\"}]\n\n";
const SECOND: &str = "event: generating\ndata: [{\"model\": \"a/b\", \"text\": \"lo\"}]\n\n";
const FINISH: &str = "event: generating\ndata: [{\"model\": \"a/b\", \"finish_reason\": \"stop\", \"usage\": {\"prompt_tokens\": 9, \"completion_tokens\": 3}}]\n\n";
const COMPLETE: &str = "event: complete\ndata: [{\"model\": \"a/b\", \"finish_reason\": \"stop\", \"usage\": {\"prompt_tokens\": 9, \"completion_tokens\": 3}}]\n\n";
const HEARTBEAT: &str = "event: heartbeat\ndata: null\n\n";
const QUOTA: &str = "event: error\ndata: {\"error\": \"You have exceeded your free ZeroGPU quota (62s requested vs. 21s left). Try again in 0:06:53. \", \"duration\": 10, \"visible\": true, \"title\": \"ZeroGPU quota exceeded\"}\n\n";

fn begun() -> Play {
    response("200 OK", "application/json", r#"{"event_id":"4b54bafa3a4042249e4f5a7a6ff0d6f5"}"#)
}

async fn answering(play: Play) -> Server {
    serve([begun(), play]).await
}

async fn ask(server: &Server) -> (Vec<StreamEvent>, Option<Failure>) {
    match server.upstream(Kind::named("zerogpu")).send(call(true)).await {
        Ok(answer) => read_all(&mut stream_of(answer)).await,
        Err(failure) => (Vec::new(), Some(failure)),
    }
}

#[tokio::test]
async fn a_call_is_begun_and_then_listened_to() {
    let mut server = answering(events(&[HEARTBEAT, FIRST, HEARTBEAT, SECOND, FINISH, COMPLETE, LAST], End::Keep)).await;
    let (events, failure) = ask(&server).await;
    assert!(failure.is_none(), "{failure:?}");
    let (head, body) = server.saw_request().await;
    assert!(head.starts_with("POST /gradio_api/call/generate HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("authorization: Bearer {KEY}\r\n")), "whose time it takes: {head}");
    let messages = json!([{ "role": "user", "content": "hi" }]);
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), json!({ "data": [messages, { "seed": 7, "stop": [] }] }));
    let (head, _) = server.saw_request().await;
    assert!(head.starts_with("GET /gradio_api/call/generate/4b54bafa3a4042249e4f5a7a6ff0d6f5 HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("authorization: Bearer {KEY}\r\n")), "{head}");

    let read = |event: &StreamEvent| serde_json::from_slice::<Value>(event.data.as_ref().unwrap()).unwrap_or_default();
    let chunks: Vec<Value> = events.iter().map(read).collect();
    let choice = |delta: Value, reason: Value| json!([{ "index": 0, "delta": delta, "finish_reason": reason }]);
    assert_eq!(chunks[0]["choices"], choice(json!({ "role": "assistant", "content": "Hel" }), Value::Null));
    assert_eq!(chunks[1]["choices"], choice(json!({ "content": "lo" }), Value::Null));
    assert_eq!(chunks[2]["choices"], choice(json!({}), json!("stop")));
    assert_eq!(chunks[2]["usage"], json!({ "prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12 }));
    assert_eq!(&events[3].raw[..], b"data: [DONE]\n\n");
    assert_eq!(events.len(), 4);
    for chunk in &chunks[..3] {
        assert_eq!((&chunk["id"], &chunk["model"]), (&json!("chatcmpl-req-1"), &json!("a/b")));
    }
}

#[tokio::test]
async fn each_end_of_a_call_is_told_apart() {
    let null = "event: error\ndata: {\"error\": null}\n\n";
    let unknown = "event: error\ndata: \"404: Not Found\"\n\n";
    let aborted = "event: error\ndata: {\"error\": \"GPU task aborted\", \"title\": \"ZeroGPU worker error\"}\n\n";
    let other = "event: generating\ndata: [\"So far\"]\n\n";
    let cancelled = "event: complete\ndata: null\n\n";
    for (what, play, words) in [
        ("the quota is spent", events(&[HEARTBEAT, QUOTA, LAST], End::Keep), "429 Too Many Requests"),
        ("the program fails", events(&[null, LAST], End::Keep), "error in the stream: the Space's program failed"),
        ("the call is gone", events(&[unknown, LAST], End::Keep), "error in the stream: 404: Not Found"),
        ("the GPU is taken away", events(&[FIRST, aborted, LAST], End::Keep), "error in the stream: GPU task aborted"),
        ("another program", events(&[other, LAST], End::Keep), "not JSON"),
        ("closed midway", events(&[FIRST], End::Close), "stream cut off"),
        ("ended midway", events(&[FIRST, LAST], End::Keep), "stream cut off"),
        ("cancelled by somebody", events(&[FIRST, cancelled, LAST], End::Keep), "stream cut off"),
        ("nothing but heartbeats", events(&[HEARTBEAT, LAST], End::Keep), "empty answer"),
        ("an answer to something else", response("200 OK", "application/json", "{}"), "not an answer"),
    ] {
        let failure = ask(&answering(play).await).await.1.unwrap_or_else(|| panic!("{what}"));
        assert_eq!(failure.to_string(), words, "{what}");
    }
}

#[tokio::test]
async fn a_spent_quota_says_what_is_left_and_when_all_of_it_is_back() {
    let failure = ask(&answering(events(&[QUOTA, LAST], End::Keep)).await).await.1.unwrap();
    let wait = Some(Duration::from_secs(413));
    let (measure, window) = (Measure::GpuSeconds, Some(Window::Day));
    assert_eq!((failure.cause, failure.retry_after), (Cause::RateLimited, wait));
    assert_eq!(failure.quotas, [QuotaReading { measure, window, limit: None, remaining: Some(21), reset: wait }]);
}

#[tokio::test]
async fn what_begins_no_call_is_read_as_of_any_space() {
    let asleep = "<!DOCTYPE html><html><body>Your space is sleeping</body></html>";
    for (play, words) in [
        (response("503 Service Unavailable", "text/html", asleep), "waking (503 Service Unavailable)"),
        (response("200 OK", "text/html", asleep), "waking (HTML instead of JSON)"),
        (response("404 Not Found", "application/json", r#"{"detail":"Not Found"}"#), "404 Not Found"),
        (response("401 Unauthorized", "application/json", r#"{"error":"Invalid token"}"#), "401 Unauthorized"),
        (response("200 OK", "application/json", r#"{"event_id":"../cancel"}"#), "not an answer"),
    ] {
        let server = serve([play]).await;
        assert_eq!(ask(&server).await.1.unwrap().to_string(), words);
    }
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_longer_is_cancelled() {
    for listening in [false, true] {
        // The call's events hang, once before the first of them.
        let pieces: &[&str] = if listening { &[FIRST] } else { &[] };
        let mut server =
            serve([begun(), events(pieces, End::Hang), response("200 OK", "application/json", "{}")]).await;
        let upstream = server.upstream(Kind::named("zerogpu"));
        let asking = tokio::spawn(async move { upstream.send(call(true)).await });
        server.saw_request().await;
        server.saw_request().await;
        if listening {
            drop(asking.await.unwrap().unwrap());
        } else {
            asking.abort();
        }
        let (head, body) = server.saw_request().await;
        assert!(head.starts_with("POST /gradio_api/cancel HTTP/1.1\r\n"), "{head}");
        let id = "4b54bafa3a4042249e4f5a7a6ff0d6f5";
        let expected = json!({ "event_id": id, "session_hash": id, "fn_index": 0 });
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
    }
}

#[tokio::test]
async fn what_the_program_does_not_take_is_never_sent() {
    let mut server = answering(events(&[FIRST, FINISH, COMPLETE, LAST], End::Keep)).await;
    let upstream = server.upstream(Kind::named("zerogpu"));
    let mut asked = call(true);
    asked.body = bytes::Bytes::from_static(br#"{"messages":[{"role":"user","content":"hi"}],"logprobs":true}"#).into();
    let failure = upstream.send(asked).await.unwrap_err();
    assert!(matches!(failure.cause, Cause::Unsupported(_)) && failure.member.is_none(), "{failure}");
    assert_eq!(failure.provider.unwrap().status, 400, "what the caller gets where no tier takes it");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn what_it_serves_is_seen_without_taking_a_gpu() {
    let listed = r#"{"named_endpoints":{"/generate":{"parameters":[]}},"unnamed_endpoints":{}}"#;
    let mut server = serve([response("200 OK", "application/json", listed)]).await;
    let models = server.upstream(Kind::named("zerogpu")).models().await.unwrap();
    assert_eq!(models, ["tiny"]);
    assert!(server.saw_request().await.0.starts_with("GET /gradio_api/info HTTP/1.1\r\n"));
    let server = serve([response("200 OK", "application/json", r#"{"named_endpoints":{}}"#)]).await;
    assert!(server.upstream(Kind::named("zerogpu")).models().await.is_err(), "another program");
}
