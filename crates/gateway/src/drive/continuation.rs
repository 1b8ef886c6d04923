//! An attempt that carries on what was said of an answer before.

use bytes::Bytes;
use cascade::ContinuationMode;
use upstream::StreamEvent;
use wire::{Asked, CarryOn, Continued, Form, Found, Piece, Seam, request_to_repeat};

use super::events::carried_event as event;
use super::transcript::Transcript;

/// How far the seam has been found, and what the caller is shown behind it.
#[derive(Debug)]
pub(super) struct Continuation {
    form: Form,
    carried: Continued,
    said: String,
    /// What a tier that takes no prefill is told.
    then: Option<String>,
    /// `None` once the seam is found.
    seam: Option<Seam>,
    /// How long each text was that came before the seam was found, in bytes.
    lengths: Vec<usize>,
    /// What came before the seam was found and has no text: the answer's end, say.
    held: Vec<Bytes>,
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
    /// Carries what is `kept` on; `sure` where the tier is known to take an unfinished message as the beginning of its answer.
    pub(super) fn new(form: Form, transcript: &Transcript, how: ContinuationMode, sure: bool) -> Self {
        let said = transcript.text();
        // A text goes on where it ends: that is what the form is.
        let (how, sure) = match form {
            Form::Text => (ContinuationMode::Prefill, true),
            Form::Chat => (how, sure),
        };
        // Where only reasoning was shown, the answer has yet to begin, and there is no seam to find.
        let asked = match how {
            ContinuationMode::Prefill => Asked::Prefill { sure },
            ContinuationMode::Repeat => Asked::Repeat,
        };
        let seam = (!said.is_empty()).then(|| Seam::new(said.clone(), asked));
        let then = (how == ContinuationMode::Repeat).then(|| request_to_repeat(&said));
        let mut carried = transcript.carried();
        carried.count(transcript.tokens(None));
        Self { form, carried, said, then, seam, lengths: Vec::new(), held: Vec::new() }
    }

    /// Whether the tier is asked to begin with what was said last.
    pub(super) fn repeats(&self) -> bool {
        self.then.is_some()
    }

    /// What the tier is told beside the request.
    pub(super) fn told(&self) -> Option<CarryOn<'_>> {
        (!self.said.is_empty()).then(|| CarryOn { said: &self.said, then: self.then.as_deref() })
    }

    /// The events that end the answer at its caller's `bound`: why it ended, and what it cost, as far as is known.
    pub(super) fn cut_at(&self, bound: u32, prompt: u32) -> [StreamEvent; 2] {
        [event(self.carried.end(self.form)), event(self.carried.usage(prompt, bound))]
    }

    /// How much was said before, in characters.
    pub(super) fn seam_at(&self) -> usize {
        self.said.chars().count()
    }

    /// The event for `data`, as one of the stream that the caller sees.
    pub(super) fn in_its_stream(&self, data: &[u8]) -> StreamEvent {
        event(self.carried.event(data, None))
    }

    pub(super) fn hear(&mut self, data: &Bytes) -> SeamProgress {
        let Some(seam) = &mut self.seam else { return SeamProgress::More(self.in_its_stream(data)) };
        let Some(text) = wire::content(data).filter(|text| !text.is_empty()) else {
            self.held.push(data.clone());
            return SeamProgress::Nothing;
        };
        self.lengths.push(text.len());
        match seam.hear(&text) {
            Found::NotYet => SeamProgress::Nothing,
            Found::Nowhere => SeamProgress::NoSeam,
            Found::Rest(rest) => {
                self.seam = None;
                self.discount_what_is_cut(rest.len());
                SeamProgress::Seam(vec![event(self.carried.event(data, Some(&rest)))])
            }
        }
    }

    /// The tier has ended its answer.
    pub(super) fn end(&mut self) -> SeamProgress {
        let Some(mut seam) = self.seam.take() else { return SeamProgress::Nothing };
        match seam.end() {
            Found::Rest(rest) => {
                self.discount_what_is_cut(rest.len());
                let held = self.held.drain(..).map(|data| event(self.carried.event(&data, None)));
                let rest = event(self.carried.text(self.form, &rest));
                SeamProgress::Seam(std::iter::once(rest).chain(held).collect())
            }
            Found::NotYet | Found::Nowhere => SeamProgress::NoSeam,
        }
    }

    /// Of what the tier has said, the caller is given the last `rest` bytes alone.
    fn discount_what_is_cut(&mut self, rest: usize) {
        let mut cut = self.lengths.iter().sum::<usize>().saturating_sub(rest);
        let whole = self.lengths.iter().take_while(|&&length| cut.checked_sub(length).map(|left| cut = left).is_some());
        self.carried.discount(u32::try_from(whole.count()).unwrap_or(u32::MAX));
    }

    /// Whether the tier has nothing to add: it ended its answer as one that is complete.
    pub(super) fn had_nothing_to_add(&self) -> bool {
        let complete = |data: &Bytes| matches!(Piece::read(data), Piece::Chunk(chunk) if chunk.finish.is_some());
        self.seam.is_some() && self.held.iter().any(complete)
    }
}
