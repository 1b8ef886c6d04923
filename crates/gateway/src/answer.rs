//! What the caller sees of a request: one whole answer, or one well-formed stream.

mod failure;
mod headers;
mod stream;
mod whole;

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use crate::drive::{Drive, End};

pub(crate) use headers::REQUEST_ID;

/// Drives the request to the point where its answer can begin. A stream that is silent for `keep_alive` gets a comment.
pub(crate) async fn to(drive: Drive, keep_alive: Duration) -> Response {
    if drive.order().request.streamed() { stream::answer(drive, keep_alive).await } else { whole::answer(drive).await }
}

/// The answer to a request that nobody answered.
fn unanswered(drive: &Drive, end: End) -> Response {
    let mut response = match end {
        End::Refused(provider) => {
            let mut response = Response::new(Body::from(provider.body));
            *response.status_mut() = StatusCode::from_u16(provider.status).unwrap_or(StatusCode::BAD_REQUEST);
            if let Some(kind) = provider.content_type.and_then(|kind| HeaderValue::from_str(&kind).ok()) {
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
            }
            headers::add_tier(&mut response, drive);
            response
        }
        End::GaveUp | End::BrokenOff | End::Complete => {
            let mut response = json(failure::body(drive));
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            if let Some(seconds) = failure::retry_after(drive) {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            response
        }
    };
    headers::add(&mut response, drive);
    response
}

fn json(body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
