//! What was said of an answer for good: shown to the caller of a stream, or put together for the caller of a whole answer.

use bytes::Bytes;
use upstream::StreamEvent;
use wire::{Assembler, Chunk, Continued, Form, Piece, Usage};

use super::events::carried_event;

/// See the module. An answer has more than one part where it was carried on.
#[derive(Debug)]
pub(super) struct Transcript {
    form: Form,
    streamed: bool,
    /// The data of each event of a stream that says something, read only if the answer breaks off or has to pass gates.
    shown: Vec<Bytes>,
    /// What ends a stream that has to pass gates first.
    ends: Vec<StreamEvent>,
    whole: Assembler,
    /// A whole answer as its tier wrote it.
    as_it_came: Option<Bytes>,
    /// How many pieces all parts have: about as many as tokens.
    pieces: u32,
    /// How many of them are the running part's.
    of_this_segment: u32,
    /// How many tokens the parts before it have.
    before: u32,
}

impl Transcript {
    pub(super) fn new(form: Form, streamed: bool) -> Self {
        Self {
            form,
            streamed,
            shown: Vec::new(),
            ends: Vec::new(),
            whole: Assembler::new(form),
            as_it_came: None,
            pieces: 0,
            of_this_segment: 0,
            before: 0,
        }
    }

    /// Takes an event that belongs to the answer.
    pub(super) fn add(&mut self, event: &StreamEvent) {
        let Some(data) = &event.data else { return };
        self.count(event);
        match self.streamed {
            true if says_something(event) => self.shown.push(data.clone()),
            true => {}
            false => self.whole.push(data),
        }
    }

    /// Takes an answer that came whole; `to_be_read` where it has to pass gates.
    pub(super) fn take_whole(&mut self, body: Bytes, to_be_read: bool) {
        if to_be_read {
            self.whole.push(&body);
        }
        self.as_it_came = Some(body);
    }

    /// Holds back an event that ends a stream.
    pub(super) fn hold_end(&mut self, event: StreamEvent) {
        self.count(&event);
        self.ends.push(event);
    }

    /// What ended the stream.
    pub(super) fn take_ends(&mut self) -> Vec<StreamEvent> {
        std::mem::take(&mut self.ends)
    }

    /// Begins another part, behind one that cost as much as its tier said; `repeated` where that began with what was said
    /// before. What that one's held end says, as events that end nothing.
    pub(super) fn next_segment(&mut self, usage: Option<Usage>, repeated: bool) -> Vec<StreamEvent> {
        self.before = if repeated { self.tokens(None) } else { self.tokens(usage) };
        self.of_this_segment = 0;
        self.as_it_came = None;
        self.whole.forget_usage();
        let said = std::mem::take(&mut self.ends).into_iter().filter(says_something).filter_map(|event| event.data);
        let said: Vec<_> = said.map(|data| carried_event(wire::without_end(&data))).collect();
        self.shown.extend(said.iter().filter_map(|event| event.data.clone()));
        said
    }

    /// The whole answer; `None` where it has outgrown its bound.
    pub(super) fn take_answer(&mut self) -> Option<Bytes> {
        let whole = std::mem::replace(&mut self.whole, Assembler::new(self.form));
        self.as_it_came.take().or_else(|| whole.finish())
    }

    /// What `see` makes of all that was said, its end among it.
    pub(super) fn seen_by<T>(&self, see: impl FnOnce(&Assembler) -> T) -> T {
        if !self.streamed {
            return see(&self.whole);
        }
        let mut whole = Assembler::new(self.form);
        let ends = self.ends.iter().filter_map(|event| event.data.as_ref());
        self.shown.iter().chain(ends).for_each(|data| whole.push(data));
        see(&whole)
    }

    /// The text of the first choice, but for what the held end says.
    pub(super) fn text(&self) -> String {
        if self.streamed {
            return self.shown.iter().filter_map(|data| wire::content(data)).collect();
        }
        self.whole.choices().next().map(|choice| choice.text.to_owned()).unwrap_or_default()
    }

    /// What makes other tiers' events belong to this stream.
    pub(super) fn carried(&self) -> Continued {
        self.shown.first().map(|first| Continued::after(first)).unwrap_or_default()
    }

    /// How many pieces there are: about as many as tokens.
    pub(super) fn pieces(&self) -> u32 {
        self.pieces
    }

    /// How many tokens there are, where the running part cost as much as its tier said.
    pub(super) fn tokens(&self, usage: Option<Usage>) -> u32 {
        let told = usage.map(|usage| usage.completion_tokens).filter(|&told| told > 0);
        self.before.saturating_add(told.unwrap_or(self.of_this_segment))
    }

    fn count(&mut self, event: &StreamEvent) {
        let piece = u32::from(says_something(event));
        self.pieces = self.pieces.saturating_add(piece);
        self.of_this_segment = self.of_this_segment.saturating_add(piece);
    }
}

fn says_something(event: &StreamEvent) -> bool {
    matches!(event.piece, Some(Piece::Chunk(Chunk { token: true, .. })))
}
