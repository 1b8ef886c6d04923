//! Where a tier's calls go.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use http::Uri;
use http::uri::PathAndQuery;
use secrecy::SecretString;

use crate::kind::{Facts, Kind, Providers};

/// One tier as `upstream` sees it. Its `Debug` shows no key.
#[derive(Debug, Clone)]
pub struct Target {
    /// What kind of provider it is.
    pub kind: Kind,
    /// Its address.
    pub base_url: Address,
    /// The bearer key, where it takes one.
    pub key: Option<SecretString>,
    /// The model's name at the provider.
    pub model: String,
    /// The connect limit: DNS, TCP and TLS together.
    pub connect: Duration,
}

impl Target {
    /// What is known of whoever answers: its kind's facts, or those of the provider at whose address a `commercial` tier is.
    #[must_use]
    pub fn facts(&self) -> &'static Facts {
        let Address::Http(uri) = &self.base_url else { return self.kind.facts() };
        let is_there = |base: &String| base.parse::<Uri>().is_ok_and(|base| base.authority() == uri.authority());
        let known = || Providers::built_in().kinds().iter().find(|kind| kind.base_url.as_ref().is_some_and(is_there));
        match self.kind == Kind::commercial() {
            true => known().unwrap_or(&self.kind).facts(),
            false => self.kind.facts(),
        }
    }
}

/// A tier's address: an HTTP base URL without its closing slash, or the Unix socket of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `http://` or `https://`, as a rule ending in `/v1`.
    Http(Uri),
    /// A socket in the file system. Its paths begin with `/v1` too.
    Unix(PathBuf),
}

/// Why an address is none. The value itself is left out: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It does not parse as a URL.
    #[error("takes a URL such as https://host/v1")]
    NotAUrl,
    /// Another scheme, or none.
    #[error("takes a URL that begins with http:// or https://")]
    Scheme,
    /// A user name or password inside the URL.
    #[error("takes a URL without a user name or password in it; a key goes into the tier's API key")]
    UserInfo,
    /// A query.
    #[error("takes a URL without a query")]
    Query,
    /// A Unix socket's path that is not absolute.
    #[error("takes the absolute path of a Unix socket after unix:")]
    SocketPath,
}

impl FromStr for Address {
    type Err = BadAddress;

    /// Reads `https://host/v1` (a closing slash and a call's own path are cut off; a bare host gets `/v1`) or `unix:/path`.
    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim();
        if let Some(path) = text.strip_prefix("unix:") {
            let path = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
            return if path.is_absolute() { Ok(Address::Unix(path)) } else { Err(BadAddress::SocketPath) };
        }
        let uri: Uri = text.parse().map_err(|_| BadAddress::NotAUrl)?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(BadAddress::Scheme);
        }
        let authority = uri.authority().filter(|authority| !authority.host().is_empty()).ok_or(BadAddress::NotAUrl)?;
        if authority.as_str().contains('@') {
            return Err(BadAddress::UserInfo);
        }
        if uri.query().is_some() {
            return Err(BadAddress::Query);
        }
        let path = base_path(uri.path());
        let path = PathAndQuery::try_from(path).map_err(|_| BadAddress::NotAUrl)?;
        let mut parts = uri.into_parts();
        parts.path_and_query = Some(path);
        Uri::from_parts(parts).map(Address::Http).map_err(|_| BadAddress::NotAUrl)
    }
}

/// People paste the address of a call, or of a host: both mean the base.
fn base_path(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    let path = ["/chat/completions", "/completions", "/models"]
        .iter()
        .find_map(|call| path.strip_suffix(call))
        .unwrap_or(path);
    if path.is_empty() { "/v1" } else { path }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Http(uri) => uri.fmt(f),
            Address::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Address {
    /// The address without the `/v1` that it ends in.
    #[must_use]
    pub fn without_version(&self) -> Self {
        let Address::Http(base) = self else { return self.clone() };
        let base = base.to_string();
        let base = base.trim_end_matches('/');
        let site = base.strip_suffix("/v1").unwrap_or(base).parse();
        Address::Http(site.expect("a URI without the end of its path is a URI"))
    }

    /// The URI of a call below the base, or beside it where its path begins with `../`. A socket has no host; the client's pool
    /// wants one, so it is called `localhost`.
    pub(crate) fn call(&self, path: &str) -> Uri {
        let text = match self {
            Address::Http(base) => {
                let (mut folder, mut path) = (base.path().trim_end_matches('/'), path);
                while let Some(rest) = path.strip_prefix("../") {
                    folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
                    path = rest;
                }
                let (scheme, host) =
                    (base.scheme_str().unwrap_or("http"), base.authority().map_or("", |host| host.as_str()));
                format!("{scheme}://{host}{folder}/{path}")
            }
            Address::Unix(_) => format!("http://localhost/v1/{path}"),
        };
        text.parse().expect("a URI followed by a fixed path is a URI")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it fails")]
mod tests {
    use super::*;
    use crate::kind::Prefill;

    #[test]
    fn addresses_are_read_and_made_into_calls() {
        let table = [
            ("https://api.groq.com/openai/v1", "https://api.groq.com/openai/v1/models"),
            ("http://localhost:8080/v1/", "http://localhost:8080/v1/models"),
            (" http://localhost:8080 ", "http://localhost:8080/v1/models"),
            ("https://a.hf.space/v1/chat/completions", "https://a.hf.space/v1/models"),
            ("http://[::1]:9/v1", "http://[::1]:9/v1/models"),
            ("unix:/run/tier/worker.sock", "http://localhost/v1/models"),
            ("unix:///run/tier/worker.sock", "http://localhost/v1/models"),
        ];
        for (text, call) in table {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.call("models").to_string(), call);
        }
    }

    #[test]
    fn a_site_is_the_address_without_its_version() {
        for (text, call) in [
            ("https://you-name.hf.space", "https://you-name.hf.space/gradio_api/info"),
            ("https://host/below/v1/", "https://host/below/gradio_api/info"),
            ("https://host/below", "https://host/below/gradio_api/info"),
        ] {
            let site = text.parse::<Address>().unwrap().without_version();
            assert_eq!(site.call("gradio_api/info").to_string(), call);
            assert_eq!(site.without_version(), site);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_quoted() {
        let table = [
            ("localhost:8080/v1", BadAddress::NotAUrl),
            ("localhost", BadAddress::Scheme),
            ("ftp://host/v1", BadAddress::Scheme),
            ("https://user:hunter2@host/v1", BadAddress::UserInfo),
            ("https://host/v1?key=hunter2", BadAddress::Query),
            ("unix:worker.sock", BadAddress::SocketPath),
            ("", BadAddress::NotAUrl),
        ];
        for (text, why) in table {
            let error = text.parse::<Address>().unwrap_err();
            assert_eq!(error, why, "{text}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn a_commercial_tier_at_a_known_providers_address_is_that_provider() {
        let prefill = |kind: &str, address: &str| {
            let (kind, base_url, connect) = (kind.parse().unwrap(), address.parse().unwrap(), Duration::ZERO);
            Target { kind, base_url, key: None, model: String::new(), connect }.facts().takes.prefill
        };
        assert_eq!(prefill("local", "unix:/run/worker"), Some(Prefill::Plain));
        assert_eq!(prefill("commercial", "https://api.mistral.ai/v1"), Some(Prefill::Prefix));
        for kind in ["space", "groq", "serverless", "commercial"] {
            assert_eq!(prefill(kind, "https://host/v1"), None);
        }
    }

    #[test]
    fn a_call_beside_the_base_stays_on_its_host() {
        let of = |base: &str| base.parse::<Address>().unwrap().call("../models/search?per_page=100").to_string();
        assert_eq!(of("https://host/accounts/1/ai/v1"), "https://host/accounts/1/ai/models/search?per_page=100");
        assert_eq!(of("https://host/v1"), "https://host/models/search?per_page=100");
        let above = "https://host/v1".parse::<Address>().unwrap().call("../../../models");
        assert_eq!(above.to_string(), "https://host/models");
    }

    #[test]
    fn debug_of_a_target_shows_no_key() {
        let target = Target {
            kind: Kind::space(),
            base_url: "https://host/v1".parse().unwrap(),
            key: Some(SecretString::from("gsk_hunter2")),
            model: "m".into(),
            connect: Duration::from_secs(1),
        };
        assert!(!format!("{target:?}").contains("hunter2"));
    }
}
