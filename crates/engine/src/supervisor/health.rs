//! Asks a worker how it is.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper::header::HOST;
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::UnixStream;
use tokio::time::timeout;

/// A worker answers within a millisecond; on a machine that swaps, later.
const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST_ANSWER: usize = 4 << 10;

/// What a worker says of itself at `/health`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub(super) enum Health {
    Loading { percent: u8 },
    Ok { context: u32 },
}

/// The worker's answer; `None` where it gives none.
pub(super) async fn ask(socket: &Path) -> Option<Health> {
    timeout(PATIENCE, exchange(socket)).await.ok().flatten()
}

async fn exchange(socket: &Path) -> Option<Health> {
    let stream = UnixStream::connect(socket).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let mut request = Request::new(Empty::<Bytes>::new());
    *request.uri_mut() = Uri::from_static("/health");
    request.headers_mut().insert(HOST, hyper::header::HeaderValue::from_static("worker"));
    let answer = async move {
        let body = sender.send_request(request).await.ok()?.into_body();
        Some(Limited::new(body, LONGEST_ANSWER).collect().await.ok()?.to_bytes())
    };
    let (body, _) = tokio::join!(answer, connection);
    serde_json::from_slice(&body?).ok()
}
