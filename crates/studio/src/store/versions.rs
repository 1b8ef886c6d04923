//! Versions: added, read, gone back to. None is ever changed.

use kit::{Style, Words};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::{Refused, Store, StoreError, count, counted, now_ms, projects, talk, time};
use crate::project::{Cause, Content, Making, NewVersion, Page, Project, Role, Said, TierMark, Version, VersionHead};

impl Store {
    /// The versions of a project, the first one first, without what they hold.
    ///
    /// # Errors
    /// The database fails.
    pub(crate) async fn versions(&self, project: &str) -> Result<Vec<VersionHead>, StoreError> {
        let query = sqlx::query("SELECT * FROM versions WHERE project = ? ORDER BY number").bind(project);
        Ok(query.fetch_all(&self.pool).await?.iter().map(read).collect())
    }

    /// One version, whole.
    ///
    /// # Errors
    /// There is none, or the database fails.
    pub(crate) async fn version(&self, project: &str, number: u32) -> Result<Version, Refused> {
        let query = sqlx::query("SELECT * FROM versions WHERE project = ? AND number = ?");
        let row = query.bind(project).bind(count(number)).fetch_optional(&self.pool).await?;
        let row = row.ok_or(Refused::NoVersion)?;
        let content = match row.get::<Option<&str>, _>("words") {
            Some(words) => Content::Words(Words::parse(words), style(row.get("style"))),
            None => Content::Html(self.pages(project, number).await?),
        };
        Ok(Version { head: read(&row), content })
    }

    async fn pages(&self, project: &str, number: u32) -> Result<Vec<Page>, sqlx::Error> {
        let query = sqlx::query("SELECT path, html FROM pages WHERE project = ? AND version = ? ORDER BY place");
        let rows = query.bind(project).bind(count(number)).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(|row| Page { path: row.get("path"), html: row.get("html") }).collect())
    }

    /// What the user has said on the way to a version, the latest first: nothing of it is made up.
    ///
    /// # Errors
    /// The database fails.
    pub(crate) async fn stated(&self, project: &str, number: u32) -> Result<Vec<String>, StoreError> {
        let query = sqlx::query(concat!(
            "WITH RECURSIVE way (number, parent, prompt) AS (",
            "SELECT number, parent, prompt FROM versions WHERE project = ?1 AND number = ?2 UNION ",
            "SELECT v.number, v.parent, v.prompt FROM versions v JOIN way ON v.number = way.parent WHERE v.project = ?1",
            ") SELECT prompt FROM way ORDER BY number DESC"
        ));
        let rows = query.bind(project).bind(count(number)).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Adds a version that no model made, and shows it. A wish is a part of the talk; what a hand does is seen.
    ///
    /// # Errors
    /// Another version than its base is shown, a request is being carried out, or it cannot be written.
    pub(crate) async fn add(&self, project: &str, version: &NewVersion) -> Result<u32, Refused> {
        let mut change = self.begin_change().await?;
        free(&mut change, project, version.base).await?;
        if version.cause == Cause::Wish {
            let said = Said { role: Role::User, text: version.prompt.clone(), version: None };
            talk::say(&mut change, project, &said).await?;
        }
        let number = insert(&mut change, project, version).await?;
        show(&mut change, project, number).await?;
        change.commit().await?;
        Ok(number)
    }

    /// Shows another version than `base`, which is shown now as far as the caller knows. What comes next is made of that one.
    ///
    /// # Errors
    /// There is none of this number, another one than `base` is shown, a request is being carried out, or the database fails.
    pub(crate) async fn move_head(&self, project: &str, number: u32, base: Option<u32>) -> Result<Project, Refused> {
        let mut change = self.begin_change().await?;
        let head = projects::find(&mut change, project).await?.head;
        free(&mut change, project, base.unwrap_or(head)).await?;
        let query = sqlx::query("SELECT 1 FROM versions WHERE project = ? AND number = ?");
        let there = query.bind(project).bind(count(number)).fetch_optional(&mut *change).await?;
        there.ok_or(Refused::NoVersion)?;
        show(&mut change, project, number).await?;
        change.commit().await?;
        self.project(project).await
    }
}

/// Whether `base` is shown and nothing is being written: then a change may be made of it.
pub(super) async fn free(change: &mut SqliteConnection, project: &str, base: u32) -> Result<Project, Refused> {
    let project = projects::find(change, project).await?;
    let query = sqlx::query("SELECT 1 FROM running WHERE project = ?").bind(&project.id);
    if query.fetch_optional(change).await?.is_some() {
        return Err(Refused::Busy);
    }
    if project.head == base { Ok(project) } else { Err(Refused::Conflict { head: project.head }) }
}

/// Writes a version down under the next number, with what it says of itself. The project's first page gives it its name.
pub(super) async fn insert(change: &mut SqliteConnection, project: &str, version: &NewVersion) -> Result<u32, Refused> {
    let number = projects::find(change, project).await?.newest + 1;
    let NewVersion { base, cause, prompt, summary, content, making, partial } = version;
    let (words, style) = match content {
        Content::Words(words, style) => (Some(words.to_string()), Some(style_text(style))),
        Content::Html(_) => (None, None),
    };
    sqlx::query(concat!(
        "INSERT INTO versions (project, number, parent, at, cause, prompt, summary, words, style, tier, tier_name, ms, ",
        "first_paint_ms, tokens, cost_usd, partial) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ))
    .bind(project)
    .bind(count(number))
    .bind(count(*base))
    .bind(now_ms())
    .bind(cause.as_str())
    .bind(prompt)
    .bind(summary)
    .bind(words)
    .bind(style)
    .bind(making.tier.as_ref().map(|tier| count(tier.number)))
    .bind(making.tier.as_ref().map(|tier| &tier.name))
    .bind(making.ms.map(count))
    .bind(making.first_paint_ms.map(count))
    .bind(making.tokens.map(count))
    .bind(making.cost_usd)
    .bind(partial)
    .execute(&mut *change)
    .await?;
    if let Content::Html(pages) = content {
        for (place, page) in pages.iter().enumerate() {
            let query = sqlx::query("INSERT INTO pages (project, version, place, path, html) VALUES (?, ?, ?, ?, ?)");
            let query = query.bind(project).bind(count(number)).bind(count(place)).bind(&page.path).bind(&page.html);
            query.execute(&mut *change).await?;
        }
    }
    if let Some(name) = content.name() {
        projects::call(change, project, name).await?;
    }
    let said = Said { role: Role::Studio, text: summary.clone(), version: Some(number) };
    talk::say(change, project, &said).await?;
    Ok(number)
}

pub(super) async fn show(change: &mut SqliteConnection, project: &str, number: u32) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE projects SET head = ?, updated_at = ? WHERE id = ?")
        .bind(count(number))
        .bind(now_ms())
        .bind(project)
        .execute(change)
        .await
        .map(drop)
}

fn read(row: &SqliteRow) -> VersionHead {
    let number = |column: &str| row.get::<Option<i64>, _>(column);
    let tier = number("tier").map(|tier| TierMark { number: counted(tier), name: row.get("tier_name") });
    VersionHead {
        number: counted(row.get("number")),
        parent: counted(row.get("parent")),
        at: time(row.get("at")),
        cause: Cause::read(row.get("cause")),
        prompt: row.get("prompt"),
        summary: row.get("summary"),
        partial: row.get("partial"),
        making: Making {
            tier,
            ms: number("ms").map(counted),
            first_paint_ms: number("first_paint_ms").map(counted),
            tokens: number("tokens").map(counted),
            cost_usd: row.get("cost_usd"),
        },
    }
}

pub(super) fn style_text(style: &Style) -> String {
    serde_json::to_string(style).unwrap_or_default()
}

/// A style that this version does not know, such as one with a look of a later one, is the first look's.
pub(super) fn style(text: Option<&str>) -> Style {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
