//! Nobody can be asked, and a tier is coming back: the request waits for it, within its deadline.

use super::*;
use crate::fleet::Condition;

/// When it looks for the first time. Nobody tells it when the tier is back.
const LOOK: Duration = Duration::from_millis(100);
/// Later, it is late by a sixteenth of what it has waited at the most: loading a model takes seconds, or minutes.
const SHARE: u32 = 16;
/// How often one tier is asked for one answer where it broke down under it: a request that is itself what ends a worker
/// ends no more of them.
const ASKS: usize = 3;

/// A request that waits for a tier to come back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recovery {
    goal: Goal,
    /// When it looks again.
    pub(super) at: Moment,
}

impl Call {
    /// Whether the request has nobody to ask, and waits for a tier that is coming back.
    #[must_use]
    pub const fn awaits_return(&self) -> bool {
        matches!(self.step, Step::Recovery(_))
    }

    /// Waits, where a tier that the request could then be given to is coming back. Whether there is one.
    pub(super) fn await_return(&mut self, goal: Goal, fleet: &Fleet, now: Moment) -> bool {
        let since = self.awaited_since.unwrap_or(now);
        let may = |tier: TierId| match goal {
            Goal::CarryOn { .. } => self.can_be_carried_on && self.may_carry_on(tier),
            Goal::Answer { .. } | Goal::Hedge => self.may_answer(tier, fleet),
        };
        let returning = |&tier: &TierId| fleet.condition(tier) == Condition::Returning && may(tier);
        let waits = now < self.deadline && self.route.tiers.iter().any(returning);
        if waits {
            let next = now + LOOK.max(now.since(since) / SHARE);
            self.awaited_since = Some(since);
            self.step = Step::Recovery(Recovery { goal, at: next.min(self.deadline) });
        }
        waits
    }

    /// Looks whether somebody can be asked by now.
    pub(super) fn look_for_returned(&mut self, recovery: Recovery, fleet: &mut Fleet, now: Moment) {
        if now < recovery.at {
            return;
        }
        self.step = Step::Over;
        match recovery.goal {
            Goal::CarryOn { failed } => self.let_somebody_carry_on(failed, None, fleet, now),
            Goal::Answer { .. } | Goal::Hedge => self.ask_next(fleet, now),
        }
    }

    /// Whether `tier` may be asked for an answer: it has not had its chance, or has broken down over it and come back.
    pub(super) fn may_answer(&self, tier: TierId, fleet: &Fleet) -> bool {
        let asked =
            || self.decision.attempts.iter().filter(|record| record.tier == tier && record.task == Task::Answer);
        let broke =
            |record: &AttemptRecord| matches!(record.ended, Some((_, Outcome::Failed(fault))) if fault.kind.broke());
        !self.has_asked(tier)
            || (fleet.tier(tier).supervised && asked().count() < ASKS && asked().next_back().is_some_and(broke))
    }
}
