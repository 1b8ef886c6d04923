//! The headers that every answer carries.

use std::fmt::Write as _;

use axum::response::Response;
use cascade::Outcome;
use http::{HeaderName, HeaderValue};

use crate::drive::Drive;
use crate::observer::{InPlace, Reason};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TIER: HeaderName = HeaderName::from_static("x-tierfall-tier");
const IGNORED: HeaderName = HeaderName::from_static("x-tierfall-ignored");
const NOTE: HeaderName = HeaderName::from_static("x-tierfall-note");
const ATTEMPTS: HeaderName = HeaderName::from_static("x-tierfall-attempts");

/// Adds the request's id and its attempts so far.
pub(super) fn add(response: &mut Response, drive: &Drive) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&drive.order().id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Ok(attempts) = HeaderValue::from_str(&attempts(drive)) {
        headers.insert(ATTEMPTS, attempts);
    }
}

/// Adds the number of the tier that answers, what was mended for it, and what it was not told.
pub(super) fn add_tier(response: &mut Response, drive: &Drive) {
    let Some(attempt) = drive.decision().answering() else { return };
    let index = drive.decision().attempts.iter().position(|other| std::ptr::eq(other, attempt));
    let replaced = index.and_then(|index| drive.replaced_in(index));
    let note = replaced.map(|(gone, model)| InPlace { gone, model }.to_string());
    if let Some(note) = note.and_then(|note| HeaderValue::try_from(note).ok()) {
        response.headers_mut().insert(NOTE, note);
    }
    response.headers_mut().insert(TIER, attempt.tier.number().into());
    let ignored = drive.ignored_by(attempt.tier).join(",");
    if let Some(ignored) = HeaderValue::from_str(&ignored).ok().filter(|ignored| !ignored.is_empty()) {
        response.headers_mut().insert(IGNORED, ignored);
    }
}

/// `1=timeout@5000ms,2=ok@812ms`
fn attempts(drive: &Drive) -> String {
    let mut list = String::new();
    for (index, attempt) in drive.decision().attempts.iter().enumerate() {
        let code = match (drive.reason(index), attempt.ended) {
            (Some(reason), _) => reason.code(),
            (None, Some((_, Outcome::Answered))) => "ok".to_owned(),
            (None, _) if attempt.first_token.is_some() => "ok".to_owned(),
            (None, _) => "trying".to_owned(),
        };
        let comma = if list.is_empty() { "" } else { "," };
        let _ = write!(list, "{comma}{}={code}@{}ms", attempt.tier.number(), took_ms(drive, index));
    }
    list
}

/// How long an attempt took; where it reached a limit, as long as that limit is.
pub(super) fn took_ms(drive: &Drive, index: usize) -> u128 {
    let limit = drive.reason(index).and_then(Reason::limit);
    limit.unwrap_or_else(|| drive.decision().attempts[index].took(drive.now())).as_millis()
}
