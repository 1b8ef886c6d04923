//! A request whose first tier is late: another one is started beside it, and the first to say a token answers.
//!
//! Dean and Barroso, "The Tail at Scale", CACM 2013: to wait for the 95th percentile before the second request keeps the
//! load that it adds at a twentieth, and takes most of the tail away.

use super::*;

/// The attempts that run: one, and at most another one beside it.
#[derive(Debug)]
pub(super) struct Runs {
    first: Running,
    beside: Option<Box<Running>>,
}

impl Runs {
    pub(super) const fn alone(first: Running) -> Self {
        Self { first, beside: None }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Running> {
        std::iter::once(&self.first).chain(self.beside.as_deref())
    }

    pub(super) fn into_all(self) -> impl Iterator<Item = Running> {
        std::iter::once(self.first).chain(self.beside.map(|beside| *beside))
    }

    pub(super) fn get_mut(&mut self, attempt: AttemptId) -> Option<&mut Running> {
        std::iter::once(&mut self.first).chain(self.beside.as_deref_mut()).find(|running| running.id == attempt)
    }

    pub(super) const fn are_two(&self) -> bool {
        self.beside.is_some()
    }

    /// `attempt`, where it is one of these, and what runs without it.
    fn without(self, attempt: AttemptId) -> (Option<Running>, Option<Self>) {
        match self {
            Self { first, beside } if first.id == attempt => (Some(first), beside.map(|beside| Self::alone(*beside))),
            Self { first, beside: Some(beside) } if beside.id == attempt => (Some(*beside), Some(Self::alone(first))),
            other => (None, Some(other)),
        }
    }
}

impl Call {
    /// Takes `attempt` out of those that run.
    pub(super) fn take(&mut self, attempt: AttemptId) -> Option<Running> {
        match std::mem::replace(&mut self.step, Step::Over) {
            Step::Attempts(runs) => {
                let (taken, left) = runs.without(attempt);
                self.step = left.map_or(Step::Over, Step::Attempts);
                taken
            }
            other => {
                self.step = other;
                None
            }
        }
    }

    /// Whether an attempt runs.
    pub(super) const fn runs(&self) -> bool {
        matches!(self.step, Step::Attempts(_))
    }

    /// When the request's first attempt, on `tier`, is late, where the route hedges.
    pub(super) fn late_at(&self, tier: TierId, fleet: &Fleet, now: Moment) -> Option<Moment> {
        let hedges = self.route.hedge.is_some() && self.decision.attempts.len() == 1;
        hedges.then(|| fleet.late(tier)).flatten().map(|late| now + late)
    }

    /// The first attempt is late: begins another one beside it, on the next tier that is at its best.
    pub(super) fn hedge(&mut self, fleet: &mut Fleet, now: Moment) {
        self.late_at = None;
        let (Step::Attempts(runs), Some(hedge)) = (&self.step, self.route.hedge) else { return };
        let late = runs.first.lease.tier();
        let may = |tier: TierId| {
            let affordable = hedge.paid || !fleet.tier(tier).paid;
            let answer = fleet.may_hedge(tier, self.need(), &self.route.name, now)?;
            (affordable && self.is_in_time(tier, Duration::ZERO, fleet, now)).then_some((tier, answer))
        };
        let Some((tier, answer)) = self.route.tiers[self.next..].iter().copied().find_map(may) else { return };
        if now < self.deadline
            && fleet.grant_hedge(late, now)
            && let Some(permit) = fleet.take_permit(tier)
        {
            let beside = self.begin_attempt((tier, permit), Goal::Hedge, answer, fleet, now);
            if let Step::Attempts(runs) = &mut self.step {
                runs.beside = Some(Box::new(beside));
            }
        }
    }

    /// Of two attempts that have failed, the one that did for the caller's own fault: the other one might still have answered.
    pub(super) fn refused_beside(&self) -> Option<AttemptId> {
        let callers = |attempt: &AttemptRecord| {
            let fault = attempt.ended.map(|(_, outcome)| outcome);
            let refused = matches!(fault, Some(Outcome::Failed(Fault { kind: FaultKind::Callers, .. })));
            refused && attempt.task == Task::Answer
        };
        let at = self.decision.attempts.iter().position(callers)?;
        u16::try_from(at).ok().map(AttemptId)
    }

    /// Ends the attempt that the one whose text the caller gets has overtaken. Nothing is held against its tier.
    pub(super) fn end_the_overtaken(&mut self, fleet: &mut Fleet, now: Moment) {
        let (Some((winner, _)), Step::Attempts(runs)) = (self.winner, &self.step) else { return };
        let Some(attempt) = runs.iter().map(|running| running.id).find(|&id| id != winner) else { return };
        if let Some(running) = self.take(attempt) {
            let reason = CancelReason::Overtaken;
            self.settle(running, Outcome::Cancelled(reason), fleet, now);
            self.actions.push_back(Action::Cancel { attempt, reason });
        }
    }
}
