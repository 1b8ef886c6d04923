//! The Studio's surface: paths, who may call them, and the form of what is said.

mod assets;
mod body;
mod edits;
mod error;
mod guard;
mod projects;
mod requests;
mod shown;
mod versions;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use gateway::Entry;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::deepsite;
use crate::studio::Studio;
pub use assets::has_front_end;
pub(crate) use body::read;
pub(crate) use error::Error;

/// What one serving thread's handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) studio: Arc<Studio>,
    pub(crate) entry: Entry,
}

type Answer = Result<Response, Error>;

pub(crate) fn router(studio: Arc<Studio>, entry: Entry) -> Router {
    let app = App { studio, entry };
    let keyed = Router::new()
        .route("/api/projects", get(projects::list).post(projects::create))
        .route("/api/projects/{id}", get(projects::show).patch(projects::change).delete(projects::delete))
        .route("/api/projects/{id}/head", post(projects::move_head))
        .route("/api/projects/{id}/versions/{number}", get(versions::show))
        .route("/api/projects/{id}/diff", get(versions::diff))
        .route("/api/projects/{id}/export", get(versions::export))
        .route("/api/projects/{id}/requests", post(requests::begin))
        .route("/api/projects/{id}/stop", post(requests::stop))
        .route("/api/projects/{id}/events", get(requests::events))
        .route("/api/projects/{id}/edits", post(edits::make))
        .layer(middleware::from_fn_with_state(app.clone(), guard::key));
    let api = Router::new()
        .route("/api/studio", get(projects::studio))
        .route("/api/ask", post(deepsite::post).put(deepsite::put))
        .merge(keyed);
    let shown = Router::new()
        .route("/", get(assets::index))
        .route("/assets/{*path}", get(assets::file))
        .route("/icon.svg", get(assets::icon))
        .route("/frame", get(assets::frame))
        .route("/p/{slug}", get(shown::index))
        .route("/p/{slug}/", get(shown::index))
        .route("/p/{slug}/{*path}", get(shown::page));
    api.merge(shown).with_state(app)
}

pub(crate) fn json(status: StatusCode, what: &impl Serialize) -> Response {
    let body = serde_json::to_vec(what).unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    (status, headers, body).into_response()
}

fn ok(what: &impl Serialize) -> Response {
    json(StatusCode::OK, what)
}

fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// Text of this type under this policy.
fn document(content_type: &'static str, policy: &str, body: impl Into<axum::body::Body>) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
