//! The database: one connection, and one form of SQL for SQLite and Postgres.

mod budgets;
mod decisions;
mod replacements;
#[cfg(test)]
mod tests;
mod transaction;
mod usage;

use std::sync::Once;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AnyPool, ConnectOptions as _, Connection as _, Executor as _, Row as _, SqlSafeStr as _};
use uuid::Uuid;

use crate::account::Accounts;
use crate::error::{LedgerError, words};
use crate::location::Location;

pub use replacements::StoredModel;

/// How long a connection, or another process that writes, is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// SQLite: readers go on while one writes (WAL); a write outlives this process at once, and the machine by the next
/// checkpoint.
const SQLITE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 3000";

/// A ledger that is open.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    location: String,
    salt: String,
}

impl Store {
    /// Opens the ledger at `location` to write; makes it where there is none.
    ///
    /// # Errors
    /// It cannot be opened, or is none of ours.
    pub async fn open(location: &Location) -> Result<Self, LedgerError> {
        location.make_file().map_err(|error| unopened(location, error.to_string()))?;
        let mut store = Self::connect(location, location.url(true)?).await?;
        store.migrate().await.map_err(|error| unopened(location, words(&error)))?;
        store.salt = store.draw_salt().await.map_err(|error| unopened(location, words(&error)))?;
        Ok(store)
    }

    /// Opens the ledger at `location` to read what another process writes there.
    ///
    /// # Errors
    /// There is none, or it cannot be opened.
    pub async fn look(location: &Location) -> Result<Self, LedgerError> {
        if location.is_missing() {
            return Err(LedgerError::Missing { location: location.to_string() });
        }
        let mut store = Self::connect(location, location.url(false)?).await?;
        // Without one, no budget was ever named here.
        store.salt = store.read_salt().await.unwrap_or_default();
        Ok(store)
    }

    /// Names the tiers whose budgets are kept here.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        Accounts::new(self.salt.clone())
    }

    /// Writes down what the database still holds in its own memory, and closes it.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn connect(location: &Location, url: url::Url) -> Result<Self, LedgerError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let sqlite = !location.is_postgres();
        let options = AnyPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).test_before_acquire(!sqlite);
        // One connection for as long as it holds: a SQLite in memory is gone with it.
        let options = if sqlite { options.idle_timeout(None).max_lifetime(None) } else { options };
        let options = options.after_connect(move |connection, _| {
            Box::pin(async move {
                if sqlite {
                    connection.execute(SQLITE).await?;
                }
                Ok(())
            })
        });
        let failed = |error| unopened(location, words(&error));
        let address = AnyConnectOptions::from_url(&url).map_err(failed)?;
        // The pool tries for as long as it may, and then knows only that it has: what is wrong is said by one that it has not.
        let tried = tokio::time::timeout(PATIENCE, try_out(&address, sqlite)).await;
        tried.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(failed)?;
        Ok(Self { pool: options.connect_lazy_with(address), location: location.to_string(), salt: String::new() })
    }

    async fn migrate(&self) -> Result<(), sqlx::Error> {
        let migration = |version, name: &'static str, sql: &'static str| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        };
        let all = vec![
            migration(1, "ledger", include_str!("../migrations/0001_ledger.sql")),
            migration(2, "replacement", include_str!("../migrations/0002_replacement.sql")),
        ];
        Migrator::with_migrations(all).run(&self.pool).await.map_err(|error| sqlx::Error::Migrate(error.into()))
    }

    /// The salt that was drawn when this ledger was made.
    async fn draw_salt(&self) -> Result<String, sqlx::Error> {
        let drawn = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        sqlx::query("INSERT INTO drawn (name, value) VALUES ('salt', $1) ON CONFLICT (name) DO NOTHING")
            .bind(drawn)
            .execute(&self.pool)
            .await?;
        self.read_salt().await
    }

    async fn read_salt(&self) -> Result<String, sqlx::Error> {
        sqlx::query("SELECT value FROM drawn WHERE name = 'salt'").fetch_one(&self.pool).await?.try_get(0)
    }

    fn failed(&self, error: &sqlx::Error) -> LedgerError {
        LedgerError::Query { location: self.location.clone(), why: words(error) }
    }
}

async fn try_out(address: &AnyConnectOptions, sqlite: bool) -> Result<(), sqlx::Error> {
    let mut connection = AnyConnection::connect_with(address).await?;
    if sqlite {
        connection.execute(SQLITE).await?;
    }
    connection.close().await
}

fn unopened(location: &Location, why: String) -> LedgerError {
    let remedy = if location.is_postgres() {
        "start Postgres, or correct DATABASE_URL; without DATABASE_URL the ledger is a file in TIERFALL_DATA_DIR"
    } else if why.contains("not a database") || why.contains("malformed") {
        "move it away, and the next start makes a new one"
    } else {
        "see to it that the file can be written, or let DATABASE_URL name another"
    };
    LedgerError::Open { location: location.to_string(), why, remedy }
}

/// A count as the database holds it.
fn count(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// A count as the database held it.
fn counted<T: TryFrom<i64> + Default>(number: i64) -> T {
    T::try_from(number).unwrap_or_default()
}
