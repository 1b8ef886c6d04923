//! Which model is asked for in the place of a tier's own, and when that was written down.

use std::collections::HashMap;
use std::time::Duration;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use crate::clock::Clock;
use crate::error::LedgerError;

use super::decisions::DAY_MS;
use super::transaction::Transaction;
use super::{Store, count, counted};

/// A tier that is asked writes its row once a day; one that nobody has asked for so long is forgotten, in milliseconds.
const KEPT_MS: i64 = 30 * DAY_MS;

/// A model in the place of a tier's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredModel {
    /// Its name.
    pub model: String,
    /// How long it is until the tier's own is tried again.
    pub retry_in: Duration,
}

impl Store {
    /// Writes down what stands in the place of each account's own model at `clock`, or that nothing does, all or nothing.
    ///
    /// # Errors
    /// The database does not take it.
    pub async fn keep_models(
        &self,
        accounts: &[(String, Option<StoredModel>)],
        clock: &Clock,
    ) -> Result<(), LedgerError> {
        if accounts.is_empty() {
            return Ok(());
        }
        let written = async {
            let mut transaction = Transaction::begin(&self.pool).await?;
            for (account, stored) in accounts {
                match stored {
                    Some(stored) => upsert(&mut transaction, account, stored, clock).await?,
                    None => delete(&mut transaction, account).await?,
                }
            }
            transaction.commit().await
        };
        written.await.map_err(|error| self.failed(&error))
    }

    /// What stands in the place of each account's own model at `clock`.
    ///
    /// # Errors
    /// The database does not tell.
    pub async fn models(&self, clock: &Clock) -> Result<HashMap<String, StoredModel>, LedgerError> {
        let rows = sqlx::query("SELECT account, written, boot, uptime, model, retry_ms FROM replacement");
        let read = |row: &AnyRow| Ok::<_, sqlx::Error>((row.try_get("account")?, stored(row, clock)?));
        let accounts = rows.fetch_all(&self.pool).await.and_then(|rows| rows.iter().map(read).collect());
        accounts.map_err(|error| self.failed(&error))
    }
}

async fn upsert(
    connection: &mut AnyConnection,
    account: &str,
    stored: &StoredModel,
    clock: &Clock,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO replacement (account, written, boot, uptime, model, retry_ms) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (account) DO UPDATE SET written = excluded.written, boot = excluded.boot, \
         uptime = excluded.uptime, model = excluded.model, retry_ms = excluded.retry_ms",
    )
    .bind(account)
    .bind(count(clock.wall.as_millis()))
    .bind(&clock.boot)
    .bind(count(clock.uptime.as_millis()))
    .bind(&stored.model)
    .bind(count(stored.retry_in.as_millis()))
    .execute(connection)
    .await?;
    Ok(())
}

async fn delete(connection: &mut AnyConnection, account: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM replacement WHERE account = $1").bind(account).execute(connection).await?;
    Ok(())
}

fn stored(row: &AnyRow, clock: &Clock) -> Result<StoredModel, sqlx::Error> {
    let millis = |column: &str| Ok::<_, sqlx::Error>(Duration::from_millis(counted(row.try_get::<i64, _>(column)?)));
    let written = Clock { wall: millis("written")?, boot: row.try_get("boot")?, uptime: millis("uptime")? };
    let retry_in = millis("retry_ms")?.saturating_sub(clock.since(&written));
    Ok(StoredModel { model: row.try_get("model")?, retry_in })
}

/// Forgets the models of tiers that are asked no longer, at `now` in milliseconds.
pub(super) async fn prune(connection: &mut AnyConnection, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM replacement WHERE written < $1").bind(now - KEPT_MS).execute(connection).await?;
    Ok(())
}
