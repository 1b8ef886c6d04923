//! The error body of a request that no tier could answer.

use std::time::Duration;

use bytes::Bytes;
use cascade::Skip;
use serde::Serialize;
use serde::de::IgnoredAny;
use upstream::{Cause, Failure};

use crate::drive::Drive;
use crate::observer::Reason;

use super::headers::took_ms;

#[derive(Serialize)]
struct Body<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    message: &'a str,
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

/// A provider's refusal as its caller gets it: JSON as it came. Anything else, a page of HTML say, is never shown as what it is
/// but as a message of ours: a browser would run it.
pub(super) fn as_json(refusal: &Bytes) -> Bytes {
    if serde_json::from_slice::<IgnoredAny>(refusal).is_ok() {
        return refusal.clone();
    }
    let page = refusal.trim_ascii_start().starts_with(b"<");
    let words = if page { "The provider refused the request".into() } else { String::from_utf8_lossy(refusal) };
    wire::error_body(words.trim(), "invalid_request_error", None, None)
}

/// The request is too long for every tier, in the words by which OpenAI's clients know it.
pub(super) fn too_long(drive: &Drive) -> Bytes {
    let lengths = (0..drive.decision().attempts.len()).filter_map(|attempt| match drive.reason(attempt)? {
        Reason::Failure(Failure { cause: Cause::ContextTooLong { asked, fits }, .. }) => Some((*asked, *fits)),
        _ => None,
    });
    let (asked, fits) = lengths.max_by_key(|&(_, fits)| fits).unwrap_or_default();
    let asked = asked.unwrap_or_else(|| drive.order().request.prompt_tokens());
    let message = match fits {
        Some(fits) => format!(
            "This model's maximum context length is {fits} tokens. However, your messages resulted in {asked} tokens."
        ),
        None => format!("The request exceeds the maximum context length of every tier: about {asked} tokens."),
    };
    body_of(drive, &message, "invalid_request_error", "context_length_exceeded")
}

/// Every tier is at its limit.
pub(super) fn rate_limited(drive: &Drive) -> Bytes {
    body_of(drive, "Rate limit reached on every tier", "rate_limit_error", "rate_limit_exceeded")
}

/// The process ends before the answer does.
pub(super) fn stopped() -> Bytes {
    wire::error_body("The server is stopping: send the request again", "server_stopping", Some("server_stopping"), None)
}

/// The error of a request that no tier could answer.
pub(super) fn body(drive: &Drive) -> Bytes {
    body_of(drive, "All LLM tiers failed", "all_tiers_failed", "all_tiers_failed")
}

/// An error with every attempt and its reason, and every tier that was not asked.
fn body_of(drive: &Drive, message: &str, r#type: &'static str, code: &'static str) -> Bytes {
    let decision = drive.decision();
    let attempts = decision.attempts.iter().enumerate().map(|(index, attempt)| Attempt {
        tier: attempt.tier.number(),
        name: drive.tier_name(attempt.tier),
        reason: drive.reason(index).map(Reason::bare).unwrap_or_default(),
        status: drive.reason(index).and_then(Reason::status),
        ms: took_ms(drive, index),
    });
    let skipped = decision.skipped.iter().map(|&(tier, why)| Skipped {
        tier: tier.number(),
        name: drive.tier_name(tier),
        reason: drive.skip_reason(tier, why),
    });
    let error = Error { message, r#type, code, attempts: attempts.collect(), skipped: skipped.collect() };
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
    Some(whole_seconds(soonest))
}

/// A wait as `Retry-After` holds it: at least a second.
pub(super) fn whole_seconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX).max(1)
}
