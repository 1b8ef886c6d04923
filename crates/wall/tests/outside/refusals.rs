//! Faults before an answer: nothing, less than a head, a status, a body that is no answer.

use crate::client::{Ending, Received, assert_silent, post, streamed, wall, whole, with_messages, words};
use serde_json::json;

#[test]
fn hang_says_nothing_and_stays() {
    assert_silent(&wall(), "hang", false);
}

#[test]
fn reset_and_close_end_the_connection_before_a_byte() {
    let wall = wall();
    let answer = streamed(&wall, "reset");
    assert_eq!((answer.head.as_str(), answer.ending), ("", Ending::Reset));
    let answer = streamed(&wall, "close");
    assert_eq!((answer.head.as_str(), answer.ending), ("", Ending::Closed));
}

#[test]
fn cut_in_head_ends_within_a_header() {
    let answer = whole(&wall(), "cut-in-head");
    assert_eq!((answer.head.as_str(), answer.ending), ("HTTP/1.1 200 OK\r\ncontent-ty", Ending::Closed));
}

#[test]
fn each_status_comes_with_an_error_body() {
    let wall = wall();
    for (name, status, reason, code) in [
        ("401", 401, "Unauthorized", "invalid_api_key"),
        ("403", 403, "Forbidden", "forbidden"),
        ("404", 404, "Not Found", "not_found"),
        ("404-model", 404, "Not Found", "model_not_found"),
        ("408", 408, "Request Timeout", "request_timeout"),
        ("413", 413, "Payload Too Large", "request_too_large"),
        ("status-429", 429, "Too Many Requests", "rate_limit_exceeded"),
        ("status-500", 500, "Internal Server Error", "server_error"),
        ("status-502", 502, "Bad Gateway", "server_error"),
        ("status-503", 503, "Service Unavailable", "server_error"),
        ("529", 529, "Overloaded", "overloaded"),
        ("content-filter", 400, "Bad Request", "content_filter"),
    ] {
        let answer = streamed(&wall, name);
        assert!(answer.head.starts_with(&format!("HTTP/1.1 {status} {reason}\r\n")), "{name}: {}", answer.head);
        assert_eq!(answer.json()["error"]["code"], code);
    }
}

#[test]
fn retry_after_comes_in_all_its_forms() {
    let wall = wall();
    assert_eq!(whole(&wall, "status-429-retry-after-2").header("retry-after"), Some("2"));
    assert_eq!(whole(&wall, "status-429-retry-after-200ms").header("retry-after-ms"), Some("200"));
    let answer = whole(&wall, "status-503-retry-after-date-3600");
    assert!(httpdate::parse_http_date(answer.header("retry-after").unwrap()).unwrap() > std::time::SystemTime::now());
}

#[test]
fn a_body_can_be_no_answer() {
    let wall = wall();
    let all = |name: &str| {
        let Received { head, body, ending } = whole(&wall, name);
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && ending == Ending::Closed);
        (head, String::from_utf8(body).unwrap())
    };
    let (head, body) = all("html");
    assert!(head.contains("content-type: text/html") && body.starts_with("<!DOCTYPE html>"));
    let (head, body) = all("garbage");
    assert!(head.contains("content-type: application/json"));
    assert!(serde_json::from_str::<serde_json::Value>(&body).is_err());
    let (head, body) = all("empty");
    assert!(head.contains("content-type: application/json") && head.contains("content-length: 0") && body.is_empty());
    let (head, body) = all("empty-stream");
    assert!(head.contains("content-type: text/event-stream") && body.is_empty());
    assert_eq!(whole(&wall, "no-choices").json()["choices"], json!([]));
}

#[test]
fn a_loading_model_says_so_in_two_forms() {
    let wall = wall();
    let answer = whole(&wall, "loading-estimated-20");
    assert_eq!((answer.status(), answer.json()["estimated_time"].as_f64()), (503, Some(20.0)));
    let answer = whole(&wall, "loading");
    assert_eq!((answer.status(), answer.json()["error"]["message"].clone()), (503, json!("Loading model")));
}

#[test]
fn a_sleeping_space_answers_with_html_until_it_is_awake() {
    let wall = wall();
    let answer = whole(&wall, "sleep-then-wake-2m");
    assert_eq!((answer.status(), answer.header("content-type")), (503, Some("text/html; charset=utf-8")));
    assert_eq!(whole(&wall, "sleep-then-wake-0ms").status(), 200);
}

#[test]
fn flapping_begins_up() {
    let wall = wall();
    assert_eq!(whole(&wall, "flap-2m").status(), 200);
    assert_eq!(whole(&wall, "flap-2m").status(), 200);
}

#[test]
fn prefill_is_refused_where_the_name_says_so() {
    let wall = wall();
    let prefilled = json!([{ "role": "user", "content": "Say it." }, { "role": "assistant", "content": "w1" }]);
    let answer = post(&wall, "/v1/chat/completions", &with_messages("refuse-prefill", &prefilled));
    assert_eq!((answer.status(), answer.json()["error"]["type"].clone()), (400, json!("invalid_request_error")));
    assert_eq!(whole(&wall, "refuse-prefill").said(), words(1, 60));
}

#[test]
fn a_prompt_over_the_context_is_refused() {
    let wall = wall();
    let long = json!([{ "role": "user", "content": "x".repeat(4 * 4096) }]);
    let answer = post(&wall, "/v1/chat/completions", &with_messages("context-4096", &long));
    assert_eq!((answer.status(), answer.json()["error"]["code"].clone()), (400, json!("context_length_exceeded")));
    assert_eq!(whole(&wall, "context-4096").status(), 200);
}

#[test]
fn a_rate_is_told_before_and_when_it_is_met() {
    let wall = wall();
    let first = whole(&wall, "rate-limit-2rpm");
    assert_eq!(first.status(), 200);
    assert_eq!(first.header("x-ratelimit-limit-requests"), Some("2"));
    assert_eq!(first.header("x-ratelimit-remaining-requests"), Some("1"));
    assert_eq!(first.header("x-ratelimit-reset-requests"), Some("1m0s"));
    assert_eq!(whole(&wall, "rate-limit-2rpm").status(), 200);
    let over = whole(&wall, "rate-limit-2rpm");
    assert_eq!((over.status(), over.header("x-ratelimit-remaining-requests")), (429, Some("0")));
    let seconds: u32 = over.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
}

#[test]
fn tokens_a_minute_count_the_prompt_and_max_tokens() {
    let wall = wall();
    let mut body = crate::client::chat("rate-limit-100tpm", false);
    body["max_tokens"] = json!(90);
    let answer = post(&wall, "/v1/chat/completions", &body);
    assert_eq!((answer.status(), answer.header("x-ratelimit-remaining-tokens")), (200, Some("7")));
    assert_eq!(post(&wall, "/v1/chat/completions", &body).status(), 429);
    body["max_tokens"] = json!(16_384);
    assert_eq!(post(&wall, "/v1/chat/completions", &body).status(), 413);
}
