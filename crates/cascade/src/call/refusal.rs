//! Whose fault it is where no tier has answered.

use super::*;

impl Call {
    /// The first refusal, where two tiers of different providers have named the same member of the request: it is the
    /// caller's to change.
    pub(super) fn refused_by_two_providers(&self, fleet: &Fleet) -> Option<AttemptId> {
        let provider = |attempt: AttemptId| fleet.tier(self.decision.attempts[attempt.index()].tier).provider;
        let named = || {
            let refused = self.decision.failures().filter(|(_, fault)| fault.kind.refuses());
            refused.filter_map(|(attempt, fault)| Some((attempt, fault.member?)))
        };
        named().find_map(|(first, member)| {
            let same = |&(second, other): &(AttemptId, Member)| other == member && provider(second) != provider(first);
            named().find(same).map(|_| first)
        })
    }

    /// Ends the request without an answer. Where every tier that could be asked has refused it, it is the caller's to change;
    /// where every one is at its limit, it is to be sent again later.
    pub(super) fn give_up(&mut self) {
        if self.all_failed(|fault| fault.kind.refuses()) {
            let too_long = self.all_failed(|fault| fault.kind == FaultKind::TooLong);
            let first = self.decision.failures().next().map(|(attempt, _)| attempt);
            return match first {
                Some(first) if too_long => self.end(Ending::TooLong(first), Action::GiveUp),
                Some(first) => self.end(Ending::Refused(first), Action::Refuse { attempt: first }),
                None => self.end(Ending::GaveUp, Action::GiveUp),
            };
        }
        if self.is_rate_limited() {
            let until = self.soonest_room();
            return self.end(Ending::RateLimited { until }, Action::GiveUp);
        }
        self.end(Ending::GaveUp, Action::GiveUp);
    }

    /// Whether there were attempts, and each has failed so.
    fn all_failed(&self, so: impl Fn(Fault) -> bool) -> bool {
        let answers = self.decision.attempts.iter().filter(|attempt| attempt.task == Task::Answer).count();
        answers > 0 && self.decision.failures().filter(|&(_, fault)| so(fault)).count() == answers
    }

    fn is_rate_limited(&self) -> bool {
        let asked = self.decision.attempts.is_empty() || self.all_failed(|fault| fault.kind == FaultKind::RateLimited);
        let mut skipped = self.decision.skipped.iter().map(|&(_, why)| why);
        let some = !self.decision.attempts.is_empty() || !self.decision.skipped.is_empty();
        some && asked && skipped.all(is_about_rate)
    }

    /// When the first of the tiers may be asked again.
    fn soonest_room(&self) -> Option<Moment> {
        let asked = self.decision.attempts.iter().filter_map(|attempt| match attempt.ended {
            Some((at, Outcome::Failed(fault))) => fault.retry_after.map(|wait| at + wait),
            _ => None,
        });
        asked.chain(self.decision.skipped.iter().filter_map(|(_, why)| why.until())).min()
    }
}

const fn is_about_rate(why: Skip) -> bool {
    match why {
        Skip::NoBudget { until } | Skip::Kept { until } => until.is_some(),
        Skip::Open { opening, .. } => matches!(opening.kind, FaultKind::RateLimited),
        Skip::Unavailable | Skip::NoTime | Skip::Busy { .. } | Skip::Full { .. } => false,
    }
}
