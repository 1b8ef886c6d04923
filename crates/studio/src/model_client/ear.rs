//! What the gateway notes of one request, sent on to whoever asked.

use gateway::{DecisionRecord, Note, Observer};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::TierState;

/// Told of one request. What it hears is bounded by the number of attempts.
pub(super) struct Ear(UnboundedSender<Noted>);

/// What was noted.
#[derive(Debug)]
pub(super) enum Noted {
    Tier {
        name: String,
        state: TierState,
        reason: Option<String>,
    },
    /// The request has ended.
    Decided {
        tokens: u32,
    },
}

impl Ear {
    pub(super) fn new() -> (Self, UnboundedReceiver<Noted>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    fn tell(&self, noted: Noted) {
        // Whoever asked may have gone.
        let _ = self.0.send(noted);
    }
}

impl Observer for Ear {
    fn note(&self, note: &Note<'_>) {
        let (tier, state, reason) = match note {
            Note::Trying { tier, .. } => (tier, TierState::Trying, None),
            Note::Waiting { tier, ahead, .. } => (tier, TierState::Trying, Some(format!("waiting, {ahead} ahead"))),
            Note::Skipped { tier, reason, .. } => (tier, TierState::Skipped, Some((*reason).to_owned())),
            Note::Failed { tier, reason, .. } => (tier, TierState::Failed, Some(reason.to_string())),
            Note::Overtaken { tier, .. } => (tier, TierState::Failed, Some("another tier was first".to_owned())),
            Note::BrokenOff { tier, .. } => (tier, TierState::Failed, Some("its answer broke off".to_owned())),
            // The answer itself says what was mended for it.
            Note::Replaced { .. }
            | Note::Restored { .. }
            | Note::Succeeded { .. }
            | Note::AllFailed { .. }
            | Note::CarriedOn { .. }
            | Note::CallerLeft { .. } => return,
        };
        self.tell(Noted::Tier { name: (*tier).to_owned(), state, reason });
    }

    fn decided(&self, decided: &DecisionRecord<'_>) {
        self.tell(Noted::Decided { tokens: decided.answer_tokens() });
    }
}
