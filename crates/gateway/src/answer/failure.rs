//! The error body of a request that no tier could answer.

use std::time::Duration;

use bytes::Bytes;
use cascade::Skip;
use serde::Serialize;

use crate::drive::Drive;

use super::headers::took_ms;

#[derive(Serialize)]
struct Body<'a> {
    error: Failure<'a>,
}

#[derive(Serialize)]
struct Failure<'a> {
    message: &'static str,
    r#type: &'static str,
    code: &'static str,
    attempts: Vec<Attempt<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped: Vec<Skipped<'a>>,
}

#[derive(Serialize)]
struct Attempt<'a> {
    tier: u32,
    name: &'a str,
    reason: String,
    status: Option<u16>,
    ms: u128,
}

#[derive(Serialize)]
struct Skipped<'a> {
    tier: u32,
    name: &'a str,
    reason: String,
}

/// Every attempt with its reason, and every tier that was not asked.
pub(super) fn body(drive: &Drive) -> Bytes {
    let decision = drive.decision();
    let attempts = decision.attempts.iter().enumerate().map(|(index, attempt)| Attempt {
        tier: attempt.tier.number(),
        name: drive.tier_name(attempt.tier),
        reason: drive.reason(index).map(crate::Reason::bare).unwrap_or_default(),
        status: drive.reason(index).and_then(crate::Reason::status),
        ms: took_ms(drive, index),
    });
    let skipped = decision.skipped.iter().map(|&(tier, why)| Skipped {
        tier: tier.number(),
        name: drive.tier_name(tier),
        reason: drive.skip_reason(tier, why),
    });
    let error = Failure {
        message: "All LLM tiers failed",
        r#type: "all_tiers_failed",
        code: "all_tiers_failed",
        attempts: attempts.collect(),
        skipped: skipped.collect(),
    };
    serde_json::to_vec(&Body { error }).expect("numbers and strings serialize").into()
}

/// In how many seconds it is worth asking again, where no tier was asked at all: as soon as any has named.
pub(super) fn retry_after(drive: &Drive) -> Option<u64> {
    let decision = drive.decision();
    if !decision.attempts.is_empty() {
        return None;
    }
    let wait = |why: Skip| match (why.until(), why) {
        (Some(until), _) => Some(until.since(drive.now())),
        (None, Skip::Busy { .. } | Skip::Full { .. }) => Some(Duration::ZERO),
        (None, _) => None,
    };
    let soonest = decision.skipped.iter().filter_map(|&(_, why)| wait(why)).min()?;
    Some(u64::try_from(soonest.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX).max(1))
}
