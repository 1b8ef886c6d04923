//! An attempt that carries on what was said of an answer before.

use std::sync::Arc;

use bytes::Bytes;
use upstream::{Prefill, StreamEvent};
use wire::{CarryOn, CarryOnBy, Continued, Form, Piece, ResumeMode, Seam, SeamResult, request_to_repeat, resume_point};

use super::transcript::Transcript;

/// How far the seam has been found, and what the caller is shown behind it.
#[derive(Debug)]
pub(super) struct Continuation {
    form: Form,
    stream: Continued,
    resumption: Arc<Resumption>,
    /// `None` once the seam is found.
    search: Option<Search>,
}

/// What the tier is told beside the request.
#[derive(Debug)]
pub(super) struct Resumption {
    /// The text that the caller has seen.
    shown: Arc<str>,
    resume: Resume,
}

/// How the tier is asked to go on.
#[derive(Debug)]
enum Resume {
    /// From an unfinished message, or at the end of a text prompt.
    Prefill(Prefill),
    /// By repeating the last words, in answer to this.
    Repeat(String),
}

#[derive(Debug)]
struct Search {
    seam: Seam,
    /// How long each text is that has come, in bytes.
    lengths: Vec<usize>,
    /// What has come and has no text: the answer's end, say.
    textless: Vec<Bytes>,
}

/// What an event of the carrying attempt comes to.
pub(super) enum SeamProgress {
    /// Nothing to show yet.
    Nothing,
    /// The seam is behind these.
    Seam(Vec<StreamEvent>),
    /// More of the answer.
    More(StreamEvent),
    /// It is no continuation.
    NoSeam,
}

impl Continuation {
    /// Carries on what the transcript says, by `prefill` where the tier is known to take one. At the end of a text prompt
    /// every tier goes on: a completion is nothing else.
    pub(super) fn new(form: Form, transcript: &Transcript, prefill: Option<Prefill>) -> Self {
        let shown: Arc<str> = transcript.text().into();
        let resume = match (form, prefill) {
            (Form::Text, _) => Resume::Prefill(Prefill::Plain),
            (Form::Chat, Some(prefill)) => Resume::Prefill(prefill),
            (Form::Chat, None) => Resume::Repeat(request_to_repeat(&shown)),
        };
        // Where only reasoning was shown, the answer has yet to begin, and there is no seam to find.
        let seam = (!shown.is_empty()).then(|| Seam::new(Arc::clone(&shown), resume.mode()));
        let search = seam.map(|seam| Search { seam, lengths: Vec::new(), textless: Vec::new() });
        let mut stream = transcript.carried();
        stream.count(transcript.tokens(None));
        Self { form, stream, resumption: Arc::new(Resumption { shown, resume }), search }
    }

    /// Whether the seam has yet to be found: until then nothing that the tier says is shown.
    pub(super) fn is_searching(&self) -> bool {
        self.search.is_some()
    }

    /// Whether the tier is asked to begin with what was said last.
    pub(super) fn repeats(&self) -> bool {
        matches!(self.resumption.resume, Resume::Repeat(_))
    }

    pub(super) fn resumption(&self) -> Arc<Resumption> {
        Arc::clone(&self.resumption)
    }

    /// The events that end the answer at its caller's `bound`: why it ended, and what it cost, as far as is known.
    pub(super) fn cut_at(&self, bound: u32, prompt: u32) -> [StreamEvent; 2] {
        [StreamEvent::made(self.stream.end(self.form)), StreamEvent::made(self.stream.usage(prompt, bound))]
    }

    /// How much was said before, in characters.
    pub(super) fn seam_at(&self) -> usize {
        self.resumption.shown.chars().count()
    }

    /// The event for `data`, as one of the stream that the caller sees.
    pub(super) fn in_its_stream(&self, data: &[u8]) -> StreamEvent {
        StreamEvent::made(self.stream.event(data, None))
    }

    pub(super) fn push(&mut self, data: &Bytes) -> SeamProgress {
        let text = wire::content(data).filter(|text| !text.is_empty());
        let Some(search) = &mut self.search else {
            // The thoughts of one model do not go on with those of another.
            let thinks = text.is_none() && wire::reasoning(data).is_some();
            return if thinks { SeamProgress::Nothing } else { SeamProgress::More(self.in_its_stream(data)) };
        };
        let Some(text) = text else {
            search.textless.push(Bytes::copy_from_slice(data));
            return SeamProgress::Nothing;
        };
        search.lengths.push(text.len());
        match search.seam.push(&text) {
            SeamResult::Pending => SeamProgress::Nothing,
            SeamResult::Absent => SeamProgress::NoSeam,
            SeamResult::Resumed(rest) => {
                self.discount_repetition(rest.len());
                self.search = None;
                SeamProgress::Seam(vec![StreamEvent::made(self.stream.event(data, Some(&rest)))])
            }
        }
    }

    /// The tier has ended its answer; `calls_tool` where that is a tool call, which needs no words before it.
    pub(super) fn finish(&mut self, calls_tool: bool) -> SeamProgress {
        let Some(search) = &mut self.search else { return SeamProgress::Nothing };
        let rest = match search.seam.finish() {
            SeamResult::Resumed(rest) => rest,
            SeamResult::Absent if calls_tool && search.lengths.is_empty() => String::new(),
            SeamResult::Pending | SeamResult::Absent => return SeamProgress::NoSeam,
        };
        self.discount_repetition(rest.len());
        let textless = self.search.take().map(|search| search.textless).unwrap_or_default();
        let textless = textless.iter().map(|data| StreamEvent::made(self.stream.event(data, None)));
        let rest = StreamEvent::made(self.stream.text(self.form, &rest));
        SeamProgress::Seam(std::iter::once(rest).chain(textless).collect())
    }

    /// Of what the tier has said, the caller is given the last `rest` bytes alone.
    fn discount_repetition(&mut self, rest: usize) {
        let Some(search) = &self.search else { return };
        let mut cut = search.lengths.iter().sum::<usize>().saturating_sub(rest);
        let whole =
            search.lengths.iter().take_while(|&&length| cut.checked_sub(length).map(|left| cut = left).is_some());
        self.stream.discount(u32::try_from(whole.count()).unwrap_or(u32::MAX));
    }

    /// Whether the tier has nothing to add: it ended its answer as one that is complete.
    pub(super) fn had_nothing_to_add(&self) -> bool {
        let complete = |data: &Bytes| matches!(Piece::read(data), Piece::Chunk(chunk) if chunk.finish.is_some());
        self.search.as_ref().is_some_and(|search| search.textless.iter().any(complete))
    }
}

impl Resumption {
    pub(super) fn carry_on(&self) -> Option<CarryOn<'_>> {
        let said = resume_point(&self.shown);
        let by = match &self.resume {
            Resume::Prefill(Prefill::Plain) => CarryOnBy::Message,
            Resume::Prefill(Prefill::ContinueFinalMessage) => CarryOnBy::ContinueFinalMessage,
            Resume::Prefill(Prefill::Prefix) => CarryOnBy::Prefix,
            Resume::Repeat(words) => CarryOnBy::Request(words),
        };
        (!said.is_empty()).then_some(CarryOn { said, by })
    }
}

impl Resume {
    const fn mode(&self) -> ResumeMode {
        match self {
            Self::Prefill(prefill) if prefill.is_certain() => ResumeMode::Certain,
            Self::Prefill(_) => ResumeMode::Prefill,
            Self::Repeat(_) => ResumeMode::Repeat,
        }
    }
}
