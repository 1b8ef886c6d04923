//! One request on its way through its route.

mod attempt;
mod carry_on;
#[cfg(test)]
mod tests;
mod turn;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::action::{Action, AttemptId, Because, Event, How, Sign, Start, Task};
use crate::backoff;
use crate::budget::{LEAST_ANSWER, Need};
use crate::decision::{AttemptRecord, Decision, Ending, Outcome, Skip};
use crate::fault::{Fault, FaultKind};
use crate::fleet::{Fleet, TierId, Verdict};
use crate::moment::Moment;
use crate::queue::Place;
use crate::random::Random;
use crate::route::Route;

use attempt::{Patience, Running};
use turn::{Queued, Wish};

/// What the core needs to know of a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask {
    /// The prompt's length in tokens, estimated.
    pub prompt_tokens: u32,
    /// The longest answer that the caller wants, in tokens, where they said so.
    pub max_tokens: Option<u32>,
    /// Whether the caller sees the answer as it comes, so that none of it can be taken back.
    pub streamed: bool,
    /// The longest that the caller will wait, where they said so; it wins over the route's.
    pub deadline: Option<Duration>,
    /// What the request's pauses are drawn from.
    pub seed: u64,
}

/// One request: told what happens, it says what to do.
///
/// A request asks its route's tiers in order, each as often as its retries allow, until one has answered, the deadline
/// has come, or none is left. Where a tier has enough to do, it waits there for its turn. Once the caller has been shown a part of an answer, no other answer may take its place.
#[derive(Debug)]
pub struct Call {
    ask: Ask,
    route: Arc<Route>,
    deadline: Moment,
    random: Random,
    /// Where on the route the next tier is looked for.
    next: usize,
    /// Where on the route the next tier is that has not been asked for an answer of its own.
    anew_from: usize,
    step: Step,
    /// How many tokens of the answer have been shown, or are kept: whoever carries it on is given them to read.
    said: u32,
    can_be_carried_on: bool,
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
    Queued(Queued),
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
            anew_from: 0,
            step: Step::Over,
            said: 0,
            can_be_carried_on: true,
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
            Step::Attempt(running) => Some(running.expires(self.deadline).0),
            Step::Pause { at, .. } => Some(*at),
            Step::Queued(queued) => Some(queued.until),
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
            Event::Granted => {
                if let &Step::Queued(queued) = &self.step {
                    self.on_turn(queued, fleet, now);
                }
            }
            Event::CallerLeft => self.on_caller_left(fleet, now),
            Event::Finished { attempt, tokens } => self.on_finished(attempt, tokens, fleet, now),
            Event::Failed { attempt, fault, tokens } => {
                if let Some(mut running) = self.take(attempt) {
                    running.costs(tokens);
                    let heard = running.heard();
                    self.settle(running, Outcome::Failed(fault), fleet, now);
                    if fault.kind == FaultKind::CutByLength {
                        self.keep(attempt, heard);
                    }
                    self.after(attempt, fault, fleet, now);
                }
            }
        }
    }

    /// Takes in a sign of life of `attempt`. It concerns this request alone, so that a token costs no look at the fleet.
    pub fn heard(&mut self, attempt: AttemptId, sign: Sign, now: Moment) {
        let Step::Attempt(running) = &mut self.step else { return };
        if running.id != attempt {
            return;
        }
        match sign {
            Sign::Progress => running.on_progress(now),
            Sign::Token { kept } => {
                let first = running.on_token(now);
                let record = &mut self.decision.attempts[attempt.index()];
                self.said = self.said.saturating_add(u32::from(kept));
                record.kept = record.kept.saturating_add(u32::from(kept));
                if first {
                    record.first_token = Some(now);
                    self.actions.push_back(Action::Deliver { attempt });
                }
            }
        }
    }

    /// Notes that what the caller has seen of the answer can be carried on by nobody: a piece of a tool call, say.
    pub fn cannot_be_carried_on(&mut self) {
        self.can_be_carried_on = false;
    }

    fn on_tick(&mut self, fleet: &mut Fleet, now: Moment) {
        match &self.step {
            Step::Attempt(running) => {
                let (attempt, (at, limit, length)) = (running.id, running.expires(self.deadline));
                if now >= at
                    && let Some(running) = self.take(attempt)
                {
                    let because = Because::Limit(limit, length);
                    self.settle(running, Outcome::Cancelled(because), fleet, now);
                    self.actions.push_back(Action::Cancel { attempt, because });
                    self.after(attempt, FaultKind::Timeout(limit).into(), fleet, now);
                }
            }
            &Step::Pause { tier, at } if now >= at => self.resume(tier, fleet, now),
            &Step::Queued(queued) => self.on_turn(queued, fleet, now),
            Step::Pause { .. } | Step::Over => {}
        }
    }

    fn on_caller_left(&mut self, fleet: &mut Fleet, now: Moment) {
        match std::mem::replace(&mut self.step, Step::Over) {
            Step::Attempt(running) => {
                let (attempt, because) = (running.id, Because::CallerLeft);
                self.settle(running, Outcome::Cancelled(because), fleet, now);
                self.end(Ending::CallerLeft, Action::Cancel { attempt, because });
            }
            Step::Pause { .. } => self.decision.ending = Some(Ending::CallerLeft),
            Step::Queued(queued) => {
                fleet.leave_queue(queued.tier, queued.waiter);
                self.decision.ending = Some(Ending::CallerLeft);
            }
            Step::Over => {}
        }
    }

    fn on_finished(&mut self, attempt: AttemptId, tokens: Option<u32>, fleet: &mut Fleet, now: Moment) {
        let Some(mut running) = self.take(attempt) else { return };
        running.costs(tokens);
        fleet.pace_mut(running.ticket.tier()).on_answer(now.since(running.started));
        self.settle(running, Outcome::Answered, fleet, now);
        self.end(Ending::Answered(attempt), Action::Complete { attempt });
    }

    /// What follows on a failed attempt.
    fn after(&mut self, attempt: AttemptId, fault: Fault, fleet: &mut Fleet, now: Moment) {
        // Nobody has seen anything of a whole answer: one that a gate refuses is not mended but made anew.
        if !self.ask.streamed && fault.kind == FaultKind::Gate {
            self.forget();
        }
        if self.said > 0 {
            return self.carry_on(attempt, fault, fleet, now);
        }
        // What no tier can do is the caller's to change, and the tier's own words say what.
        let mut others = self.route.tiers.iter().copied().filter(|&tier| !self.has_asked(tier));
        let unsupported =
            fault.kind == FaultKind::Unsupported && others.all(|tier| fleet.admit(tier, self.need(), now).is_err());
        if fault.kind == FaultKind::Callers || unsupported {
            return self.end(Ending::Refused(attempt), Action::Refuse { attempt });
        }
        let tier = self.decision.attempts[attempt.index()].tier;
        match self.retry_at(tier, fault, fleet, now) {
            Some(at) => self.step = Step::Pause { tier, at },
            None => self.ask_next(fleet, now),
        }
    }

    /// When `tier` is asked again after `fault`; `None` where the next tier is the better choice.
    fn retry_at(&mut self, tier: TierId, fault: Fault, fleet: &mut Fleet, now: Moment) -> Option<Moment> {
        let answers = |record: &&AttemptRecord| record.tier == tier && record.task == Task::Answer;
        let asked = self.decision.attempts.iter().filter(answers).count();
        let retry = u32::try_from(asked).unwrap_or(u32::MAX).saturating_sub(1);
        if retry >= fleet.tier(tier).retries {
            return None;
        }
        let pause = backoff::pause(fault, retry, &mut self.random)?;
        let worth_it = pause <= backoff::CAP || self.later(fleet, now).is_none();
        let at = now + pause;
        (worth_it && at < self.deadline && fleet.grant_retry(tier, now)).then_some(at)
    }

    /// Asks `tier` again, unless it has been closed to us meanwhile. The pause has kept no place there: others could use it.
    fn resume(&mut self, tier: TierId, fleet: &mut Fleet, now: Moment) {
        self.step = Step::Over;
        if now >= self.deadline {
            return self.ask_next(fleet, now);
        }
        if let Err(why) = self.approach(tier, true, fleet, now) {
            self.pass_over(tier, Wish::Answer { again: true }, why, fleet, now);
        }
    }

    /// Starts the next tier of the route that can be asked.
    fn ask_next(&mut self, fleet: &mut Fleet, now: Moment) {
        while now < self.deadline
            && let Some(&tier) = self.route.tiers.get(self.next)
        {
            self.next += 1;
            self.anew_from = self.next;
            match self.approach(tier, false, fleet, now) {
                Ok(()) => return,
                Err(why) => self.skip(tier, why),
            }
        }
        if now >= self.deadline || !(self.look_again(fleet, now) || self.ask_the_last_resort(fleet, now)) {
            self.end(Ending::GaveUp, Action::GiveUp);
        }
    }

    /// A request is not failed unasked: it becomes the early probe of the tier that may mend itself first (Envoy's panic
    /// threshold). Whether there is one.
    fn ask_the_last_resort(&mut self, fleet: &mut Fleet, now: Moment) -> bool {
        if !self.decision.attempts.is_empty() {
            return false;
        }
        let Some((tier, answer)) = fleet.last_resort(&self.route.tiers, self.need(), now) else { return false };
        self.take_turn(tier, Wish::Answer { again: false }, answer, self.deadline, fleet, now);
        true
    }

    /// As [`Fleet::admit`], and whether the tier could so much as read the prompt in time.
    fn admit(&self, tier: TierId, fleet: &Fleet, now: Moment) -> Result<u32, Skip> {
        let answer = fleet.admit(tier, self.need(), now)?;
        match self.reading(tier, fleet, now) {
            Some(reading) if now + reading > self.deadline && self.later(fleet, now).is_some() => Err(Skip::NoTime),
            _ => Ok(answer),
        }
    }

    /// How long `tier` takes to read the prompt, as far as was measured.
    fn reading(&self, tier: TierId, fleet: &Fleet, now: Moment) -> Option<Duration> {
        fleet.pace(tier).prompt_token(now).map(|token| token.saturating_mul(self.ask.prompt_tokens))
    }

    /// The next tier of the route that could be asked after the one that is being looked at.
    fn later(&self, fleet: &Fleet, now: Moment) -> Option<TierId> {
        self.route.tiers[self.next..].iter().copied().find(|&tier| {
            let wait = self.wait_for(tier, fleet, now);
            wait.is_some_and(|(wait, _)| self.is_in_time(tier, wait, fleet, now))
        })
    }

    /// Asks a tier, in the place that was taken there.
    fn start(&mut self, (tier, place): (TierId, Place), wish: Wish, answer: u32, fleet: &mut Fleet, now: Moment) {
        let id = AttemptId(u16::try_from(self.decision.attempts.len()).expect("retries and tiers bound the attempts"));
        let need = Need { answer, ..self.need() };
        let lowered_to = (answer < self.need().answer).then_some(answer.saturating_add(self.said));
        let limits = fleet.tier(tier).limits;
        let left = self.deadline.since(now);
        let patience = Patience {
            first_token: limits.first_token.for_prompt(need.prompt, fleet.pace(tier).prompt_token(now)),
            share: left - self.kept_for_later(left, fleet, now),
        };
        let (task, retried) = match wish {
            Wish::Answer { again } => (Task::Answer, again),
            Wish::CarryOn { .. } => (Task::CarryOn(fleet.carries_on_by(tier)), false),
        };
        let ticket = fleet.enter(tier, place, need, retried, now);
        let running = Running::new(id, limits, patience, need.prompt, ticket, now);
        let record = AttemptRecord { tier, task, started: now, lowered_to, first_token: None, kept: 0, ended: None };
        self.decision.attempts.push(record);
        self.actions.push_back(Action::Start(Start {
            attempt: id,
            tier,
            task,
            connect: limits.connect.min(left),
            total: limits.total.min(left),
            max_tokens: lowered_to,
        }));
        self.step = Step::Attempt(running);
    }

    /// How much of the time that is `left` the next tier would need, were this one silent: what its answers took, or a
    /// quarter of its total; never more than half.
    fn kept_for_later(&self, left: Duration, fleet: &Fleet, now: Moment) -> Duration {
        let needs = |tier| fleet.pace(tier).answer().unwrap_or(fleet.tier(tier).limits.total / 4);
        self.later(fleet, now).map_or(Duration::ZERO, |tier| needs(tier).min(left / 2))
    }

    fn has_asked(&self, tier: TierId) -> bool {
        self.decision.attempts.iter().any(|attempt| attempt.tier == tier)
    }

    fn need(&self) -> Need {
        let left = |most: u32| most.saturating_sub(self.said).max(1);
        Need {
            prompt: self.ask.prompt_tokens.saturating_add(self.said),
            answer: self.ask.max_tokens.map_or(LEAST_ANSWER, left),
        }
    }

    fn skip(&mut self, tier: TierId, why: Skip) {
        self.decision.skipped.push((tier, why));
        self.actions.push_back(Action::Skipped { tier, why });
    }

    /// Takes `attempt` out of the request, where it is the one that runs.
    fn take(&mut self, attempt: AttemptId) -> Option<Running> {
        match std::mem::replace(&mut self.step, Step::Over) {
            Step::Attempt(running) if running.id == attempt => Some(running),
            other => {
                self.step = other;
                None
            }
        }
    }

    /// Writes down how an attempt ended, and puts its tier's standing right.
    fn settle(&mut self, running: Running, outcome: Outcome, fleet: &mut Fleet, now: Moment) {
        let record = &mut self.decision.attempts[running.id.index()];
        record.ended = Some((now, outcome));
        if let Some(first) = record.first_token {
            fleet.pace_mut(record.tier).on_first_token(self.ask.prompt_tokens, first.since(record.started), now);
        }
        let verdict = match outcome {
            Outcome::Answered => Verdict::Answered,
            Outcome::Failed(fault) => Verdict::Failed(fault),
            Outcome::Cancelled(Because::Limit(limit, _)) => Verdict::Failed(FaultKind::Timeout(limit).into()),
            Outcome::Cancelled(Because::CallerLeft) => Verdict::None,
        };
        let tokens = running.cost();
        fleet.leave(running.ticket, verdict, tokens, now, &mut self.random);
    }

    fn end(&mut self, ending: Ending, last: Action) {
        self.step = Step::Over;
        self.decision.ending = Some(ending);
        self.actions.push_back(last);
    }
}
