//! The embedded engine: a worker of this same binary behind a Unix socket.

use super::{Hosting, Profile};
use crate::failure::{Cause, quote};
use crate::refusal::Refusal;

pub(super) const PROFILE: Profile = Profile {
    name: "local",
    hosting: Hosting::SelfHosted,
    base_url: None,
    request_window: None,
    token_window: None,
    cause,
};

/// A worker that cannot answer yet says why in its 503, in the log's own words: `loading 43 %`.
fn cause(refusal: &Refusal<'_>) -> Option<Cause> {
    let said = refusal.said.as_ref().filter(|_| refusal.is(503))?;
    Some(Cause::Unavailable(quote(&said.message)))
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
}
