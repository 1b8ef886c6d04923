//! An attempt begins.

use super::*;

impl Call {
    /// Asks a tier, in the place that was taken there.
    pub(super) fn start(
        &mut self,
        (tier, permit): (TierId, Permit),
        goal: Goal,
        answer: u32,
        fleet: &mut Fleet,
        now: Moment,
    ) {
        let running = self.begin_attempt((tier, permit), goal, answer, fleet, now);
        self.step = Step::Attempts(Runs::alone(running));
        self.late_at = self.late_at(tier, fleet, now);
    }

    pub(super) fn begin_attempt(
        &mut self,
        (tier, permit): (TierId, Permit),
        goal: Goal,
        answer: u32,
        fleet: &mut Fleet,
        now: Moment,
    ) -> Running {
        let id = AttemptId(u16::try_from(self.decision.attempts.len()).expect("retries and tiers bound the attempts"));
        let need = Need { answer, ..self.need() };
        let lowered_to = (answer < self.need().answer).then_some(answer.saturating_add(self.said));
        let limits = fleet.tier(tier).limits.with_silence(self.ask.longest_silence);
        let left = self.deadline.since(now);
        let patience = Patience {
            first_token: limits.first_token.for_prompt(need.prompt, fleet.pace(tier).prompt_token(now)),
            share: left - self.kept_for_later(left, fleet, now),
        };
        let (task, extra) = match goal {
            Goal::Answer { again } => (Task::Answer, again),
            Goal::Hedge => (Task::Answer, true),
            Goal::CarryOn { .. } => (Task::CarryOn(fleet.carries_on_by(tier)), false),
        };
        let hedge = matches!(goal, Goal::Hedge);
        let lease = fleet.enter((tier, permit), need, extra, self.ask.fingerprint, now);
        let probe = lease.is_probe();
        let running = Running::new(id, limits, patience, need.prompt, lease, now);
        let record =
            AttemptRecord { tier, task, started: now, lowered_to, hedge, first_token: None, kept: 0, ended: None };
        self.decision.attempts.push(record);
        self.awaited_since = None;
        self.actions.push_back(Action::Start(Start {
            attempt: id,
            tier,
            task,
            connect: limits.connect.min(left),
            total: limits.total.min(left),
            hedge,
            probe,
            max_tokens: lowered_to,
        }));
        running
    }

    /// How much of the time that is `left` the next tier would need, were this one silent: what its answers took, or a
    /// quarter of its total; never more than half.
    pub(super) fn kept_for_later(&self, left: Duration, fleet: &Fleet, now: Moment) -> Duration {
        let needs = |tier| fleet.pace(tier).answer().unwrap_or(fleet.tier(tier).limits.total / 4);
        self.later(fleet, now).map_or(Duration::ZERO, |tier| needs(tier).min(left / 2))
    }
}
