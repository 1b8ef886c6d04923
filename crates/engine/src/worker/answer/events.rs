//! A streamed answer: server-sent events in OpenAI's form.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};

use super::script::{Script, Sheet};
use super::usage::Usage;
use super::{Head, Wanted};
use crate::model::{Generation, Output};
use crate::worker::refusal::Refusal;

/// The body of a stream. Dropping it, as the server does when the client is gone, cancels all jobs.
#[derive(Debug)]
pub(in crate::worker) struct Events {
    sheet: Sheet,
    /// Those that have not ended.
    voices: Vec<Voice>,
    usage: Usage,
    queued: VecDeque<Bytes>,
    /// The end has been queued.
    is_over: bool,
}

/// One choice as it comes.
#[derive(Debug)]
struct Voice {
    generation: Generation,
    script: Script,
    /// It is the first of its prompt, which counts once.
    is_first: bool,
}

impl Events {
    pub(super) fn new(generations: Vec<Generation>, head: Head, wanted: &Wanted) -> Self {
        let sheet = Sheet { head, include_usage: wanted.include_usage };
        let voice = |(index, generation)| {
            let script = Script::new(index, wanted.calls.clone(), wanted.echo(index / wanted.made), wanted.logprobs);
            Voice { generation, script, is_first: index % wanted.made == 0 }
        };
        let voices: Vec<_> = generations.into_iter().enumerate().map(voice).collect();
        let queued = voices.iter().filter_map(|voice| voice.script.begin(&sheet)).collect();
        Self { sheet, voices, usage: Usage::default(), queued, is_over: false }
    }

    /// Hears each choice once; false where none has anything to say yet.
    fn hear(&mut self, cx: &mut Context<'_>) -> bool {
        let mut heard = false;
        let mut index = 0;
        while let Some(voice) = self.voices.get_mut(index) {
            let Poll::Ready(said) = voice.generation.poll_next(cx) else {
                index += 1;
                continue;
            };
            heard = true;
            match said {
                Some(Output::Done(done)) => {
                    voice.script.end(&self.sheet, &done, &mut self.queued);
                    self.usage.count(&done, voice.is_first);
                    self.voices.remove(index);
                }
                Some(Output::Failed(reason)) => self.break_off(&reason),
                None => self.break_off("the engine gave no end"),
                Some(said) => {
                    voice.script.tell(&self.sheet, said, &mut self.queued);
                    index += 1;
                }
            }
        }
        heard
    }

    /// An error is the last thing that is said, and the other choices end with it.
    fn break_off(&mut self, reason: &str) {
        self.voices.clear();
        self.queued.push_back(wire::sse::data(&Refusal::failed(reason).body()));
        self.is_over = true;
    }

    fn end(&mut self) {
        self.is_over = true;
        if self.sheet.include_usage {
            self.queued.push_back(self.sheet.usage(std::mem::take(&mut self.usage)));
        }
        self.queued.push_back(Bytes::from_static(wire::sse::DONE));
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
            if this.is_over {
                return Poll::Ready(None);
            }
            if this.voices.is_empty() {
                this.end();
            } else if !this.hear(cx) {
                return Poll::Pending;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use wire::Form;

    use super::*;

    fn events() -> Events {
        let wanted = Wanted { made: 1, given: 1, echoes: None, logprobs: false, calls: None, include_usage: true };
        Events::new(Vec::new(), Head::new(Form::Chat, "tiny"), &wanted)
    }

    fn said(events: &mut Events) -> Vec<String> {
        let mut said = Vec::new();
        let mut cx = Context::from_waker(std::task::Waker::noop());
        while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut *events).poll_frame(&mut cx) {
            said.push(String::from_utf8_lossy(frame.data_ref().expect("data")).into_owned());
        }
        said
    }

    #[test]
    fn a_stream_ends_once_all_choices_have() {
        let said = said(&mut events());
        assert_eq!(said.len(), 2);
        assert!(said[0].contains(r#""choices":[],"usage":{"#), "{said:?}");
        assert_eq!(said[1], "data: [DONE]\n\n");
    }

    #[test]
    fn a_failure_is_an_error_event_and_no_end() {
        let mut events = events();
        events.break_off("no room");
        let said = said(&mut events);
        let [error] = &said[..] else { panic!("{said:?}") };
        let error: Value = serde_json::from_str(error.strip_prefix("data: ").expect("a data line")).expect("JSON");
        assert_eq!(error["error"]["message"], "no room");
    }
}
