//! A streamed answer: the tier's events as they came, under one head and one end.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http::{HeaderName, HeaderValue, header};
use http_body::Frame;
use serde_json::Value;
use tokio::time::{Instant, Sleep};
use upstream::StreamEvent;
use wire::{Piece, sse};

use crate::drive::{Drive, End, Step};

use super::{failure, headers, unanswered};

/// Events that came together leave together, up to so many bytes: each on its own would be a chunk and a system call.
const TOGETHER: usize = 16 * 1024;
/// From so many bytes on an event is not copied: it fills most of the buffer that it was read into.
const CHEAPER_SHARED: usize = 4 * 1024;

/// Waits for the first token, so that a request that nobody answers gets a status that says so. Where that takes
/// longer than `keep_alive`, the head goes out, and what follows is told in the stream.
pub(super) async fn answer(mut drive: Drive, keep_alive: Duration) -> Response {
    let stopping = drive.stopping();
    let first = tokio::select! {
        first = tokio::time::timeout(keep_alive, drive.next()) => first,
        () = stopping => {
            drive.stop();
            return super::stopped();
        }
    };
    match first {
        Ok(Step::End(end @ (End::Refused(_) | End::TooLong | End::RateLimited(_) | End::GaveUp))) => {
            unanswered(&drive, end)
        }
        Ok(first) => respond(drive, keep_alive, Some(first)).await,
        Err(_) => respond(drive, keep_alive, None).await,
    }
}

async fn respond(drive: Drive, keep_alive: Duration, first: Option<Step>) -> Response {
    let mut stream = Stream::new(drive, keep_alive);
    let mut response = Response::new(Body::empty());
    headers::add_tier(&mut response, &stream.drive);
    headers::add(&mut response, &stream.drive);
    match first {
        Some(step) => stream.take(step),
        None => stream.break_the_silence(),
    }
    let fixed = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    response.headers_mut().extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
    // What has come by now leaves with the head.
    std::future::poll_fn(|cx| stream.poll_gather(cx)).await;
    *response.body_mut() = Body::new(stream);
    response
}

struct Stream {
    drive: Drive,
    /// What waits to leave.
    frames: Vec<Bytes>,
    /// How much that is, in bytes.
    waiting: usize,
    gathering: Gathering,
    /// The tier that the head, or the last comment, named.
    named: Option<u32>,
    spoken: Instant,
    /// The longest silence.
    keep_alive: Duration,
    quiet: Pin<Box<Sleep>>,
    /// Comes to its end with the process.
    stopping: Pin<Box<dyn Future<Output = ()> + Send>>,
    ended: bool,
}

/// How far the events that came together have been gathered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gathering {
    Begun,
    /// The tier's connection has been given its turn.
    Turned,
    /// They are to leave.
    Done,
}

impl Stream {
    fn new(drive: Drive, keep_alive: Duration) -> Self {
        let now = Instant::now();
        let named = drive.decision().answering().map(|attempt| attempt.tier.number());
        let quiet = Box::pin(tokio::time::sleep_until(now + keep_alive));
        let (frames, gathering) = (Vec::new(), Gathering::Begun);
        let stopping = Box::pin(drive.stopping());
        Self { drive, frames, waiting: 0, gathering, named, spoken: now, keep_alive, quiet, stopping, ended: false }
    }

    /// Takes what the tier has said by now. Its connection hands over one event at a time, so that it must have its turn
    /// before it is known whether another one is there.
    fn poll_gather(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while !self.ended && self.waiting < TOGETHER && self.gathering != Gathering::Done {
            match (self.drive.poll_next(cx), self.gathering) {
                (Poll::Ready(step), _) => {
                    self.take(step);
                    self.gathering = Gathering::Begun;
                }
                (Poll::Pending, Gathering::Begun) if !self.frames.is_empty() => {
                    self.gathering = Gathering::Turned;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                (Poll::Pending, _) => break,
            }
        }
        self.gathering = if self.frames.is_empty() { Gathering::Begun } else { Gathering::Done };
        Poll::Ready(())
    }

    fn push(&mut self, frame: Bytes) {
        self.waiting += frame.len();
        self.frames.push(frame);
    }

    /// What was gathered, as one frame. Its bytes are its own, but for those of a large event: while a caller is slow to read, a
    /// slice would keep the whole buffer that it was read into.
    fn gathered(&mut self) -> Option<Bytes> {
        self.gathering = Gathering::Begun;
        let length = std::mem::take(&mut self.waiting);
        if self.frames.is_empty() || (self.frames.len() == 1 && length >= CHEAPER_SHARED) {
            return self.frames.pop();
        }
        let mut together = BytesMut::with_capacity(length);
        self.frames.drain(..).for_each(|frame| together.extend_from_slice(&frame));
        Some(together.freeze())
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Event(event) => {
                self.name_the_tier();
                if self.is_for_the_caller(&event) {
                    self.push(event.raw);
                }
            }
            Step::Seam(seam) => {
                self.named = self.answering();
                let tier = self.named.unwrap_or_default();
                self.push(sse::comment(&format!("tierfall tier={tier} seam={seam}")));
            }
            // A stream is always told event by event.
            Step::Whole(_) => {}
            Step::End(end) => {
                self.ended = true;
                let last = match end {
                    End::Complete => Bytes::from_static(sse::DONE),
                    End::Refused(provider) => sse::data(&on_one_line(&provider.body)),
                    End::TooLong => sse::data(&failure::too_long(&self.drive)),
                    End::RateLimited(_) => sse::data(&failure::rate_limited(&self.drive)),
                    End::GaveUp => sse::data(&failure::body(&self.drive)),
                    End::BrokenOff => sse::data(&broken_off()),
                };
                self.push(last);
            }
        }
    }

    /// Says in a comment, which no client's parser sees, that another tier answers than the head named.
    fn name_the_tier(&mut self) {
        let answering = self.answering();
        if let Some(tier) = answering.filter(|_| answering != self.named) {
            self.push(sse::comment(&format!("tierfall tier={tier} seam=0")));
            self.named = answering;
        }
    }

    fn answering(&self) -> Option<u32> {
        self.drive.decision().answering().map(|attempt| attempt.tier.number())
    }

    /// A chunk that only tells the usage is for those who asked for it.
    fn is_for_the_caller(&self, event: &StreamEvent) -> bool {
        match &event.piece {
            Some(Piece::Chunk(chunk)) => {
                let only_usage = chunk.usage.is_some() && !chunk.choices;
                !only_usage || self.drive.order().request.include_usage()
            }
            _ => false,
        }
    }

    fn break_the_silence(&mut self) {
        self.push(sse::comment("tierfall waiting"));
    }
}

/// A provider's refusal as an event holds it. Most are indented JSON; a line break would end the event's data.
fn on_one_line(refusal: &[u8]) -> Bytes {
    serde_json::from_slice::<Value>(refusal).map_or_else(
        |_| wire::error_body(&String::from_utf8_lossy(refusal), "invalid_request_error", None, None),
        |refusal| refusal.to_string().into(),
    )
}

/// The part that the caller has seen stands; what it says is that the rest will not come.
fn broken_off() -> Bytes {
    wire::error_body(
        "The answer broke off and could not be carried on",
        "answer_broke_off",
        Some("answer_broke_off"),
        None,
    )
}

impl http_body::Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        loop {
            ready!(this.poll_gather(cx));
            if let Some(frame) = this.gathered() {
                this.spoken = Instant::now();
                return Poll::Ready(Some(Ok(Frame::data(frame))));
            }
            if this.ended {
                return Poll::Ready(None);
            }
            if this.stopping.as_mut().poll(cx).is_ready() {
                this.drive.stop();
                this.ended = true;
                this.push(sse::data(&failure::stopped()));
                continue;
            }
            // The timer is moved when it fires, not with every frame.
            if this.quiet.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if this.spoken.elapsed() >= this.keep_alive {
                this.break_the_silence();
                this.spoken = Instant::now();
            }
            let due = this.spoken + this.keep_alive;
            this.quiet.as_mut().reset(due);
        }
    }
}
