//! A change: all of it is written, or nothing.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Executor as _, Sqlite, SqliteConnection, SqlitePool};

/// Begins a change: it waits for its turn to write now, and not when it has already read what another one changes.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// A change that has begun. SQLite takes one back by itself where the disk is full, and whoever counts open transactions
/// then counts wrong; so a change that does not come about takes its connection with it.
pub(super) struct Change(Option<PoolConnection<Sqlite>>);

impl Change {
    pub(super) async fn begin(pool: &SqlitePool) -> Result<Self, sqlx::Error> {
        let mut change = Self(Some(pool.acquire().await?));
        change.execute(BEGIN).await?;
        Ok(change)
    }

    /// Writes it all down.
    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.execute("COMMIT").await?;
        drop(self.0.take());
        Ok(())
    }
}

const HELD: &str = "the connection is held until the change is written or dropped";

impl Deref for Change {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        self.0.as_deref().expect(HELD)
    }
}

impl DerefMut for Change {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.0.as_deref_mut().expect(HELD)
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.0 {
            connection.close_on_drop();
        }
    }
}
