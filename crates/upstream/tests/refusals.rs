//! What comes back in place of an answer, as a table: the failure's words, its code, and whose fault it is.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

mod support;

use std::time::Duration;

use support::{End, KEY, Play, WHOLE, call, response, serve};
use upstream::{AnswerBody, Cause, Failure, Kind};

async fn failure(kind: Kind, play: Play) -> Failure {
    let server = serve([play]).await;
    server.upstream(kind).send(call(false)).await.expect_err("a failure")
}

fn json(status: &str, body: &str) -> Play {
    response(status, "application/json", body)
}

fn raw(bytes: &str, end: End) -> Play {
    Play { pieces: vec![bytes.as_bytes().to_vec()], end }
}

#[tokio::test]
async fn each_refusal_has_its_words_and_its_code() {
    let page = "<!doctype html><title>Oops</title>";
    let table = [
        (
            Kind::named("groq"),
            json("401 Unauthorized", r#"{"error":{"message":"Invalid API Key","code":"invalid_api_key"}}"#),
            "401 Unauthorized",
            "401",
        ),
        (
            Kind::named("serverless"),
            json("402 Payment Required", r#"{"error":"You have exceeded your monthly included credits"}"#),
            "402 Payment Required",
            "402",
        ),
        (Kind::space(), json("403 Forbidden", ""), "403 Forbidden", "403"),
        (Kind::space(), json("404 Not Found", r#"{"detail":"Not Found"}"#), "404 Not Found", "404"),
        (Kind::space(), response("404 Not Found", "text/html", page), "404 Not Found", "404"),
        (
            Kind::named("groq"),
            json("404 Not Found", r#"{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}"#),
            "model not found",
            "model-not-found",
        ),
        (
            Kind::named("groq"),
            json("400 Bad Request", r#"{"error":{"message":"gone","code":"model_decommissioned"}}"#),
            "model not found",
            "model-not-found",
        ),
        (
            Kind::named("serverless"),
            json("400 Bad Request", r#"{"error":{"message":"no","code":"model_not_supported"}}"#),
            "model not found",
            "model-not-found",
        ),
        (Kind::space(), json("400 Bad Request", r#"{"error":{"message":"bad seed"}}"#), "400 Bad Request", "400"),
        (
            Kind::space(),
            json("422 Unprocessable Entity", r#"{"detail":[{"msg":"field required"}]}"#),
            "422 Unprocessable Entity",
            "422",
        ),
        (Kind::space(), json("408 Request Timeout", ""), "408 Request Timeout", "408"),
        (Kind::space(), response("413 Payload Too Large", "text/html", page), "413 Payload Too Large", "413"),
        (
            Kind::named("groq"),
            json(
                "413 Payload Too Large",
                r#"{"error":{"message":"Request too large for model `m`: Limit 6000, Requested 7012, please","code":"rate_limit_exceeded"}}"#,
            ),
            "prompt too long: 7012 tokens, 6000 fit",
            "too-long",
        ),
        (
            Kind::commercial(),
            json(
                "400 Bad Request",
                r#"{"error":{"message":"This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens.","code":"context_length_exceeded"}}"#,
            ),
            "prompt too long: 5000 tokens, 4096 fit",
            "too-long",
        ),
        (
            Kind::commercial(),
            json("400 Bad Request", r#"{"error":{"message":"filtered","code":"content_filter"}}"#),
            "refused by the content filter",
            "content-filter",
        ),
        (
            Kind::named("groq"),
            json("429 Too Many Requests", r#"{"error":{"message":"slow down"}}"#),
            "429 Too Many Requests",
            "429",
        ),
        (Kind::space(), json("500 Internal Server Error", ""), "500 Internal Server Error", "500"),
        (Kind::space(), response("502 Bad Gateway", "text/html", page), "502 Bad Gateway", "502"),
        (Kind::commercial(), json("503 Service Unavailable", r#"{"error":"busy"}"#), "503 Service Unavailable", "503"),
        (Kind::space(), json("503 Service Unavailable", r#"{"error":"busy"}"#), "503 Service Unavailable", "503"),
        (
            Kind::space(),
            response("503 Service Unavailable", "text/html", page),
            "waking (503 Service Unavailable)",
            "waking",
        ),
        (
            Kind::named("serverless"),
            json("503 Service Unavailable", r#"{"error":"Model is currently loading","estimated_time":20.0}"#),
            "waking (about 20 s)",
            "waking",
        ),
        (
            Kind::local(),
            json("503 Service Unavailable", r#"{"error":{"message":"loading 43 %"}}"#),
            "unavailable (loading 43 %)",
            "unavailable",
        ),
        (Kind::commercial(), json("529 ", ""), "529 Overloaded", "529"),
        (
            Kind::space(),
            raw(
                "HTTP/1.1 301 Moved Permanently\r\nlocation: https://elsewhere/\r\ncontent-length: 0\r\n\r\n",
                End::Keep,
            ),
            "redirected to https://elsewhere",
            "redirected",
        ),
    ];
    for (kind, play, words, code) in table {
        let failure = failure(kind, play).await;
        assert_eq!((failure.to_string().as_str(), &*failure.code()), (words, code), "{kind}: {failure:?}");
    }
}

#[tokio::test]
async fn each_success_that_is_none_has_its_words_and_its_code() {
    let table = [
        (response("200 OK", "text/html", "\n<html><h1>Welcome</h1></html>"), "HTML instead of JSON", "html"),
        (response("200 OK", "application/json", "<html><h1>Welcome</h1></html>"), "HTML instead of JSON", "html"),
        (
            response("200 OK", "text/html", "<html>Your Space is building</html>"),
            "waking (HTML instead of JSON)",
            "waking",
        ),
        (json("200 OK", r#"{"choices":[{"mess"#), "not JSON", "not-json"),
        (json("200 OK", "upstream connect error"), "not JSON", "not-json"),
        (response("200 OK", "text/event-stream", "upstream connect error"), "not JSON", "not-json"),
        (json("200 OK", ""), "empty answer", "empty"),
        (json("200 OK", "  \r\n "), "empty answer", "empty"),
        (raw("HTTP/1.1 204 No Content\r\n\r\n", End::Keep), "empty answer", "empty"),
        (json("200 OK", "{}"), "not an answer", "not-an-answer"),
        (
            json(
                "200 OK",
                r#"{"choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}"#,
            ),
            "empty answer",
            "empty",
        ),
        (
            json("200 OK", r#"{"error":{"message":"CUDA error:\nout of memory"}}"#),
            "error in the answer: CUDA error: out of memory",
            "error",
        ),
        (json("200 OK", r#"{"error":{"message":"slow down","code":429}}"#), "429 Too Many Requests", "429"),
        (
            raw(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"choices\":",
                End::Close,
            ),
            "answer cut off",
            "cut",
        ),
        (
            raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\n{\"choices\":\r\nzz\r\n", End::Close),
            "answer cut off",
            "cut",
        ),
        (raw("SSH-2.0-OpenSSH_9.6\r\n", End::Close), "not HTTP", "not-http"),
        (raw("", End::Close), "connection reset", "reset"),
        (raw("", End::Reset), "connection reset", "reset"),
        (raw("HTTP/1.1 200 OK\r\ncontent-", End::Close), "connection reset", "reset"),
    ];
    for (play, words, code) in table {
        let failure = failure(Kind::space(), play).await;
        assert_eq!((failure.to_string().as_str(), &*failure.code()), (words, code), "{failure:?}");
    }
}

#[tokio::test]
async fn json_is_taken_for_json_whatever_its_content_type_says() {
    for content_type in ["application/json", "text/event-stream", "text/html", ""] {
        let server = serve([response("200 OK", content_type, WHOLE)]).await;
        let answer = server.upstream(Kind::space()).send(call(true)).await.unwrap();
        let AnswerBody::Whole(whole) = answer.body else { panic!("{content_type}: not taken for JSON") };
        assert_eq!(whole.body, WHOLE);
    }
}

#[tokio::test]
async fn a_callers_fault_comes_back_as_the_provider_gave_it() {
    let body = r#"{"error":{"message":"'seed' must be positive","param":"seed"}}"#;
    let failure = failure(Kind::commercial(), json("400 Bad Request", body)).await;
    assert_eq!(failure.cause, Cause::Rejected);
    let answer = failure.provider.unwrap();
    assert_eq!((answer.status, answer.content_type.as_deref()), (400, Some("application/json")));
    assert_eq!(answer.body, body);
}

#[tokio::test]
async fn waits_and_quotas_of_a_refusal_are_kept() {
    let head = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\nx-ratelimit-remaining-tokens: 12\r\ncontent-length: 0\r\n\r\n";
    let failure = failure(Kind::named("groq"), raw(head, End::Keep)).await;
    assert_eq!(failure.cause, Cause::RateLimited);
    assert_eq!(failure.retry_after, Some(Duration::from_secs(7)));
    assert_eq!(failure.quotas[0].remaining, Some(12));
}

#[tokio::test]
async fn a_refusal_that_never_ends_is_judged_by_its_status() {
    let head = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 100\r\n\r\n{\"error";
    assert_eq!(failure(Kind::space(), raw(head, End::Hang)).await.to_string(), "500 Internal Server Error");
}

#[tokio::test]
async fn a_refusal_is_read_to_64_kib_and_no_further() {
    let failure = failure(Kind::space(), json("500 Internal Server Error", &"x".repeat(200_000))).await;
    assert_eq!(failure.provider.unwrap().body.len(), 64 << 10);
}

#[tokio::test]
async fn a_key_that_is_echoed_shows_nowhere() {
    let body = format!(r#"{{"error":{{"message":"you sent Bearer {KEY}"}}}}"#);
    for status in ["200 OK", "400 Bad Request", "401 Unauthorized", "500 Internal Server Error"] {
        let failure = failure(Kind::commercial(), json(status, &body)).await;
        let shown = format!("{failure} {failure:?} {}", failure.code());
        assert!(!shown.contains(KEY), "{shown}");
        let kept = failure.provider.map(|answer| answer.body).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&kept).contains(KEY));
    }
}
