//! `OpenRouter`, and whoever speaks as it does.
//!
//! Error codes: <https://openrouter.ai/docs/api-reference/errors>.

use crate::failure::Cause;
use crate::refusal::Refusal;

/// OpenRouter answers 403 with the word "moderation" where the prompt was flagged: <https://openrouter.ai/docs/api-reference/errors>.
pub(super) fn cause(refusal: &Refusal<'_>) -> Option<Cause> {
    (refusal.is(403) && refusal.says_any(&["moderation", "flagged"])).then_some(Cause::ContentFilter)
}
