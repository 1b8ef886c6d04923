//! The Hugging Face Hub as a source.
//!
//! `hf-hub` 0.5 names the addresses and lists a repository. The bytes are fetched by the HTTP client below it (`ureq`, rustls
//! with ring) because `hf-hub`'s own download keeps a cache of its own instead of writing where it is told, does not verify
//! the file's hash, has no time limits, and sends the token on to whatever host the Hub redirects to. (`hf-hub` 1.0 brings
//! the xet transfer stack, which multiplies the build.)
//!
//! A file is asked for at `/OWNER/REPO/resolve/REVISION/FILE`. The Hub states the file's hash (the id of the LFS object,
//! its SHA-256) in `X-Linked-ETag` and its size in `X-Linked-Size`, and redirects to a content network that serves ranges:
//! <https://huggingface.co/docs/huggingface_hub/package_reference/file_download>.

use std::io::Read;
use std::time::Duration;

use hf_hub::api::sync::{Api, ApiBuilder, ApiError};
use hf_hub::{Cache, Repo, RepoType};
use secrecy::{ExposeSecret, SecretString};
use ureq::http::{HeaderMap, Response, StatusCode, Uri};
use ureq::{Agent, Body};

use crate::catalogue::{HubFile, main_branch};
use crate::error::SourceError;
use crate::hash::Sha256;
use crate::library::Retry;
use crate::partial::Partial;
use crate::pull::Run;
use crate::reference::pick;

const BUFFER: usize = 128 * 1024;
const REDIRECTS: usize = 8;
/// A name that does not resolve, a host that does not accept: the next source should not wait long.
const CONNECT: Duration = Duration::from_secs(10);
/// A connection on which nothing arrives for so long is dead; the next one goes on where it ended.
const SILENCE: Duration = Duration::from_secs(30);
const LISTING: Duration = Duration::from_secs(60);

pub(crate) struct Hub {
    endpoint: String,
    host: String,
    token: Option<SecretString>,
    agent: Agent,
    retry: Retry,
}

/// What the Hub says of a file.
struct Stated {
    sha256: Sha256,
    size: u64,
}

/// An answer, and what the hops on the way to it have said of the file.
struct Arrived {
    response: Response<Body>,
    linked_hash: Option<Sha256>,
    linked_size: Option<u64>,
}

impl Hub {
    pub(crate) fn new(endpoint: &str, token: Option<SecretString>, retry: Retry) -> Hub {
        let agent = Agent::config_builder()
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("tierfall/", env!("CARGO_PKG_VERSION")))
            .build();
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        let host = endpoint.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
        Hub { host: host.unwrap_or_else(|| endpoint.clone()), endpoint, token, agent: agent.into(), retry }
    }

    /// As it is called in messages.
    pub(crate) fn name(&self) -> String {
        format!("Hugging Face Hub ({})", self.host)
    }

    /// Asks the repository which one file `quantisation` is.
    pub(crate) fn choose(&self, repo: &str, quantisation: &str) -> Result<HubFile, SourceError> {
        let api = self.api()?.repo(repo_at(repo, &main_branch()));
        let request = api.info_request().config().http_status_as_error(false);
        let request = request.timeout_connect(Some(CONNECT)).timeout_global(Some(LISTING)).build();
        let mut response = request.call().map_err(|error| failed(&error))?;
        check_status(response.status(), repo, repo)?;
        let info: hf_hub::api::RepoInfo =
            response.body_mut().read_json().map_err(|error| SourceError::Strange(error.to_string()))?;
        let files: Vec<String> = info.siblings.into_iter().map(|sibling| sibling.rfilename).collect();
        match pick(&files, quantisation) {
            Ok(file) => Ok(HubFile { repo: repo.to_owned(), file: file.to_owned(), revision: info.sha }),
            Err(files) => {
                Err(SourceError::Choice { repo: repo.to_owned(), quantisation: quantisation.to_owned(), files })
            }
        }
    }

    /// Fetches `file` into the run's target, from wherever an earlier pull ended.
    pub(crate) fn fetch(
        &self,
        file: &HubFile,
        sha256: Option<Sha256>,
        size: Option<u64>,
        run: &mut Run<'_>,
    ) -> Result<(), SourceError> {
        let url = self.api()?.repo(repo_at(&file.repo, &file.revision)).url(&file.file);
        let stated = self.patiently(run, &mut |_| self.state(&url, file))?;
        if let Some(expected) = sha256.filter(|expected| *expected != stated.sha256) {
            return Err(SourceError::WrongHash { expected, found: stated.sha256, resumed: false });
        }
        if let Some(expected) = size.filter(|expected| *expected != stated.size) {
            return Err(SourceError::WrongSize { expected, found: stated.size });
        }
        let mut partial = Partial::open(run.target, stated.sha256, run.cancel, run.progress)?;
        run.room_for(stated.size.saturating_sub(partial.length()))?;
        run.progress.started(&self.name(), partial.length(), stated.size);
        // The furthest that a connection has come: a server without ranges begins at nothing each time.
        let mut furthest = partial.length();
        while partial.length() < stated.size {
            self.patiently(run, &mut |run| match self.stream(&url, file, &mut partial, stated.size, run) {
                // A connection that got further is no failed try: the next one begins to count anew.
                Err(error) if error.is_passing() && partial.length() > furthest => {
                    furthest = partial.length();
                    run.pause(self.retry.pause)
                }
                result => result,
            })?;
        }
        partial.finish(stated.size, &format!("hf:{}/{}@{}", file.repo, file.file, file.revision))
    }

    /// Tries again, with growing pauses, what may go better in a moment.
    fn patiently<T>(
        &self,
        run: &mut Run<'_>,
        call: &mut dyn FnMut(&mut Run<'_>) -> Result<T, SourceError>,
    ) -> Result<T, SourceError> {
        let mut pause = self.retry.pause;
        for _ in 0..self.retry.times {
            match call(run) {
                Err(error) if error.is_passing() => run.pause(pause)?,
                result => return result,
            }
            pause *= 2;
        }
        call(run)
    }

    /// Asks for the file's hash and size, without its bytes.
    fn state(&self, url: &str, file: &HubFile) -> Result<Stated, SourceError> {
        let Arrived { response, linked_hash, linked_size } = self.get(url, "bytes=0-0")?;
        check_status(response.status(), &file.repo, &format!("{}/{}", file.repo, file.file))?;
        let headers = response.headers();
        let sha256 = linked_hash.or_else(|| hash_in(headers, "etag"));
        let whole = match response.status() {
            StatusCode::PARTIAL_CONTENT => content_range(headers).map(|(_, total)| total),
            _ => number_in(headers, "content-length"),
        };
        Ok(Stated {
            sha256: sha256.ok_or_else(|| SourceError::NoHash(file.file.clone()))?,
            size: linked_size.or(whole).ok_or_else(|| SourceError::Strange("no size".to_owned()))?,
        })
    }

    /// Appends what one connection brings.
    fn stream(
        &self,
        url: &str,
        file: &HubFile,
        partial: &mut Partial,
        size: u64,
        run: &mut Run<'_>,
    ) -> Result<(), SourceError> {
        let from = partial.length();
        let arrived = self.get(url, &format!("bytes={from}-"))?;
        let status = arrived.response.status();
        check_status(status, &file.repo, &format!("{}/{}", file.repo, file.file))?;
        match (status, content_range(arrived.response.headers())) {
            (StatusCode::PARTIAL_CONTENT, Some((start, total))) if start == from && total == size => {}
            (StatusCode::PARTIAL_CONTENT, _) => return Err(SourceError::Strange("another range of bytes".to_owned())),
            // The server knows no ranges, and sends the whole file.
            _ if from > 0 => partial.clear(run.cancel)?,
            _ => {}
        }
        let mut body = arrived.response.into_body().into_reader();
        let mut buffer = vec![0; BUFFER];
        loop {
            run.go_on()?;
            let room = usize::try_from(size - partial.length()).unwrap_or(BUFFER).min(BUFFER);
            if room == 0 {
                return Ok(());
            }
            match body.read(&mut buffer[..room]) {
                Ok(0) => return Err(SourceError::Cut("the stream ended early".to_owned())),
                Ok(count) => partial.write(&buffer[..count])?,
                Err(error) => return Err(SourceError::Cut(error.to_string())),
            }
            run.progress.at(partial.length());
        }
    }

    /// Follows the Hub's redirects. The token goes to the Hub's own address and nowhere else.
    fn get(&self, url: &str, range: &str) -> Result<Arrived, SourceError> {
        let mut url = url.to_owned();
        let (mut linked_hash, mut linked_size) = (None, None);
        for _ in 0..REDIRECTS {
            let mut request = self.agent.get(&url).header("range", range).header("accept-encoding", "identity");
            if let Some(token) = self.token.as_ref().filter(|_| same_origin(&url, &self.endpoint)) {
                request = request.header("authorization", format!("Bearer {}", token.expose_secret()));
            }
            let response = request.call().map_err(|error| failed(&error))?;
            let headers = response.headers();
            linked_hash = linked_hash.or_else(|| hash_in(headers, "x-linked-etag"));
            linked_size = linked_size.or_else(|| number_in(headers, "x-linked-size"));
            if !response.status().is_redirection() {
                return Ok(Arrived { response, linked_hash, linked_size });
            }
            url = redirected(&url, headers)?;
        }
        Err(SourceError::Strange("too many redirects".to_owned()))
    }

    fn api(&self) -> Result<Api, SourceError> {
        let token = self.token.as_ref().map(|token| token.expose_secret().to_owned());
        // Only its addresses and its listing are used: nothing is ever put into a cache.
        ApiBuilder::from_cache(Cache::new(std::env::temp_dir()))
            .with_endpoint(self.endpoint.clone())
            .with_token(token)
            .build()
            .map_err(|error: ApiError| SourceError::Strange(error.to_string()))
    }
}

fn repo_at(repo: &str, revision: &str) -> Repo {
    Repo::with_revision(repo.to_owned(), RepoType::Model, revision.to_owned())
}

fn check_status(status: StatusCode, repo: &str, what: &str) -> Result<(), SourceError> {
    match status.as_u16() {
        200..=299 => Ok(()),
        // The Hub answers 401 for a repository that does not exist, too: it does not tell which.
        status @ (401 | 403) => Err(SourceError::Token { repo: repo.to_owned(), status }),
        404 => Err(SourceError::NotFound(what.to_owned())),
        status => Err(SourceError::Status(status)),
    }
}

fn failed(error: &ureq::Error) -> SourceError {
    match error {
        ureq::Error::HostNotFound => SourceError::Unreachable("host not found".to_owned()),
        ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => {
            SourceError::Unreachable(format!("no answer within {} s", CONNECT.as_secs()))
        }
        ureq::Error::Timeout(_) => SourceError::Cut(format!("silent for {} s", SILENCE.as_secs())),
        ureq::Error::Io(error) => match error.kind() {
            std::io::ErrorKind::ConnectionRefused => SourceError::Unreachable("connection refused".to_owned()),
            std::io::ErrorKind::ConnectionReset
            | std::io::ErrorKind::ConnectionAborted
            | std::io::ErrorKind::BrokenPipe
            | std::io::ErrorKind::UnexpectedEof => SourceError::Cut(error.to_string()),
            // What the system's resolver says has no kind of its own.
            _ if error.to_string().contains("lookup") => SourceError::Unreachable("host not found".to_owned()),
            _ => SourceError::Unreachable(error.to_string()),
        },
        other => SourceError::Unreachable(other.to_string()),
    }
}

fn same_origin(url: &str, endpoint: &str) -> bool {
    let origin = |text: &str| {
        let uri: Uri = text.parse().ok()?;
        Some((uri.scheme()?.clone(), uri.authority()?.clone()))
    };
    origin(url).is_some_and(|url| origin(endpoint) == Some(url))
}

fn redirected(from: &str, headers: &HeaderMap) -> Result<String, SourceError> {
    let strange = || SourceError::Strange("a redirect that leads nowhere".to_owned());
    let location = headers.get("location").and_then(|value| value.to_str().ok()).ok_or_else(strange)?;
    let uri: Uri = location.parse().map_err(|_| strange())?;
    let base: Uri = from.parse().map_err(|_| strange())?;
    match uri.scheme_str() {
        Some("http") if base.scheme_str() == Some("https") => {
            Err(SourceError::Strange("a redirect from https to http".to_owned()))
        }
        Some(_) => Ok(location.to_owned()),
        None if location.starts_with('/') => {
            let (Some(scheme), Some(authority)) = (base.scheme_str(), base.authority()) else { return Err(strange()) };
            Ok(format!("{scheme}://{authority}{location}"))
        }
        None => Err(strange()),
    }
}

/// A hash out of an entity tag: `"…"`, or `W/"…"`.
fn hash_in(headers: &HeaderMap, name: &str) -> Option<Sha256> {
    headers.get(name)?.to_str().ok()?.trim_start_matches("W/").trim_matches('"').parse().ok()
}

fn number_in(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// `bytes START-END/TOTAL` (RFC 9110, 14.4) as start and total.
fn content_range(headers: &HeaderMap) -> Option<(u64, u64)> {
    let (range, total) = headers.get("content-range")?.to_str().ok()?.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.parse().ok()?, total.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_stays_with_the_hub() {
        let hub = "https://hub.example";
        assert!(same_origin("https://hub.example/o/r/resolve/main/f", hub));
        for other in ["http://hub.example/f", "https://hub.example:8443/f", "https://cdn.hub.example/f", "nonsense"] {
            assert!(!same_origin(other, hub), "{other}");
        }
    }

    #[test]
    fn a_redirect_may_be_relative_but_not_less_secure() {
        let to = |location: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("location", location.parse().unwrap());
            redirected("https://hub.example/a", &headers)
        };
        assert_eq!(to("/b?c").unwrap(), "https://hub.example/b?c");
        assert_eq!(to("https://cdn.example/b").unwrap(), "https://cdn.example/b");
        assert!(to("http://cdn.example/b").is_err());
        assert!(to("b").is_err());
    }
}
