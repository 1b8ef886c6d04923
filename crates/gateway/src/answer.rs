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
            let mut response = json(failure::as_json(&provider.body));
            *response.status_mut() = StatusCode::from_u16(provider.status).unwrap_or(StatusCode::BAD_REQUEST);
            headers::add_tier(&mut response, drive);
            response
        }
        End::TooLong => {
            let mut response = json(failure::too_long(drive));
            *response.status_mut() = StatusCode::BAD_REQUEST;
            response
        }
        End::RateLimited(until) => {
            let mut response = json(failure::rate_limited(drive));
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            let wait = until.map_or(Duration::ZERO, |until| until.since(drive.now()));
            response.headers_mut().insert(header::RETRY_AFTER, failure::whole_seconds(wait).into());
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

/// The answer to a request that ends with the process.
fn stopped() -> Response {
    let mut response = json(failure::stopped());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

fn json(body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
