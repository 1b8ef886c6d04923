//! A Studio on loopback: a gateway with a wall behind it, one tier a model name, and projects in a folder of its own.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cascade::{FirstToken, Limits, Quota};
use gateway::{Account, Gateway, ModelChoice, Note, Observer, RouteSettings, Server, Settings, TierSettings};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use studio::{HTML_ROUTE, ROUTE, Studio};
use tempfile::TempDir;
use upstream::{Kind, Target};
use wall::Wall;

/// After so long a test gives up. No test passes by it.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than any test: a limit that is not what the test is about.
const NEVER: Duration = Duration::from_secs(600);

pub(crate) const PROMPT: &str = "a landing page for a coffee shop called Nord with a menu and opening hours";

pub(crate) struct Stand {
    pub(crate) wall: Wall,
    server: Server,
    pub(crate) folder: Arc<TempDir>,
}

/// How a stand is made.
#[derive(Default)]
pub(crate) struct Setup<'a> {
    /// Models of the tiers that may write words, in order, from tier 1 on.
    pub(crate) words: &'a [&'a str],
    /// Models of the tiers that may write HTML too; they follow on those.
    pub(crate) html: &'a [&'a str],
    /// Of those behind `html`, these numbers may write words alone.
    pub(crate) words_alone: &'a [u32],
    /// Whether whoever is told what the gateway does panics at it: within the task that asks.
    pub(crate) panics: bool,
    pub(crate) keys: &'a [&'a str],
    /// Where the tiers are, instead of the wall.
    pub(crate) at: Option<String>,
    /// A folder that another one left.
    pub(crate) folder: Option<Arc<TempDir>>,
}

impl Stand {
    pub(crate) async fn new(words: &[&str]) -> Self {
        Self::with(Setup { words, ..Setup::default() }).await
    }

    pub(crate) async fn with(setup: Setup<'_>) -> Self {
        let wall = Wall::start("127.0.0.1:0").unwrap();
        let all = (1..).zip(setup.words.iter().chain(setup.html));
        let at = setup.at.unwrap_or_else(|| wall.base_url());
        let tiers: Vec<_> = all.map(|(number, model)| tier(number, model, &at)).collect();
        let numbers: Vec<u32> = tiers.iter().map(|tier| tier.number).collect();
        let may_html = numbers[setup.words.len()..].iter().filter(|number| !setup.words_alone.contains(number));
        let html = may_html.copied().collect();
        let settings = Settings {
            tiers,
            routes: vec![route(ROUTE, numbers), route(HTML_ROUTE, html)],
            api_keys: setup.keys.iter().map(|key| (*key).into()).collect(),
            ..Settings::default()
        };
        let told: Arc<dyn Observer> = if setup.panics { Arc::new(Scared) } else { Arc::new(Deaf) };
        let gateway = Arc::new(Gateway::new(settings, told, 1).unwrap());
        let folder = setup.folder.unwrap_or_else(|| Arc::new(tempfile::tempdir().unwrap()));
        let studio = Studio::open(folder.path()).await.unwrap();
        let address = "127.0.0.1:0".parse().unwrap();
        let server = Server::start_with(&gateway, address, |entry| studio.routes(entry)).unwrap();
        Self { wall, server, folder }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    pub(crate) fn get(&self, path: &str) -> Call {
        Call::new(self, Method::GET, path, Bytes::new())
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Call {
        Call::new(self, Method::POST, path, body.to_string().into()).header("content-type", "application/json")
    }

    pub(crate) fn call(&self, method: Method, path: &str, body: &Value) -> Call {
        Call { method, ..self.post(path, body) }
    }

    /// Sends this body as it is, and calls it JSON.
    pub(crate) fn sent(&self, method: Method, path: &str, body: &'static str) -> Call {
        Call::new(self, method, path, body.into()).header("content-type", "application/json")
    }

    /// A new project's path.
    pub(crate) async fn project(&self) -> String {
        let made = self.post("/api/projects", &json!({})).json(201).await;
        format!("/api/projects/{}", made["id"].as_str().unwrap())
    }

    /// Asks for a page, or a change of one.
    pub(crate) async fn ask(&self, project: &str, prompt: &str, base: u32) {
        self.post(&format!("{project}/requests"), &json!({ "prompt": prompt, "base": base })).json(202).await;
    }

    /// A project whose first page is made.
    pub(crate) async fn page(&self) -> String {
        let project = self.project().await;
        self.ask(&project, PROMPT, 0).await;
        self.told(&project).await;
        project
    }

    /// All that is told of the project's request, to its end.
    pub(crate) async fn told(&self, project: &str) -> Vec<(String, Value)> {
        events(&self.get(&format!("{project}/events")).answer().await.text())
    }

    pub(crate) async fn shown(&self, project: &str) -> Value {
        self.get(project).json(200).await
    }
}

pub(crate) struct Call {
    address: SocketAddr,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    fn new(stand: &Stand, method: Method, path: &str, body: Bytes) -> Self {
        Self { address: stand.address(), method, path: path.to_owned(), headers: HeaderMap::new(), body }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    pub(crate) fn without_headers(mut self) -> Self {
        self.headers.clear();
        self
    }

    pub(crate) async fn begin(self) -> Begun {
        let uri = format!("http://{}{}", self.address, self.path);
        let mut request = Request::builder().method(self.method).uri(uri).body(Full::new(self.body)).unwrap();
        request.headers_mut().extend(self.headers);
        // A client of its own: dropping what it gave closes the connection.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        let (head, body) = within(client.request(request)).await.unwrap().into_parts();
        Begun { status: head.status, headers: head.headers, body, read: Vec::new() }
    }

    pub(crate) async fn answer(self) -> Answer {
        self.begin().await.rest().await
    }

    /// The answer's JSON, which must come with this status.
    pub(crate) async fn json(self, status: u16) -> Value {
        let path = self.path.clone();
        let answer = self.answer().await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        if answer.body.is_empty() { Value::Null } else { serde_json::from_slice(&answer.body).unwrap() }
    }
}

/// An answer whose head has come. Dropping it closes the connection.
pub(crate) struct Begun {
    status: StatusCode,
    headers: HeaderMap,
    body: Incoming,
    read: Vec<u8>,
}

impl Begun {
    /// Reads on until `words` have come.
    pub(crate) async fn until(&mut self, words: &str) {
        // Comments that break a silence come for ever: patience is for all of it.
        within(async {
            while !String::from_utf8_lossy(&self.read).contains(words) {
                let frame = self.body.frame().await.expect("more").unwrap();
                self.read.extend_from_slice(frame.data_ref().unwrap());
            }
        })
        .await;
    }

    pub(crate) async fn rest(mut self) -> Answer {
        self.read.extend_from_slice(&within(self.body.collect()).await.unwrap().to_bytes());
        Answer { status: self.status.as_u16(), headers: self.headers, body: self.read }
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

/// The events of a stream: each one's name and data.
pub(crate) fn events(stream: &str) -> Vec<(String, Value)> {
    let read = |event: &str| {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        Some((field("event: ")?, serde_json::from_str(&field("data: ")?).unwrap()))
    };
    stream.split("\n\n").filter_map(read).collect()
}

/// The data of the last event of this name.
pub(crate) fn last<'a>(events: &'a [(String, Value)], name: &str) -> &'a Value {
    let found = events.iter().rev().find(|(event, _)| event == name);
    found.map_or_else(|| panic!("no {name} among {events:?}"), |(_, data)| data)
}

/// What `future` comes to; a test that waits for ever fails instead.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it never came")
}

struct Deaf;

impl Observer for Deaf {
    fn note(&self, _: &Note<'_>) {}
}

struct Scared;

impl Observer for Scared {
    fn note(&self, note: &Note<'_>) {
        // How a request is given up is told while it is taken down, where a second panic would end the process.
        assert!(!matches!(note, Note::Trying { .. }), "as the test wants it");
    }
}

fn route(name: &str, tiers: Vec<u32>) -> RouteSettings {
    let name = name.to_owned();
    RouteSettings { name, tiers, deadline: None, gates: Vec::new(), hold_tool_calls: true, hedge: None }
}

fn tier(number: u32, model: &str, base_url: &str) -> TierSettings {
    let target = Target {
        kind: Kind::space(),
        base_url: base_url.parse().unwrap(),
        key: None,
        model: model.to_owned(),
        connect: NEVER,
    };
    let limits = Limits { connect: NEVER, first_token: FirstToken::Fixed(NEVER), idle: NEVER, total: NEVER };
    TierSettings {
        number,
        name: format!("Tier {number}"),
        target,
        limits,
        retries: 0,
        quota: Quota::default(),
        plan: Quota::default(),
        keep_for: Vec::new(),
        concurrency: None,
        queue: cascade::QUEUE,
        models: ModelChoice::default(),
        account: Account::default(),
        presence: None,
    }
}
