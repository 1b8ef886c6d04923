//! All or nothing, on a connection that is given back only where the whole of it was written.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Executor as _};

/// A transaction. Dropped before it is committed (for an error, or because nobody waits for it any more), it takes its
/// connection with it, and the database rolls back what that had begun.
///
/// `sqlx::Transaction` keeps the connection and counts how deep it is. After `SQLITE_FULL`, `SQLITE_IOERR` and some more,
/// SQLite has rolled back by itself (<https://www.sqlite.org/lang_transaction.html>), its own `ROLLBACK` fails, and the
/// count stays: every later "transaction" is then a savepoint in one that nobody ever commits.
pub(super) struct Transaction {
    connection: PoolConnection<Any>,
    committed: bool,
}

impl Transaction {
    pub(super) async fn begin(pool: &AnyPool) -> Result<Self, sqlx::Error> {
        let mut transaction = Self { connection: pool.acquire().await?, committed: false };
        transaction.execute("BEGIN").await?;
        Ok(transaction)
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.execute("COMMIT").await?;
        self.committed = true;
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.connection
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.committed {
            self.connection.close_on_drop();
        }
    }
}
