//! One request on its way through its route.

mod attempt;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::action::{Action, AttemptId, Because, Event, Sign, Start};
use crate::backoff;
use crate::decision::{AttemptRecord, Decision, Ending, Outcome, Skip};
use crate::fault::{Fault, FaultKind};
use crate::fleet::{Condition, Fleet, TierId};
use crate::limits::Limit;
use crate::moment::Moment;
use crate::random::Random;
use crate::route::Route;

use attempt::Running;

/// What the core needs to know of a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask {
    /// The prompt's length in tokens, estimated.
    pub prompt_tokens: u32,
    /// The longest that the caller will wait, where they said so; it wins over the route's.
    pub deadline: Option<Duration>,
    /// What the request's pauses are drawn from.
    pub seed: u64,
}

/// One request: told what happens, it says what to do.
///
/// A request asks its route's tiers in order, each as often as its retries allow, until one has answered, the deadline
/// has come, or none is left. Once the caller has been shown a part of an answer, no other answer may take its place.
#[derive(Debug)]
pub struct Call {
    ask: Ask,
    route: Arc<Route>,
    deadline: Moment,
    random: Random,
    /// Where on the route the next tier is looked for.
    next: usize,
    step: Step,
    shown: bool,
    actions: VecDeque<Action>,
    decision: Decision,
}

#[derive(Debug)]
enum Step {
    Attempt(Running),
    /// Until `at`, when `tier` is asked again.
    Pause {
        tier: TierId,
        at: Moment,
    },
    Over,
}

impl Call {
    /// Begins a request on `route`: its first actions are there to be polled.
    pub fn begin(route: Arc<Route>, ask: Ask, fleet: &mut Fleet, now: Moment) -> Self {
        let longest = ask.deadline.unwrap_or_else(|| route.longest(fleet));
        let mut call = Self {
            ask,
            route,
            deadline: now + longest,
            random: Random::seeded(ask.seed),
            next: 0,
            step: Step::Over,
            shown: false,
            actions: VecDeque::new(),
            decision: Decision { began: now, skipped: Vec::new(), attempts: Vec::new(), ending: None },
        };
        call.ask_next(fleet, now);
        call
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When an [`Event::Tick`] is due; `None` once the request has ended.
    #[must_use]
    pub fn wake_at(&self) -> Option<Moment> {
        match &self.step {
            Step::Attempt(running) => Some(running.expires().0.min(self.deadline)),
            Step::Pause { at, .. } => Some(*at),
            Step::Over => None,
        }
    }

    /// The record so far.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Takes in what happened at `now`. What is told of an attempt that has ended is ignored.
    pub fn on(&mut self, event: Event, fleet: &mut Fleet, now: Moment) {
        match event {
            Event::Tick => self.on_tick(fleet, now),
            Event::CallerLeft => self.on_caller_left(now),
            Event::Finished { attempt } => {
                if self.running(attempt).is_some() {
                    self.settle(attempt, Outcome::Answered, now);
                    self.end(Ending::Answered(attempt), Action::Complete { attempt });
                }
            }
            Event::Failed { attempt, fault } => {
                if self.running(attempt).is_some() {
                    self.settle(attempt, Outcome::Failed(fault), now);
                    self.after(attempt, fault, fleet, now);
                }
            }
        }
    }

    /// Takes in a sign of life of `attempt`. It concerns this request alone, so that a token costs no look at the fleet.
    pub fn heard(&mut self, attempt: AttemptId, sign: Sign, now: Moment) {
        let Some(running) = self.running(attempt) else { return };
        match sign {
            Sign::Progress => running.on_progress(now),
            Sign::Token { shown } => {
                let first = running.on_token(now);
                self.shown |= shown;
                if first {
                    self.decision.attempts[attempt.index()].first_token = Some(now);
                    self.actions.push_back(Action::Deliver { attempt });
                }
            }
        }
    }

    fn on_tick(&mut self, fleet: &mut Fleet, now: Moment) {
        match &self.step {
            Step::Attempt(running) => {
                let (attempt, started) = (running.id, running.started);
                let (at, limit, length) = match running.expires() {
                    (at, ..) if self.deadline < at => (self.deadline, Limit::Deadline, self.deadline.since(started)),
                    expires => expires,
                };
                if now >= at {
                    let because = Because::Limit(limit, length);
                    self.settle(attempt, Outcome::Cancelled(because), now);
                    self.actions.push_back(Action::Cancel { attempt, because });
                    self.after(attempt, FaultKind::Timeout(limit).into(), fleet, now);
                }
            }
            &Step::Pause { tier, at } => {
                if now >= at {
                    self.start(tier, fleet, now);
                }
            }
            Step::Over => {}
        }
    }

    fn on_caller_left(&mut self, now: Moment) {
        match &self.step {
            Step::Attempt(running) => {
                let (attempt, because) = (running.id, Because::CallerLeft);
                self.settle(attempt, Outcome::Cancelled(because), now);
                self.end(Ending::CallerLeft, Action::Cancel { attempt, because });
            }
            Step::Pause { .. } => {
                self.step = Step::Over;
                self.decision.ending = Some(Ending::CallerLeft);
            }
            Step::Over => {}
        }
    }

    /// What follows on a failed attempt.
    fn after(&mut self, attempt: AttemptId, fault: Fault, fleet: &mut Fleet, now: Moment) {
        if self.shown {
            return self.end(Ending::BrokenOff(attempt), Action::BreakOff { attempt });
        }
        if fault.kind == FaultKind::Callers {
            return self.end(Ending::Refused(attempt), Action::Refuse { attempt });
        }
        let tier = self.decision.attempts[attempt.index()].tier;
        let retry = self.retries_of(tier);
        if retry < fleet.tier(tier).retries
            && let Some(pause) = backoff::pause(fault, retry, &mut self.random)
            && now + pause < self.deadline
        {
            self.step = Step::Pause { tier, at: now + pause };
            return;
        }
        self.ask_next(fleet, now);
    }

    /// How often `tier` has been asked again.
    fn retries_of(&self, tier: TierId) -> u32 {
        let asked = self.decision.attempts.iter().filter(|attempt| attempt.tier == tier).count();
        u32::try_from(asked).unwrap_or(u32::MAX).saturating_sub(1)
    }

    /// Starts the next tier of the route that can be asked.
    fn ask_next(&mut self, fleet: &mut Fleet, now: Moment) {
        while now < self.deadline
            && let Some(&tier) = self.route.tiers.get(self.next)
        {
            self.next += 1;
            match fleet.condition(tier) {
                Condition::Ready => return self.start(tier, fleet, now),
                Condition::Unavailable => {
                    let why = Skip::Unavailable;
                    self.decision.skipped.push((tier, why));
                    self.actions.push_back(Action::Skipped { tier, why });
                }
            }
        }
        self.end(Ending::GaveUp, Action::GiveUp);
    }

    fn start(&mut self, tier: TierId, fleet: &mut Fleet, now: Moment) {
        let id = AttemptId(u16::try_from(self.decision.attempts.len()).expect("retries and tiers bound the attempts"));
        let limits = fleet.tier(tier).limits;
        let running = Running::new(id, limits, self.ask.prompt_tokens, now);
        self.decision.attempts.push(AttemptRecord { tier, started: now, first_token: None, ended: None });
        let left = self.deadline.since(now);
        self.actions.push_back(Action::Start(Start {
            attempt: id,
            tier,
            connect: limits.connect.min(left),
            total: limits.total.min(left),
        }));
        self.step = Step::Attempt(running);
    }

    fn running(&mut self, attempt: AttemptId) -> Option<&mut Running> {
        match &mut self.step {
            Step::Attempt(running) if running.id == attempt => Some(running),
            _ => None,
        }
    }

    fn settle(&mut self, attempt: AttemptId, outcome: Outcome, now: Moment) {
        self.decision.attempts[attempt.index()].ended = Some((now, outcome));
    }

    fn end(&mut self, ending: Ending, last: Action) {
        self.step = Step::Over;
        self.decision.ending = Some(ending);
        self.actions.push_back(last);
    }
}
