//! Groq's cloud.
//!
//! Error codes: <https://console.groq.com/docs/errors>; rate limits and their headers:
//! <https://console.groq.com/docs/rate-limits>.

use crate::failure::{Cause, quote};
use crate::refusal::Refusal;

/// 413 with `rate_limit_exceeded` ("Request too large … Limit 6000, Requested 7012") is no rate: this one request with its
/// `max_tokens` is over the tokens of a whole minute, and asking again never helps. 498 is the flex tier out of capacity. A
/// member that it does not know, such as the engine's `grammar`, is a 400 that names it: another tier may know it.
pub(super) fn cause(refusal: &Refusal<'_>) -> Option<Cause> {
    if refusal.is(413) && (refusal.code_in(&["rate_limit_exceeded"]) || refusal.says("request too large")) {
        return Some(refusal.too_long());
    }
    let said = refusal.said.as_ref().map_or("", |said| &said.message);
    if refusal.is(400) && said.starts_with("property '") && said.contains("' is unsupported") {
        return Some(Cause::Unsupported(quote(said)));
    }
    refusal.is(498).then_some(Cause::Overloaded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_groq_does_not_know_is_unsupported_and_one_of_a_message_the_callers_fault() {
        let of = |message: &str| {
            let body = format!(r#"{{"error":{{"message":"{message}","type":"invalid_request_error"}}}}"#);
            cause(&Refusal::new(Some(400), body.as_bytes()))
        };
        let unknown = "property 'grammar' is unsupported";
        assert_eq!(of(unknown), Some(Cause::Unsupported(unknown.to_owned())));
        assert_eq!(
            of(
                "'messages.0' : for 'role:system' the following must be satisfied[('messages.0' : property 'id' is unsupported)]"
            ),
            None
        );
    }

    #[test]
    fn a_request_over_the_minutes_tokens_is_too_long_and_not_a_rate() {
        let body = br#"{"error":{"message":"Request too large for model `llama-3.1-8b-instant` in organization `org_1` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 17012, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}"#;
        assert_eq!(
            cause(&Refusal::new(Some(413), body)),
            Some(Cause::ContextTooLong { asked: Some(17_012), fits: Some(6_000) })
        );
    }
}
