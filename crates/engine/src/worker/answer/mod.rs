//! An answer in OpenAI's form: whole, or as a stream.

mod events;

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;
use serde_json::json;
use wire::Form;

pub(super) use events::Events;

use super::refusal::Refusal;
use crate::model::{Done, Finish, Generation, Output};

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
}

#[derive(Debug, Serialize)]
struct PromptDetails {
    cached_tokens: u32,
}

impl From<&Done> for Usage {
    fn from(done: &Done) -> Self {
        Self {
            prompt_tokens: done.prompt_tokens,
            completion_tokens: done.completion_tokens,
            total_tokens: done.prompt_tokens.saturating_add(done.completion_tokens),
            prompt_tokens_details: PromptDetails { cached_tokens: done.cached_tokens },
        }
    }
}

fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
    }
}

/// The whole answer, once it is there. Dropping the future cancels the job.
pub(super) async fn whole(mut generation: Generation, head: &Head) -> Result<Response<Full<Bytes>>, Refusal> {
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
    let reason = finish_reason(done.finish);
    let (object, choice) = match head.form {
        Form::Chat => {
            let message = json!({"role": "assistant", "content": text, "refusal": null});
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
pub(super) fn stream(generation: Generation, head: Head, include_usage: bool) -> Response<Events> {
    let mut response = Response::new(Events::new(generation, head, include_usage));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
