//! One call to one tier, as something to poll.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use cascade::AttemptId;
use upstream::{Answer, AnswerBody, EventStream, Failure, QuotaReading, StreamEvent};
use wire::{Usage, Whole};

use super::continuation::Continuation;

pub(super) type Sending = Pin<Box<dyn Future<Output = Sent> + Send>>;

/// What became of a request that was sent.
pub(super) struct Sent {
    /// The model that it asked for in the end.
    pub(super) model: Arc<str>,
    pub(super) answer: Result<Answer, Failure>,
}

/// An attempt that runs, and what it has said that nobody has been shown.
pub(super) struct Running {
    pub(super) id: AttemptId,
    pub(super) attempt: Attempt,
    /// What came before its first token.
    pub(super) held: Vec<StreamEvent>,
    /// A tool call that is not whole yet, and what came behind it.
    pub(super) tool_call: Vec<StreamEvent>,
    /// How many bytes are waiting in it, or in what reads it, to be shown or thrown away.
    pub(super) waiting: usize,
    /// Where it carries on what was said before.
    pub(super) continuation: Option<Continuation>,
    /// What its tier says that it cost.
    pub(super) usage: Option<Usage>,
    /// Whether it has ended by what it said.
    pub(super) over: bool,
}

impl Running {
    pub(super) fn new(id: AttemptId, sending: Sending, continuation: Option<Continuation>) -> Self {
        let attempt = Attempt::Sending(sending);
        Self {
            id,
            attempt,
            held: Vec::new(),
            tool_call: Vec::new(),
            waiting: 0,
            continuation,
            usage: None,
            over: false,
        }
    }

    /// What it cost, prompt and answer together, where its tier says so.
    pub(super) fn tokens(&self) -> Option<u32> {
        self.usage.map(|usage| usage.total_tokens)
    }

    /// Whether the answer was complete but for its end when it broke off, as the carrying tier says.
    pub(super) fn had_nothing_to_add(&self) -> bool {
        self.continuation.as_ref().is_some_and(Continuation::had_nothing_to_add)
    }
}

/// What the part of an answer cost that was said last, and whether it began with what was said before it.
#[derive(Clone, Copy, Default)]
pub(super) struct Segment {
    pub(super) usage: Option<Usage>,
    pub(super) repeated: bool,
}

impl Segment {
    pub(super) fn of(running: &Running) -> Self {
        Self { usage: running.usage, repeated: running.continuation.as_ref().is_some_and(Continuation::repeats) }
    }
}

pub(super) enum Attempt {
    /// The request is on its way, or the answer's head is.
    Sending(Sending),
    /// The answer's head is there, until somebody takes it.
    Sent(Option<Box<Result<Answer, Failure>>>),
    Streaming(Box<EventStream>),
}

/// What of an attempt's answer belongs into the record.
#[derive(Clone, Debug, Default)]
pub(crate) struct AttemptLog {
    /// The model that the tier was asked for.
    pub(crate) model: Arc<str>,
    /// What the tier says that it cost.
    pub(crate) usage: Option<Usage>,
    /// How many tokens came.
    pub(crate) tokens: u32,
    /// Where it carried an answer on: how much had been said before, in characters.
    pub(crate) seam: Option<usize>,
}

/// What a tier said.
pub(super) enum TierEvent {
    /// It was asked for this model, and what it says of that follows.
    Asked(Arc<str>),
    /// The head of its answer, with what it says of the provider's quotas.
    Head(Vec<QuotaReading>),
    Event(StreamEvent),
    /// All of its answer at once, with what its head says of the provider's quotas; nothing follows.
    Whole(Vec<QuotaReading>, Box<Whole>),
    /// Its stream ended as it should.
    End,
}

impl Attempt {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<TierEvent, Failure>> {
        match self {
            Self::Sending(sending) => {
                let Sent { model, answer } = ready!(sending.as_mut().poll(cx));
                *self = Self::Sent(Some(Box::new(answer)));
                Poll::Ready(Ok(TierEvent::Asked(model)))
            }
            Self::Sent(answer) => {
                // It is taken once: a failure ends the attempt, and whatever else there is stands in its place.
                let Some(answer) = answer.take() else { return Poll::Pending };
                let answer = (*answer)?;
                Poll::Ready(Ok(match answer.body {
                    AnswerBody::Whole(whole) => TierEvent::Whole(answer.quotas, Box::new(whole)),
                    AnswerBody::Stream(stream) => {
                        *self = Self::Streaming(stream);
                        TierEvent::Head(answer.quotas)
                    }
                }))
            }
            Self::Streaming(stream) => Poll::Ready(match ready!(stream.poll_next(cx)) {
                Some(event) => event.map(TierEvent::Event),
                None => Ok(TierEvent::End),
            }),
        }
    }
}
