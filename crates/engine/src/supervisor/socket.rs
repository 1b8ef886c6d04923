//! One request to a worker's socket.

use std::path::Path;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

/// Asks for `path`, and gives what `read` makes of the answer's body, whatever its status; `None` where there is none. The
/// connection ends with it.
pub(super) async fn get<T, F>(socket: &Path, path: &'static str, read: impl FnOnce(Incoming) -> F) -> Option<T>
where
    F: Future<Output = Option<T>>,
{
    send(socket, Request::new(Full::default()), path, read).await
}

/// As [`get`], with a body to be posted.
pub(super) async fn post<T, F>(
    socket: &Path,
    path: &'static str,
    body: Bytes,
    read: impl FnOnce(Incoming) -> F,
) -> Option<T>
where
    F: Future<Output = Option<T>>,
{
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = Method::POST;
    send(socket, request, path, read).await
}

async fn send<T, F>(
    socket: &Path,
    mut request: Request<Full<Bytes>>,
    path: &'static str,
    read: impl FnOnce(Incoming) -> F,
) -> Option<T>
where
    F: Future<Output = Option<T>>,
{
    let stream = UnixStream::connect(socket).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    *request.uri_mut() = Uri::from_static(path);
    request.headers_mut().insert(HOST, HeaderValue::from_static("worker"));
    let answer = async move { read(sender.send_request(request).await.ok()?.into_body()).await };
    tokio::join!(answer, connection).0
}
