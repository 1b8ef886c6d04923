//! Redirects: followed to another path of the same host, or from `http` to its `https`; never to another host, which must not
//! see the key.

use http::header::LOCATION;
use http::uri::Scheme;
use http::{Method, Response, Uri};
use url::Url;

use crate::failure::{Cause, Failure};

/// Where a call to `from` goes on; `None` where `response` is no redirect. 307 and 308 keep method and body (RFC 9110, section
/// 15.4); the others may turn a POST into a GET, and are followed by a GET alone.
///
/// # Errors
///
/// [`Cause::Redirected`] where that is another host.
pub(crate) fn target<B>(from: &Uri, method: &Method, response: &Response<B>) -> Result<Option<Uri>, Failure> {
    let keeps_the_method = matches!(response.status().as_u16(), 307 | 308);
    let of_a_get = matches!(response.status().as_u16(), 301..=303) && method == Method::GET;
    let redirects = response.status().is_redirection() && (keeps_the_method || of_a_get || method == Method::POST);
    let Some(location) = response.headers().get(LOCATION).filter(|_| redirects) else { return Ok(None) };
    let resolved = location.to_str().ok().and_then(|location| Url::parse(&from.to_string()).ok()?.join(location).ok());
    let Some(to) = resolved else { return Err(refused("nowhere", response)) };
    let uri = to.as_str().parse::<Uri>().ok().filter(|to| is_same_host(from, to));
    match uri.filter(|_| keeps_the_method || of_a_get) {
        Some(uri) => Ok(Some(uri)),
        None => Err(refused(&to.origin().ascii_serialization(), response)),
    }
}

/// The failure that a redirect to `place` is.
pub(crate) fn refused<B>(place: &str, response: &Response<B>) -> Failure {
    Failure { status: Some(response.status().as_u16()), ..Cause::Redirected(place.to_owned()).into() }
}

/// The same host under the same port, or its `https` in place of its `http`, each under its default port.
fn is_same_host(from: &Uri, to: &Uri) -> bool {
    let port = |uri: &Uri| uri.port_u16().unwrap_or(if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 });
    let upgraded = from.scheme() == Some(&Scheme::HTTP) && to.scheme() == Some(&Scheme::HTTPS);
    let same_port = from.scheme() == to.scheme() && port(from) == port(to);
    from.host() == to.host() && (same_port || (upgraded && port(from) == 80 && port(to) == 443))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target_of(status: u16, from: &str, location: &str) -> Result<Option<String>, Cause> {
        let response = Response::builder().status(status).header(LOCATION, location).body(()).expect("valid");
        let from = from.parse().expect("an address");
        target(&from, &Method::POST, &response).map(|to| to.map(|to| to.to_string())).map_err(|failure| failure.cause)
    }

    #[test]
    fn a_redirect_on_the_same_host_is_followed_and_the_key_goes_to_no_other() {
        let from = "http://host/v1/chat/completions";
        assert_eq!(target_of(308, from, "/v2/x"), Ok(Some("http://host/v2/x".to_owned())));
        assert_eq!(target_of(307, from, "https://host/v1/x"), Ok(Some("https://host/v1/x".to_owned())));
        for (location, place) in [
            ("https://other/v1", "https://other"),
            ("http://host:81/v1", "http://host:81"),
            ("//other/v1", "http://other"),
        ] {
            assert_eq!(target_of(307, from, location), Err(Cause::Redirected(place.to_owned())), "{location}");
        }
        assert_eq!(
            target_of(307, "https://host/v1", "http://host/v1"),
            Err(Cause::Redirected("http://host".to_owned()))
        );
        assert_eq!(
            target_of(302, from, "/v2/x"),
            Err(Cause::Redirected("http://host".to_owned())),
            "a POST would be lost"
        );
        assert_eq!(target_of(200, from, "/v2/x"), Ok(None));
    }
}
