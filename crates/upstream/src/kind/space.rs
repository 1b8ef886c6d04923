//! Any OpenAI-compatible server of the user's own: a Hugging Face Space, llama.cpp's server, vLLM, Ollama.
//!
//! A Space without traffic is put to sleep, and the first call wakes it; until it runs, Hugging Face's proxy answers in its
//! stead with a page: <https://huggingface.co/docs/hub/en/spaces-gpus#sleep-time>.

use crate::failure::Cause;
use crate::refusal::Refusal;

/// What a Space's placeholder page says while there is nothing behind it yet.
const NOT_YET: [&str; 6] = ["sleeping", "building", "starting", "preparing", "waking", "loading"];

/// A page with 503, a page of any success that says so, `estimated_time`, or llama.cpp's "Loading model": it is coming up.
/// A Space that its owner paused, or that ended in an error, does not come up by being asked.
pub(super) fn cause(refusal: &Refusal<'_>) -> Option<Cause> {
    if refusal.says_any(&["space is paused", "space has been paused"]) {
        return Some(Cause::Unavailable("the Space is paused".into()));
    }
    if refusal.says("space is in error") {
        return Some(Cause::Unavailable("the Space is in error".into()));
    }
    let estimated = refusal.estimated_time();
    let page = refusal.html() && (refusal.is(503) || (refusal.is_success() && refusal.says_any(&NOT_YET)));
    let loading = refusal.is(503) && (estimated.is_some() || refusal.says_any(&["loading model", "currently loading"]));
    (page || loading).then_some(Cause::Waking { estimated })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_in_place_of_the_space_means_that_it_is_coming_up() {
        let waking = Some(Cause::Waking { estimated: None });
        let read = |status, body: &str| cause(&Refusal::new(Some(status), body.as_bytes()));
        assert_eq!(read(503, "<!DOCTYPE html><html><body>Service unavailable</body></html>"), waking);
        assert_eq!(read(200, "<html><title>Your Space is building</title></html>"), waking);
        assert_eq!(read(503, r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#), waking);
        assert_eq!(read(503, r#"{"error":{"message":"no slot available"}}"#), None);
        assert_eq!(read(200, "<html><title>My blog</title></html>"), None);
    }

    #[test]
    fn a_paused_space_does_not_count_as_waking() {
        let cause = cause(&Refusal::new(Some(503), b"<html>This Space is paused by its owner.</html>"));
        assert_eq!(cause, Some(Cause::Unavailable("the Space is paused".into())));
    }
}
