//! A streamed answer, event by event, as it came.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use wire::sse::{Decoder, Event};
use wire::{Finish, Piece};

use crate::failure::{Cause, Failure};
use crate::refusal;
use crate::target::Target;
use crate::transport;

/// How long the closing bytes of a body are waited for behind `[DONE]`, so that its connection can be used again.
const CLOSING: Duration = Duration::from_secs(1);

/// One event of a stream.
#[derive(Debug, Clone)]
pub struct StreamEvent {
    /// The event as received, with its closing blank line.
    pub raw: Bytes,
    /// Its data; none for a comment.
    pub data: Option<Bytes>,
    /// What the data says; none for a comment.
    pub piece: Option<Piece>,
}

/// A streamed answer. Dropping it before its end closes the connection at once.
pub struct EventStream {
    target: Arc<Target>,
    decoder: Decoder,
    /// None once it ended or was given up.
    body: Option<Incoming>,
    state: State,
    said: Said,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// `[DONE]` has been handed out.
    Done,
    /// A failure has been handed out, or the end.
    Over,
}

/// What the stream has said so far, by which its end is judged.
#[derive(Default)]
struct Said {
    token: bool,
    finish: Option<Finish>,
    /// The choices that have begun, and those that have ended: a bit each.
    begun: u128,
    ended: u128,
    malformed: bool,
}

impl Said {
    fn note(&mut self, piece: &Piece) {
        if let Piece::Chunk(chunk) = piece {
            self.token |= chunk.token;
            self.finish = chunk.finish.or(self.finish);
            self.begun |= chunk.of;
            self.ended |= chunk.ended;
        }
    }

    /// Whether an end here is the answer's: of several choices each has one.
    fn is_complete(&self) -> bool {
        self.finish.is_some() && self.begun & !self.ended == 0
    }

    /// Why an end here is no answer; `None` where it is one. A content filter may leave nothing to say.
    fn nothing(&self) -> Option<Cause> {
        let answered = self.token || self.finish == Some(Finish::ContentFilter);
        let nothing = if self.malformed { Cause::NotJson } else { Cause::Empty };
        (!answered).then_some(nothing)
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("target", &self.target).finish_non_exhaustive()
    }
}

impl EventStream {
    pub(crate) fn new(target: Arc<Target>, start: Bytes, body: Incoming) -> Self {
        let mut decoder = Decoder::new();
        decoder.push(start);
        Self { target, decoder, body: Some(body), state: State::Open, said: Said::default() }
    }

    /// The next event: see [`EventStream::poll_next`].
    pub async fn next(&mut self) -> Option<Result<StreamEvent, Failure>> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next event, comments and `[DONE]` among them. `None` follows `[DONE]`, a failure, and an end without `[DONE]` that
    /// came after a `finish_reason` of each choice. An event whose data is no chunk is left out.
    ///
    /// # Errors
    ///
    /// [`Cause::Empty`] (or [`Cause::NotJson`]) for a stream that ends without having said anything, [`Cause::Cut`] for one
    /// that ends or breaks off in the middle, [`Cause::Reset`] for one that breaks off before its first token,
    /// [`Cause::Oversized`], and what an error event says.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<StreamEvent, Failure>>> {
        while self.state == State::Open {
            match self.decoder.decode() {
                Ok(Some(event)) => {
                    if let Some(event) = self.judge(event) {
                        return Poll::Ready(Some(event));
                    }
                }
                Ok(None) => match ready!(self.poll_more(cx)) {
                    Ok(true) => {}
                    Ok(false) => return Poll::Ready(self.conclude()),
                    Err(cause) => return Poll::Ready(Some(self.fail(cause.into()))),
                },
                Err(_) => return Poll::Ready(Some(self.fail(Cause::Oversized.into()))),
            }
        }
        Poll::Ready(None)
    }

    /// Feeds the decoder; false at the end. A last event without its blank line is closed by us: some servers leave the
    /// line after `[DONE]` out.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Cause>> {
        let Some(body) = &mut self.body else { return Poll::Ready(Ok(false)) };
        match ready!(Pin::new(body).poll_frame(cx)) {
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    self.decoder.push(data);
                }
            }
            Some(Err(error)) => {
                let cause = transport::cause(&error);
                let early = !self.said.token && cause == Cause::Reset && !error.is_incomplete_message();
                return Poll::Ready(Err(if early { cause } else { Cause::Cut }));
            }
            None => {
                self.body = None;
                self.decoder.push(Bytes::from_static(b"\n\n"));
            }
        }
        Poll::Ready(Ok(true))
    }

    /// What an event is to the reader; `None` for one that is left out.
    fn judge(&mut self, event: Event) -> Option<Result<StreamEvent, Failure>> {
        let (Some(piece), Some(data)) = (Piece::of(&event), event.data) else {
            return Some(Ok(StreamEvent { raw: event.raw, data: None, piece: None }));
        };
        self.said.note(&piece);
        match piece {
            Piece::Malformed => {
                self.said.malformed = true;
                return None;
            }
            Piece::Error(_) => return Some(self.reported(data)),
            Piece::Done => {
                if let Some(nothing) = self.said.nothing() {
                    return Some(self.fail(nothing.into()));
                }
                self.state = State::Done;
            }
            Piece::Chunk(_) => {}
        }
        Some(Ok(StreamEvent { raw: event.raw, data: Some(data), piece: Some(piece) }))
    }

    /// An error event. Once something has been said the request cannot be at fault any more.
    fn reported(&mut self, data: Bytes) -> Result<StreamEvent, Failure> {
        let mut failure = refusal::read_within(&self.target, data, Cause::StreamError);
        if self.said.token && matches!(failure.cause, Cause::Rejected | Cause::ContentFilter) {
            failure.cause = Cause::StreamError(failure.to_string());
        }
        self.fail(failure)
    }

    fn conclude(&mut self) -> Option<Result<StreamEvent, Failure>> {
        self.state = State::Over;
        let cut = (!self.said.is_complete()).then_some(Cause::Cut);
        let cause = self.said.nothing().or(cut)?;
        Some(self.fail(cause.into()))
    }

    fn fail(&mut self, failure: Failure) -> Result<StreamEvent, Failure> {
        self.state = State::Over;
        self.body = None;
        Err(failure)
    }
}

impl Drop for EventStream {
    /// A stream read up to `[DONE]` lacks only the few bytes that close its body; they are read so that the connection is
    /// kept. Any other one is cut off.
    fn drop(&mut self) {
        let Some(mut body) = self.body.take().filter(|_| self.state == State::Done) else { return };
        let mut now = Context::from_waker(Waker::noop());
        while let Poll::Ready(frame) = Pin::new(&mut body).poll_frame(&mut now) {
            if !matches!(frame, Some(Ok(_))) {
                return;
            }
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let closing = async move { while let Some(Ok(_)) = body.frame().await {} };
            runtime.spawn(tokio::time::timeout(CLOSING, closing));
        }
    }
}
