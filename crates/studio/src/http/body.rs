//! A call's body: JSON, and no larger than what it may hold.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::error::Error;

/// The largest body, in bytes: a large page in its text.
const LARGEST: usize = 4 << 20;
/// What is larger is read on for so many bytes and thrown away: a connection that is closed with bytes unread is reset, and
/// the reset overtakes the answer that says why.
const THROWN_AWAY: usize = 16 << 20;

/// A body of this form.
pub(super) struct Json<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let (head, body) = request.into_parts();
        if !is_json(&head.headers) {
            let message = "The body must be JSON: send 'Content-Type: application/json'";
            return Err(Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", message));
        }
        let body = read(body).await?;
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            // What serde says of a value may quote it.
            let place = format!("line {}, column {}", error.line(), error.column());
            Error::bad("bad_body", format!("The body is not of the form that is taken here ({place})"))
        })
    }
}

/// A body, whole.
///
/// # Errors
/// It is too large, or ends early.
pub(crate) async fn read(mut body: Body) -> Result<Bytes, Error> {
    match Limited::new(&mut body, LARGEST).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            let mut left = THROWN_AWAY;
            while let Some(Ok(frame)) = body.frame().await {
                let Some(rest) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { break };
                left = rest;
            }
            let message = format!("The body is over {} MB", LARGEST >> 20);
            Err(Error::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message))
        }
        Err(_) => Err(Error::bad("unreadable_body", "The body ended before it was whole")),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}
