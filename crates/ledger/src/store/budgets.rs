//! What is spent of each tier's quotas, and when that was written down.

use std::collections::HashMap;
use std::time::Duration;

use cascade::{Counted, Span, Spent};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use crate::clock::Clock;
use crate::error::LedgerError;

use super::decisions::DAY_MS;
use super::transaction::Transaction;
use super::{Store, count, counted};

/// After so long nothing of a day's quota counts any longer, in milliseconds; twice, for clocks that are set.
const KEPT_MS: i64 = 2 * DAY_MS;

/// One quota as it is stored. `amounts` holds how much was spent, and for how many milliseconds more it counts.
#[derive(Serialize, Deserialize)]
struct QuotaRow {
    counted: String,
    span: String,
    learned: Option<u32>,
    amounts: Vec<(u32, u64)>,
}

impl Store {
    /// Writes down what is spent of each account at `clock`, all or nothing.
    ///
    /// # Errors
    /// The database does not take it.
    pub async fn keep(&self, accounts: &[(String, Vec<Spent>)], clock: &Clock) -> Result<(), LedgerError> {
        if accounts.is_empty() {
            return Ok(());
        }
        let written = async {
            let mut transaction = Transaction::begin(&self.pool).await?;
            for (account, spent) in accounts {
                upsert(&mut transaction, account, spent, clock).await?;
            }
            transaction.commit().await
        };
        written.await.map_err(|error| self.failed(&error))
    }

    /// What is spent of each account at `clock`: what was written down, less the time that has passed since.
    ///
    /// # Errors
    /// The database does not tell.
    pub async fn spent(&self, clock: &Clock) -> Result<HashMap<String, Vec<Spent>>, LedgerError> {
        let rows = sqlx::query("SELECT account, written, boot, uptime, spent FROM budget").fetch_all(&self.pool).await;
        let read = |row: &AnyRow| Ok::<_, sqlx::Error>((row.try_get("account")?, account(row, clock)?));
        let accounts = rows.and_then(|rows| rows.iter().map(read).collect());
        accounts.map_err(|error| self.failed(&error))
    }
}

async fn upsert(
    connection: &mut AnyConnection,
    account: &str,
    spent: &[Spent],
    clock: &Clock,
) -> Result<(), sqlx::Error> {
    let spent: Vec<_> = spent.iter().map(QuotaRow::from).collect();
    sqlx::query(
        "INSERT INTO budget (account, written, boot, uptime, spent) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (account) DO UPDATE SET written = excluded.written, boot = excluded.boot, \
         uptime = excluded.uptime, spent = excluded.spent",
    )
    .bind(account)
    .bind(count(clock.wall.as_millis()))
    .bind(&clock.boot)
    .bind(count(clock.uptime.as_millis()))
    .bind(serde_json::to_string(&spent).expect("numbers and strings serialize"))
    .execute(connection)
    .await?;
    Ok(())
}

fn account(row: &AnyRow, clock: &Clock) -> Result<Vec<Spent>, sqlx::Error> {
    let millis = |column: &str| Ok::<_, sqlx::Error>(Duration::from_millis(counted(row.try_get::<i64, _>(column)?)));
    let written = Clock { wall: millis("written")?, boot: row.try_get("boot")?, uptime: millis("uptime")? };
    let elapsed = clock.since(&written);
    let spent: String = row.try_get("spent")?;
    let rows: Vec<QuotaRow> = serde_json::from_str(&spent).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(rows.into_iter().filter_map(QuotaRow::read).filter_map(|spent| spent.after(elapsed)).collect())
}

/// Forgets the accounts of tiers that are asked no longer, at `now` in milliseconds.
pub(super) async fn prune(connection: &mut AnyConnection, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM budget WHERE written < $1").bind(now - KEPT_MS).execute(connection).await?;
    Ok(())
}

impl From<&Spent> for QuotaRow {
    fn from(spent: &Spent) -> Self {
        let counted = match spent.counted {
            Counted::Requests => "requests",
            Counted::Tokens => "tokens",
            Counted::GpuSeconds => "gpu_seconds",
        };
        let span = match spent.span {
            Span::Minute => "minute",
            Span::Day => "day",
        };
        // Rounded up: nothing is free before its time.
        let millis =
            |counts_for: Duration| u64::try_from(counts_for.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        let amounts = spent.amounts.iter().map(|&(amount, counts_for)| (amount, millis(counts_for))).collect();
        Self { counted: counted.to_owned(), span: span.to_owned(), learned: spent.learned, amounts }
    }
}

impl QuotaRow {
    /// `None` for a quota that this version does not know.
    fn read(self) -> Option<Spent> {
        let counted = match self.counted.as_str() {
            "requests" => Counted::Requests,
            "tokens" => Counted::Tokens,
            "gpu_seconds" => Counted::GpuSeconds,
            _ => return None,
        };
        let span = match self.span.as_str() {
            "minute" => Span::Minute,
            "day" => Span::Day,
            _ => return None,
        };
        let amounts = self.amounts.into_iter().map(|(amount, ms)| (amount, Duration::from_millis(ms))).collect();
        Some(Spent { counted, span, learned: self.learned, amounts })
    }
}
