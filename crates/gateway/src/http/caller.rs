//! Who calls: the key, the request's id, and how long they will wait.

use std::time::Duration;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderName, header};
use uuid::Uuid;

use super::App;
use super::error::Error;
use crate::answer::REQUEST_ID;

const DEADLINE_MS: HeaderName = HeaderName::from_static("x-tierfall-deadline-ms");
/// Sent by OpenAI's Python and TypeScript SDKs: their read timeout, in seconds.
const READ_TIMEOUT: [HeaderName; 2] =
    [HeaderName::from_static("x-stainless-read-timeout"), HeaderName::from_static("x-stainless-timeout")];
const LONGEST_ID: usize = 128;

/// A caller who may call.
pub(super) struct Caller {
    pub(super) request_id: String,
    pub(super) patience: Patience,
    /// Whether they wait to be told to send the body (RFC 9110, 10.1.1).
    pub(super) waits: bool,
}

impl FromRequestParts<App> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let headers = &parts.headers;
        admit(app, headers)?;
        let waits = headers.contains_key(header::EXPECT);
        Ok(Self { request_id: request_id(headers), patience: Patience::of_headers(headers), waits })
    }
}

/// Checks the key that `headers` hold.
pub(super) fn admit(app: &App, headers: &HeaderMap) -> Result<(), Error> {
    let tiers = app.gateway.tiers();
    let sent = key(headers);
    if tiers.keys.open() || sent.is_some_and(|sent| tiers.keys.hold(sent)) {
        return Ok(());
    }
    Err(Error::wrong_key(sent.is_some()).of(request_id(headers)))
}

fn key(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

/// The caller's own, where it can be repeated in a header and a log line as it is.
pub(super) fn request_id(headers: &HeaderMap) -> String {
    let own = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let fits = |id: &&str| !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(|byte| byte.is_ascii_graphic());
    own.filter(fits).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// How long a caller waits, as far as their headers say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Patience {
    /// For the whole answer, by our own header.
    deadline: Option<Duration>,
    /// An SDK's read timeout: between two reads, and so for the whole of an answer that comes at once.
    read: Option<Duration>,
}

impl Patience {
    fn of_headers(headers: &HeaderMap) -> Self {
        let text = |name: &HeaderName| headers.get(name)?.to_str().ok();
        let some = |time: &Duration| !time.is_zero();
        let deadline = text(&DEADLINE_MS).and_then(|ms| ms.trim().parse().ok()).map(Duration::from_millis);
        let seconds: Option<f64> = READ_TIMEOUT.iter().find_map(|name| text(name)?.trim().parse().ok());
        let read = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Self { deadline: deadline.filter(some), read: read.filter(some) }
    }

    /// The deadline of an answer, and the longest silence within it. A silence before a stream's first token is broken by our
    /// own comments, and the head goes out before the caller's patience ends.
    pub(super) fn of(self, streamed: bool) -> (Option<Duration>, Option<Duration>) {
        match (streamed, self.read) {
            (false, Some(read)) => (Some(self.deadline.map_or(read, |own| own.min(read))), None),
            (true, read) => (self.deadline, read),
            (false, None) => (self.deadline, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|&(name, value)| (HeaderName::from_static(name), value.parse().expect("a value"))).collect()
    }

    #[test]
    fn an_sdks_read_timeout_bounds_a_whole_answer_and_a_streams_silence() {
        let of = |pairs: &[(&'static str, &'static str)], streamed| {
            let (deadline, silence) = Patience::of_headers(&headers(pairs)).of(streamed);
            (deadline.map(|time| time.as_millis()), silence.map(|time| time.as_millis()))
        };
        let sdk = ("x-stainless-read-timeout", "2.5");
        let own = ("x-tierfall-deadline-ms", "1500");
        assert_eq!((of(&[own], false), of(&[own], true)), ((Some(1_500), None), (Some(1_500), None)));
        assert_eq!((of(&[sdk], false), of(&[sdk], true)), ((Some(2_500), None), (None, Some(2_500))));
        assert_eq!((of(&[sdk, own], false), of(&[sdk, own], true)), ((Some(1_500), None), (Some(1_500), Some(2_500))));
        assert_eq!(of(&[("x-stainless-timeout", "600")], false), (Some(600_000), None));
    }

    #[test]
    fn a_time_that_is_none_is_passed_over() {
        for nonsense in ["", "soon", "-1", "0", "NaN", "1e999"] {
            for name in ["x-tierfall-deadline-ms", "x-stainless-read-timeout"] {
                assert_eq!(Patience::of_headers(&headers(&[(name, nonsense)])), Patience::default(), "{nonsense}");
            }
        }
    }

    #[test]
    fn a_request_id_is_kept_where_it_is_safe_to_repeat() {
        assert_eq!(request_id(&headers(&[("x-request-id", "abc-123")])), "abc-123");
        for unsafe_id in ["", "two words", "tab\there"] {
            let id = request_id(&headers(&[("x-request-id", unsafe_id)]));
            assert!(Uuid::parse_str(&id).is_ok(), "{unsafe_id:?} became {id}");
        }
    }
}
