//! One call to one tier, as something to poll.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use upstream::{Answer, AnswerBody, EventStream, Failure, QuotaReading, StreamEvent};
use wire::{Usage, Whole};

type Sending = Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send>>;

pub(super) enum Attempt {
    /// The request is on its way, or the answer's head is.
    Sending(Sending),
    Streaming(EventStream),
}

/// What of an attempt's answer belongs into the record.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    /// What the tier says that it cost.
    pub(crate) usage: Option<Usage>,
    /// How many tokens were heard.
    pub(crate) heard: u32,
    /// Where it carried an answer on: how much had been said before, in characters.
    pub(crate) seam: Option<usize>,
}

/// What a tier said.
pub(super) enum Said {
    /// The head of its answer, with what it says of the provider's quotas.
    Head(Vec<QuotaReading>),
    Event(StreamEvent),
    /// All of its answer at once, with what its head says of the provider's quotas; nothing follows.
    Whole(Vec<QuotaReading>, Box<Whole>),
    /// Its stream ended as it should.
    End,
}

impl Attempt {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Said, Failure>> {
        match self {
            Self::Sending(sending) => {
                let answer = ready!(sending.as_mut().poll(cx))?;
                Poll::Ready(Ok(match answer.body {
                    AnswerBody::Whole(whole) => Said::Whole(answer.quotas, Box::new(whole)),
                    AnswerBody::Stream(stream) => {
                        *self = Self::Streaming(stream);
                        Said::Head(answer.quotas)
                    }
                }))
            }
            Self::Streaming(stream) => Poll::Ready(match ready!(stream.poll_next(cx)) {
                Some(event) => event.map(Said::Event),
                None => Ok(Said::End),
            }),
        }
    }
}
