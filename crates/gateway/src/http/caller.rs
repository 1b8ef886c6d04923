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
    pub(super) deadline: Option<Duration>,
    /// Whether they wait to be told to send the body (RFC 9110, 10.1.1).
    pub(super) waits: bool,
}

impl FromRequestParts<App> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let headers = &parts.headers;
        admit(app, headers)?;
        let waits = headers.contains_key(header::EXPECT);
        Ok(Self { request_id: request_id(headers), deadline: deadline(headers), waits })
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

fn deadline(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &HeaderName| headers.get(name)?.to_str().ok();
    let own = text(&DEADLINE_MS).and_then(|ms| ms.trim().parse().ok()).map(Duration::from_millis);
    let sdk = || {
        let seconds: f64 = READ_TIMEOUT.iter().find_map(|name| text(name)?.trim().parse().ok())?;
        Duration::try_from_secs_f64(seconds).ok()
    };
    own.or_else(sdk).filter(|deadline| !deadline.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|&(name, value)| (HeaderName::from_static(name), value.parse().expect("a value"))).collect()
    }

    #[test]
    fn a_callers_deadline_is_in_milliseconds_and_an_sdks_in_seconds() {
        assert_eq!(deadline(&headers(&[("x-tierfall-deadline-ms", "1500")])), Some(Duration::from_millis(1500)));
        assert_eq!(deadline(&headers(&[("x-stainless-read-timeout", "2.5")])), Some(Duration::from_millis(2500)));
        assert_eq!(deadline(&headers(&[("x-stainless-timeout", "600")])), Some(Duration::from_secs(600)));
        let both = [("x-stainless-read-timeout", "600"), ("x-tierfall-deadline-ms", "1500")];
        assert_eq!(deadline(&headers(&both)), Some(Duration::from_millis(1500)));
    }

    #[test]
    fn a_deadline_that_is_no_time_is_none() {
        for nonsense in ["", "soon", "-1", "0", "NaN", "1e999"] {
            assert_eq!(deadline(&headers(&[("x-tierfall-deadline-ms", nonsense)])), None, "{nonsense}");
            assert_eq!(deadline(&headers(&[("x-stainless-read-timeout", nonsense)])), None, "{nonsense}");
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
