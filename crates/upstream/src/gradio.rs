//! Gradio's calls, as calls of OpenAI's form: a request to a function, and a stream of what that yields
//! (<https://www.gradio.app/guides/querying-gradio-apps-with-curl>).
//!
//! `POST …/gradio_api/call/NAME` answers with the call's `event_id`, and `GET …/gradio_api/call/NAME/EVENT_ID` with its events:
//! `generating` holds what the function yields, `complete` the last of it once more, `error` words, `heartbeat` nothing. To
//! callers of this form each value is sent as it is yielded, and to a browser the difference to the one before
//! (`Blocks.handle_streaming_diffs`, `simple_format`).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use hyper_util::client::legacy::Client;
use serde::Deserialize;
use serde_json::{Value, json};
use wire::sse::{self, Event};

use crate::answer::Expected;
use crate::answer::{self, Answer, AnswerBody};
use crate::failure::{Cause, Failure};
use crate::kind::zerogpu::{self, Asked};
use crate::refusal;
use crate::target::Address;
use crate::transport::body::Outbound;
use crate::transport::connect::Connector;
use crate::upstream::{Outgoing, Upstream};

/// How long the server may take to be told that nobody waits for a call any longer.
const CANCELLING: Duration = Duration::from_secs(10);

/// The calls of one Gradio program.
#[derive(Debug, Clone)]
pub(crate) struct App {
    call: Uri,
    cancel: Uri,
    /// What functions there are.
    pub(crate) info: Uri,
}

impl App {
    pub(crate) fn at(address: &Address) -> Self {
        let site = address.without_version();
        let at = |path: &str| site.call(&format!("gradio_api/{path}"));
        Self { call: at(&format!("call/{}", zerogpu::FUNCTION)), cancel: at("cancel"), info: at("info") }
    }

    /// Where the events of a call are; `None` for an id that could be another address.
    fn events(&self, id: &str) -> Option<Uri> {
        let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain.then(|| format!("{}/{id}", self.call).parse().expect("letters, digits and hyphens end a URI"))
    }

    /// Whether `info` lists the function that answers a chat.
    pub(crate) fn answers(info: &[u8]) -> bool {
        let listed = serde_json::from_slice::<Value>(info).ok();
        listed.is_some_and(|info| info["named_endpoints"].get(format!("/{}", zerogpu::FUNCTION)).is_some())
    }
}

/// Makes one attempt. Comes back once the function has yielded something: what fails before that fails the call.
///
/// # Errors
///
/// What the function does not take, and any other [`Cause`].
pub(crate) async fn send(upstream: &Upstream, app: &App, mut outgoing: Outgoing) -> Result<Answer, Failure> {
    let target = upstream.target();
    let body = std::mem::take(&mut outgoing.body).concat();
    let asked = Asked::read(outgoing.form, &body).map_err(|body| {
        let refusal = refusal::read(target, 400, &HeaderMap::new(), body);
        refusal.unwrap_or_else(|| Cause::Unsupported(String::new()).into())
    })?;
    let headers = upstream.headers_of(&outgoing);
    let body = Outbound::new([asked.body.clone()]);
    let begun = upstream.call(&Method::POST, &app.call, || headers.clone(), &body).await?;
    let begun: Begun =
        serde_json::from_slice(&answer::read_json(target, begun).await?).map_err(|_| Cause::NotAnAnswer)?;
    let events = app.events(&begun.event_id).ok_or(Cause::NotAnAnswer)?;
    let leaving = Leaving {
        client: upstream.client().clone(),
        cancel: app.cancel.clone(),
        headers: headers.clone(),
        event_id: begun.event_id,
        ended: false,
    };
    let response = upstream.call(&Method::GET, &events, || headers.clone(), &Outbound::default()).await?;
    let translation = Translation::new(&outgoing.request_id, asked.tells_usage, leaving);
    let expected = Expected { translation: Some(Box::new(translation)), ..upstream.expected(outgoing) };
    let mut answer = answer::read(expected, response).await?;
    match &mut answer.body {
        AnswerBody::Stream(stream) => stream.wait_for_the_first().await?,
        AnswerBody::Whole(_) => return Err(Cause::NotAnAnswer.into()),
    }
    Ok(answer)
}

#[derive(Deserialize)]
struct Begun {
    event_id: String,
}

/// A call that is under way. Dropped before its end, it is cancelled: the GPU is wanted back, also where what stands between
/// keeps the connection open.
struct Leaving {
    client: Client<Connector, Outbound>,
    cancel: Uri,
    headers: HeaderMap,
    event_id: String,
    ended: bool,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.ended {
            return;
        }
        let (client, id) = (self.client.clone(), &self.event_id);
        // A call without a session is its own.
        let body = json!({ "event_id": id, "session_hash": id, "fn_index": 0 });
        let mut request = Request::new(Outbound::new([Bytes::from(body.to_string())]));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.cancel.clone();
        *request.headers_mut() = std::mem::take(&mut self.headers);
        runtime.spawn(tokio::time::timeout(CANCELLING, async move { client.request(request).await.map(drop) }));
    }
}

/// Puts the events of a call into OpenAI's form.
pub(crate) struct Translation {
    id: String,
    created: u64,
    tells_usage: bool,
    /// Whether the role has been said.
    begun: bool,
    /// Whether the function has said why the answer ended.
    finished: bool,
    leaving: Leaving,
}

/// What the function yields.
#[derive(Deserialize)]
struct Yielded {
    model: String,
    text: Option<String>,
    finish_reason: Option<String>,
    usage: Option<Used>,
}

#[derive(Deserialize)]
struct Used {
    prompt_tokens: u32,
    completion_tokens: u32,
}

impl Translation {
    fn new(request_id: &str, tells_usage: bool, leaving: Leaving) -> Self {
        let created = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self { id: format!("chatcmpl-{request_id}"), created, tells_usage, begun: false, finished: false, leaving }
    }

    /// The event that takes the place of `event`; `None` where there is none.
    pub(crate) fn read(&mut self, event: Event) -> Option<Event> {
        match (event.name.as_deref(), &event.data) {
            (Some(b"generating"), Some(data)) => Some(self.chunk(data)),
            (Some(b"complete"), _) => {
                self.leaving.ended = true;
                // One that was cancelled completes too: without a reason it is none that has ended.
                self.finished.then(|| made(Bytes::from_static(b"[DONE]")))
            }
            (Some(b"error"), Some(data)) => {
                self.leaving.ended = true;
                Some(Event { name: Some(Bytes::from_static(b"error")), bare: false, ..made(error(data)) })
            }
            _ => None,
        }
    }

    /// A chunk of what was yielded; the data as it is where it is none of ours.
    fn chunk(&mut self, data: &Bytes) -> Event {
        let Ok([yielded]) = serde_json::from_slice::<[Yielded; 1]>(data) else { return made(data.clone()) };
        let mut delta = json!({});
        if !std::mem::replace(&mut self.begun, true) {
            delta["role"] = "assistant".into();
        }
        if let Some(text) = yielded.text {
            delta["content"] = text.into();
        }
        self.finished |= yielded.finish_reason.is_some();
        let mut chunk = json!({
            "id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": yielded.model,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": yielded.finish_reason }],
        });
        if let Some(Used { prompt_tokens, completion_tokens }) = yielded.usage.filter(|_| self.tells_usage) {
            let total_tokens = prompt_tokens.saturating_add(completion_tokens);
            chunk["usage"] = json!({
                "prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens, "total_tokens": total_tokens,
            });
        }
        made(chunk.to_string().into())
    }
}

/// An event of OpenAI's form.
fn made(data: Bytes) -> Event {
    Event { raw: sse::data(&data), data: Some(data), name: None, bare: true }
}

/// What went wrong, as OpenAI's error body. An error of the function's own making has words and a title; of another one it says
/// nothing, and of the server's it says a text.
fn error(data: &[u8]) -> Bytes {
    let said: Value = serde_json::from_slice(data).unwrap_or_default();
    let words = said.as_str().or(said["error"].as_str()).unwrap_or("the Space's program failed");
    wire::error_body(words, said["title"].as_str().unwrap_or("error"), None, None)
}
