//! What is wrong with a request, in OpenAI's error form. Nothing of such a request reaches a tier.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode};
use wire::Malformed;

use crate::answer::REQUEST_ID;

const INVALID: &str = "invalid_request_error";

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

    pub(super) fn too_large(bound: usize) -> Self {
        let message = format!("The request's body is over {} MB", bound / 1024 / 1024);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", message)
    }

    pub(super) fn unknown_model(model: &str, known: &[String]) -> Self {
        let shown: String = model.chars().take(80).collect();
        let message = format!("There is no route or tier '{shown}'; there are: {}", known.join(", "));
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
        Self::new(StatusCode::NOT_FOUND, "unknown_url", format!("There is nothing at {method} {path}"))
    }

    pub(super) fn wrong_method(method: &Method, path: &str) -> Self {
        let message = format!("{path} does not take {method}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }
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
