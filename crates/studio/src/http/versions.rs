//! Versions: what they hold, what differs between them, and a version as a file to take away.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, Uri, header};
use kit::Style;
use kit::facts::MadeUp;
use serde::Serialize;
use serde_json::json;

use super::error::Error;
use super::guard::asked;
use super::{Answer, App, ok};
use crate::facts;
use crate::project::{Content, Kind, Page};
use crate::{diff as differs, export as exported, pages};

#[derive(Serialize)]
struct Held {
    number: u32,
    kind: Kind,
    words: Option<String>,
    style: Option<Style>,
    pages: Vec<Page>,
    preview: Page,
    made_up: Vec<MadeUp>,
}

/// `GET /api/projects/{id}/versions/{n}[?path=about.html]`: the path says which page the preview is of.
pub(super) async fn show(State(app): State<App>, Path((id, number)): Path<(String, u32)>, uri: Uri) -> Answer {
    let content = app.studio.store.version(&id, number).await?.content;
    let made_up = made_up(&app, &id, number, &content).await?;
    let preview = match asked(&uri, "path") {
        Some(path) => pages::preview_at(&content, &made_up, Some(&path)).ok_or_else(|| no_page(&path))?,
        None => pages::preview(&content, &made_up),
    };
    let (words, style) = match &content {
        Content::Words(words, style) => (Some(words.to_string()), Some(*style)),
        Content::Html(_) => (None, None),
    };
    Ok(ok(&Held { number, kind: content.kind(), words, style, pages: pages::clean(&content), preview, made_up }))
}

/// There is no such page in the version.
pub(super) fn no_page(path: &str) -> Error {
    Error::new(StatusCode::NOT_FOUND, "not_found", format!("There is no page {path} in this version"))
}

/// What of a version was made up, and not looked at yet.
pub(super) async fn made_up(app: &App, id: &str, number: u32, content: &Content) -> Result<Vec<MadeUp>, Error> {
    let Content::Words(words, _) = content else { return Ok(Vec::new()) };
    let stated = app.studio.store.stated(id, number).await?.join("\n");
    Ok(facts::made_up(words, &stated, &app.studio.store.confirmed(id).await?))
}

/// `GET /api/projects/{id}/diff?from=3&to=4`
pub(super) async fn diff(State(app): State<App>, Path(id): Path<String>, uri: Uri) -> Answer {
    let number = |name| asked(&uri, name).and_then(|number| number.parse::<u32>().ok());
    let (Some(from), Some(to)) = (number("from"), number("to")) else {
        return Err(Error::bad("bad_query", "Two versions are compared: ?from=1&to=2"));
    };
    let content = async |number| match number {
        0 => Ok(Content::nothing()),
        number => app.studio.store.version(&id, number).await.map(|version| version.content),
    };
    let lines = differs::between(&content(from).await?, &content(to).await?);
    Ok(ok(&json!({ "lines": lines })))
}

/// `GET /api/projects/{id}/export[?version=n]`
pub(super) async fn export(State(app): State<App>, Path(id): Path<String>, uri: Uri) -> Answer {
    let project = app.studio.store.project(&id).await?;
    let number = asked(&uri, "version").and_then(|number| number.parse().ok()).unwrap_or(project.head);
    let content = app.studio.store.version(&id, number).await?.content;
    let zip = exported::zip(&pages::clean(&content)).map_err(|error| {
        Error::new(StatusCode::INTERNAL_SERVER_ERROR, "no_export", format!("The page cannot be packed: {error}"))
    })?;
    Ok(file(&project.slug, zip))
}

/// A file of this name; what is not ASCII of the name is told as RFC 6266 has it.
fn file(name: &str, zip: Vec<u8>) -> Response {
    let plain: String = name.chars().filter(char::is_ascii).collect();
    let whole: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let disposition = format!("attachment; filename=\"{plain}.zip\"; filename*=UTF-8''{whole}.zip");
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from(zip)).into_response()
}
