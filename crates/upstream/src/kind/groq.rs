//! Groq's cloud.
//!
//! Error codes: <https://console.groq.com/docs/errors>; rate limits and their headers:
//! <https://console.groq.com/docs/rate-limits>.

use super::{Hosting, Profile};
use crate::failure::Cause;
use crate::quota::Window;
use crate::refusal::Refusal;

/// Groq's `…-requests` headers are about the day, its `…-tokens` about the minute (its page on rate limits).
pub(super) const PROFILE: Profile = Profile {
    name: "groq",
    hosting: Hosting::Cloud,
    base_url: Some("https://api.groq.com/openai/v1"),
    request_window: Some(Window::Day),
    token_window: Some(Window::Minute),
    cause,
};

/// 413 with `rate_limit_exceeded` ("Request too large … Limit 6000, Requested 7012") is no rate: this one request with its
/// `max_tokens` is over the tokens of a whole minute, and asking again never helps. 498 is the flex tier out of capacity.
fn cause(refusal: &Refusal<'_>) -> Option<Cause> {
    if refusal.is(413) && (refusal.code_in(&["rate_limit_exceeded"]) || refusal.says("request too large")) {
        return Some(refusal.too_long());
    }
    refusal.is(498).then_some(Cause::Overloaded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_over_the_minutes_tokens_is_too_long_and_not_a_rate() {
        let body = br#"{"error":{"message":"Request too large for model `llama-3.1-8b-instant` in organization `org_1` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 17012, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}"#;
        assert_eq!(
            cause(&Refusal::new(Some(413), body)),
            Some(Cause::ContextTooLong { asked: Some(17_012), fits: Some(6_000) })
        );
    }
}
