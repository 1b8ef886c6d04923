//! A streamed answer: server-sent events in OpenAI's form.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use serde::Serialize;
use wire::Form;

use super::calls::{Calls, Said};
use super::{Head, Made, Usage, finish_reason};
use crate::model::{Done, Generation, Output};
use crate::worker::refusal::Refusal;

/// The body of a stream. Dropping it, as the server does when the client is gone, cancels the job.
#[derive(Debug)]
pub(in crate::worker) struct Events {
    /// `None` once the end has been queued.
    generation: Option<Generation>,
    script: Script,
    queued: VecDeque<Bytes>,
}

impl Events {
    pub(super) fn new(generation: Generation, head: Head, calls: Option<Calls>, include_usage: bool) -> Self {
        let script = Script { head, calls, include_usage };
        let queued = script.begin().into_iter().collect();
        Self { generation: Some(generation), script, queued }
    }
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        loop {
            if let Some(bytes) = this.queued.pop_front() {
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            let Some(generation) = &mut this.generation else { return Poll::Ready(None) };
            let said = ready!(generation.poll_next(cx));
            if matches!(said, Some(Output::Done(_) | Output::Failed(_)) | None) {
                this.generation = None;
            }
            this.script.tell(said, &mut this.queued);
        }
    }
}

/// What is said when.
#[derive(Debug)]
struct Script {
    head: Head,
    calls: Option<Calls>,
    include_usage: bool,
}

#[derive(Serialize)]
struct Chunk<'a, C> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    choices: C,
    /// Absent where the client did not ask for it; `null` in all chunks but the last where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Option<Usage>>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    #[serde(flatten)]
    content: Content<'a>,
    logprobs: Option<()>,
    finish_reason: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Content<'a> {
    Delta(Delta<'a>),
    Text(&'a str),
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[Made<'a>; 1]>,
}

impl Script {
    /// A chat begins with who speaks; a text with nothing.
    fn begin(&self) -> Option<Bytes> {
        let delta = Delta { role: Some("assistant"), content: Some(""), tool_calls: None };
        matches!(self.head.form, Form::Chat).then(|| self.choice(Content::Delta(delta), None))
    }

    fn tell(&mut self, said: Option<Output>, queued: &mut VecDeque<Bytes>) {
        let event = match said {
            Some(Output::Reading { done, total }) => wire::sse::comment(&format!("reading {done}/{total}")),
            Some(Output::Text(text)) => {
                let said =
                    self.calls.as_mut().map_or_else(|| vec![Said::Text(text.clone())], |calls| calls.hear(&text));
                return self.say(&said, queued);
            }
            Some(Output::Done(done)) => return self.end(&done, queued),
            Some(Output::Failed(reason)) => wire::sse::data(&Refusal::failed(&reason).body()),
            None => wire::sse::data(&Refusal::failed("the engine gave no end").body()),
        };
        queued.push_back(event);
    }

    fn say(&self, said: &[Said], queued: &mut VecDeque<Bytes>) {
        for said in said {
            let content = match said {
                Said::Text(text) => self.content(text),
                Said::Call(call) => {
                    let made = Made { index: Some(call.index), ..Made::from(call) };
                    Content::Delta(Delta { tool_calls: Some([made]), ..Delta::default() })
                }
            };
            queued.push_back(self.choice(content, None));
        }
    }

    fn end(&mut self, done: &Done, queued: &mut VecDeque<Bytes>) {
        let rest = self.calls.as_mut().map(Calls::end).unwrap_or_default();
        self.say(&rest, queued);
        let called = self.calls.as_ref().is_some_and(Calls::any);
        let nothing = match self.head.form {
            Form::Chat => Content::Delta(Delta::default()),
            Form::Text => Content::Text(""),
        };
        queued.push_back(self.choice(nothing, Some(finish_reason(done.finish, called))));
        if self.include_usage {
            queued.push_back(self.event::<[Choice<'_>; 0]>([], Some(Some(done.into()))));
        }
        queued.push_back(Bytes::from_static(wire::sse::DONE));
    }

    fn content<'a>(&self, text: &'a str) -> Content<'a> {
        match self.head.form {
            Form::Chat => Content::Delta(Delta { content: Some(text), ..Delta::default() }),
            Form::Text => Content::Text(text),
        }
    }

    fn choice(&self, content: Content<'_>, finish_reason: Option<&'static str>) -> Bytes {
        let choice = Choice { index: 0, content, logprobs: None, finish_reason };
        self.event([choice], self.include_usage.then_some(None))
    }

    fn event<C: Serialize>(&self, choices: C, usage: Option<Option<Usage>>) -> Bytes {
        let Head { form, id, created, model } = &self.head;
        let object = match form {
            Form::Chat => "chat.completion.chunk",
            Form::Text => "text_completion",
        };
        let chunk = Chunk { id, object, created: *created, model, choices, usage };
        let json = serde_json::to_vec(&chunk).expect("strings and numbers are always JSON");
        wire::sse::data(&json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Drafted, Finish, Timings};
    use crate::worker::answer::Style;
    use serde_json::{Value, json};

    fn told(form: Form, include_usage: bool, said: Vec<Output>) -> Vec<String> {
        let mut script = Script { head: Head::new(form, "tiny"), calls: None, include_usage };
        let mut queued: VecDeque<Bytes> = script.begin().into_iter().collect();
        said.into_iter().for_each(|said| script.tell(Some(said), &mut queued));
        queued.iter().map(|event| String::from_utf8_lossy(event).into_owned()).collect()
    }

    fn json_of(event: &str) -> Value {
        let data = event.strip_prefix("data: ").expect("a data line");
        serde_json::from_str(data).expect("JSON")
    }

    fn done() -> Output {
        let (prompt_tokens, cached_tokens, completion_tokens) = (12, 5, 3);
        let timings = Timings::default();
        Output::Done(Done {
            finish: Finish::Length,
            prompt_tokens,
            cached_tokens,
            completion_tokens,
            timings,
            drafts: Drafted::default(),
        })
    }

    #[test]
    fn a_chat_begins_with_its_role_and_ends_with_its_reason_and_usage() {
        let events = told(Form::Chat, true, vec![Output::Text("<p>\n".to_owned()), done()]);
        let [role, text, end, usage, last] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(json_of(role)["choices"][0]["delta"]["role"], "assistant");
        assert_eq!(json_of(text)["choices"][0]["delta"], json!({"content": "<p>\n"}));
        assert_eq!(json_of(text)["usage"], Value::Null);
        assert_eq!(json_of(text)["object"], "chat.completion.chunk");
        assert_eq!(json_of(end)["choices"][0]["finish_reason"], "length");
        assert_eq!(json_of(usage)["choices"], json!([]));
        let cost = json!({"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15,
            "prompt_tokens_details": {"cached_tokens": 5}});
        assert_eq!(json_of(usage)["usage"], cost);
        assert_eq!(last, "data: [DONE]\n\n");
    }

    #[test]
    fn usage_says_how_much_was_guessed() {
        let Output::Done(done) = done() else { panic!("an end") };
        let drafts = Drafted { tokens: 16, accepted: 9, near_ties: 1 };
        let events = told(Form::Text, true, vec![Output::Done(Done { drafts, ..done })]);
        let details = json!({"draft_tokens": 16, "draft_accepted": 9, "near_ties": 1});
        assert_eq!(json_of(&events[1])["usage"]["completion_tokens_details"], details);
    }

    #[test]
    fn nobody_gets_usage_unasked() {
        let events = told(Form::Chat, false, vec![done()]);
        assert_eq!(events.len(), 3);
        assert!(events.iter().all(|event| !event.contains("usage")));
    }

    #[test]
    fn a_call_of_a_tool_is_an_event_of_its_own_and_the_reason_of_the_end() {
        let calls = Some(Calls::new(Style::Marked, vec!["now".to_owned()]));
        let mut script = Script { head: Head::new(Form::Chat, "tiny"), calls, include_usage: false };
        let mut queued = VecDeque::new();
        let text = "Wait.\n<tool_call>{\"name\": \"now\", \"arguments\": {\"zone\": \"UTC\"}}</tool_call>".to_owned();
        let Output::Done(done) = done() else { unreachable!("that is what it is") };
        let done = Done { finish: Finish::Stop, ..done };
        [Output::Text(text), Output::Done(done)].into_iter().for_each(|said| script.tell(Some(said), &mut queued));
        let events: Vec<_> = queued.iter().map(|event| String::from_utf8_lossy(event).into_owned()).collect();
        assert_eq!(json_of(&events[0])["choices"][0]["delta"], json!({"content": "Wait."}));
        let call = &json_of(&events[1])["choices"][0]["delta"]["tool_calls"][0];
        assert!(call["id"].as_str().is_some_and(|id| id.starts_with("call_")), "{call}");
        assert_eq!((&call["index"], &call["type"]), (&json!(0), &json!("function")));
        assert_eq!(call["function"], json!({"name": "now", "arguments": "{\"zone\": \"UTC\"}"}));
        assert_eq!(json_of(&events[2])["choices"][0]["finish_reason"], "tool_calls");
    }

    #[test]
    fn a_text_has_no_role() {
        let events = told(Form::Text, false, vec![Output::Text("once".to_owned()), done()]);
        assert_eq!(json_of(&events[0])["choices"][0]["text"], "once");
        assert_eq!(json_of(&events[0])["object"], "text_completion");
        assert_eq!(json_of(&events[1])["choices"][0]["finish_reason"], "length");
    }

    #[test]
    fn reading_a_prompt_is_a_comment() {
        let events = told(Form::Text, false, vec![Output::Reading { done: 512, total: 4096 }]);
        assert_eq!(events[0].trim_end(), ": reading 512/4096");
    }

    #[test]
    fn a_failure_is_an_error_event_and_no_end() {
        let events = told(Form::Text, false, vec![Output::Failed("no room".to_owned())]);
        assert_eq!(json_of(&events[0])["error"]["message"], "no room");
        assert_eq!(events.len(), 1);
    }
}
