//! A whole answer, put together from all that its jobs have said.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};
use wire::Form;

use super::among::Among;
use super::calls::{Call, Calls, Said};
use super::logprobs::Written;
use super::usage::Usage;
use super::{Echo, Head, Made, Wanted, finish_reason};
use crate::model::{Done, Generation, Logprob, Output};
use crate::worker::refusal::Refusal;

/// The whole answer, once it is there. Dropping the future cancels all jobs.
pub(in crate::worker) async fn whole(
    generations: Vec<Generation>,
    head: &Head,
    wanted: &Wanted,
) -> Result<Response<Full<Bytes>>, Refusal> {
    let mut answers = Vec::new();
    // Nothing that one has to say is lost while another is listened to.
    for generation in generations {
        answers.push(Answer::hear(generation).await?);
    }
    let mut usage = Usage::default();
    for (number, answer) in answers.iter().enumerate() {
        usage.count(&answer.done, number % wanted.made == 0);
    }
    let mut choices = Vec::new();
    for (prompt, answers) in answers.chunks_mut(wanted.made).enumerate() {
        if wanted.made > wanted.given {
            answers.sort_by(|one, other| other.likelihood().total_cmp(&one.likelihood()));
        }
        for answer in answers.iter().take(wanted.given) {
            choices.push(answer.choice(head.form, choices.len(), wanted.echo(prompt), wanted));
        }
    }
    let object = match head.form {
        Form::Chat => "chat.completion",
        Form::Text => "text_completion",
    };
    let body = json!({"id": head.id, "object": object, "created": head.created, "model": head.model,
        "choices": choices, "usage": usage});
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// All that one job has said.
struct Answer {
    text: String,
    prompt: Vec<Logprob>,
    tokens: Vec<Logprob>,
    done: Done,
}

impl Answer {
    async fn hear(mut generation: Generation) -> Result<Self, Refusal> {
        let (mut text, mut prompt, mut tokens) = (String::new(), Vec::new(), Vec::new());
        loop {
            match generation.next().await {
                Some(Output::Reading { .. }) => {}
                Some(Output::Prompt(logprobs)) => prompt = logprobs,
                Some(Output::Logprobs(logprobs)) => tokens.extend(logprobs),
                Some(Output::Text(more)) => text.push_str(&more),
                Some(Output::Done(done)) => return Ok(Self { text, prompt, tokens, done }),
                Some(Output::Failed(reason)) => return Err(Refusal::failed(&reason)),
                None => return Err(Refusal::failed("the engine gave no end")),
            }
        }
    }

    /// How likely it was, a token: OpenAI's measure of the best ("Create completion", `best_of`).
    fn likelihood(&self) -> f32 {
        let sum: f32 = self.tokens.iter().filter_map(|token| token.logprob).sum();
        sum / self.tokens.len().max(1) as f32
    }

    fn choice(&self, form: Form, index: usize, echo: Option<&Echo>, wanted: &Wanted) -> Value {
        let Apart { text, made, tokens } = match wanted.calls.clone() {
            Some(calls) => self.apart(calls),
            None => Apart { text: self.text.clone(), made: Vec::new(), tokens: self.tokens.clone() },
        };
        let logprobs = wanted.logprobs.then(|| {
            let prompt = &self.prompt[echo.map_or(0, |echo| echo.unsaid).min(self.prompt.len())..];
            Written::default().write(form, &[&without_first(prompt)[..], &tokens].concat())
        });
        // Where nothing but calls was said, there are no words whose tokens could be told.
        let logprobs = logprobs.filter(|_| made.is_empty() || !tokens.is_empty());
        let reason = finish_reason(self.done.finish, !made.is_empty());
        let Form::Chat = form else {
            let text = [echo.map_or("", |echo| &echo.text), &text].concat();
            return json!({"index": index, "text": text, "logprobs": logprobs, "finish_reason": reason});
        };
        let mut message = json!({"role": "assistant", "content": text, "refusal": null});
        if !made.is_empty() {
            message["content"] = Some(text).filter(|text| !text.is_empty()).into();
            message["tool_calls"] = made.iter().map(|call| json!(Made::from(call))).collect();
        }
        json!({"index": index, "message": message, "logprobs": logprobs, "finish_reason": reason})
    }

    fn apart(&self, mut calls: Calls) -> Apart {
        let mut among = Among::default();
        among.hold(self.tokens.clone());
        let mut apart = Apart::default();
        let mut said = calls.hear(&self.text);
        said.extend(calls.end());
        for said in said {
            match said {
                Said::Text { at, text } => {
                    apart.tokens.extend(among.of_words(at, text.len()));
                    apart.text.push_str(&text);
                }
                Said::Call(call) => apart.made.push(call),
            }
        }
        apart.tokens.extend(among.rest());
        apart
    }
}

/// A whole answer's words with their tokens, and its calls.
#[derive(Default)]
struct Apart {
    text: String,
    made: Vec<Call>,
    tokens: Vec<Logprob>,
}

/// The caller's own tokens. What was before the first of them is not theirs, and foretells nothing in OpenAI's form.
pub(super) fn without_first(prompt: &[Logprob]) -> Vec<Logprob> {
    let mut prompt = prompt.to_vec();
    if let Some(first) = prompt.first_mut() {
        (first.logprob, first.top) = (None, Vec::new());
    }
    prompt
}
