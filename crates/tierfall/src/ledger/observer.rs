//! Who sees what becomes of a request: the log, and the ledger where there is one.

use std::time::Duration;

use ::ledger::{Attempted, Decided, Ending, Ledger, Skipped};
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
            ledger.leave(|| record(decided));
        }
    }
}

fn record(decided: &gateway::DecisionRecord<'_>) -> Decided {
    let took = decided.took();
    let began = SignedDuration::try_from(took).ok().and_then(|took| Timestamp::now().checked_sub(took).ok());
    Decided {
        at: began.unwrap_or(Timestamp::UNIX_EPOCH),
        request: decided.request().to_owned(),
        route: decided.route().to_owned(),
        prompt_tokens: decided.prompt_tokens(),
        answer_tokens: decided.answer_tokens(),
        max_tokens: decided.max_tokens(),
        streamed: decided.streamed(),
        attempts: decided.attempts().map(attempted).collect(),
        skipped: decided.skipped().map(skipped).collect(),
        ending: ending(decided.ending()),
        ms: ms(took),
    }
}

fn attempted(attempt: gateway::AttemptSummary<'_>) -> Attempted {
    Attempted {
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

fn skipped(skipped: gateway::SkipSummary<'_>) -> Skipped {
    Skipped { tier: skipped.tier, name: skipped.name.to_owned(), reason: skipped.reason.to_owned() }
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
