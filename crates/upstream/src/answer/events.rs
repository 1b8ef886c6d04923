//! A streamed answer, event by event, as it came.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use wire::sse::{Decoder, Event};
use wire::{Allowed, Finish, Form, Piece, StreamEvent, StreamReader, Usage};

use crate::failure::{Cause, Failure};
use crate::gradio::Translation;
use crate::refusal;
use crate::target::Target;
use crate::transport;

/// How long the closing bytes of a body are waited for behind `[DONE]`, so that its connection can be used again.
const CLOSING: Duration = Duration::from_secs(1);

/// What is known of an answer before it comes.
pub(crate) struct Expected {
    pub(crate) target: Arc<Target>,
    pub(crate) form: Form,
    pub(crate) allowed: Allowed,
    pub(crate) request_id: String,
    pub(crate) says_reasons: Arc<AtomicBool>,
    /// What puts the tier's events into OpenAI's form, where they are of another one.
    pub(crate) translation: Option<Box<Translation>>,
}

/// A streamed answer. Dropping it before its end closes the connection at once.
pub struct EventStream {
    target: Arc<Target>,
    decoder: Decoder,
    translation: Option<Box<Translation>>,
    reader: StreamReader,
    allowed: Allowed,
    /// Whether the tier's streams say why they end, as far as is known.
    says_reasons: Arc<AtomicBool>,
    /// What follows on the event that was handed out last.
    next: Option<StreamEvent>,
    /// None once it ended or was given up.
    body: Option<Incoming>,
    state: State,
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// `[DONE]` has been handed out.
    Done,
    /// A failure has been handed out, or the end.
    Over,
}

/// How far the stream has come, by which its end is judged.
#[derive(Default)]
struct Progress {
    token: bool,
    /// Something of the answer itself, and not of the thoughts before it.
    answer: bool,
    /// How many chunks have said something.
    pieces: u32,
    usage: Option<Usage>,
    finish: Option<Finish>,
    /// The choices that have begun, and those that have ended: a bit each.
    begun: u128,
    ended: u128,
    malformed: bool,
}

impl Progress {
    fn note(&mut self, piece: &Piece) {
        if let Piece::Chunk(chunk) = piece {
            self.token |= chunk.token;
            self.answer |= chunk.answer;
            self.pieces = self.pieces.saturating_add(chunk.token.into());
            self.usage = chunk.usage.or(self.usage);
            self.finish = chunk.finish.or(self.finish);
            self.begun |= chunk.of;
            self.ended |= chunk.ended;
        }
    }

    /// Whether an end here is the answer's: of several choices each has one.
    fn is_complete(&self) -> bool {
        self.finish.is_some() && self.begun & !self.ended == 0
    }

    /// Why an end here is no answer; `None` where it is one. A content filter may leave nothing to say, and a thought that its
    /// length cut off is none.
    fn nothing(&self, allowed: Allowed) -> Option<Cause> {
        let cut_in_thought = !self.answer && self.finish == Some(Finish::Length);
        let cut_in_thought = cut_in_thought && !allowed.reaches_the_bound(self.usage, self.pieces);
        let may_be_empty = allowed.empty && self.finish == Some(Finish::Stop);
        let answered = (self.token && !cut_in_thought) || may_be_empty || self.finish == Some(Finish::ContentFilter);
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
    pub(crate) fn new(expected: Expected, start: Bytes, body: Incoming) -> Self {
        let Expected { target, form, allowed, request_id, says_reasons, translation } = expected;
        let mut decoder = Decoder::new();
        decoder.push(start);
        let reader = StreamReader::new(form, format!("chatcmpl-{request_id}"));
        let (state, progress) = (State::Open, Progress::default());
        let (next, body) = (None, Some(body));
        Self { target, decoder, translation, reader, allowed, says_reasons, next, body, state, progress }
    }

    /// Waits for the first event, and keeps it. What fails before it is told here.
    pub(crate) async fn wait_for_the_first(&mut self) -> Result<(), Failure> {
        let first = self.next().await.unwrap_or_else(|| Err(Cause::Empty.into()))?;
        self.next = Some(first);
        Ok(())
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
        if let Some(event) = self.next.take() {
            return Poll::Ready(Some(Ok(event)));
        }
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
                let early = !self.progress.token && cause == Cause::Reset && !error.is_incomplete_message();
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
        let event = match &mut self.translation {
            Some(translation) => translation.read(event)?,
            None => event,
        };
        let event = self.reader.read(event)?;
        let (Some(piece), Some(data)) = (&event.piece, &event.data) else { return Some(Ok(event)) };
        match piece {
            Piece::Malformed => {
                self.progress.malformed = true;
                return None;
            }
            Piece::Error(_) => return Some(self.reported(data.clone())),
            Piece::Done => return Some(self.done(event)),
            Piece::Chunk(chunk) => {
                if chunk.failed || chunk.finish.is_some_and(|finish| !finish.is_an_end()) {
                    let nothing = !self.progress.token && !chunk.token;
                    return Some(self.fail(if nothing { Cause::Empty } else { Cause::Cut }.into()));
                }
                self.progress.note(piece);
            }
        }
        Some(Ok(event))
    }

    /// `[DONE]` has come. A stream that says no reason before it is complete where the tier never says any, and was cut off
    /// where it does.
    fn done(&mut self, done: StreamEvent) -> Result<StreamEvent, Failure> {
        if let Some(nothing) = self.progress.nothing(self.allowed) {
            return self.fail(nothing.into());
        }
        self.state = State::Done;
        if self.progress.finish.is_some() {
            self.says_reasons.store(true, Ordering::Relaxed);
            return Ok(done);
        }
        if self.says_reasons.load(Ordering::Relaxed) {
            return self.fail(Cause::Cut.into());
        }
        let ending = self.reader.ending();
        self.next = Some(done);
        Ok(ending)
    }

    /// An error event. Once something has been said the request cannot be at fault any more.
    fn reported(&mut self, data: Bytes) -> Result<StreamEvent, Failure> {
        let mut failure = refusal::read_within(&self.target, data, Cause::StreamError);
        if self.progress.token && matches!(failure.cause, Cause::Rejected | Cause::ContentFilter) {
            failure.cause = Cause::StreamError(failure.to_string());
        }
        self.fail(failure)
    }

    fn conclude(&mut self) -> Option<Result<StreamEvent, Failure>> {
        self.state = State::Over;
        let cut = (!self.progress.is_complete()).then_some(Cause::Cut);
        if cut.is_none() {
            self.says_reasons.store(true, Ordering::Relaxed);
        }
        let cause = self.progress.nothing(self.allowed).or(cut)?;
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
