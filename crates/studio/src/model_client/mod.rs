//! The gateway is asked: through its own entry, never a tier, and what it says is heard in the order in which it happens.

mod ear;
mod failure;
mod tiers;

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use gateway::{Entry, Question};
use http::StatusCode;
use http_body_util::BodyExt as _;
use kit::Message;
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;
use wire::sse::Decoder;
use wire::{Finish, Piece};

use crate::project::TierMark;
use ear::{Ear, Noted};

pub(crate) use failure::Failure;
pub(crate) use tiers::{Pages, Tiers};

/// The largest refusal that is read, in bytes.
const LARGEST_REFUSAL: usize = 1 << 20;
const TIER: &str = "x-tierfall-tier";
const NOTE: &str = "x-tierfall-note";

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Which tiers may answer.
    pub(crate) route: Cow<'static, str>,
    pub(crate) messages: Vec<Message>,
    /// For the user's own tiers.
    pub(crate) grammar: Option<Cow<'static, str>>,
    /// The longest answer, in tokens.
    pub(crate) max_tokens: u32,
    pub(crate) temperature: f32,
}

/// What is heard of an answer.
#[derive(Debug)]
pub(crate) enum Heard {
    /// Something became of a tier.
    Tier(TierNews),
    /// The answer goes on.
    Text(String),
    /// What the model thinks before it answers.
    Thought(String),
    /// Nothing follows.
    End(Ended),
}

/// What became of a tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TierNews {
    pub(crate) tier: TierMark,
    pub(crate) state: TierState,
    pub(crate) reason: Option<String>,
    /// Since the request began.
    pub(crate) ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TierState {
    Trying,
    Answering,
    Failed,
    Skipped,
}

/// How an answer ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Why it was complete, or why there is none or no more of it.
    pub(crate) how: Result<Finish, Failure>,
    /// Its length in tokens.
    pub(crate) tokens: u32,
}

/// An answer that is awaited or comes. Dropping it cancels the request, up to the tier.
pub(crate) struct Answer {
    stage: Stage,
    notes: UnboundedReceiver<Noted>,
    tiers: Tiers,
    began: Instant,
    /// What was heard together, and is handed out one by one.
    heard: std::collections::VecDeque<Heard>,
    finish: Option<Finish>,
    answering: Option<u32>,
}

enum Stage {
    Asking(Pin<Box<dyn Future<Output = Response> + Send>>),
    Reading(Body, Decoder),
    Refused(Pin<Box<dyn Future<Output = Bytes> + Send>>),
    Over,
}

impl Answer {
    /// Asks through `entry`. Nothing happens before the first [`Answer::next`].
    pub(crate) fn to(entry: &Entry, asked: &Asked) -> Self {
        let (ear, notes) = Ear::new();
        let body = json!({
            "model": asked.route,
            "messages": asked.messages,
            "max_tokens": asked.max_tokens,
            "temperature": asked.temperature,
            "stream": true,
        });
        let grammar = asked.grammar.clone().map(Cow::into_owned);
        let question = Question { body: body.to_string().into(), grammar, observer: Some(Arc::new(ear)) };
        let (asking, tiers) = (entry.clone(), Tiers::of(entry));
        Self {
            stage: Stage::Asking(Box::pin(async move { asking.ask(question).await })),
            notes,
            tiers,
            began: Instant::now(),
            heard: std::collections::VecDeque::new(),
            finish: None,
            answering: None,
        }
    }

    /// The tier that answers, once one does.
    pub(crate) fn tier(&self) -> Option<TierMark> {
        self.answering.map(|number| self.tiers.mark(number))
    }

    /// The next thing that is heard. Not to be called after [`Heard::End`]. A call that is dropped has lost nothing.
    pub(crate) async fn next(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return heard;
            }
            match &mut self.stage {
                Stage::Asking(asking) => tokio::select! {
                    biased;
                    Some(noted) = self.notes.recv() => self.note(noted),
                    response = asking => self.take(response),
                },
                Stage::Reading(body, _) => tokio::select! {
                    biased;
                    Some(noted) = self.notes.recv() => self.note(noted),
                    frame = body.frame() => self.read(frame.and_then(Result::ok).and_then(|frame| frame.into_data().ok())),
                },
                Stage::Refused(reading) => {
                    let body = reading.await;
                    self.end(Err(Failure::read(&body)));
                }
                Stage::Over => self.end(Err(Failure::broken_off())),
            }
        }
    }

    fn take(&mut self, response: Response) {
        let (head, body) = response.into_parts();
        if head.status == StatusCode::OK {
            let tier = head.headers.get(TIER).and_then(|tier| tier.to_str().ok()?.parse().ok());
            let note = head.headers.get(NOTE).and_then(|note| note.to_str().ok()).map(str::to_owned);
            self.catch_up();
            self.now_answers(tier, note);
            self.stage = Stage::Reading(body, Decoder::new());
        } else {
            let body = http_body_util::Limited::new(body, LARGEST_REFUSAL);
            self.stage = Stage::Refused(Box::pin(async {
                body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default()
            }));
        }
    }

    /// Takes a piece of the stream; `None` is its end.
    fn read(&mut self, piece: Option<Bytes>) {
        self.catch_up();
        let Some(piece) = piece else {
            let how = self.finish.ok_or_else(Failure::broken_off);
            return self.end(how);
        };
        let Stage::Reading(_, decoder) = &mut self.stage else { return };
        decoder.push(piece);
        let mut events = Vec::new();
        while let Ok(Some(event)) = decoder.decode() {
            events.push(event);
        }
        for event in events {
            let Some(data) = &event.data else {
                self.now_answers(tiers::named_in(&event.raw), None);
                continue;
            };
            match Piece::read(data) {
                Piece::Chunk(chunk) => {
                    self.finish = chunk.finish.or(self.finish);
                    self.heard.extend(wire::reasoning(data).map(Heard::Thought));
                    let text = wire::content(data).filter(|text| !text.is_empty());
                    self.heard.extend(text.map(Heard::Text));
                }
                Piece::Done => return self.end(Ok(self.finish.unwrap_or(Finish::Stop))),
                Piece::Error(_) => return self.end(Err(Failure::read(data))),
                Piece::Malformed => {}
            }
        }
    }

    /// Tells which tier answers, and what was mended for that.
    fn now_answers(&mut self, tier: Option<u32>, note: Option<String>) {
        if let Some(number) = tier.filter(|_| tier != self.answering) {
            self.answering = tier;
            let tier = self.tiers.mark(number);
            self.heard.push_back(Heard::Tier(TierNews {
                tier,
                state: TierState::Answering,
                reason: note,
                ms: self.took(),
            }));
        }
    }

    fn note(&mut self, noted: Noted) {
        if let Noted::Tier { name, state, reason } = noted {
            let tier = self.tiers.named(name);
            self.heard.push_back(Heard::Tier(TierNews { tier, state, reason, ms: self.took() }));
        }
    }

    /// Hears what was noted before what is at hand.
    fn catch_up(&mut self) {
        while let Ok(noted) = self.notes.try_recv() {
            self.note(noted);
        }
    }

    /// The request is dropped, which tells the ear what it came to.
    fn end(&mut self, how: Result<Finish, Failure>) {
        self.stage = Stage::Over;
        let mut tokens = 0;
        while let Ok(noted) = self.notes.try_recv() {
            match noted {
                Noted::Decided { tokens: all } => tokens = all,
                noted @ Noted::Tier { .. } => self.note(noted),
            }
        }
        self.heard.push_back(Heard::End(Ended { how, tokens }));
    }

    fn took(&self) -> u64 {
        ms(self.began.elapsed())
    }
}

/// Whole milliseconds.
pub(crate) fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
