//! Where the engine's thread leaves what it has to say for one reader, without ever waiting for that reader.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::job::Output;
use super::logprobs::Logprob;

/// One job's output. The writer is the engine's thread, the reader a [`Generation`](super::Generation).
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    reading: Option<(u32, u32)>,
    prompt: Vec<Logprob>,
    logprobs: Vec<Logprob>,
    text: String,
    end: Option<Output>,
    ended: bool,
    cancelled: bool,
    waker: Option<Waker>,
}

impl Mailbox {
    /// Says how far the prompt has been read. Only the latest is kept.
    pub(super) fn reading(&self, done: u32, total: u32) {
        self.change(|state| state.reading = Some((done, total)));
    }

    /// Says how likely the prompt was.
    pub(super) fn prompt(&self, logprobs: Vec<Logprob>) {
        self.change(|state| state.prompt = logprobs);
    }

    /// Adds to the text that waits for the reader, and to what is told of its tokens.
    pub(super) fn say(&self, text: &str, logprobs: Vec<Logprob>) {
        if !text.is_empty() || !logprobs.is_empty() {
            self.change(|state| {
                state.logprobs.extend(logprobs);
                state.text.push_str(text);
            });
        }
    }

    /// Ends the output. Only the first end counts.
    pub(super) fn end(&self, end: Output) {
        self.change(|state| {
            if !state.ended {
                state.ended = true;
                state.end = Some(end);
            }
        });
    }

    /// True once the reader is gone.
    pub(super) fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    /// The reader is gone.
    pub(super) fn cancel(&self) {
        self.lock().cancelled = true;
    }

    /// What there is to read, in the order in which it came.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Output>> {
        let mut state = self.lock();
        if let Some((done, total)) = state.reading.take() {
            return Poll::Ready(Some(Output::Reading { done, total }));
        }
        if !state.prompt.is_empty() {
            return Poll::Ready(Some(Output::Prompt(std::mem::take(&mut state.prompt))));
        }
        if !state.logprobs.is_empty() {
            return Poll::Ready(Some(Output::Logprobs(std::mem::take(&mut state.logprobs))));
        }
        if !state.text.is_empty() {
            return Poll::Ready(Some(Output::Text(std::mem::take(&mut state.text))));
        }
        if state.ended {
            return Poll::Ready(state.end.take());
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let waker = {
            let mut state = self.lock();
            change(&mut state);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Each change leaves the state whole, so a panic elsewhere while it was held takes nothing from it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
