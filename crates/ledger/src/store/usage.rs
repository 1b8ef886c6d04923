//! What each tier was asked on each day.

use std::collections::BTreeMap;

use sqlx::AnyConnection;

use crate::row::DecisionRow;

use super::count;
use super::decisions::DAY_MS;

/// Usage is kept so long, in milliseconds: a year, and the month in which it is looked at.
const KEPT_MS: i64 = 396 * DAY_MS;

/// What was asked of one tier's model on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    requests: u64,
    answered: u64,
    prompt_tokens: u64,
    answer_tokens: u64,
}

/// Adds what `decisions` came to.
pub(super) async fn add(connection: &mut AnyConnection, decisions: &[DecisionRow]) -> Result<(), sqlx::Error> {
    for ((day, tier, model), sum) in sums(decisions) {
        sqlx::query(
            "INSERT INTO usage (day, tier, model, requests, answered, prompt_tokens, answer_tokens) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (day, tier, model) DO UPDATE SET \
             requests = usage.requests + excluded.requests, answered = usage.answered + excluded.answered, \
             prompt_tokens = usage.prompt_tokens + excluded.prompt_tokens, \
             answer_tokens = usage.answer_tokens + excluded.answer_tokens",
        )
        .bind(day)
        .bind(i64::from(tier))
        .bind(model)
        .bind(count(sum.requests))
        .bind(count(sum.answered))
        .bind(count(sum.prompt_tokens))
        .bind(count(sum.answer_tokens))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Forgets the days that are older than they are kept, at `now` in milliseconds.
pub(super) async fn prune(connection: &mut AnyConnection, now: i64) -> Result<(), sqlx::Error> {
    let Ok(oldest) = jiff::Timestamp::from_millisecond(now - KEPT_MS) else { return Ok(()) };
    sqlx::query("DELETE FROM usage WHERE day < $1").bind(day(oldest)).execute(connection).await?;
    Ok(())
}

/// By day, tier and model: one statement each, however many requests there were.
fn sums(decisions: &[DecisionRow]) -> BTreeMap<(String, u32, &str), Sum> {
    let mut sums = BTreeMap::<_, Sum>::new();
    for decided in decisions {
        for attempt in &decided.attempts {
            let sum = sums.entry((day(decided.at), attempt.tier, attempt.model.as_str())).or_default();
            sum.requests += 1;
            sum.answer_tokens += u64::from(attempt.tokens);
            if attempt.outcome == "ok" {
                sum.answered += 1;
                sum.prompt_tokens += u64::from(attempt.prompt_tokens.unwrap_or(decided.prompt_tokens));
            } else {
                sum.prompt_tokens += u64::from(attempt.prompt_tokens.unwrap_or_default());
            }
        }
    }
    sums
}

fn day(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
