//! The embedded engine: a worker of this same binary behind a Unix socket.

use crate::failure::{Cause, quote};
use crate::refusal::Refusal;

/// What the engine cannot do, it refuses by name.
const UNSUPPORTED: [&str; 2] = ["unsupported_parameter", "unsupported_value"];

/// A worker that cannot answer yet says why in its 503, in the log's own words: `loading 43 %`. One that cannot do what
/// is asked says so in its 400.
pub(super) fn cause(refusal: &Refusal<'_>) -> Option<Cause> {
    let message = quote(&refusal.said.as_ref()?.message);
    if refusal.is(503) {
        Some(Cause::Unavailable(message))
    } else if refusal.is(400) && refusal.code_in(&UNSUPPORTED) {
        Some(Cause::Unsupported(message))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loading_worker_is_unavailable_in_its_own_words() {
        let body = br#"{"error":{"message":"loading 43 %","type":"unavailable","code":"unavailable"}}"#;
        assert_eq!(cause(&Refusal::new(Some(503), body)), Some(Cause::Unavailable("loading 43 %".into())));
        assert_eq!(cause(&Refusal::new(Some(500), body)), None);
    }

    #[test]
    fn what_the_engine_cannot_do_is_told_from_what_the_caller_did_wrong() {
        let unsupported = br#"{"error":{"message":"'logprobs' is not supported","code":"unsupported_parameter"}}"#;
        let cause_of = |body| cause(&Refusal::new(Some(400), body));
        assert_eq!(cause_of(unsupported), Some(Cause::Unsupported("'logprobs' is not supported".into())));
        assert_eq!(cause_of(br#"{"error":{"message":"'top_p' must be a number","code":"invalid_value"}}"#), None);
    }
}
