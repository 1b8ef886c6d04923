//! What is wrong with a call: `{"error":{"code","message"}}`.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use crate::manual_edit::ChangedNothing;
use crate::store::{Refused, StoreError};

/// A call that is refused.
#[derive(Debug)]
pub(crate) struct Error {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// The version that is shown now, for who was too late.
    head: Option<u32>,
}

impl Error {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), head: None }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }
}

impl Refused {
    /// For programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NoProject | Self::NoVersion => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::Busy => "busy",
            Self::Store(StoreError::Full) => "disk_full",
            Self::Store(_) => "projects_fail",
        }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        let (status, head) = match &refused {
            Refused::NoProject | Refused::NoVersion => (StatusCode::NOT_FOUND, None),
            Refused::Conflict { head } => (StatusCode::CONFLICT, Some(*head)),
            Refused::Busy => (StatusCode::CONFLICT, None),
            Refused::Store(StoreError::Full) => (StatusCode::INSUFFICIENT_STORAGE, None),
            Refused::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, None),
        };
        Self { status, code: refused.code(), message: sentence(&refused.to_string()), head }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Refused::Store(error).into()
    }
}

impl From<ChangedNothing> for Error {
    fn from(why: ChangedNothing) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "changed_nothing", sentence(&why.to_string()))
    }
}

/// What an error says, as people are told it.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut body = json!({ "error": { "code": self.code, "message": self.message } });
        if let Some(head) = self.head {
            body["head"] = head.into();
        }
        super::json(self.status, &body)
    }
}
