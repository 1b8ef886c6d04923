//! Fixed answers: refusals with their error bodies, pages of HTML, and other things that are no answer.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::json;

use crate::fault::{Body, RetryAfter};
use crate::refusal::too_large;

const JSON: &str = "application/json";
const EVENT_STREAM: &str = "text/event-stream";
const HTML: &str = "text/html; charset=utf-8";

/// A status, its headers and its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Reply { status, content_type: JSON, headers: Vec::new(), body: body.to_string().into_bytes() }
    }

    pub(crate) fn html(status: u16, page: &str) -> Self {
        Reply { status, content_type: HTML, headers: Vec::new(), body: page.as_bytes().to_vec() }
    }

    /// Status 200 and these events.
    pub(crate) fn stream(events: String) -> Self {
        Reply { status: 200, content_type: EVENT_STREAM, headers: Vec::new(), body: events.into_bytes() }
    }

    pub(crate) fn with(mut self, headers: Vec<(&'static str, String)>) -> Self {
        self.headers.extend(headers);
        self
    }

    /// An error in OpenAI's form.
    fn error(status: u16, message: &str, kind: &str, code: &str) -> Self {
        let error = json!({ "message": message, "type": kind, "param": null, "code": code });
        Reply::json(status, &json!({ "error": error }))
    }

    /// The error body that goes with a status.
    pub(crate) fn status(status: u16, retry_after: Option<RetryAfter>) -> Self {
        let (kind, code) = match status {
            401 => ("invalid_request_error", "invalid_api_key"),
            403 => ("permission_error", "forbidden"),
            404 => ("invalid_request_error", "not_found"),
            408 => ("timeout", "request_timeout"),
            413 => ("invalid_request_error", "request_too_large"),
            429 => ("requests", "rate_limit_exceeded"),
            529 => ("overloaded_error", "overloaded"),
            400..=499 => ("invalid_request_error", "invalid_request"),
            _ => ("server_error", "server_error"),
        };
        let message = format!("The wall answers {status} {}.", reason(status));
        Reply::error(status, &message, kind, code).after(retry_after)
    }

    /// With the time after which to come back, in the place of another.
    pub(crate) fn after(mut self, retry_after: Option<RetryAfter>) -> Self {
        if let Some(header) = retry_after.map(retry_after_header) {
            self.headers.retain(|(name, _)| *name != header.0);
            self.headers.push(header);
        }
        self
    }

    pub(crate) fn malformed(why: &str) -> Self {
        Reply::error(400, &format!("This is no request: {why}."), "invalid_request_error", "invalid_request")
    }

    pub(crate) fn not_found(path: &str) -> Self {
        Reply::error(404, &format!("There is nothing at {path}."), "invalid_request_error", "not_found")
    }

    pub(crate) fn model_not_found(model: &str) -> Self {
        let message = format!("The model `{model}` does not exist or you do not have access to it.");
        Reply::error(404, &message, "invalid_request_error", "model_not_found")
    }

    pub(crate) fn content_filter() -> Self {
        let message = "The prompt was refused by the content filter.";
        Reply::error(400, message, "invalid_request_error", "content_filter")
    }

    pub(crate) fn context(limit: u32, prompt_tokens: u32) -> Self {
        let message =
            format!("This model's maximum context length is {limit} tokens; the messages have {prompt_tokens} tokens.");
        Reply::error(400, &message, "invalid_request_error", "context_length_exceeded")
    }

    pub(crate) fn refuse_prefill() -> Self {
        let message = "The last message must have the role `user`: assistant prefill is not supported.";
        Reply::error(400, message, "invalid_request_error", "invalid_request")
    }

    /// Hugging Face's form where the time is known, llama.cpp's where it is not.
    pub(crate) fn loading(estimated_seconds: Option<u32>) -> Self {
        let body = match estimated_seconds {
            Some(seconds) => {
                json!({ "error": "Model is currently loading", "estimated_time": f64::from(seconds) })
            }
            None => json!({ "error": { "code": 503, "message": "Loading model", "type": "unavailable_error" } }),
        };
        Reply::json(503, &body)
    }

    /// What stands in for a Space that is not awake.
    pub(crate) fn asleep() -> Self {
        Reply { status: 503, content_type: HTML, headers: Vec::new(), body: page("This Space is waking up.") }
    }

    pub(crate) fn rate_limited(wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Reply::status(429, Some(RetryAfter::Seconds(u32::try_from(seconds).unwrap_or(u32::MAX))))
    }

    /// As Groq refuses a call that alone is more than its tokens a minute.
    pub(crate) fn over_quota(model: &str, limit: u32, cost: u32) -> Self {
        Reply::json(413, &too_large(model, limit, cost))
    }

    pub(crate) fn body(body: Body) -> Self {
        let (content_type, body) = match body {
            Body::Html => (HTML, page("This is a page, not an answer.")),
            Body::Garbage => (JSON, b"\x7fnot{json]".to_vec()),
            Body::Empty => (JSON, Vec::new()),
            Body::EmptyStream => (EVENT_STREAM, Vec::new()),
            Body::NoChoices => (JSON, br#"{"id":"chatcmpl-wall","object":"chat.completion","choices":[]}"#.to_vec()),
        };
        Reply { status: 200, content_type, headers: Vec::new(), body }
    }
}

/// The canonical reason of a status. 529 is Anthropic's and has none.
pub(crate) fn reason(status: u16) -> &'static str {
    if status == 529 {
        return "Overloaded";
    }
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Unknown")
}

fn retry_after_header(when: RetryAfter) -> (&'static str, String) {
    match when {
        RetryAfter::Seconds(seconds) => ("retry-after", seconds.to_string()),
        RetryAfter::Milliseconds(ms) => ("retry-after-ms", ms.to_string()),
        RetryAfter::Date(seconds) => {
            let when = SystemTime::now() + Duration::from_secs(seconds.into());
            ("retry-after", httpdate::fmt_http_date(when))
        }
    }
}

fn page(text: &str) -> Vec<u8> {
    format!("<!DOCTYPE html>\n<html><head><title>wall</title></head><body><h1>{text}</h1></body></html>\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_seconds_and_never_too_short() {
        let told = |milliseconds| Reply::rate_limited(Duration::from_millis(milliseconds)).headers[0].1.clone();
        assert_eq!([told(2_000), told(2_001), told(1)], ["2", "3", "1"]);
    }
}
