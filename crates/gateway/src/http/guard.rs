//! The one guard in front of everything that listens. A browser sends what any page asks for to any address that it can
//! reach, this machine's own among them: so pages of other origins and names that lead here by another's doing (DNS
//! rebinding) are refused, and so are the media types that a page may send without asking first.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::App;
use super::body;
use super::caller::request_id;
use super::error::Error;
use crate::settings::AllowedOrigins;

const FORWARDED_HOST: &str = "x-forwarded-host";
const FETCH_SITE: &str = "sec-fetch-site";
const FETCH_MODE: &str = "sec-fetch-mode";
/// Chromium asks so before a page of a public address reaches a private one (WICG, Private Network Access).
const ASKS_FOR_PRIVATE_NETWORK: &str = "access-control-request-private-network";
const ALLOWS_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");
/// What a page may read of an answer's head.
const EXPOSED: &str = "x-request-id, x-tierfall-tier, x-tierfall-model, x-tierfall-attempts, retry-after";
const METHODS: &str = "GET, POST, PUT, DELETE";
/// For so many seconds a browser need not ask again.
const ASKED_FOR: &str = "600";

/// What the guard goes by.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) app: App,
    /// Whether this machine alone can reach the address that is listened on.
    pub(super) loopback: bool,
}

/// Lets a request in, answers a preflight, or refuses.
pub(super) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let tiers = guard.app.gateway.tiers();
    let origins = Arc::clone(&tiers.allowed_origins);
    let any_host = !guard.loopback || !tiers.keys.open();
    drop(tiers);
    let (parts, body) = request.into_parts();
    let origin = parts.headers.get(header::ORIGIN).cloned();
    let verdict = judge(&parts, &origins, any_host);
    let mut response = match verdict {
        Ok(Verdict::Preflight) => preflight(&parts.headers),
        Ok(Verdict::Own | Verdict::Allowed) => next.run(Request::from_parts(parts, body)).await,
        Err(ref refusal) => {
            body::discard(body, parts.headers.contains_key(header::EXPECT)).await;
            refusal.error().of(request_id(&parts.headers)).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !origins.is_empty() {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let (Ok(Verdict::Allowed | Verdict::Preflight), Some(origin)) = (verdict, origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
    response
}

/// How a request is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// From no page, or from one of our own.
    Own,
    /// From a page of an origin that the user allowed.
    Allowed,
    /// The question that a browser asks before it sends such a page's request.
    Preflight,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Host,
    Origin,
    MediaType,
}

impl Refusal {
    fn error(self) -> Error {
        match self {
            Self::Host => Error::foreign_host(),
            Self::Origin => Error::foreign_origin(),
            Self::MediaType => Error::wrong_media_type(),
        }
    }
}

fn judge(parts: &Parts, origins: &AllowedOrigins, any_host: bool) -> Result<Verdict, Refusal> {
    let Parts { method, headers, .. } = parts;
    if !any_host && !is_local(headers) {
        return Err(Refusal::Host);
    }
    let asks = ["/v1", "/api"].iter().any(|root| is_under(parts.uri.path(), root));
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let foreign = is_foreign(headers) || (asks && is_embedded_elsewhere(headers));
    let allowed = foreign && headers.get(header::ORIGIN).is_some_and(|origin| origins.hold(origin));
    // What is only shown may be read by a page of an opaque origin: generated pages have such a one, and load their parts.
    if foreign && !allowed && (asks || !reads) {
        return Err(Refusal::Origin);
    }
    if allowed && *method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return Ok(Verdict::Preflight);
    }
    if asks && !reads && !is_json(headers) {
        return Err(Refusal::MediaType);
    }
    Ok(if allowed { Verdict::Allowed } else { Verdict::Own })
}

fn preflight(asked: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(ASKED_FOR));
    // SDKs send headers of their own by the dozen; none of them does more than a caller without a browser can.
    if let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    if asked.contains_key(ASKS_FOR_PRIVATE_NETWORK) {
        headers.insert(ALLOWS_PRIVATE_NETWORK, HeaderValue::from_static("true"));
    }
    response
}

/// Whether `path` is `root` or stands below it, with the slashes that a client writes too many.
fn is_under(path: &str, root: &str) -> bool {
    let path = path.trim_start_matches('/');
    path.strip_prefix(&root[1..]).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else { return false };
    let own = text(headers, header::HOST.as_str());
    let origin = origin.to_str().ok().and_then(|origin| {
        let (scheme, authority) = origin.split_once("://")?;
        matches!(scheme, "http" | "https").then_some(authority)
    });
    // What a server in front of this one was called by. A page cannot say it: its browser would ask first, and be refused.
    let forwarded = text(headers, FORWARDED_HOST);
    let is_own = |origin: &str| own.into_iter().chain(forwarded).any(|own| origin.eq_ignore_ascii_case(own));
    origins.next().is_some() || own.is_none() || !origin.is_some_and(is_own)
}

/// Whether a page of another origin loads this as a picture, a script or the like, for which browsers send no `Origin`.
fn is_embedded_elsewhere(headers: &HeaderMap) -> bool {
    let elsewhere = matches!(text(headers, FETCH_SITE), Some("cross-site" | "same-site"));
    elsewhere && !matches!(text(headers, FETCH_MODE), Some("navigate" | "cors"))
}

fn is_local(headers: &HeaderMap) -> bool {
    let Some(authority) = text(headers, header::HOST.as_str()).and_then(|host| host.parse::<Authority>().ok()) else {
        return false;
    };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

/// Whether the body is said to be JSON, or nothing is said of it. A page can send other types without being asked first; a
/// program that says a form's type by default (curl's `-d`) sends none of what a browser adds to every request.
fn is_json(headers: &HeaderMap) -> bool {
    if !headers.contains_key(header::CONTENT_TYPE) {
        return true;
    }
    let media_type = text(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let from_a_browser = headers.contains_key(header::ORIGIN) || headers.contains_key(FETCH_SITE);
    let curls_default = essence == "application/x-www-form-urlencoded" && !from_a_browser;
    curls_default
        || essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(
        method: Method,
        path: &str,
        pairs: &[(&'static str, &str)],
        allowed: &[&str],
    ) -> Result<Verdict, Refusal> {
        let mut request = http::Request::builder().method(method).uri(path);
        for (name, value) in pairs {
            request = request.header(*name, *value);
        }
        let allowed = AllowedOrigins::new(allowed.iter().copied()).expect("origins");
        judge(&request.body(()).expect("a request").into_parts().0, &allowed, false)
    }

    const HOST: (&str, &str) = ("host", "127.0.0.1:7860");

    #[test]
    fn the_own_origin_and_who_has_none_may_call() {
        let of = |origin: &str, path| judged(Method::POST, path, &[HOST, ("origin", origin)], &[]);
        for path in ["/v1/chat/completions", "/api/ask", "//v1/chat/completions", "/health"] {
            for own in ["http://127.0.0.1:7860", "https://127.0.0.1:7860"] {
                assert_eq!(of(own, path), Ok(Verdict::Own), "{own} {path}");
            }
            for origin in ["null", "http://127.0.0.1:7861", "http://127.0.0.1", "http://evil.example", "file://", ""] {
                assert_eq!(of(origin, path), Err(Refusal::Origin), "{origin} {path}");
            }
            assert_eq!(judged(Method::POST, path, &[HOST], &[]), Ok(Verdict::Own));
        }
        let two = [HOST, ("origin", "http://127.0.0.1:7860"), ("origin", "null")];
        assert_eq!(judged(Method::GET, "/v1/models", &two, &[]), Err(Refusal::Origin));
    }

    #[test]
    fn what_is_only_shown_may_be_loaded_by_a_generated_page() {
        assert_eq!(judged(Method::GET, "/p/shop/", &[HOST, ("origin", "null")], &[]), Ok(Verdict::Own));
        assert_eq!(judged(Method::POST, "/p/shop/", &[HOST, ("origin", "null")], &[]), Err(Refusal::Origin));
    }

    #[test]
    fn a_picture_of_another_page_is_no_way_in() {
        let of = |site, mode| judged(Method::GET, "/v1/models", &[HOST, (FETCH_SITE, site), (FETCH_MODE, mode)], &[]);
        assert_eq!(
            (of("cross-site", "no-cors"), of("same-site", "no-cors")),
            (Err(Refusal::Origin), Err(Refusal::Origin))
        );
        assert_eq!((of("none", "navigate"), of("same-origin", "no-cors")), (Ok(Verdict::Own), Ok(Verdict::Own)));
    }

    #[test]
    fn only_a_name_that_is_this_machines_own_is_local() {
        for host in ["localhost:7860", "LOCALHOST", "127.0.0.1", "192.168.1.7:7860", "[::1]:7860"] {
            assert_eq!(judged(Method::GET, "/", &[("host", host)], &[]), Ok(Verdict::Own), "{host}");
        }
        for host in ["rebound.example:7860", "127.0.0.1.example", ""] {
            assert_eq!(judged(Method::GET, "/", &[("host", host)], &[]), Err(Refusal::Host), "{host}");
        }
        assert_eq!(judged(Method::GET, "/", &[], &[]), Err(Refusal::Host));
    }

    #[test]
    fn a_body_is_json_or_says_nothing_of_itself() {
        let of = |media_type| judged(Method::POST, "/v1/completions", &[HOST, ("content-type", media_type)], &[]);
        for json in ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"] {
            assert_eq!(of(json), Ok(Verdict::Own), "{json}");
        }
        for other in ["text/plain", "text/plain;application/json", "multipart/form-data", ""] {
            assert_eq!(of(other), Err(Refusal::MediaType), "{other}");
        }
        let form = ("content-type", "application/x-www-form-urlencoded");
        let by_a_page = [HOST, form, ("origin", "http://127.0.0.1:7860")];
        assert_eq!(judged(Method::POST, "/v1/completions", &by_a_page, &[]), Err(Refusal::MediaType));
        assert_eq!(judged(Method::POST, "/v1/completions", &[HOST, form], &[]), Ok(Verdict::Own), "curl's own default");
    }

    #[test]
    fn an_allowed_origin_may_ask_first_and_then_call() {
        let page = ("origin", "http://localhost:3000");
        let asks = [HOST, page, ("access-control-request-method", "POST")];
        let call = [HOST, page, ("content-type", "application/json")];
        for allowed in ["http://localhost:3000", "*"] {
            assert_eq!(judged(Method::OPTIONS, "/v1/models", &asks, &[allowed]), Ok(Verdict::Preflight));
            assert_eq!(judged(Method::POST, "/v1/completions", &call, &[allowed]), Ok(Verdict::Allowed));
        }
        for others in [&[][..], &["http://localhost:3001"], &["https://localhost:3000"]] {
            assert_eq!(judged(Method::OPTIONS, "/v1/models", &asks, others), Err(Refusal::Origin));
            assert_eq!(judged(Method::POST, "/v1/completions", &call, others), Err(Refusal::Origin));
        }
    }
}
