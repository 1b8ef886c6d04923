//! A caller: what it sends, and what it makes of the answer.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::stand::{Stand, within};

/// A request.
#[derive(Clone)]
pub(crate) struct Ask {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

/// A whole chat completion of `model`.
pub(crate) fn chat(model: &str) -> Ask {
    let messages = json!([{ "role": "user", "content": "Say the words." }]);
    post("/v1/chat/completions", json!({ "model": model, "messages": messages }).to_string())
}

/// As [`chat`], another request each time.
pub(crate) fn another(model: &str) -> Ask {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    chat(model).with("user", format!("caller {number}"))
}

/// A whole text completion of `model`.
pub(crate) fn text(model: &str) -> Ask {
    post("/v1/completions", json!({ "model": model, "prompt": "Say the words:" }).to_string())
}

pub(crate) fn post(path: &str, body: impl Into<Bytes>) -> Ask {
    Ask { method: Method::POST, path: path.to_owned(), headers: Vec::new(), body: body.into() }
}

pub(crate) fn get(path: &str) -> Ask {
    Ask { method: Method::GET, ..post(path, Bytes::new()) }
}

impl Ask {
    pub(crate) fn streamed(self) -> Self {
        self.with("stream", true)
    }

    /// With a member more in its body.
    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        let mut body: Value = serde_json::from_slice(&self.body).unwrap();
        body[member] = value.into();
        self.body = body.to_string().into();
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Sends it and reads the answer to its end.
    pub(crate) async fn of(self, stand: &Stand) -> Answer {
        within(async { self.begin(stand).await.rest().await }).await
    }

    /// As [`Ask::of`], past the gateway: what a tier itself answers.
    pub(crate) async fn of_the_wall(self, stand: &Stand) -> Answer {
        within(async { self.send(stand.wall.address()).await.rest().await }).await
    }

    /// As [`Ask::of`], where the gateway is known by its address alone.
    pub(crate) async fn of_address(self, address: SocketAddr) -> Answer {
        within(async { self.send(address).await.rest().await }).await
    }

    /// Sends it and reads the answer's head.
    pub(crate) async fn begin(self, stand: &Stand) -> Begun {
        self.send(stand.server.address()).await
    }

    async fn send(self, address: SocketAddr) -> Begun {
        let uri = format!("http://{address}{}", self.path);
        let mut request = Request::builder().method(self.method).uri(uri);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(self.body)).unwrap();
        // A client of its own: dropping what it gave closes the connection.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        let (head, body) = within(client.request(request)).await.unwrap().into_parts();
        Begun { status: head.status, headers: head.headers, body, read: Vec::new() }
    }
}

/// An answer whose head has come. Dropping it closes the connection.
pub(crate) struct Begun {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Incoming,
    read: Vec<u8>,
}

impl Begun {
    /// Reads on until `words` have come.
    pub(crate) async fn until(&mut self, words: &str) {
        while !String::from_utf8_lossy(&self.read).contains(words) {
            let frame = within(self.body.frame()).await.expect("more").unwrap();
            self.read.extend_from_slice(frame.data_ref().unwrap());
        }
    }

    pub(crate) async fn rest(mut self) -> Answer {
        self.read.extend_from_slice(&within(self.body.collect()).await.unwrap().to_bytes());
        Answer { status: self.status.as_u16(), headers: self.headers, body: String::from_utf8(self.read).unwrap() }
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// `x-tierfall-attempts` without its times: `1=503,2=ok`.
    pub(crate) fn attempts(&self) -> String {
        let attempts = self.header("x-tierfall-attempts").unwrap_or_default();
        attempts.split(',').map(|attempt| attempt.split('@').next().unwrap()).collect::<Vec<_>>().join(",")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The data of each event, `[DONE]` among them.
    pub(crate) fn data(&self) -> Vec<&str> {
        self.body.lines().filter_map(|line| line.strip_prefix("data: ")).collect()
    }

    pub(crate) fn comments(&self) -> Vec<&str> {
        self.body.lines().filter(|line| line.starts_with(':')).collect()
    }

    pub(crate) fn chunks(&self) -> Vec<Value> {
        self.data()
            .into_iter()
            .filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }

    /// The model that it names.
    pub(crate) fn model(&self) -> String {
        let named = if self.is_stream() { self.chunks().swap_remove(0) } else { self.json() };
        named["model"].as_str().unwrap_or_else(|| panic!("no model: {self:?}")).to_owned()
    }

    /// What it says, whole or streamed, in either form.
    pub(crate) fn text(&self) -> String {
        let of = |choice: &Value| {
            let parts = [&choice["message"]["content"], &choice["delta"]["content"], &choice["text"]];
            parts.into_iter().find_map(Value::as_str).unwrap_or_default().to_owned()
        };
        if self.is_stream() {
            self.chunks().iter().map(|chunk| of(&chunk["choices"][0])).collect()
        } else {
            of(&self.json()["choices"][0])
        }
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"))
    }

    /// How often it says that it is done.
    pub(crate) fn dones(&self) -> usize {
        self.data().into_iter().filter(|data| *data == "[DONE]").count()
    }

    /// The answer is all sixty words, each once, and where it is a stream its last event is the one `[DONE]`.
    pub(crate) fn assert_whole(&self, case: &str) {
        assert_eq!(self.status, 200, "{case}: {self:?}");
        assert_eq!(self.text(), words(60), "{case}: {self:?}");
        if self.is_stream() {
            assert_eq!((self.dones(), self.data().last()), (1, Some(&"[DONE]")), "{case}");
            let finishes = self.chunks().iter().filter(|chunk| chunk["choices"][0]["finish_reason"] == "stop").count();
            assert_eq!(finishes, 1, "{case}");
        } else {
            assert_eq!(self.json()["choices"][0]["finish_reason"], "stop", "{case}");
        }
    }
}

/// `w1 w2 …`
pub(crate) fn words(count: u32) -> String {
    (1..=count).map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ")
}
