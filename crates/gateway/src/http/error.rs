//! What is wrong with a request, in OpenAI's error form. Nothing of such a request reaches a tier.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode};
use wire::Malformed;

use super::encoding::Encoding;
use crate::answer::REQUEST_ID;

const INVALID: &str = "invalid_request_error";
/// APIs that clients ask for and that are not here.
const NOT_SERVED: [&str; 9] =
    ["/responses", "/messages", "/audio", "/images", "/moderations", "/files", "/batches", "/assistants", "/realtime"];
/// How many letters a name may be off before it is no longer taken to be meant.
const FAR: usize = 3;

pub(super) struct Error {
    status: StatusCode,
    message: String,
    kind: &'static str,
    code: Option<&'static str>,
    param: Option<&'static str>,
    request_id: Option<String>,
}

impl Error {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), kind: INVALID, code: Some(code), param: None, request_id: None }
    }

    /// As the answer to the request of this id.
    pub(super) fn of(self, request_id: String) -> Self {
        Self { request_id: Some(request_id), ..self }
    }

    pub(super) fn malformed(what: Malformed) -> Self {
        let param = what.param;
        Self { param, ..Self::new(StatusCode::BAD_REQUEST, what.code, what.message) }
    }

    pub(super) fn unreadable() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unreadable_body", "The request's body ended before it was whole")
    }

    pub(super) fn too_slow(bound: Duration) -> Self {
        let message = format!("The request's body took longer than {} s", bound.as_secs());
        Self::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", message)
    }

    pub(super) fn stalled(window: Duration) -> Self {
        let message = format!("Next to nothing of the request's body has come for {} s", window.as_secs());
        Self::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", message)
    }

    pub(super) fn unknown_encoding(name: &str) -> Self {
        let shown: String = name.chars().take(20).collect();
        let message = format!("'Content-Encoding: {shown}' is not taken; gzip, deflate, br and zstd are");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", message)
    }

    pub(super) fn not_packed_so(encoding: Encoding) -> Self {
        let message = format!("The request's body is not what 'Content-Encoding: {}' says", encoding.name());
        Self::new(StatusCode::BAD_REQUEST, "unreadable_body", message)
    }

    pub(super) fn too_large(bound: usize) -> Self {
        let message = format!("The request's body is over {} MB", bound / 1024 / 1024);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", message)
    }

    pub(super) fn unknown_model(model: &str, known: &[String]) -> Self {
        let shown: String = model.chars().take(80).collect();
        let meant = nearest(&shown, known);
        let meant = meant.map(|name| format!(" (did you mean '{name}'?)")).unwrap_or_default();
        let message = format!("There is no route or tier '{shown}'{meant}; there are: {}", known.join(", "));
        Self { param: Some("model"), ..Self::new(StatusCode::NOT_FOUND, "model_not_found", message) }
    }

    pub(super) fn wrong_key(sent: bool) -> Self {
        let message = if sent {
            "This API key is not one of the gateway's"
        } else {
            "An API key is needed: send it as 'Authorization: Bearer KEY'"
        };
        Self { kind: "authentication_error", ..Self::new(StatusCode::UNAUTHORIZED, "invalid_api_key", message) }
    }

    pub(super) fn no_such_path(method: &Method, path: &str) -> Self {
        if path == "/v1/embeddings" {
            let message = "There are no embeddings here; a tier writes text: /v1/chat/completions, /v1/completions";
            return Self::new(StatusCode::NOT_FOUND, "no_embeddings", message);
        }
        let served = "there are POST /v1/chat/completions, POST /v1/completions and GET /v1/models";
        let message = match NOT_SERVED.iter().find(|api| path.contains(*api)) {
            Some(api) => format!("The API '{}' is not served here; {served}", &api[1..]),
            None => format!("There is nothing at {method} {path}; {served}"),
        };
        Self::new(StatusCode::NOT_FOUND, "unknown_url", message)
    }

    pub(super) fn foreign_origin() -> Self {
        let message = "Pages of other origins may not call Tierfall: TIERFALL_ALLOWED_ORIGINS names those that may";
        Self::new(StatusCode::FORBIDDEN, "foreign_origin", message)
    }

    pub(super) fn foreign_host() -> Self {
        let message = "Tierfall is called by this machine's address, such as http://127.0.0.1:7860/. To call it by a name, \
                       set TIERFALL_API_KEYS";
        Self::new(StatusCode::FORBIDDEN, "foreign_host", message)
    }

    pub(super) fn wrong_media_type() -> Self {
        let message = "A body is JSON: send 'Content-Type: application/json'";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", message)
    }

    pub(super) fn wrong_method(method: &Method, path: &str) -> Self {
        let message = format!("{path} does not take {method}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }
}

/// The name that was most likely meant.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let name = name.to_lowercase();
    let distance = |known: &&'a String| strsim::osa_distance(&name, &known.to_lowercase());
    let near = known.iter().min_by_key(distance)?;
    (distance(&near) <= FAR.min(near.len() / 2)).then_some(near)
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let body = wire::error_body(&self.message, self.kind, self.code, self.param);
        let mut response = super::json(self.status, body);
        if let Some(id) = self.request_id.and_then(|id| HeaderValue::from_str(&id).ok()) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }
}
