//! What is wrong with a call, in the words and the form in which DeepSite says it.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::request::{Form, Wrong};
use crate::http::{Error, json};

/// A caller without a key, where keys are asked for. DeepSite's front end then shows its login.
pub(super) fn no_key() -> Response {
    let message = "An API key is needed: send it as 'Authorization: Bearer KEY'";
    json(
        StatusCode::UNAUTHORIZED,
        &json!({ "ok": false, "openLogin": true, "message": message, "error": "Unauthorized" }),
    )
}

/// A body that could not be read.
pub(super) fn unread(error: &Error) -> Response {
    json(error.status(), &json!({ "ok": false, "error": error.message() }))
}

/// A body that asks for nothing that can be done.
pub(super) fn wrong(form: Form, wrong: &Wrong) -> Response {
    let error = wrong.to_string();
    let body = match form {
        Form::V3 => json!({ "ok": false, "error": error }),
        Form::V4 => json!({ "error": error }),
    };
    json(StatusCode::BAD_REQUEST, &body)
}
