//! An answer that broke off in sight of the caller, or that its length cut off, carried on.

use super::*;

/// How often one tier is asked to carry one answer on: by prefill, by repeating, and once more anew.
const ASKS_OF_A_TIER: usize = 3;
/// How often one tier is asked beyond that, for pieces that its length cuts off and that get the answer further: as many of
/// [`crate::LEAST_ANSWER`] tokens as make 16,384, the longest answer that `DeepSite` asks for. Each reads all that was
/// said before it, so that more of them would cost more than they bring.
const PIECES_OF_A_TIER: usize = 16;

impl Call {
    /// Keeps what `attempt` has said of a whole answer that its length cut off: so many tokens. What it was to carry on is
    /// kept already.
    pub(super) fn keep(&mut self, attempt: AttemptId, heard: u32) {
        if !self.ask.streamed && self.can_be_carried_on && self.said == 0 {
            self.said = heard;
            self.decision.attempts[attempt.index()].kept = heard;
        }
    }

    /// Lets go of what was kept of a whole answer, which is to be made anew.
    pub(super) fn forget(&mut self) {
        self.said = 0;
        self.next = self.anew_from;
    }

    /// What follows on the failure of an attempt whose answer, or whose part of it, is to be carried on.
    pub(super) fn carry_on(&mut self, attempt: AttemptId, fault: Fault, fleet: &mut Fleet, now: Moment) {
        let failed = self.decision.attempts[attempt.index()];
        // The request itself was well formed: what is refused is the unfinished message at its end.
        let refused = failed.first_token.is_none() && (fault.kind.refuses() || fault.kind == FaultKind::Refused);
        let refused_prefill =
            failed.task == Task::CarryOn(ContinuationMode::Prefill) && (refused || fault.kind == FaultKind::NoSeam);
        if refused_prefill {
            fleet.refuses_prefill(failed.tier);
        }
        let again = (refused_prefill || got_further(&failed)).then_some(failed.tier);
        self.let_somebody_carry_on(attempt, again, fleet, now);
    }

    /// Has the answer, or the part of it, that `attempt` broke off carried on: by the tier that is to be asked `again`, else
    /// by whoever can.
    pub(super) fn let_somebody_carry_on(
        &mut self,
        attempt: AttemptId,
        again: Option<TierId>,
        fleet: &mut Fleet,
        now: Moment,
    ) {
        let failed = self.decision.attempts[attempt.index()].tier;
        match self.who_carries_on(again, failed, fleet, now) {
            Some((tier, answer)) => {
                let goal = Goal::CarryOn { failed: attempt };
                self.enqueue(tier, goal, answer, self.deadline, fleet, now);
            }
            None if self.ask.streamed && self.await_return(Goal::CarryOn { failed: attempt }, fleet, now) => {}
            None if self.ask.streamed => self.end(Ending::BrokenOff(attempt), Action::BreakOff { attempt }),
            None => {
                self.forget();
                self.ask_next(fleet, now);
            }
        }
    }

    /// The tier that is to be asked `again`, else the next one of the route that can be; where none is left, an earlier
    /// one anew, and at the very last the one that `failed`. Where all of these have enough to do: the one whose turn comes
    /// first. The caller looks at half an answer meanwhile, so that a place that is free comes before a tier's rank. A whole
    /// answer is rather made anew than asked for here and there: it waits for the tier that is to go on, and for no other.
    fn who_carries_on(
        &mut self,
        again: Option<TierId>,
        failed: TierId,
        fleet: &Fleet,
        now: Moment,
    ) -> Option<(TierId, u32)> {
        if now >= self.deadline || !self.can_be_carried_on {
            return None;
        }
        let can = |call: &Self, tier: TierId| {
            let answer = fleet.admit(tier, call.need(), &call.route.name, now).ok()?;
            (fleet.is_free(tier) && call.may_carry_on(tier)).then_some((tier, answer))
        };
        if let Some(found) = again.and_then(|tier| can(self, tier)) {
            return Some(found);
        }
        while let Some(&tier) = self.route.tiers.get(self.next) {
            self.next += 1;
            if let Some(found) = can(self, tier) {
                return Some(found);
            }
        }
        if !self.ask.streamed {
            return self.soonest(|tier| again == Some(tier) && self.may_carry_on(tier), fleet, now);
        }
        let earlier = self.route.tiers.iter().copied().filter(|&tier| tier != failed);
        let free = earlier.chain([failed]).find_map(|tier| can(self, tier));
        free.or_else(|| self.soonest(|tier| self.may_carry_on(tier), fleet, now))
    }

    /// Whether `tier` may be asked once more to carry this answer on.
    pub(super) fn may_carry_on(&self, tier: TierId) -> bool {
        let asked = |record: &&AttemptRecord| record.tier == tier && record.task != Task::Answer;
        let carried = || self.decision.attempts.iter().filter(asked);
        let pieces = carried().filter(|record| got_further(record)).count();
        carried().count() - pieces.min(PIECES_OF_A_TIER) < ASKS_OF_A_TIER
    }
}

/// Whether its length cut the attempt off after it had got the answer further: the same tier goes on best.
fn got_further(record: &AttemptRecord) -> bool {
    let cut = matches!(record.ended, Some((_, Outcome::Failed(Fault { kind: FaultKind::CutByLength, .. }))));
    cut && record.kept > 0
}
