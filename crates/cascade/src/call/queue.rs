//! A request and its place at a tier: taken at once, waited for, or passed over.

use super::*;
use crate::fleet::{Permit, QueueState, WaiterId};

/// What a tier is to be asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    Answer {
        /// Whether the tier is asked again, after a pause.
        again: bool,
    },
    /// An answer too, beside another tier's, which is late.
    Hedge,
    CarryOn {
        /// Whose answer, or whose part of it.
        failed: AttemptId,
    },
}

/// A request that waits for its turn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queued {
    pub(super) tier: TierId,
    pub(super) waiter: WaiterId,
    pub(super) goal: Goal,
    /// When it will have waited long enough.
    pub(super) until: Moment,
}

impl Call {
    /// Under which name the request waits for its turn at a tier, while it does.
    #[must_use]
    pub fn waits_as(&self) -> Option<WaiterId> {
        match &self.step {
            Step::Queued(queued) => Some(queued.waiter),
            Step::Attempts(_) | Step::Pause { .. } | Step::Recovery(_) | Step::Over => None,
        }
    }

    /// Asks `tier` for an answer, at once or when its turn comes; why not, where neither is any use.
    pub(super) fn approach(&mut self, tier: TierId, again: bool, fleet: &mut Fleet, now: Moment) -> Result<(), Skip> {
        let answer = self.admit(tier, fleet, now)?;
        let patience = self.patience(tier, fleet, now);
        let (wait, alone) = (fleet.queue_state(tier), self.later(fleet, now).is_none());
        let too_long = |wait: Duration| wait > patience;
        match wait {
            QueueState::Free(wait) if alone || !too_long(wait) => {}
            QueueState::Taken(wait) if !patience.is_zero() && !wait.is_some_and(too_long) => {}
            QueueState::Free(wait) => return Err(Skip::Busy { until: Some(now + wait) }),
            QueueState::Taken(wait) => return Err(Skip::Busy { until: wait.map(|wait| now + wait) }),
            QueueState::Full(wait) => return Err(Skip::Full { until: wait.map(|wait| now + wait) }),
        }
        self.enqueue(tier, Goal::Answer { again }, answer, now + patience, fleet, now);
        Ok(())
    }

    /// How long the request waits for its turn at `tier`. Where a later tier could answer: as long as this one's silence
    /// would be borne, less what reading the prompt takes.
    fn patience(&self, tier: TierId, fleet: &Fleet, now: Moment) -> Duration {
        let left = self.deadline.since(now);
        if self.later(fleet, now).is_none() {
            return left;
        }
        let (limits, measured) = (fleet.tier(tier).limits, fleet.pace(tier).prompt_token(now));
        let (prompt, share) = (self.need().prompt, left - self.kept_for_later(left, fleet, now));
        let silence = limits.first_token.for_prompt(prompt, measured).min(limits.total).min(share);
        silence.saturating_sub(limits.first_token.reading(prompt, measured))
    }

    /// Asks `tier` where a place is free there, and waits for one up to `until` where none is.
    pub(super) fn enqueue(
        &mut self,
        tier: TierId,
        goal: Goal,
        answer: u32,
        until: Moment,
        fleet: &mut Fleet,
        now: Moment,
    ) {
        if let Some(permit) = fleet.take_permit(tier) {
            return self.start((tier, permit), goal, answer, fleet, now);
        }
        self.actions.push_back(Action::Queued { tier, ahead: fleet.waiting(tier) });
        let waiter = fleet.queue_up(tier);
        self.step = Step::Queued(Queued { tier, waiter, goal, until });
    }

    /// Takes the place that the request has waited for, where it is there, or ends the wait, where it has been too long.
    pub(super) fn on_queue(&mut self, queued: Queued, fleet: &mut Fleet, now: Moment) {
        let Queued { tier, waiter, goal, until } = queued;
        let permit = if now < self.deadline { fleet.claim(tier, waiter) } else { None };
        if let Some(permit) = permit {
            return self.on_permit(tier, permit, goal, fleet, now);
        }
        if now < until {
            return;
        }
        // Nobody else is left to go to, so that it keeps its turn.
        if now < self.deadline && self.later(fleet, now).is_none() {
            self.step = Step::Queued(Queued { until: self.deadline, ..queued });
            return;
        }
        let until = fleet.wait_of(tier, waiter).map(|wait| now + wait);
        fleet.leave_queue(tier, waiter);
        self.step = Step::Over;
        self.pass_over(tier, goal, Skip::Busy { until }, fleet, now);
    }

    /// Asks `tier` in `permit`, unless it has been closed to us while we waited.
    fn on_permit(&mut self, tier: TierId, permit: Permit, goal: Goal, fleet: &mut Fleet, now: Moment) {
        self.step = Step::Over;
        match self.admit(tier, fleet, now) {
            Ok(answer) => self.start((tier, permit), goal, answer, fleet, now),
            Err(why) => {
                fleet.give_back(tier, permit);
                self.pass_over(tier, goal, why, fleet, now);
            }
        }
    }

    /// Goes on without `tier`.
    pub(super) fn pass_over(&mut self, tier: TierId, goal: Goal, why: Skip, fleet: &mut Fleet, now: Moment) {
        match (goal, why) {
            (Goal::Answer { again: true }, Skip::Open { until: Some(until), .. })
                if until < self.deadline && self.later(fleet, now).is_none() =>
            {
                self.step = Step::Pause { tier, at: until };
            }
            (Goal::Answer { .. } | Goal::Hedge, _) => {
                self.skip(tier, why);
                self.ask_next(fleet, now);
            }
            (Goal::CarryOn { failed }, _) => {
                self.skip(tier, why);
                self.let_somebody_carry_on(failed, None, fleet, now);
            }
        }
    }

    /// Where the route has come to its end: the tier that was passed over and can be asked by now, or whose turn comes
    /// first, is given the time that is left. Whether there is one.
    pub(super) fn look_again(&mut self, fleet: &mut Fleet, now: Moment) -> bool {
        let may = |tier| self.may_answer(tier, fleet);
        let Some((tier, answer)) = self.soonest(may, fleet, now) else { return false };
        self.enqueue(tier, Goal::Answer { again: false }, answer, self.deadline, fleet, now);
        true
    }

    /// Of the route's tiers that are `wanted`, the one that could be asked first, in time to read the prompt. A place that is
    /// free is certain, and comes before any that is predicted; a request that has asked nobody takes one that may be too
    /// late.
    pub(super) fn soonest(&self, wanted: impl Fn(TierId) -> bool, fleet: &Fleet, now: Moment) -> Option<(TierId, u32)> {
        let candidate = |tier: TierId| {
            let (wait, answer) = self.wait_for(tier, fleet, now)?;
            let free = fleet.is_free(tier);
            let late = !self.is_in_time(tier, if free { Duration::ZERO } else { wait }, fleet, now);
            let may = !late || (free && self.decision.attempts.is_empty());
            may.then_some(((late, !free, wait), (tier, answer)))
        };
        let candidates = self.route.tiers.iter().copied().filter(|&tier| wanted(tier)).filter_map(candidate);
        candidates.min_by_key(|&(rank, _)| rank).map(|(_, found)| found)
    }

    /// How long it is until `tier` could be asked, and how long an answer then; `None` where it cannot be.
    pub(super) fn wait_for(&self, tier: TierId, fleet: &Fleet, now: Moment) -> Option<(Duration, u32)> {
        let answer = fleet.admit(tier, self.need(), &self.route.name, now).ok()?;
        match fleet.queue_state(tier) {
            QueueState::Free(wait) => Some((wait, answer)),
            QueueState::Taken(wait) => Some((wait.unwrap_or_default(), answer)),
            QueueState::Full(_) => None,
        }
    }

    /// Whether `tier` could read the prompt before the deadline, once `wait` is over.
    pub(super) fn is_in_time(&self, tier: TierId, wait: Duration, fleet: &Fleet, now: Moment) -> bool {
        now + wait + self.reading(tier, fleet, now).unwrap_or_default() < self.deadline
    }
}
