//! An answer in OpenAI's form: whole, or as a stream.

mod calls;
mod events;

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;
use serde_json::json;
use wire::Form;

pub(super) use calls::{CLOSE, Calls, OPEN, Style};
pub(super) use events::Events;

use super::refusal::Refusal;
use crate::model::{Done, Drafted, Finish, Generation, Output};
use calls::{Call, Said};

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

/// What an answer has cost.
#[derive(Debug, Serialize)]
struct Usage {
    prompt_tokens: u32,
    completion_tokens: u32,
    total_tokens: u32,
    prompt_tokens_details: PromptDetails,
    /// Absent where nothing was guessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Debug, Serialize)]
struct PromptDetails {
    cached_tokens: u32,
}

/// How much was guessed; the members are this engine's own.
#[derive(Debug, Serialize)]
struct CompletionDetails {
    draft_tokens: u32,
    draft_accepted: u32,
    near_ties: u32,
}

impl From<Drafted> for CompletionDetails {
    fn from(Drafted { tokens, accepted, near_ties }: Drafted) -> Self {
        Self { draft_tokens: tokens, draft_accepted: accepted, near_ties }
    }
}

impl From<&Done> for Usage {
    fn from(done: &Done) -> Self {
        Self {
            prompt_tokens: done.prompt_tokens,
            completion_tokens: done.completion_tokens,
            total_tokens: done.prompt_tokens.saturating_add(done.completion_tokens),
            prompt_tokens_details: PromptDetails { cached_tokens: done.cached_tokens },
            completion_tokens_details: (done.drafts.tokens > 0).then(|| done.drafts.into()),
        }
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

/// A whole answer's text, and its calls.
fn apart(mut calls: Calls, answer: &str) -> (String, Vec<Call>) {
    let (mut text, mut made) = (String::new(), Vec::new());
    let mut said = calls.hear(answer);
    said.extend(calls.end());
    for said in said {
        match said {
            Said::Text(more) => text.push_str(&more),
            Said::Call(call) => made.push(call),
        }
    }
    (text, made)
}

fn finish_reason(finish: Finish, calls: bool) -> &'static str {
    match finish {
        Finish::Stop if calls => "tool_calls",
        Finish::Stop => "stop",
        Finish::Length => "length",
    }
}

/// The whole answer, once it is there. Dropping the future cancels the job.
pub(super) async fn whole(
    mut generation: Generation,
    head: &Head,
    calls: Option<Calls>,
) -> Result<Response<Full<Bytes>>, Refusal> {
    let mut text = String::new();
    let done = loop {
        match generation.next().await {
            Some(Output::Reading { .. }) => {}
            Some(Output::Text(more)) => text.push_str(&more),
            Some(Output::Done(done)) => break done,
            Some(Output::Failed(reason)) => return Err(Refusal::failed(&reason)),
            None => return Err(Refusal::failed("the engine gave no end")),
        }
    };
    let (text, made) = calls.map_or((text.clone(), Vec::new()), |calls| apart(calls, &text));
    let reason = finish_reason(done.finish, !made.is_empty());
    let (object, choice) = match head.form {
        Form::Chat => {
            let mut message = json!({"role": "assistant", "content": text, "refusal": null});
            if !made.is_empty() {
                message["content"] = Some(text).filter(|text| !text.is_empty()).into();
                message["tool_calls"] = made.iter().map(|call| json!(Made::from(call))).collect();
            }
            let choice = json!({"index": 0, "message": message, "logprobs": null, "finish_reason": reason});
            ("chat.completion", choice)
        }
        Form::Text => ("text_completion", json!({"index": 0, "text": text, "logprobs": null, "finish_reason": reason})),
    };
    let body = json!({"id": head.id, "object": object, "created": head.created, "model": head.model,
        "choices": [choice], "usage": Usage::from(&done)});
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// The answer as it comes.
pub(super) fn stream(
    generation: Generation,
    head: Head,
    calls: Option<Calls>,
    include_usage: bool,
) -> Response<Events> {
    let mut response = Response::new(Events::new(generation, head, calls, include_usage));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
