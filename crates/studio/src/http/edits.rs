//! What a user changes by hand.

use axum::extract::{Path, State};
use kit::Style;
use serde::{Deserialize, Serialize};

use super::body::Json;
use super::error::Error;
use super::{Answer, App, ok, versions};
use crate::diff::{self, DiffLine};
use crate::manual_edit::{self, Changed, ChangedNothing, HandEdit};
use crate::pages;
use crate::project::{Cause, Content, Making, NewVersion, Page};
use crate::store::Refused;

#[derive(Deserialize)]
pub(super) struct Call {
    base: u32,
    edit: HandEdit,
    /// The page that the element is on, where there are several; the first one without it.
    path: Option<String>,
}

/// What is changed: of a version, the page at this path.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) base: u32,
    pub(super) path: Option<&'a str>,
}

/// What a change came to.
#[derive(Serialize)]
pub(super) struct Edited {
    version: u32,
    preview: Page,
    style: Option<Style>,
    lines: Vec<DiffLine>,
    summary: String,
}

/// `POST /api/projects/{id}/edits`
pub(super) async fn make(State(app): State<App>, Path(id): Path<String>, Json(call): Json<Call>) -> Answer {
    let project = app.studio.store.project(&id).await?;
    if project.head != call.base {
        return Err(Refused::Conflict { head: project.head }.into());
    }
    if call.base == 0 {
        return Err(ChangedNothing("There is no page yet: describe one first.".to_owned()).into());
    }
    let before = app.studio.store.version(&id, call.base).await?.content;
    let at = At { base: call.base, path: call.path.as_deref() };
    let edited = match &call.edit {
        HandEdit::Confirm { at } => confirm(&app, &id, call.base, &before, at).await?,
        edit => save(&app, &id, at, Cause::Hand, &before, manual_edit::apply(&before, edit, at.path)?).await?,
    };
    Ok(ok(&edited))
}

/// Grants a wish that is understood without a model. `None` where it is not.
pub(super) async fn grant(
    app: &App,
    id: &str,
    at: At<'_>,
    wish: &str,
    element: Option<&str>,
) -> Result<Option<Edited>, Error> {
    if at.base == 0 {
        return Ok(None);
    }
    let before = app.studio.store.version(id, at.base).await?.content;
    let Some(changed) = manual_edit::understand(&before, wish, element, at.path) else { return Ok(None) };
    save(app, id, at, Cause::Wish, &before, changed).await.map(Some)
}

/// Makes a version of what was changed.
async fn save(
    app: &App,
    id: &str,
    at: At<'_>,
    cause: Cause,
    before: &Content,
    changed: Changed,
) -> Result<Edited, Error> {
    let Changed { content, summary, typed } = changed;
    let lines = diff::between(before, &content);
    let version = NewVersion {
        base: at.base,
        cause,
        prompt: typed,
        summary: summary.clone(),
        content,
        making: Making::default(),
        partial: false,
    };
    let number = app.studio.store.add(id, &version).await?;
    edited(app, id, At { base: number, ..at }, &version.content, lines, summary).await
}

/// Notes that a made-up text holds. The page is not changed by it, and no version made.
async fn confirm(app: &App, id: &str, base: u32, content: &Content, at: &str) -> Result<Edited, Error> {
    let made_up = versions::made_up(app, id, base, content).await?;
    let there: Vec<String> =
        made_up.into_iter().filter(|made_up| made_up.spot.to_string() == at).map(|made_up| made_up.text).collect();
    if there.is_empty() {
        return Err(ChangedNothing("Nothing there was made up.".to_owned()).into());
    }
    for text in &there {
        app.studio.store.confirm(id, text).await?;
    }
    edited(app, id, At { base, path: None }, content, Vec::new(), "It holds.".to_owned()).await
}

async fn edited(
    app: &App,
    id: &str,
    at: At<'_>,
    content: &Content,
    lines: Vec<DiffLine>,
    summary: String,
) -> Result<Edited, Error> {
    let version = at.base;
    let made_up = versions::made_up(app, id, version, content).await?;
    let style = match content {
        Content::Words(_, style) => Some(*style),
        Content::Html(_) => None,
    };
    let preview = pages::preview_at(content, &made_up, at.path).unwrap_or_else(|| pages::preview(content, &made_up));
    Ok(Edited { version, preview, style, lines, summary })
}
