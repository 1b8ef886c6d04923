//! An answer in OpenAI's form: whole, or as a stream.

mod among;
mod calls;
mod events;
mod logprobs;
mod script;
mod usage;
mod whole;

use std::time::{SystemTime, UNIX_EPOCH};

use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;
use wire::Form;

pub(super) use calls::{CLOSE, Calls, FENCES, OPEN, Style};
pub(super) use events::Events;
pub(super) use whole::whole;

use crate::model::{Finish, Generation};
use calls::Call;

/// What all parts of one answer begin with.
#[derive(Debug)]
pub(super) struct Head {
    form: Form,
    id: String,
    /// Unix time in seconds.
    created: u64,
    model: String,
}

impl Head {
    pub(super) fn new(form: Form, model: &str) -> Self {
        let prefix = match form {
            Form::Chat => "chatcmpl",
            Form::Text => "cmpl",
        };
        let created = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        Self { form, id: format!("{prefix}-{}", uuid::Uuid::now_v7().simple()), created, model: model.to_owned() }
    }
}

/// What the jobs of one request are to become: those of one prompt follow each other.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Jobs a prompt; one at least.
    pub(super) made: usize,
    /// Choices a prompt: the likeliest answers, where there are more.
    pub(super) given: usize,
    /// What each prompt says, where its answers begin with it.
    pub(super) echoes: Option<Vec<Echo>>,
    /// How likely each token was is told.
    pub(super) logprobs: bool,
    /// Where the model was told of tools.
    pub(super) calls: Option<Calls>,
    /// A stream ends with a chunk that has `usage`.
    pub(super) include_usage: bool,
}

/// A prompt as it is said again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Echo {
    pub(super) text: String,
    /// How many of its tokens are not the caller's: the one that begins a text.
    pub(super) unsaid: usize,
}

impl Wanted {
    fn echo(&self, prompt: usize) -> Option<&Echo> {
        self.echoes.as_ref()?.get(prompt)
    }
}

/// A call in OpenAI's form.
#[derive(Serialize)]
struct Made<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    function: MadeFunction<'a>,
}

#[derive(Serialize)]
struct MadeFunction<'a> {
    name: &'a str,
    arguments: &'a str,
}

impl<'a> From<&'a Call> for Made<'a> {
    fn from(call: &'a Call) -> Self {
        let function = MadeFunction { name: &call.name, arguments: &call.arguments };
        Self { index: None, id: &call.id, kind: "function", function }
    }
}

fn finish_reason(finish: Finish, calls: bool) -> &'static str {
    match finish {
        Finish::Stop if calls => "tool_calls",
        Finish::Stop => "stop",
        Finish::Length => "length",
    }
}

/// The answer as it comes.
pub(super) fn stream(generations: Vec<Generation>, head: Head, wanted: &Wanted) -> Response<Events> {
    let mut response = Response::new(Events::new(generations, head, wanted));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
