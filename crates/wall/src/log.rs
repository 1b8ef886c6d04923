//! What the wall saw, call by call.

use std::fmt;
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tokio::sync::watch;

use crate::http::{Method, Request};

/// One call that the wall has taken.
#[derive(Clone)]
pub struct Seen {
    /// When its last byte was read.
    pub at: SystemTime,
    /// `GET`, `POST`, or `-` for any other.
    pub method: &'static str,
    /// The request target, such as `/v1/chat/completions`.
    pub path: String,
    /// The model that it named; empty where the request has none.
    pub model: String,
    /// The body, byte for byte.
    pub body: Bytes,
    /// The status of the answer; `None` where none was sent.
    pub status: Option<u16>,
    /// How it ended; `None` while it is running.
    pub ended: Option<Ended>,
    authorization: Option<SecretString>,
    headers: Vec<(String, String)>,
    began: Instant,
}

/// How a call ended, and how long after its last byte was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What ended it.
    pub how: End,
    /// The time it took.
    pub after: Duration,
}

/// What ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All that there was to say was said.
    Answered,
    /// The script closed or reset the connection.
    Broken,
    /// The client closed the connection before the end.
    ClientLeft,
}

impl Seen {
    /// The value of a header, by its name in lower case. Never `authorization`: for that there is [`Seen::has_key`].
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// Whether the call carried a key at all.
    #[must_use]
    pub fn authorized(&self) -> bool {
        self.authorization.is_some()
    }

    /// Whether the call carried this key as its bearer token.
    #[must_use]
    pub fn has_key(&self, key: &str) -> bool {
        self.authorization.as_ref().is_some_and(|sent| sent.expose_secret().strip_prefix("Bearer ") == Some(key))
    }

    fn line(&self) -> serde_json::Value {
        let at = self.at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        json!({
            "time_ms": u64::try_from(at.as_millis()).unwrap_or(u64::MAX),
            "method": self.method,
            "path": self.path,
            "model": self.model,
            "body_bytes": self.body.len(),
            "authorization": self.authorized(),
            "x_request_id": self.header("x-request-id"),
            "status": self.status,
            "ended": self.ended.map(|ended| match ended.how {
                End::Answered => "answered",
                End::Broken => "broken by the wall",
                End::ClientLeft => "client left",
            }),
            "ms": self.ended.map(|ended| u64::try_from(ended.after.as_millis()).unwrap_or(u64::MAX)),
        })
    }
}

impl fmt::Debug for Seen {
    /// Without what the headers and the body say: they may hold keys and prompts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("model", &self.model)
            .field("body_bytes", &self.body.len())
            .field("authorized", &self.authorized())
            .field("status", &self.status)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// Where calls are written down. Without `keep` and `print` it costs nothing.
#[derive(Debug)]
pub(crate) struct Log {
    keep: bool,
    print: bool,
    calls: Mutex<Vec<Seen>>,
    changes: watch::Sender<()>,
}

/// A call that is running.
pub(crate) struct Running<'a> {
    log: &'a Log,
    kept: Option<usize>,
    seen: Option<Seen>,
}

impl Log {
    pub(crate) fn new(keep: bool, print: bool) -> Self {
        Log { keep, print, calls: Mutex::default(), changes: watch::Sender::new(()) }
    }

    pub(crate) fn begin(&self, request: &Request, model: &str, status: Option<u16>) -> Running<'_> {
        if !self.keep && !self.print {
            return Running { log: self, kept: None, seen: None };
        }
        let seen = seen(request, model, status);
        let kept = self.keep.then(|| {
            let mut calls = self.calls();
            calls.push(seen.clone());
            calls.len() - 1
        });
        self.changes.send_replace(());
        Running { log: self, kept, seen: Some(seen) }
    }

    pub(crate) fn all(&self) -> Vec<Seen> {
        self.calls().clone()
    }

    /// Waits until what was seen is as `enough` wants it.
    pub(crate) async fn wait_for(&self, enough: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
        let mut changes = self.changes.subscribe();
        loop {
            let calls = self.all();
            // The sender lives as long as `self`, so that a change cannot fail to come for want of one.
            if enough(&calls) || changes.changed().await.is_err() {
                return calls;
            }
        }
    }

    fn calls(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running<'_> {
    pub(crate) fn end(self, how: End) {
        let Some(mut seen) = self.seen else { return };
        seen.ended = Some(Ended { how, after: seen.began.elapsed() });
        if self.log.print {
            // A reader of stdout who has left must not end the wall.
            let _ = writeln!(std::io::stdout().lock(), "{}", seen.line());
        }
        if let Some(index) = self.kept {
            self.log.calls()[index].ended = seen.ended;
        }
        self.log.changes.send_replace(());
    }
}

fn seen(request: &Request, model: &str, status: Option<u16>) -> Seen {
    let (authorization, headers): (Vec<_>, Vec<_>) =
        request.headers().into_iter().partition(|(name, _)| name == "authorization");
    Seen {
        at: SystemTime::now(),
        method: match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Other => "-",
        },
        path: request.path.clone(),
        model: model.to_owned(),
        body: request.body.clone(),
        status,
        ended: None,
        authorization: authorization.into_iter().next().map(|(_, value)| value.into()),
        headers,
        began: Instant::now(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_no_key_and_no_prompt() {
        let seen = Seen {
            at: SystemTime::UNIX_EPOCH,
            method: "POST",
            path: "/v1/chat/completions".to_owned(),
            model: "ok".to_owned(),
            body: Bytes::from_static(b"a secret prompt"),
            status: Some(200),
            ended: Some(Ended { how: End::ClientLeft, after: Duration::from_millis(7) }),
            authorization: Some("Bearer hunter2".into()),
            headers: vec![
                ("x-api-key".to_owned(), "hunter2".to_owned()),
                ("x-request-id".to_owned(), "abc".to_owned()),
            ],
            began: Instant::now(),
        };
        let expected = json!({
            "time_ms": 0, "method": "POST", "path": "/v1/chat/completions", "model": "ok", "body_bytes": 15,
            "authorization": true, "x_request_id": "abc", "status": 200, "ended": "client left", "ms": 7,
        });
        assert_eq!(seen.line(), expected);
        assert!(!format!("{seen:?}").contains("hunter2"));
    }
}
