//! Projects: made, listed, renamed, deleted.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use uuid::Uuid;

use super::{Refused, Store, StoreError, counted, now_ms, time};
use crate::project::Project;

/// What a project is called until its first page says.
const UNNAMED: &str = "New page";
/// The longest part of a name in an address, in characters.
const LONGEST_SLUG: usize = 40;

impl Store {
    /// Every project, the one that was changed last first.
    ///
    /// # Errors
    /// The database fails.
    pub(crate) async fn projects(&self) -> Result<Vec<Project>, StoreError> {
        let query = sqlx::query(concat!(
            "SELECT id, slug, name, head, network, updated_at, ",
            "(SELECT coalesce(max(number), 0) FROM versions WHERE project = id) AS newest ",
            "FROM projects ORDER BY updated_at DESC, id DESC"
        ));
        Ok(query.fetch_all(&self.pool).await?.iter().map(read).collect())
    }

    /// The project of this id.
    ///
    /// # Errors
    /// There is none, or the database fails.
    pub(crate) async fn project(&self, id: &str) -> Result<Project, Refused> {
        let mut connection = self.pool.acquire().await?;
        find(&mut connection, id).await
    }

    /// The project of this name in addresses.
    ///
    /// # Errors
    /// There is none, or the database fails.
    pub(crate) async fn project_at(&self, slug: &str) -> Result<Project, Refused> {
        let query = sqlx::query("SELECT id FROM projects WHERE slug = ?").bind(slug);
        let row = query.fetch_optional(&self.pool).await?.ok_or(Refused::NoProject)?;
        self.project(row.get(0)).await
    }

    /// Makes a project. Without a name it takes that of its first page.
    ///
    /// # Errors
    /// The database fails.
    pub(crate) async fn create(&self, name: Option<&str>) -> Result<Project, Refused> {
        let id = Uuid::now_v7().simple().to_string();
        let called = name.unwrap_or(UNNAMED);
        sqlx::query("INSERT INTO projects (id, slug, name, named, updated_at) VALUES (?, ?, ?, ?, ?)")
            .bind(&id)
            .bind(slug(called))
            .bind(called)
            .bind(name.is_some())
            .bind(now_ms())
            .execute(&self.pool)
            .await?;
        self.project(&id).await
    }

    /// Renames a project, or lets its pages load from other hosts.
    ///
    /// # Errors
    /// There is no such project, or the database fails.
    pub(crate) async fn change(&self, id: &str, name: Option<&str>, network: Option<bool>) -> Result<Project, Refused> {
        sqlx::query(concat!(
            "UPDATE projects SET name = coalesce(?1, name), named = named OR ?1 IS NOT NULL, ",
            "network = coalesce(?2, network), updated_at = ?3 WHERE id = ?4"
        ))
        .bind(name)
        .bind(network)
        .bind(now_ms())
        .bind(id)
        .execute(&self.pool)
        .await?;
        self.project(id).await
    }

    /// Deletes a project with all its versions.
    ///
    /// # Errors
    /// There is no such project, or the database fails.
    pub(crate) async fn delete(&self, id: &str) -> Result<(), Refused> {
        let deleted = sqlx::query("DELETE FROM projects WHERE id = ?").bind(id).execute(&self.pool).await?;
        if deleted.rows_affected() == 0 { Err(Refused::NoProject) } else { Ok(()) }
    }
}

pub(super) async fn find(connection: &mut SqliteConnection, id: &str) -> Result<Project, Refused> {
    let query = sqlx::query(concat!(
        "SELECT id, slug, name, head, network, updated_at, ",
        "(SELECT coalesce(max(number), 0) FROM versions WHERE project = id) AS newest ",
        "FROM projects WHERE id = ?"
    ));
    let row = query.bind(id).fetch_optional(connection).await?;
    row.as_ref().map(read).ok_or(Refused::NoProject)
}

/// Calls a project what its page calls itself, where the user has given it no name.
pub(super) async fn call(connection: &mut SqliteConnection, id: &str, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query(concat!(
        "UPDATE projects SET name = ?1, slug = CASE WHEN head = 0 THEN ?2 ELSE slug END ",
        "WHERE id = ?3 AND NOT named AND name <> ?1"
    ))
    .bind(name)
    .bind(slug(name))
    .bind(id)
    .execute(connection)
    .await
    .map(drop)
}

fn read(row: &SqliteRow) -> Project {
    Project {
        id: row.get("id"),
        slug: row.get("slug"),
        name: row.get("name"),
        head: counted(row.get("head")),
        newest: counted(row.get("newest")),
        network: row.get("network"),
        updated_at: time(row.get("updated_at")),
    }
}

/// `Café Nord` as `café-nord-3f9a1c`: what is drawn behind it keeps a page from whoever was not told its address.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let short: String = slug.chars().take(LONGEST_SLUG).collect();
    let drawn = Uuid::new_v4().simple().to_string();
    format!("{}-{}", short.trim_matches('-'), &drawn[..8]).trim_start_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn an_address_has_the_letters_of_the_name_and_a_part_that_nobody_guesses() {
        for (name, begins) in [("Café  Nord!", "café-nord-"), ("-- --", ""), ("a/b?c", "a-b-c-")] {
            let slug = slug(name);
            let drawn = slug.strip_prefix(begins).expect(name);
            assert!(drawn.len() == 8 && drawn.bytes().all(|byte| byte.is_ascii_hexdigit()), "{slug}");
        }
        assert_ne!(slug("Nord"), slug("Nord"));
        assert_eq!(slug(&"x".repeat(500)).len(), 49);
    }
}
