//! Who may call: whoever has a key, comes from the Studio's own origin, and knows the server by a name that is its own.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri, header};

use super::App;
use super::error::Error;
use crate::studio::Hosts;

const FORWARDED_HOST: &str = "x-forwarded-host";

/// Lets in who holds a key, where keys are asked for.
pub(super) async fn key(State(app): State<App>, request: Request, next: Next) -> Response {
    match app.entry.admit(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused,
    }
}

/// Refuses calls that a page of another origin makes, a page of an opaque one (`null`) among them: generated pages have
/// such an origin.
pub(super) async fn origin(request: Request, next: Next) -> Response {
    if is_foreign(request.headers()) {
        let message = "Pages of other origins may not call the Studio";
        return Error::new(StatusCode::FORBIDDEN, "foreign_origin", message).into_response();
    }
    next.run(request).await
}

/// Refuses calls under a name that somebody else may have given this machine.
pub(super) async fn host(State(app): State<App>, request: Request, next: Next) -> Response {
    if app.studio.hosts == Hosts::Local && !app.entry.needs_key() && !is_local(request.headers()) {
        let message = "The Studio is called by this machine's address, such as http://127.0.0.1:7860/. To call it by a name, \
                       set TIERFALL_API_KEYS";
        return Error::new(StatusCode::FORBIDDEN, "foreign_host", message).into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else { return false };
    let own = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| {
        let (scheme, authority) = origin.split_once("://")?;
        matches!(scheme, "http" | "https").then_some(authority)
    });
    // What a server in front of this one was called by. A page cannot say it: its browser would ask first, and be refused.
    let forwarded = headers.get(FORWARDED_HOST).and_then(|host| host.to_str().ok());
    let is_own = |origin: &str| own.into_iter().chain(forwarded).any(|own| origin.eq_ignore_ascii_case(own));
    origins.next().is_some() || own.is_none() || !origin.is_some_and(is_own)
}

fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(authority) = host.and_then(|host| host.parse::<Authority>().ok()) else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

/// What an address asks for behind its question mark.
pub(super) fn asked(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().expect("a value"))).collect()
    }

    #[test]
    fn the_own_origin_and_who_has_none_may_call() {
        let of = |origin: &str| is_foreign(&headers(&[(header::HOST, "127.0.0.1:7860"), (header::ORIGIN, origin)]));
        assert!(!of("http://127.0.0.1:7860") && !of("https://127.0.0.1:7860"));
        for origin in ["null", "http://127.0.0.1:7861", "http://127.0.0.1", "http://evil.example", "file://", ""] {
            assert!(of(origin), "{origin}");
        }
        assert!(!is_foreign(&headers(&[(header::HOST, "127.0.0.1:7860")])));
        assert!(is_foreign(&headers(&[(header::ORIGIN, "http://127.0.0.1:7860")])));
        let two = [(header::HOST, "a:1"), (header::ORIGIN, "http://a:1"), (header::ORIGIN, "null")];
        let mut both = HeaderMap::new();
        for (name, value) in two {
            both.append(name, value.parse().expect("a value"));
        }
        assert!(is_foreign(&both));
    }

    #[test]
    fn only_a_name_that_is_this_machines_own_is_local() {
        for (host, local) in [
            ("localhost:7860", true),
            ("127.0.0.1", true),
            ("192.168.1.7:7860", true),
            ("[::1]:7860", true),
            ("rebound.example:7860", false),
            ("127.0.0.1.example", false),
            ("", false),
        ] {
            assert_eq!(is_local(&headers(&[(header::HOST, host)])), local, "{host}");
        }
        assert!(!is_local(&HeaderMap::new()));
    }
}
