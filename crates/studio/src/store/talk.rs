//! What was said in a project, and which made-up texts its user has looked at.

use std::collections::HashSet;

use sqlx::{Row as _, SqliteConnection};

use super::{Store, StoreError, count, counted};
use crate::project::{Role, Said};

impl Store {
    /// What was said in a project, from the beginning.
    ///
    /// # Errors
    /// The database fails.
    pub(crate) async fn talk(&self, project: &str) -> Result<Vec<Said>, StoreError> {
        let query = sqlx::query("SELECT role, text, version FROM talk WHERE project = ? ORDER BY id").bind(project);
        let rows = query.fetch_all(&self.pool).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| Said {
            role: Role::read(row.get("role")),
            text: row.get("text"),
            version: row.get::<Option<i64>, _>("version").map(counted),
        };
        Ok(rows.iter().map(read).collect())
    }

    /// Notes that the user has looked at `text`, which was made up, and that it holds.
    ///
    /// # Errors
    /// The database fails.
    pub(crate) async fn confirm(&self, project: &str, text: &str) -> Result<(), StoreError> {
        let query = sqlx::query("INSERT INTO confirmed (project, text) VALUES (?, ?) ON CONFLICT DO NOTHING");
        query.bind(project).bind(text).execute(&self.pool).await?;
        Ok(())
    }

    /// The made-up texts that the user has looked at.
    ///
    /// # Errors
    /// The database fails.
    pub(crate) async fn confirmed(&self, project: &str) -> Result<HashSet<String>, StoreError> {
        let query = sqlx::query("SELECT text FROM confirmed WHERE project = ?").bind(project);
        Ok(query.fetch_all(&self.pool).await?.iter().map(|row| row.get(0)).collect())
    }
}

/// Notes what was said.
pub(super) async fn say(connection: &mut SqliteConnection, project: &str, said: &Said) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO talk (project, role, text, version) VALUES (?, ?, ?, ?)")
        .bind(project)
        .bind(said.role.as_str())
        .bind(&said.text)
        .bind(said.version.map(count))
        .execute(connection)
        .await
        .map(drop)
}
