//! Who sees what becomes of a request: the log, and the ledger where there is one.

use std::time::Duration;

use ::ledger::{AttemptRow, DecisionRow, Ending, Ledger, SkipRow};
use gateway::{Note, Observer};
use jiff::{SignedDuration, Timestamp};

use crate::log::Log;

/// Tells the log of every step, and the ledger of every decision.
#[derive(Debug)]
pub(crate) struct Witness {
    pub(crate) log: Log,
    pub(crate) ledger: Option<Ledger>,
}

impl Observer for Witness {
    fn note(&self, note: &Note<'_>) {
        self.log.note(note);
    }

    fn decided(&self, decided: &gateway::DecisionRecord<'_>) {
        if let Some(ledger) = &self.ledger {
            ledger.leave(|| row(decided));
        }
    }
}

fn row(decision: &gateway::DecisionRecord<'_>) -> DecisionRow {
    let took = decision.took();
    let began = SignedDuration::try_from(took).ok().and_then(|took| Timestamp::now().checked_sub(took).ok());
    DecisionRow {
        at: began.unwrap_or(Timestamp::UNIX_EPOCH),
        request: decision.request().to_owned(),
        route: decision.route().to_owned(),
        prompt_tokens: decision.prompt_tokens(),
        answer_tokens: decision.answer_tokens(),
        max_tokens: decision.max_tokens(),
        streamed: decision.streamed(),
        attempts: decision.attempts().map(attempt_row).collect(),
        skipped: decision.skipped().map(skip_row).collect(),
        ending: ending(decision.ending()),
        ms: ms(took),
    }
}

fn attempt_row(attempt: gateway::AttemptSummary<'_>) -> AttemptRow {
    AttemptRow {
        tier: attempt.tier,
        name: attempt.name.to_owned(),
        model: attempt.model.to_owned(),
        outcome: attempt.outcome,
        at_ms: ms(attempt.at),
        first_token_ms: attempt.first_token.map(ms),
        ms: ms(attempt.took),
        prompt_tokens: attempt.prompt_tokens,
        tokens: attempt.tokens,
        lowered_to: attempt.lowered_to,
        seam: attempt.seam,
    }
}

fn skip_row(skipped: gateway::SkipSummary<'_>) -> SkipRow {
    SkipRow { tier: skipped.tier, name: skipped.name.to_owned(), reason: skipped.reason.to_owned() }
}

const fn ending(ending: cascade::Ending) -> Ending {
    match ending {
        cascade::Ending::Answered(_) => Ending::Answered,
        cascade::Ending::Refused(_) | cascade::Ending::TooLong(_) => Ending::Refused,
        cascade::Ending::BrokenOff(_) => Ending::BrokenOff,
        cascade::Ending::GaveUp | cascade::Ending::RateLimited { .. } => Ending::GaveUp,
        cascade::Ending::CallerLeft => Ending::CallerLeft,
    }
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
