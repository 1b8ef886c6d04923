//! Projects in SQLite: what was made is there from its first token on, and no version is ever changed.

mod change;
mod error;
mod look;
mod projects;
mod running;
mod talk;
#[cfg(test)]
mod tests;
mod versions;

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqlSafeStr as _, SqlitePool};

pub(crate) use error::Refused;
pub use error::StoreError;
pub use look::{Projects, look};
pub(crate) use running::Running;

use change::Change;
use error::words;

/// The file in the data folder.
const FILE: &str = "studio.db";
/// How long a connection, or another process that writes, is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many read at once; one of them may write.
const CONNECTIONS: u32 = 4;

/// The projects of a data folder, open.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens the projects in `data_dir`, makes the file where there is none, and keeps as a version whatever an earlier
    /// process was cut off in.
    ///
    /// # Errors
    /// It cannot be opened, or is none of ours.
    pub(crate) async fn open(data_dir: &Path) -> Result<Self, StoreError> {
        let store = Self::connect(data_dir, SqlitePoolOptions::new().max_connections(CONNECTIONS)).await?;
        store.keep_what_was_cut_off(None).await?;
        Ok(store)
    }

    async fn connect(data_dir: &Path, pool: SqlitePoolOptions) -> Result<Self, StoreError> {
        let file = data_dir.join(FILE);
        let unopened = |why| unopened(&file, why);
        make(&file).map_err(|error| unopened(error.to_string()))?;
        // FULL: what was saved outlives the machine's own end too, at the price of one fsync a change.
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE);
        let pool = pool.acquire_timeout(PATIENCE).idle_timeout(None).max_lifetime(None).connect_with(options).await;
        let store = Self { pool: pool.map_err(|error| unopened(words(&error)))? };
        store.migrate().await.map_err(|error| unopened(words(&error)))?;
        Ok(store)
    }

    async fn migrate(&self) -> Result<(), sqlx::Error> {
        let first = Migration::new(
            1,
            "studio".into(),
            MigrationType::Simple,
            include_str!("../../migrations/0001_studio.sql").into_sql_str(),
            false,
        );
        Migrator::with_migrations(vec![first]).run(&self.pool).await.map_err(|error| sqlx::Error::Migrate(error.into()))
    }

    /// Closes the database, which writes its journal into the file.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    async fn begin_change(&self) -> Result<Change, sqlx::Error> {
        Change::begin(&self.pool).await
    }
}

fn unopened(file: &Path, why: String) -> StoreError {
    let remedy = if why.contains("not a database") || why.contains("malformed") {
        "move it away, and the next start makes a new one"
    } else {
        "see to it that the file can be written, or let TIERFALL_DATA_DIR name another folder"
    };
    StoreError::Open { place: file.display().to_string(), why, remedy }
}

/// Makes the file, for this user alone to read.
fn make(file: &Path) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(file).map(drop)
}

/// A count as the database holds it.
fn count(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// A count as the database held it.
fn counted<T: TryFrom<i64> + Default>(number: i64) -> T {
    T::try_from(number).unwrap_or_default()
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn time(ms: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(ms).unwrap_or_default()
}
