//! The surface: paths, keys, bounds, and the form that an error takes.

mod address;
mod body;
mod caller;
mod completions;
mod encoding;
mod entry;
mod error;
mod guard;
mod keys;
mod listen;
mod listing;
mod tiers;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use tower_service::Service as _;

use crate::answer::REQUEST_ID;
use crate::fleet::Gateway;

use caller::request_id;
use error::Error;
use guard::Guard;

pub use entry::{Entry, Question, TierOfRoute};
pub(crate) use keys::Keys;
pub use listen::{ListenError, Server};

/// What one serving thread's handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) gateway: Arc<Gateway>,
    /// Which of the gateway's threads this is.
    pub(crate) thread: usize,
}

/// The gateway's own paths, and those of `further`, which is served beside them, behind one guard. `loopback` says whether
/// this machine alone can reach them.
pub(crate) fn router(app: App, further: Router, loopback: bool) -> Router {
    let guard = Guard { app: app.clone(), loopback };
    let served = Router::new()
        .route("/v1/models", get(listing::models))
        .route("/v1/models/{*id}", get(listing::model))
        .route("/api/tiers", get(tiers::facts))
        .route("/health", get(health))
        .route("/ready", get(ready))
        // A completion names its request itself: it asks the tiers under that name.
        .layer(middleware::from_fn(name_the_request))
        .route("/v1/chat/completions", post(completions::chat))
        .route("/v1/completions", post(completions::text))
        .with_state(app)
        .merge(further)
        .method_not_allowed_fallback(wrong_method);
    let meant = served.clone().fallback(no_such_path);
    served
        .fallback(move |request| elsewhere(meant.clone(), request))
        .layer(middleware::from_fn_with_state(guard, guard::guard))
}

/// Serves the address that was meant, or says that there is none.
async fn elsewhere(mut meant: Router, mut request: Request) -> Response {
    if let Some(uri) = address::meant(request.uri()) {
        *request.uri_mut() = uri;
    }
    meant.call(request).await.unwrap_or_else(|never| match never {})
}

async fn name_the_request(request: Request, next: Next) -> Response {
    let id = HeaderValue::from_str(&request_id(request.headers()));
    let mut response = next.run(request).await;
    if let Ok(id) = id {
        response.headers_mut().entry(REQUEST_ID).or_insert(id);
    }
    response
}

async fn health() -> Response {
    json(StatusCode::OK, r#"{"status":"ok"}"#)
}

async fn ready(State(app): State<App>) -> Response {
    if app.gateway.tiers().ready(app.gateway.now()) {
        json(StatusCode::OK, r#"{"status":"ready"}"#)
    } else {
        json(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"no tier can answer"}"#)
    }
}

async fn no_such_path(method: Method, uri: Uri, headers: HeaderMap, body: Body) -> Error {
    body::discard(body, headers.contains_key(header::EXPECT)).await;
    Error::no_such_path(&method, uri.path()).of(request_id(&headers))
}

async fn wrong_method(method: Method, uri: Uri, headers: HeaderMap, body: Body) -> Error {
    body::discard(body, headers.contains_key(header::EXPECT)).await;
    Error::wrong_method(&method, uri.path()).of(request_id(&headers))
}

fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.into()).into_response()
}
