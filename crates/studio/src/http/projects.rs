//! What there is, and projects: listed, made, shown, renamed, deleted, gone back in.

use axum::extract::{Path, State};
use http::StatusCode;
use jiff::Timestamp;
use kit::Look;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::body::Json;
use super::error::Error;
use super::{Answer, App, nothing, ok};
use crate::model_client::{Pages, Tiers};
use crate::project::{Content, Kind, Project, Said, VersionHead};

/// The longest name of a project, in characters.
const LONGEST_NAME: usize = 120;

#[derive(Serialize)]
struct Listed {
    id: String,
    slug: String,
    name: String,
    updated_at: Timestamp,
    head: u32,
    generating: bool,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    listed: Listed,
    newest: u32,
    kind: Kind,
    style: Option<kit::Style>,
    network: bool,
    talk: Vec<Said>,
    versions: Vec<VersionHead>,
}

#[derive(Deserialize)]
pub(super) struct Named {
    name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Changes {
    name: Option<String>,
    network: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct Head {
    version: u32,
    /// The version that is shown now, as far as the caller knows: another one is a conflict.
    base: Option<u32>,
}

/// `GET /api/studio`
pub(super) async fn studio(State(app): State<App>) -> Answer {
    let tiers = Tiers::of(&app.entry);
    let each = tiers.iter().map(|(tier, pages)| json!({ "tier": tier.number, "name": tier.name, "pages": pages }));
    let looks = Look::ALL.map(|look| json!({ "id": look.id(), "name": look.name() }));
    Ok(ok(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "needs_key": app.entry.needs_key(),
        "ready": app.entry.ready(),
        "looks": looks,
        "fonts": kit::Fonts::ALL,
        "tiers": each.collect::<Vec<_>>(),
        "pages": if tiers.pages() == Pages::Html { Kind::Html } else { Kind::Words },
    })))
}

/// `GET /api/projects`
pub(super) async fn list(State(app): State<App>) -> Answer {
    let projects = app.studio.store.projects().await?;
    let projects: Vec<_> = projects.into_iter().map(|project| listed(&app, project)).collect();
    Ok(ok(&json!({ "projects": projects })))
}

/// `POST /api/projects`
pub(super) async fn create(State(app): State<App>, Json(Named { name }): Json<Named>) -> Answer {
    let name = name.map(checked).transpose()?;
    let project = app.studio.store.create(name.as_deref()).await?;
    Ok(super::json(StatusCode::CREATED, &whole(&app, project).await?))
}

/// `GET /api/projects/{id}`
pub(super) async fn show(State(app): State<App>, Path(id): Path<String>) -> Answer {
    let project = app.studio.store.project(&id).await?;
    Ok(ok(&whole(&app, project).await?))
}

/// `PATCH /api/projects/{id}`
pub(super) async fn change(State(app): State<App>, Path(id): Path<String>, Json(changes): Json<Changes>) -> Answer {
    let name = changes.name.map(checked).transpose()?;
    let project = app.studio.store.change(&id, name.as_deref(), changes.network).await?;
    Ok(ok(&whole(&app, project).await?))
}

/// `DELETE /api/projects/{id}`
pub(super) async fn delete(State(app): State<App>, Path(id): Path<String>) -> Answer {
    app.studio.generations.forget(&id);
    app.studio.store.delete(&id).await?;
    Ok(nothing())
}

/// `POST /api/projects/{id}/head`
pub(super) async fn move_head(State(app): State<App>, Path(id): Path<String>, Json(head): Json<Head>) -> Answer {
    let project = app.studio.store.move_head(&id, head.version, head.base).await?;
    Ok(ok(&whole(&app, project).await?))
}

fn listed(app: &App, project: Project) -> Listed {
    let generating = app.studio.generations.run(&project.id);
    let Project { id, slug, name, updated_at, head, .. } = project;
    Listed { id, slug, name, updated_at, head, generating }
}

async fn whole(app: &App, project: Project) -> Result<Shown, Error> {
    let store = &app.studio.store;
    let (kind, style) = match project.head {
        0 => (Kind::Words, None),
        head => match store.version(&project.id, head).await?.content {
            Content::Words(_, style) => (Kind::Words, Some(style)),
            Content::Html(_) => (Kind::Html, None),
        },
    };
    Ok(Shown {
        newest: project.newest,
        network: project.network,
        talk: store.talk(&project.id).await?,
        versions: store.versions(&project.id).await?,
        kind,
        style,
        listed: listed(app, project),
    })
}

fn checked(name: String) -> Result<String, Error> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(Error::bad("bad_name", format!("A name has between 1 and {LONGEST_NAME} characters")));
    }
    Ok(name)
}
