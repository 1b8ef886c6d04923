//! A client of the worker's socket.

use std::path::Path;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::UnixStream;
use tokio::task::JoinHandle;

/// A request's connection; aborted, the client is gone.
pub(crate) struct Call {
    pub(crate) response: Response<Incoming>,
    connection: JoinHandle<()>,
}

impl Call {
    pub(crate) async fn make(socket: &Path, method: Method, path: &str, body: &Value) -> hyper::Result<Self> {
        let stream = UnixStream::connect(socket).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(async { drop(connection.await) });
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let request = Request::builder().method(method).uri(path).header("host", "worker");
        let response = sender.send_request(request.body(Full::new(body)).unwrap()).await?;
        Ok(Self { response, connection })
    }

    /// The events' data, without the comments; none where the stream broke off.
    pub(crate) async fn data(self) -> Vec<String> {
        let Ok(body) = self.response.into_body().collect().await else { return Vec::new() };
        let text = String::from_utf8(body.to_bytes().to_vec()).unwrap();
        text.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).map(str::to_owned).collect()
    }

    /// Leaves without a word.
    pub(crate) fn hang_up(self) {
        self.connection.abort();
    }
}

/// A whole answer.
pub(crate) async fn call(socket: &Path, method: Method, path: &str, body: &Value) -> (StatusCode, HeaderMap, Value) {
    let response = Call::make(socket, method, path, body).await.unwrap().response;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, headers, serde_json::from_slice(&body).unwrap())
}

pub(crate) async fn get(socket: &Path, path: &str) -> (StatusCode, Value) {
    let (status, _, body) = call(socket, Method::GET, path, &Value::Null).await;
    (status, body)
}

pub(crate) async fn chat(socket: &Path, body: &Value) -> (StatusCode, HeaderMap, Value) {
    call(socket, Method::POST, "/v1/chat/completions", body).await
}

pub(crate) async fn stream(socket: &Path, path: &str, body: &Value) -> hyper::Result<Call> {
    Call::make(socket, Method::POST, path, body).await
}

/// A chat of one message with more members.
pub(crate) fn ask(members: &Value) -> Value {
    let mut body = json!({"model": "any", "messages": [{"role": "user", "content": "Count from one to ten."}]});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

/// A chat whose answer goes on until the context is full: the model's two ends are forbidden.
pub(crate) fn endless(streamed: bool) -> Value {
    ask(&json!({"stream": streamed, "temperature": 0, "logit_bias": {"0": -100, "2": -100}}))
}
