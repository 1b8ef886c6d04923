//! An attempt has ended: what its tier, and what is known of it, learn from that.

use super::*;

/// Within less, nobody has to have said anything.
const LEAST_TELLABLE_SILENCE: Duration = Duration::from_secs(1);

impl Call {
    /// Writes down how an attempt ended, and puts its tier's standing right.
    pub(super) fn settle(&mut self, running: Running, outcome: Outcome, fleet: &mut Fleet, now: Moment) {
        let record = &mut self.decision.attempts[running.id.index()];
        record.ended = Some((now, outcome));
        let (tier, first_token) = (record.tier, record.first_token);
        let waited = first_token.unwrap_or(now).since(record.started);
        if first_token.is_some() {
            fleet.pace_mut(tier).on_first_token(self.ask.prompt_tokens, waited, now);
        }
        if record.task == Task::Answer && tells_of_lateness(first_token, outcome) {
            fleet.on_first_token(tier, waited);
        }
        let silent_for_long = running.is_silent() && waited >= self.tellable_silence(tier, fleet, now);
        let verdict = match outcome {
            Outcome::Answered => Verdict::Answered,
            Outcome::Failed(fault) => Verdict::Failed(fault),
            Outcome::Cancelled(CancelReason::Limit(Limit::Deadline, _)) if silent_for_long => {
                Verdict::Failed(FaultKind::Timeout(Limit::FirstToken).into())
            }
            Outcome::Cancelled(CancelReason::Limit(limit, _)) => Verdict::Failed(FaultKind::Timeout(limit).into()),
            Outcome::Cancelled(CancelReason::CallerLeft | CancelReason::Overtaken) => Verdict::None,
        };
        let cost = running.cost(first_token, outcome, now);
        fleet.leave(running.lease, verdict, cost, now, &mut self.random);
    }

    /// From what length on a silence that the deadline ended tells something of `tier`: most of its first tokens come sooner,
    /// or, where that is not known, it could have read the prompt.
    fn tellable_silence(&self, tier: TierId, fleet: &Fleet, now: Moment) -> Duration {
        let reading = || {
            let measured = fleet.pace(tier).prompt_token(now);
            fleet.tier(tier).limits.first_token.reading(self.ask.prompt_tokens, measured)
        };
        fleet.late(tier).unwrap_or_else(reading).max(LEAST_TELLABLE_SILENCE)
    }
}

/// Whether an attempt tells how late its tier is: its first token has come, or was waited for in vain.
const fn tells_of_lateness(first_token: Option<Moment>, outcome: Outcome) -> bool {
    let in_vain =
        matches!(outcome, Outcome::Cancelled(CancelReason::Overtaken | CancelReason::Limit(Limit::FirstToken, _)));
    first_token.is_some() || in_vain
}
