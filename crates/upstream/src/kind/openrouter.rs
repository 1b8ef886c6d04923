//! Any OpenAI-compatible cloud with a key. OpenAI's own words are the general rules, so that little is left to say here.
//!
//! Error codes: <https://platform.openai.com/docs/guides/error-codes>; rate headers:
//! <https://platform.openai.com/docs/guides/rate-limits>.

use super::{Hosting, Profile};
use crate::failure::Cause;
use crate::quota::Window;
use crate::refusal::Refusal;

pub(super) const PROFILE: Profile = Profile {
    name: "commercial",
    hosting: Hosting::Cloud,
    base_url: None,
    request_window: Some(Window::Minute),
    token_window: Some(Window::Minute),
    cause,
};

/// OpenRouter answers 403 with the word "moderation" where the prompt was flagged: <https://openrouter.ai/docs/api-reference/errors>.
fn cause(refusal: &Refusal<'_>) -> Option<Cause> {
    (refusal.is(403) && refusal.says_any(&["moderation", "flagged"])).then_some(Cause::ContentFilter)
}
