//! Decisions: written in batches, read in the order in which the requests began, and forgotten in time.

use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};
use uuid::Uuid;

use crate::clock::Clock;
use crate::error::LedgerError;
use crate::row::{AttemptRow, DecisionRow, Ending, SkipRow};

use super::transaction::Transaction;
use super::{Store, budgets, count, counted, replacements, usage};

/// Decisions are kept so long, in milliseconds: thirty days …
const KEPT_MS: i64 = 30 * DAY_MS;
/// … and so many of them at most: about 60 MB.
const KEPT: i64 = 100_000;
pub(super) const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What of a decision is no column of its own.
#[derive(Serialize, Deserialize)]
struct Detail {
    attempts: Vec<AttemptRow>,
    skipped: Vec<SkipRow>,
}

impl Store {
    /// Writes `decisions` and what they add to the usage, all or nothing.
    ///
    /// # Errors
    /// The database does not take them.
    pub async fn write(&self, decisions: &[DecisionRow]) -> Result<(), LedgerError> {
        if decisions.is_empty() {
            return Ok(());
        }
        let written = async {
            let mut transaction = Transaction::begin(&self.pool).await?;
            for row in decisions {
                insert(&mut transaction, row).await?;
            }
            usage::add(&mut transaction, decisions).await?;
            transaction.commit().await
        };
        written.await.map_err(|error| self.failed(&error))
    }

    /// The decisions of the requests that began within the last `span`, or of all: the oldest first.
    pub fn read(&self, span: Option<Duration>) -> impl Stream<Item = Result<DecisionRow, LedgerError>> + '_ {
        let now = count(Clock::now().wall.as_millis());
        let since = span.map_or(i64::MIN, |span| now.saturating_sub(count(span.as_millis())));
        let rows = sqlx::query(
            "SELECT began, request, route, streamed, prompt_tokens, answer_tokens, max_tokens, ms, ending, detail \
             FROM decision WHERE began >= $1 ORDER BY began, id",
        )
        .bind(since)
        .fetch(&self.pool);
        rows.map(|row| row.and_then(|row| decision_row(&row)).map_err(|error| self.failed(&error)))
    }

    /// Forgets what is older than it is kept.
    ///
    /// # Errors
    /// The database refuses.
    pub async fn prune(&self) -> Result<(), LedgerError> {
        self.prune_beyond(KEPT).await.map_err(|error| self.failed(&error))
    }

    pub(super) async fn prune_beyond(&self, kept: i64) -> Result<(), sqlx::Error> {
        let now = count(Clock::now().wall.as_millis());
        let mut transaction = Transaction::begin(&self.pool).await?;
        sqlx::query("DELETE FROM decision WHERE began < $1").bind(now - KEPT_MS).execute(&mut *transaction).await?;
        sqlx::query(
            "DELETE FROM decision WHERE began <= (SELECT began FROM decision ORDER BY began DESC LIMIT 1 OFFSET $1)",
        )
        .bind(kept)
        .execute(&mut *transaction)
        .await?;
        usage::prune(&mut transaction, now).await?;
        budgets::prune(&mut transaction, now).await?;
        replacements::prune(&mut transaction, now).await?;
        transaction.commit().await
    }
}

async fn insert(connection: &mut AnyConnection, row: &DecisionRow) -> Result<(), sqlx::Error> {
    let detail = Detail { attempts: row.attempts.clone(), skipped: row.skipped.clone() };
    let detail = serde_json::to_string(&detail).expect("numbers and strings serialize");
    sqlx::query(
        "INSERT INTO decision (id, began, request, route, streamed, prompt_tokens, answer_tokens, max_tokens, ms, \
         ending, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    // A caller may name two requests alike.
    .bind(Uuid::now_v7().to_string())
    .bind(row.at.as_millisecond())
    .bind(&row.request)
    .bind(&row.route)
    .bind(i64::from(row.streamed))
    .bind(i64::from(row.prompt_tokens))
    .bind(i64::from(row.answer_tokens))
    .bind(row.max_tokens.map(i64::from))
    .bind(count(row.ms))
    .bind(row.ending.word())
    .bind(detail)
    .execute(connection)
    .await?;
    Ok(())
}

fn decision_row(row: &AnyRow) -> Result<DecisionRow, sqlx::Error> {
    let decode = |why: &str| sqlx::Error::Decode(why.to_owned().into());
    let number = |column: &str| row.try_get::<i64, _>(column);
    let detail: String = row.try_get("detail")?;
    let Detail { attempts, skipped } =
        serde_json::from_str(&detail).map_err(|_| decode("a decision that is not of this form"))?;
    let ending: String = row.try_get("ending")?;
    Ok(DecisionRow {
        at: Timestamp::from_millisecond(number("began")?).map_err(|_| decode("a time beyond all years"))?,
        request: row.try_get("request")?,
        route: row.try_get("route")?,
        prompt_tokens: counted(number("prompt_tokens")?),
        answer_tokens: counted(number("answer_tokens")?),
        max_tokens: row.try_get::<Option<i64>, _>("max_tokens")?.map(counted),
        streamed: number("streamed")? != 0,
        attempts,
        skipped,
        ending: Ending::read(&ending).ok_or_else(|| decode("an ending that is none"))?,
        ms: counted(number("ms")?),
    })
}
