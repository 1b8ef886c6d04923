//! A request that is not answered: its status and OpenAI's error body.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};

use crate::model::Refused;
use crate::template::TemplateError;

/// Seconds until a loading model is worth another try.
const LOADING: u16 = 1;
/// Seconds until a full queue has moved on: about what a short answer takes.
const BUSY: u16 = 5;

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
    kind: &'static str,
    pub(super) code: Option<&'static str>,
    pub(super) param: Option<String>,
    /// In seconds.
    retry_after: Option<u16>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let kind = if status.is_client_error() { "invalid_request_error" } else { "server_error" };
        Self { status, message: message.into(), kind, code: Some(code), param: None, retry_after: None }
    }

    /// The request is not what the form says.
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self { code: None, ..Self::new(StatusCode::BAD_REQUEST, "", message) }
    }

    /// A member of the request has a value that it cannot have.
    pub(super) fn bad_value(name: &str, takes: &str) -> Self {
        let refusal = Self::new(StatusCode::BAD_REQUEST, "invalid_value", format!("{name} must be {takes}"));
        Self { param: Some(name.to_owned()), ..refusal }
    }

    /// A member of the request that cannot be what it is, and why.
    pub(super) fn invalid(name: &str, reason: &str) -> Self {
        let refusal = Self::new(StatusCode::BAD_REQUEST, "invalid_value", format!("{name}: {reason}"));
        Self { param: Some(name.to_owned()), ..refusal }
    }

    /// A member of the request that this engine cannot follow, and why; another one may.
    pub(super) fn cannot(name: &str, reason: &str) -> Self {
        Self { code: Some("unsupported_value"), ..Self::invalid(name, reason) }
    }

    /// A member of the request that this engine does not know.
    pub(super) fn unsupported(name: &str) -> Self {
        let message = format!("{name} is not supported by the embedded engine");
        let refusal = Self::new(StatusCode::BAD_REQUEST, "unsupported_parameter", message);
        Self { param: Some(name.to_owned()), ..refusal }
    }

    /// A value of the form that this engine does not know.
    pub(super) fn unsupported_value(name: &str, what: &str) -> Self {
        let message = format!("{name}: {what} is not supported by the embedded engine");
        let refusal = Self::new(StatusCode::BAD_REQUEST, "unsupported_value", message);
        Self { param: Some(name.to_owned()), ..refusal }
    }

    pub(super) fn loading(percent: u8) -> Self {
        let refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, "loading", format!("loading {percent} %"));
        Self { retry_after: Some(LOADING), ..refusal }
    }

    pub(super) fn too_large(most: usize) -> Self {
        let message = format!("the body is over {} MiB", most >> 20);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", message)
    }

    pub(super) fn not_found(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is nothing at {path}"))
    }

    pub(super) fn no_embeddings() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "this model writes text and has no embeddings")
    }

    pub(super) fn method(takes: &str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", format!("this takes {takes}"))
    }

    /// The engine gave an answer up.
    pub(super) fn failed(reason: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "engine_failed", reason)
    }

    pub(super) fn body(&self) -> Bytes {
        wire::error_body(&self.message, self.kind, self.code, self.param.as_deref())
    }

    pub(super) fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        let message = refused.to_string();
        match refused {
            Refused::TooLong { .. } => Self::new(StatusCode::BAD_REQUEST, "context_length_exceeded", message),
            Refused::Empty | Refused::UnknownToken { .. } => Self::malformed(message),
            Refused::Busy { .. } => {
                let refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message);
                Self { retry_after: Some(BUSY), ..refusal }
            }
            Refused::Stopped => Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopped", message),
        }
    }
}

impl From<TemplateError> for Refusal {
    fn from(error: TemplateError) -> Self {
        let message = error.to_string();
        match error {
            TemplateError::Messages(_) => Self { param: Some("messages".to_owned()), ..Self::malformed(message) },
            // Another model may take a picture, or messages in this order.
            TemplateError::Unsupported(_) | TemplateError::Raised(_) => {
                let refusal = Self::new(StatusCode::BAD_REQUEST, "unsupported_value", message);
                Self { param: Some("messages".to_owned()), ..refusal }
            }
            TemplateError::OutOfFuel | TemplateError::Broken(_) => Self::failed(&message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_too_long_is_refused_with_both_numbers() {
        let refusal = Refusal::from(Refused::TooLong { prompt: 5000, context: 4096 });
        assert_eq!((refusal.status, refusal.code), (StatusCode::BAD_REQUEST, Some("context_length_exceeded")));
        assert_eq!(refusal.message, "prompt too long: 5000 tokens, 4096 fit");
    }

    #[test]
    fn what_this_model_cannot_take_is_told_from_what_no_model_can() {
        let code = |error: TemplateError| Refusal::from(error).code;
        assert_eq!(code(TemplateError::Unsupported("a picture".to_owned())), Some("unsupported_value"));
        assert_eq!(code(TemplateError::Raised("roles must alternate".to_owned())), Some("unsupported_value"));
        assert_ne!(code(TemplateError::Messages("no role".to_owned())), Some("unsupported_value"));
    }

    #[test]
    fn who_comes_too_early_or_too_late_is_told_when_to_come_again() {
        let refusals = [Refusal::loading(43), Refused::Busy { waiting: 64 }.into()];
        for (refusal, message) in refusals.into_iter().zip(["loading 43 %", "busy: 64 requests are waiting"]) {
            assert_eq!(refusal.message, message);
            let response = refusal.into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert!(response.headers().contains_key(RETRY_AFTER));
        }
    }
}
