//! What is asked for in words: begun, listened to, stopped.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use http::{HeaderName, StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use super::body::Json;
use super::error::Error;
use super::{Answer, App, edits, nothing};
use crate::generation::{self, Mode, Wanted};

/// The longest prompt, in characters.
const LONGEST: usize = 20_000;

#[derive(Deserialize)]
pub(super) struct Request {
    prompt: String,
    base: u32,
    #[serde(rename = "ref")]
    at: Option<String>,
    /// The page in sight, where there are several; the first one without it.
    path: Option<String>,
    #[serde(default)]
    mode: Mode,
}

/// `POST /api/projects/{id}/requests`
pub(super) async fn begin(State(app): State<App>, Path(id): Path<String>, Json(request): Json<Request>) -> Answer {
    let prompt = request.prompt.trim().to_owned();
    if prompt.is_empty() {
        return Err(Error::bad("empty_prompt", "Say what the page is to be"));
    }
    let length = prompt.chars().count();
    if length > LONGEST {
        let message = format!("The request is {length} characters long, and at most {LONGEST} are read: shorten it");
        return Err(Error::bad("prompt_too_long", message));
    }
    let page = edits::At { base: request.base, path: request.path.as_deref() };
    if request.mode != Mode::Free
        && let Some(edited) = edits::grant(&app, &id, page, &prompt, request.at.as_deref()).await?
    {
        return Ok(super::ok(&edited));
    }
    let Request { base, at, path, mode, .. } = request;
    let wanted = Wanted { prompt, base, at, path, mode };
    let generation = generation::begin(&app.studio, &app.entry, &id, wanted).await?;
    Ok(super::json(StatusCode::ACCEPTED, &json!({ "generation": generation })))
}

/// `POST /api/projects/{id}/stop`
pub(super) async fn stop(State(app): State<App>, Path(id): Path<String>) -> Answer {
    app.studio.store.project(&id).await?;
    app.studio.generations.stop(&id);
    Ok(nothing())
}

/// `GET /api/projects/{id}/events`
pub(super) async fn events(State(app): State<App>, Path(id): Path<String>) -> Answer {
    app.studio.store.project(&id).await?;
    let Some(told) = app.studio.generations.listen(&id) else { return Ok(nothing()) };
    Ok(stream(Body::from_stream(told.map(Ok::<_, std::convert::Infallible>))))
}

fn stream(body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body).into_response()
}
