//! `GET /p/{slug}`: a project's page for whoever has its address, in an origin of its own.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{StatusCode, Uri, header};

use super::error::Error;
use super::{App, document};
use crate::pages;
use crate::store::Refused;

/// What a generated page may do where it is shown: run its own scripts, in an origin that is nobody's.
const CLOSED: &str = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
                      img-src data: blob:; font-src data:; media-src data: blob:; base-uri 'none'; form-action 'none'";
/// The same with the network, which its user has allowed.
const OPEN: &str = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' https:; style-src 'unsafe-inline' \
                    https:; img-src data: blob: https:; font-src data: https:; media-src data: blob: https:; connect-src \
                    https:; base-uri 'none'; form-action 'none'";

/// What whoever opens an address sees where there is no page any more.
const GONE: &str = include_str!("gone.html");

/// `GET /p/{slug}` and `GET /p/{slug}/`. With the stroke, so that the page's own links lead to its other pages.
pub(super) async fn index(State(app): State<App>, Path(slug): Path<String>, uri: Uri) -> Response {
    if uri.path().ends_with('/') {
        return answer(&app, &slug, pages::INDEX).await;
    }
    let encoded = uri.path().rsplit('/').next().unwrap_or_default();
    Redirect::permanent(&format!("/p/{encoded}/")).into_response()
}

/// `GET /p/{slug}/{path}`
pub(super) async fn page(State(app): State<App>, Path((slug, path)): Path<(String, String)>) -> Response {
    answer(&app, &slug, &path).await
}

async fn answer(app: &App, slug: &str, path: &str) -> Response {
    match find(app, slug, path).await {
        Ok((html, network)) => {
            let policy = if network { OPEN } else { CLOSED };
            let mut response = document(content_type(path), policy, html);
            response.headers_mut().insert(header::CACHE_CONTROL, http::HeaderValue::from_static("no-cache"));
            response
        }
        Err(Refused::NoProject | Refused::NoVersion) if content_type(path).starts_with("text/html") => {
            let mut response = document(content_type(path), CLOSED, GONE);
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
        Err(Refused::NoProject | Refused::NoVersion) => {
            let message = "There is no page at this address";
            Error::new(StatusCode::NOT_FOUND, "not_found", message).into_response()
        }
        Err(refused) => Error::from(refused).into_response(),
    }
}

async fn find(app: &App, slug: &str, path: &str) -> Result<(String, bool), Refused> {
    let project = app.studio.store.project_at(slug).await?;
    let content = app.studio.store.version(&project.id, project.head).await?.content;
    let file = pages::opened(&content, path).ok_or(Refused::NoVersion)?;
    Ok((file, project.network))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "text/html; charset=utf-8",
    }
}
