//! One tier's client: makes the request, sends it, and hands the answer on to be read.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, SERVER, USER_AGENT};
use http::{Extensions, Method, Request, Response, Uri};
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use wire::models::ListedModel;
use wire::{Allowed, Form};

use crate::answer::Expected;
use crate::answer::{self, Answer};
use crate::failure::{Cause, Failure};
use crate::gradio::{self, App};
use crate::kind::Prefill;
use crate::kind::{Hosting, Ways};
use crate::target::Target;
use crate::transport;
use crate::transport::body::Outbound;
use crate::transport::connect::Connector;
use crate::transport::redirect;
use crate::transport::socket::Served;

/// How long an idle connection is kept. Shorter than the 90 s after which most load balancers have long closed it.
const IDLE: Duration = Duration::from_secs(60);

/// How many idle connections are kept.
const IDLE_CONNECTIONS: usize = 128;

/// A kept connection that the other side has closed shows it within a round trip. One that dies later died of the request.
const STALE_WITHIN: Duration = Duration::from_secs(1);

/// How many redirects of one call are followed.
const MOST_REDIRECTS: u32 = 3;

/// How long a probe may take in all.
const PROBE_LIMIT: Duration = Duration::from_secs(10);

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_DEADLINE: HeaderName = HeaderName::from_static("x-tierfall-deadline-ms");
const AGENT: HeaderValue = HeaderValue::from_static(concat!("tierfall/", env!("CARGO_PKG_VERSION")));
const LLAMA_CPP: HeaderValue = HeaderValue::from_static("llama.cpp");
const UVICORN: HeaderValue = HeaderValue::from_static("uvicorn");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// One tier's client and its pool of connections, which live on the runtime that first used them: one a tier and a runtime.
pub struct Upstream {
    client: Client<Connector, Outbound>,
    target: Arc<Target>,
    /// What every request carries: the key, the agent.
    headers: HeaderMap,
    chat: Uri,
    text: Uri,
    models: Uri,
    /// The calls of a Gradio program, where it is one.
    gradio: Option<App>,
    /// Whether an answer has said that llama.cpp's server wrote it.
    llama_cpp: AtomicBool,
    /// How it goes on from an unfinished message, once that is known.
    prefill: OnceLock<Option<Prefill>>,
    /// Whether an answer has said that uvicorn serves it, as it does vLLM and `SGLang`.
    uvicorn: AtomicBool,
    /// Whether a stream has said why it ended.
    says_reasons: Arc<AtomicBool>,
}

/// One call, ready to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Which call.
    pub form: Form,
    /// Its body, as rewritten for the tier.
    pub body: wire::Segments,
    /// Whether the body asks for a stream.
    pub streamed: bool,
    /// What its answer may be that would be none for another request.
    pub allowed: Allowed,
    /// Goes out as `x-request-id`.
    pub request_id: String,
    /// What the attempt has left; the user's own tiers are told, as `x-tierfall-deadline-ms`.
    pub deadline: Option<Duration>,
}

/// A key that no HTTP header can carry, such as one with a line break in it. The key is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("takes a key without spaces, line breaks or other control characters")]
pub struct BadKey;

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("target", &self.target).finish_non_exhaustive()
    }
}

impl Upstream {
    /// Makes the client; connects to nothing yet.
    pub fn new(target: Target) -> Result<Self, BadKey> {
        let connector = Connector::new(&target.base_url, target.connect);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .http1_ignore_invalid_headers_in_responses(true)
            .build(connector);
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(USER_AGENT, AGENT);
        if let Some(key) = &target.key {
            headers.insert(AUTHORIZATION, bearer(key)?);
        }
        let [chat, text] = [Form::Chat, Form::Text].map(|form| target.base_url.call(form.path()));
        let models = target.base_url.call(target.facts().list.as_deref().unwrap_or("models"));
        let gradio = (target.facts().ways == Ways::Gradio).then(|| App::at(&target.base_url));
        let prefill = match target.facts().takes.prefill {
            // Gradio is served by uvicorn too, and has no list of models to look at.
            None if gradio.is_none() => OnceLock::new(),
            known => OnceLock::from(known),
        };
        let (llama_cpp, uvicorn) = (AtomicBool::new(false), AtomicBool::new(false));
        let target = Arc::new(target);
        Ok(Self {
            client,
            target,
            headers,
            chat,
            text,
            models,
            gradio,
            llama_cpp,
            prefill,
            uvicorn,
            says_reasons: Arc::default(),
        })
    }

    /// The tier that this is the client of.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Whether the tier reports how much of a prompt it has read where a streamed request's `return_progress` asks for it:
    /// it is llama.cpp's server, as the `server` header of an answer has said.
    pub fn reports_progress(&self) -> bool {
        self.llama_cpp.load(Ordering::Relaxed)
    }

    /// How the tier is asked to go on from an unfinished message; `None` where it is not known to do so.
    pub fn prefill(&self) -> Option<Prefill> {
        self.prefill.get().copied().flatten().or_else(|| self.reports_progress().then_some(Prefill::Plain))
    }

    /// Looks once who owns the models of a self-hosted tier that may be one of those that take a prefill.
    pub async fn look_for_prefill(&self) {
        let own = self.target.kind.hosting == Hosting::SelfHosted;
        if !own || self.prefill.get().is_some() || !self.uvicorn.swap(false, Ordering::Relaxed) {
            return;
        }
        if let Ok(body) = self.probe(&self.models).await {
            self.prefill.get_or_init(|| wire::models::owner(&body).as_deref().and_then(Prefill::of_owner));
        }
    }

    /// Makes one attempt. Comes back once the answer's first bytes have shown what it is; a stream's events are then read
    /// from it, a whole answer is complete. Dropping the future, or the answer, closes the connection at once.
    ///
    /// # Errors
    ///
    /// Any [`Cause`] but those of a stream's middle.
    pub async fn send(&self, mut outgoing: Outgoing) -> Result<Answer, Failure> {
        if let Some(app) = &self.gradio {
            return gradio::send(self, app, outgoing).await;
        }
        let uri = match outgoing.form {
            Form::Chat => &self.chat,
            Form::Text => &self.text,
        };
        let body = Outbound::new(std::mem::take(&mut outgoing.body));
        let response = self.call(&Method::POST, uri, || self.headers_of(&outgoing), &body).await?;
        answer::read(self.expected(outgoing), response).await
    }

    /// What is known of the answer to `outgoing` before it comes.
    pub(crate) fn expected(&self, outgoing: Outgoing) -> Expected {
        let Outgoing { form, allowed, request_id, .. } = outgoing;
        let (target, says_reasons) = (Arc::clone(&self.target), Arc::clone(&self.says_reasons));
        Expected { target, form, allowed, request_id, says_reasons, translation: None }
    }

    /// The names of the models that the provider says it has: see [`Upstream::list`].
    ///
    /// # Errors
    ///
    /// As [`Upstream::list`].
    pub async fn models(&self) -> Result<Vec<String>, Failure> {
        if let Some(app) = &self.gradio {
            let listed = App::answers(&self.probe(&app.info).await?);
            return if listed { Ok(vec![self.target.model.clone()]) } else { Err(Cause::NotAnAnswer.into()) };
        }
        Ok(self.list().await?.into_iter().map(|model| model.id).collect())
    }

    /// The models that the provider says it has (`GET {base}/models`, or where its row says), bounded to 10 s, 4 MiB and
    /// [`wire::models::MOST_MODELS`].
    ///
    /// # Errors
    ///
    /// Any [`Cause`]; [`Cause::NotAnAnswer`] where the list cannot be read, or is longer.
    pub async fn list(&self) -> Result<Vec<ListedModel>, Failure> {
        let body = self.probe(&self.models).await?;
        wire::models::list(&body).ok_or_else(|| Cause::NotAnAnswer.into())
    }

    async fn probe(&self, uri: &Uri) -> Result<Bytes, Failure> {
        let asked = async {
            let response = self.call(&Method::GET, uri, || self.headers.clone(), &Outbound::default()).await?;
            answer::read_json(&self.target, response).await
        };
        tokio::time::timeout(PROBE_LIMIT, asked).await.unwrap_or_else(|_| Err(Cause::Timeout(PROBE_LIMIT).into()))
    }

    /// Sends a request and waits for the answer's head. A kept connection that turns out to be dead before any byte of an
    /// answer came costs nothing but another one: the client's own pool mends what had not been written yet, this loop what
    /// had. Each turn uses a kept connection up, so that it ends with a fresh one at the latest.
    pub(crate) async fn call(
        &self,
        method: &Method,
        uri: &Uri,
        headers: impl Fn() -> HeaderMap,
        body: &Outbound,
    ) -> Result<Response<Incoming>, Failure> {
        let started = Instant::now();
        let (mut uri, mut redirects) = (Cow::Borrowed(uri), 0);
        loop {
            let mut request = Request::new(body.clone());
            *request.method_mut() = method.clone();
            *request.uri_mut() = uri.as_ref().clone();
            *request.headers_mut() = headers();
            match self.client.request(request).await {
                Ok(response) => {
                    if let Some(served) = response.extensions().get::<Served>() {
                        served.mark();
                    }
                    self.note_server(response.headers().get(SERVER));
                    let Some(next) = redirect::target(&uri, method, &response)? else { return Ok(response) };
                    redirects += 1;
                    if redirects > MOST_REDIRECTS {
                        return Err(redirect::refused(&next.to_string(), &response));
                    }
                    uri = Cow::Owned(next);
                }
                Err(error) if started.elapsed() < STALE_WITHIN && was_stale(&error) => {}
                Err(error) => return Err(transport::cause(&error).into()),
            }
        }
    }

    fn note_server(&self, server: Option<&HeaderValue>) {
        if server == Some(&LLAMA_CPP) {
            self.llama_cpp.store(true, Ordering::Relaxed);
        } else if server == Some(&UVICORN) {
            self.uvicorn.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn client(&self) -> &Client<Connector, Outbound> {
        &self.client
    }

    pub(crate) fn headers_of(&self, outgoing: &Outgoing) -> HeaderMap {
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, JSON);
        headers.insert(ACCEPT, if outgoing.streamed { EVENT_STREAM } else { JSON });
        if let Ok(id) = HeaderValue::from_str(&outgoing.request_id) {
            headers.insert(X_REQUEST_ID, id);
        }
        if let Some(deadline) = outgoing.deadline.filter(|_| self.target.kind.hosting == Hosting::SelfHosted) {
            let milliseconds = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
            headers.insert(X_DEADLINE, HeaderValue::from(milliseconds));
        }
        headers
    }
}

fn bearer(key: &SecretString) -> Result<HeaderValue, BadKey> {
    let key = key.expose_secret();
    if key.contains(char::is_whitespace) {
        return Err(BadKey);
    }
    let mut value = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| BadKey)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether a request failed on a connection that had served before and now closed without a byte of an answer.
fn was_stale(error: &ClientError) -> bool {
    let mut extras = Extensions::new();
    if let Some(connection) = error.connect_info() {
        connection.get_extras(&mut extras);
    }
    extras.get::<Served>().is_some_and(Served::before) && transport::cause(error) == Cause::Reset
}
