//! What is wrong with a request is told in OpenAI's error form, and reaches no tier.

use bytes::Bytes;
use http::Method;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::caller::{Answer, Ask, chat, get, post};
use crate::stand::{Stand, within};

const LARGEST: usize = 10 * 1024 * 1024;
const CHAT: &str = "/v1/chat/completions";
const TEXT: &str = "/v1/completions";

fn assert_error(stand: &Stand, answer: &Answer, status: u16, code: &str, says: &str) {
    assert_eq!((answer.status, answer.header("content-type")), (status, Some("application/json")), "{answer:?}");
    assert_form(&answer.json(), code, says);
    assert!(answer.header("x-request-id").is_some_and(|id| !id.is_empty()), "{says}: {answer:?}");
    assert!(stand.asked().is_empty() && stand.log.lines().is_empty(), "{says}: no tier hears of it");
}

/// `{"error":{"message","type","param","code"}}` and nothing else.
fn assert_form(body: &Value, code: &str, says: &str) {
    let error = body["error"].as_object().unwrap();
    let mut members: Vec<_> = error.keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["code", "message", "param", "type"]);
    assert_eq!(error["code"], code, "{error:?}");
    assert!(error["message"].as_str().unwrap().contains(says), "{error:?}");
}

#[tokio::test]
async fn a_malformed_request_is_a_400_that_says_what_is_wrong() {
    let stand = Stand::new(&["ok"]);
    for (path, body, code, says) in [
        (CHAT, "", "invalid_json", "not JSON"),
        (CHAT, "{", "invalid_json", "not JSON"),
        (CHAT, "messages=hello", "invalid_json", "not JSON"),
        (CHAT, "[]", "invalid_json", "not an object"),
        (CHAT, r#"{"model":"auto"}"#, "missing_required_parameter", "'messages'"),
        (CHAT, r#"{"model":"auto","messages":[]}"#, "invalid_type", "'messages'"),
        (CHAT, r#"{"model":"auto","messages":"hi"}"#, "invalid_type", "'messages'"),
        (CHAT, r#"{"model":7,"messages":[{}]}"#, "invalid_type", "'model'"),
        (CHAT, r#"{"model":"auto","messages":[{}],"stream":"yes"}"#, "invalid_type", "'stream'"),
        (TEXT, r#"{"model":"auto","messages":[{}]}"#, "missing_required_parameter", "'prompt'"),
    ] {
        assert_error(&stand, &post(path, body).of(&stand).await, 400, code, says);
    }
    let latin = post(CHAT, Bytes::from_static(b"{\"messages\":[{\"content\":\"\xe9\"}]}"));
    assert_error(&stand, &latin.of(&stand).await, 400, "invalid_json", "UTF-8");
}

#[tokio::test]
async fn an_unknown_model_is_a_404_that_lists_the_known_ones() {
    let stand = Stand::new(&["ok", "ok#2"]);
    for model in ["gpt-5", "tier-3", "Auto", ""] {
        let answer = chat(model).of(&stand).await;
        assert_error(&stand, &answer, 404, "model_not_found", "auto, private, tier-1, tier-2");
        assert_eq!(answer.json()["error"]["param"], "model");
    }
}

#[tokio::test]
async fn a_wrong_path_or_method_is_said() {
    let stand = Stand::new(&["ok"]);
    for (ask, status, code) in [
        (get("/v1/nothing"), 404, "unknown_url"),
        (post("/v1/embeddings", r#"{"model":"auto","input":"x"}"#), 404, "no_embeddings"),
        (get(CHAT), 405, "method_not_allowed"),
        (chat("auto").method(Method::PUT), 405, "method_not_allowed"),
        (post("/v1/models", "{}"), 405, "method_not_allowed"),
    ] {
        let answer = ask.of(&stand).await;
        assert_error(&stand, &answer, status, code, "");
        assert_eq!(answer.header("allow").is_some(), status == 405, "RFC 9110, 15.5.6");
    }
}

#[tokio::test]
async fn without_one_of_the_keys_nothing_is_served_but_the_health() {
    let stand = Stand::with(&["ok"], |settings| settings.api_keys = vec!["one".into(), "two".into()]);
    let wrong: [fn(Ask) -> Ask; 5] = [
        |ask| ask,
        |ask| ask.header("authorization", "Bearer three"),
        |ask| ask.header("authorization", "Bearer "),
        |ask| ask.header("authorization", "Basic one"),
        |ask| ask.header("authorization", "one"),
    ];
    for spoil in wrong {
        for ask in [chat("auto"), chat("auto").streamed(), get("/v1/models")] {
            assert_error(&stand, &spoil(ask).of(&stand).await, 401, "invalid_api_key", "API key");
        }
    }
    assert_eq!((get("/health").of(&stand).await.status, get("/ready").of(&stand).await.status), (200, 200));
    for key in ["Bearer one", "bearer two"] {
        chat("auto").header("authorization", key).of(&stand).await.assert_whole(key);
        assert_eq!(get("/v1/models").header("authorization", key).of(&stand).await.status, 200);
    }
    assert!(stand.settled().await.iter().all(|seen| seen.has_key("key-of-tier-1")), "a caller's key goes no further");
}

/// A chat request of so many bytes.
fn of_size(bytes: usize) -> String {
    let body = |padding: &str| format!(r#"{{"model":"auto","messages":[{{"role":"user","content":"{padding}"}}]}}"#);
    body(&"x".repeat(bytes - body("").len()))
}

#[tokio::test]
async fn a_body_of_just_ten_megabytes_is_taken() {
    let stand = Stand::new(&["ok"]);
    post(CHAT, of_size(LARGEST)).of(&stand).await.assert_whole("ten");
}

/// Sends all of `request` before it reads a byte of the answer, as many clients do, and returns the answer.
async fn naive(stand: &Stand, request: Vec<u8>) -> String {
    let mut connection = TcpStream::connect(stand.server.address()).await.unwrap();
    within(connection.write_all(&request)).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}}") {
        assert!(within(connection.read_buf(&mut answer)).await.unwrap() > 0, "closed after {answer:?}");
    }
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_larger_body_is_a_413_whether_it_tells_its_length_or_not() {
    let stand = Stand::new(&["ok"]);
    let body = of_size(3 * LARGEST);
    let head = |length: &str| format!("POST {CHAT} HTTP/1.1\r\nhost: localhost\r\n{length}\r\n\r\n");
    let with_length = head(&format!("content-length: {}", body.len())) + &body;
    let chunked = head("transfer-encoding: chunked") + &format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for request in [with_length, chunked] {
        let answer = naive(&stand, request.into_bytes()).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 413 "), "{head}");
        assert_form(&serde_json::from_str(body).unwrap(), "request_too_large", "10 MB");
        assert!(stand.asked().is_empty());
    }
}

#[tokio::test]
async fn a_caller_who_asks_before_they_send_is_told_at_once() {
    let stand = Stand::new(&["ok"]);
    let mut connection = TcpStream::connect(stand.server.address()).await.unwrap();
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        LARGEST + 1
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    within(connection.read_buf(&mut answer)).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 413 "), "{}", String::from_utf8_lossy(&answer));
}
