//! What was said of an answer for good: shown to the caller of a stream, or put together for the caller of a whole answer.

use bytes::Bytes;
use upstream::StreamEvent;
use wire::{Assembler, Chunk, Continued, Form, Piece, Usage};

/// See the module. An answer has more than one part where it was carried on.
#[derive(Debug)]
pub(super) struct Transcript {
    form: Form,
    record: Record,
    /// What makes other tiers' events belong to this stream.
    stream: Option<Continued>,
    /// How many pieces all parts have: about as many as tokens.
    pieces: u32,
    /// How many of them are the running part's.
    of_this_segment: u32,
    /// How many tokens the parts before it have.
    before: u32,
    /// How many bytes of events, or of text where that is all that is kept of them, the record was made of.
    bytes: usize,
}

/// What is kept of an answer: no more than somebody may ask for.
#[derive(Debug)]
enum Record {
    /// Of a stream that cannot be carried on and has no gates to pass.
    Nothing,
    /// The text of a stream that may be carried on.
    Text(String),
    /// A stream that has to pass gates, and what ends it, which waits for that.
    Gated { answer: Box<Assembler>, ends: Vec<StreamEvent> },
    /// A whole answer; as its tier wrote it, where it came so.
    Whole { answer: Box<Assembler>, as_it_came: Option<Bytes> },
}

/// What may be asked for of an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) streamed: bool,
    pub(super) gated: bool,
    pub(super) carried_on: bool,
}

impl Transcript {
    pub(super) fn new(form: Form, wanted: Wanted) -> Self {
        let answer = || Box::new(Assembler::new(form));
        let record = match wanted {
            Wanted { streamed: false, .. } => Record::Whole { answer: answer(), as_it_came: None },
            Wanted { gated: true, .. } => Record::Gated { answer: answer(), ends: Vec::new() },
            Wanted { carried_on: true, .. } => Record::Text(String::new()),
            Wanted { .. } => Record::Nothing,
        };
        Self { form, record, stream: None, pieces: 0, of_this_segment: 0, before: 0, bytes: 0 }
    }

    /// Takes an event that belongs to the answer.
    pub(super) fn add(&mut self, event: &StreamEvent) {
        let Some(data) = &event.data else { return };
        self.count(event);
        let says = says_something(event);
        match &mut self.record {
            Record::Whole { answer, .. } => {
                self.bytes += data.len();
                return answer.push(data);
            }
            Record::Gated { answer, .. } if says => {
                self.bytes += data.len();
                answer.push(data);
            }
            Record::Text(text) if says => {
                let said = wire::content(data).unwrap_or_default();
                self.bytes += said.len();
                text.push_str(&said);
            }
            Record::Nothing | Record::Gated { .. } | Record::Text(_) => return,
        }
        self.stream.get_or_insert_with(|| Continued::after(data));
    }

    /// Takes an answer that came whole; `to_be_read` where it has to pass gates.
    pub(super) fn take_whole(&mut self, body: Bytes, to_be_read: bool) {
        let Record::Whole { answer, as_it_came } = &mut self.record else { return };
        if to_be_read {
            answer.push(&body);
        }
        *as_it_came = Some(body);
    }

    /// Holds back an event that ends a stream.
    pub(super) fn hold_end(&mut self, event: StreamEvent) {
        self.count(&event);
        let Record::Gated { answer, ends } = &mut self.record else { return };
        event.data.iter().for_each(|data| answer.push(data));
        self.bytes += event.raw.len();
        ends.push(event.into_owned());
    }

    /// What ended the stream.
    pub(super) fn take_ends(&mut self) -> Vec<StreamEvent> {
        match &mut self.record {
            Record::Gated { ends, .. } => std::mem::take(ends),
            Record::Nothing | Record::Text(_) | Record::Whole { .. } => Vec::new(),
        }
    }

    /// Begins another part, behind one that cost as much as its tier said; `repeated` where that began with what was said
    /// before. What that one's held end says, as events that end nothing.
    pub(super) fn next_segment(&mut self, usage: Option<Usage>, repeated: bool) -> Vec<StreamEvent> {
        self.before = if repeated { self.tokens(None) } else { self.tokens(usage) };
        self.of_this_segment = 0;
        let said = self.take_ends().into_iter().filter(says_something).filter_map(|event| event.data);
        let said: Vec<_> = said.map(|data| StreamEvent::made(wire::without_end(&data))).collect();
        match &mut self.record {
            Record::Whole { answer, as_it_came } => {
                *as_it_came = None;
                answer.forget_usage();
            }
            Record::Gated { answer, .. } => answer.forget_usage(),
            Record::Nothing | Record::Text(_) => {}
        }
        if let Some(data) = said.first().and_then(|event| event.data.as_ref()) {
            self.stream.get_or_insert_with(|| Continued::after(data));
        }
        said
    }

    /// The whole answer; `None` where none was begun.
    pub(super) fn take_answer(&mut self) -> Option<Bytes> {
        let Record::Whole { answer, as_it_came } = &mut self.record else { return None };
        let answer = std::mem::replace(&mut **answer, Assembler::new(self.form));
        as_it_came.take().or_else(|| answer.finish())
    }

    /// What `see` makes of all that was said, its end among it; `None` where nothing is kept to be seen.
    pub(super) fn seen_by<T>(&self, see: impl FnOnce(&Assembler) -> T) -> Option<T> {
        match &self.record {
            Record::Whole { answer, .. } | Record::Gated { answer, .. } => Some(see(answer)),
            Record::Nothing | Record::Text(_) => None,
        }
    }

    /// The text of the first choice.
    pub(super) fn text(&self) -> &str {
        match &self.record {
            Record::Nothing => "",
            Record::Text(text) => text,
            Record::Whole { answer, .. } | Record::Gated { answer, .. } => {
                answer.choices().next().map_or("", |choice| choice.text)
            }
        }
    }

    /// What makes other tiers' events belong to this stream.
    pub(super) fn carried(&self) -> Continued {
        self.stream.clone().unwrap_or_default()
    }

    /// How many bytes it was made of.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
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
