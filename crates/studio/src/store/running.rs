//! What is being written now: kept while it comes, so that whatever ends this process, what came is a version.

use kit::{Style, Words};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::versions::{free, insert, show, style, style_text};
use super::{Refused, Store, StoreError, count, counted, talk};
use crate::edit::answer::files_in;
use crate::project::{Cause, Content, Making, NewVersion, Project, Role, Said, TierMark};

/// A request that is being carried out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Running {
    /// The version that it changes; 0 where it makes the first.
    pub(crate) base: u32,
    pub(crate) cause: Cause,
    pub(crate) prompt: String,
    /// `None` where a free page is written.
    pub(crate) style: Option<Style>,
}

const CUT_OFF: &str = "Cut off: the server ended while this was written. What had come by then is here.";
const NOTHING_CAME: &str = "The server ended before anything of it was written.";
const NOT_CHANGED: &str = "The server ended before it was changed: the page is as it was.";

impl Store {
    /// Notes that a request begins to be carried out. No other may be in this process: one that is noted is what could not
    /// be ended, as where the disk was full, and becomes a version first.
    ///
    /// # Errors
    /// Another version than its base is shown, another request is being carried out, or it cannot be written.
    pub(crate) async fn begin(&self, project: &str, running: &Running) -> Result<Project, Refused> {
        self.keep_what_was_cut_off(Some(project)).await?;
        let mut change = self.begin_change().await?;
        let found = free(&mut change, project, running.base).await?;
        sqlx::query("INSERT INTO running (project, base, cause, prompt, style) VALUES (?, ?, ?, ?, ?)")
            .bind(project)
            .bind(count(running.base))
            .bind(running.cause.as_str())
            .bind(&running.prompt)
            .bind(running.style.as_ref().map(style_text))
            .execute(&mut *change)
            .await?;
        let said = Said { role: Role::User, text: running.prompt.clone(), version: None };
        talk::say(&mut change, project, &said).await?;
        change.commit().await?;
        Ok(found)
    }

    /// Keeps what has come so far, and from whom.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) async fn keep(&self, project: &str, text: &str, tier: Option<&TierMark>) -> Result<(), StoreError> {
        sqlx::query("UPDATE running SET text = ?, tier = ?, tier_name = ? WHERE project = ?")
            .bind(text)
            .bind(tier.map(|tier| count(tier.number)))
            .bind(tier.map(|tier| &tier.name))
            .bind(project)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends a request with the version that came of it. It is shown, unless it is a part of a change: then the page that was
    /// to be changed stays.
    ///
    /// # Errors
    /// The project is gone, or it cannot be written.
    pub(crate) async fn finish(&self, project: &str, version: &NewVersion) -> Result<u32, Refused> {
        let mut change = self.begin_change().await?;
        let number = finish(&mut change, project, version).await?;
        change.commit().await?;
        Ok(number)
    }

    /// Ends a request that nothing came of, and says why.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) async fn give_up(&self, project: &str, why: &str) -> Result<(), StoreError> {
        let mut change = self.begin_change().await?;
        give_up(&mut change, project, why).await?;
        change.commit().await?;
        Ok(())
    }

    /// Makes a version of whatever is noted and not carried out any more, in one project or in all.
    pub(super) async fn keep_what_was_cut_off(&self, project: Option<&str>) -> Result<(), StoreError> {
        let query = sqlx::query("SELECT * FROM running WHERE project = ?1 OR ?1 IS NULL").bind(project);
        let cut_off = query.fetch_all(&self.pool).await?;
        for row in &cut_off {
            let project: &str = row.get("project");
            let mut change = self.begin_change().await?;
            match version(row) {
                Some(version) => match finish(&mut change, project, &version).await {
                    Ok(_) | Err(Refused::NoProject | Refused::NoVersion | Refused::Conflict { .. } | Refused::Busy) => {
                    }
                    Err(Refused::Store(error)) => return Err(error),
                },
                None => {
                    let is_change = row.get::<i64, _>("base") > 0;
                    give_up(&mut change, project, if is_change { NOT_CHANGED } else { NOTHING_CAME }).await?;
                }
            }
            change.commit().await?;
        }
        Ok(())
    }
}

async fn finish(change: &mut SqliteConnection, project: &str, version: &NewVersion) -> Result<u32, Refused> {
    forget(change, project).await?;
    let number = insert(change, project, version).await?;
    if !version.partial || version.base == 0 {
        show(change, project, number).await?;
    }
    Ok(number)
}

async fn give_up(change: &mut SqliteConnection, project: &str, why: &str) -> Result<(), sqlx::Error> {
    forget(change, project).await?;
    talk::say(change, project, &Said { role: Role::Studio, text: why.to_owned(), version: None }).await
}

async fn forget(change: &mut SqliteConnection, project: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM running WHERE project = ?").bind(project).execute(change).await.map(drop)
}

/// What had come, as a version; `None` where that was nothing.
fn version(row: &SqliteRow) -> Option<NewVersion> {
    let text: &str = row.get("text");
    let content = match row.get::<Option<&str>, _>("style") {
        Some(named) => {
            let mut words = Words::parse(text);
            crate::facts::conceal(&mut words, row.get("prompt"));
            Content::Words(words, style(Some(named)))
        }
        None => Content::Html(files_in(text)),
    };
    let tier = row.get::<Option<i64>, _>("tier");
    let tier = tier.map(|tier| TierMark { number: counted(tier), name: row.get("tier_name") });
    (!text.trim().is_empty() && content != Content::nothing()).then(|| NewVersion {
        base: counted(row.get("base")),
        cause: Cause::read(row.get("cause")),
        prompt: row.get("prompt"),
        summary: CUT_OFF.to_owned(),
        content,
        making: Making { tier, ..Making::default() },
        partial: true,
    })
}
