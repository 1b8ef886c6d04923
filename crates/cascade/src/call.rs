//! One request on its way through its route: a state machine.
//!
//! [`Call::on`] is this table. An attempt's tokens do not go through it but through [`Call::heard`], since they change no state.
//!
//! | state | event | what happens | next state |
//! | --- | --- | --- | --- |
//! | `Attempts` | `Tick` at a limit | `Cancel`, then as a failure | |
//! | | `Tick` when the first token is late | on a route that hedges: `Start` beside it | `Attempts` |
//! | | `Finished` | `Complete` | `Over` |
//! | | `Failed`, the other of two still runs | | `Attempts` |
//! | | `Failed`, a part was shown | `Start` to carry it on, else `BreakOff` | `Attempts`, `Queued`, `Recovery`, `Over` |
//! | | `Failed`, a content filter's refusal | `Refuse` | `Over` |
//! | | `Failed`, two providers name the same member | `Refuse` with the first | `Over` |
//! | | `Failed`, a retry may mend it | | `Pause` |
//! | | `Failed` otherwise | `Skipped` for each tier that cannot be asked, `Start` the next | `Attempts`, `Queued` |
//! | | … and no tier is left | `Refuse` where all refused, else `GiveUp` | `Recovery`, `Over` |
//! | `Pause` | `Tick` when it is over | `Start` on the same tier, else the next | `Attempts`, `Queued`, `Over` |
//! | `Queued` | `Granted` | `Start` | `Attempts` |
//! | | `Tick` after too long a wait | `Skipped`, the next tier | `Attempts`, `Queued`, `Over` |
//! | `Recovery` | `Tick` | looks whether a tier is back | `Attempts`, `Queued`, `Recovery`, `Over` |
//! | any but `Over` | `CallerLeft`, `Stopped` | `Cancel` what runs | `Over` |

mod attempt;
mod continuation;
mod decision;
mod hedge;
mod outcome;
mod queue;
mod recovery;
mod refusal;
mod start;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::action::{Action, AttemptId, CancelReason, ContinuationMode, Event, Sign, Start, Task};
use crate::breaker::backoff;
use crate::budget::{LEAST_ANSWER, Need};
use crate::fault::{Fault, FaultKind, Member};
use crate::fleet::{Condition, Fleet, Permit, TierId, Verdict};
use crate::limits::Limit;
use crate::moment::Moment;
use crate::random::Random;
use crate::route::Route;

use attempt::{Patience, Running};
use hedge::Runs;
use queue::{Goal, Queued};
use recovery::Recovery;

pub use decision::{AttemptRecord, Decision, Ending, Outcome, Skip};

/// What the core needs to know of a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask {
    /// The prompt's length in tokens, estimated.
    pub prompt_tokens: u32,
    /// The longest answer that the caller wants, in tokens, where they said so.
    pub max_tokens: Option<u32>,
    /// Whether the caller sees the answer as it comes, so that none of it can be taken back.
    pub streamed: bool,
    /// The longest that the caller will wait, where they said so; it shortens the route's, and never lengthens it.
    pub deadline: Option<Duration>,
    /// The longest silence within an answer that the caller bears, where they said so.
    pub longest_silence: Option<Duration>,
    /// Which request this is: equal ones have equal numbers.
    pub fingerprint: u64,
    /// What the request's pauses are drawn from.
    pub seed: u64,
}

/// One request: told what happens, it says what to do.
///
/// A request asks its route's tiers in order, each as often as its retries allow, until one has answered, the deadline
/// has come, or none is left. Where a tier has enough to do, it waits there for its turn; where
/// none is left but one that is coming back, it waits for that. Once the caller has been shown a part of an answer, no other answer may take its place.
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
    /// Since when the request has waited for a tier to come back, until one is asked.
    awaited_since: Option<Moment>,
    /// When the first attempt is late, while it alone runs and has said nothing.
    late_at: Option<Moment>,
    /// Of two attempts that ran at once, the one that spoke first, and when it did.
    winner: Option<(AttemptId, Moment)>,
    actions: VecDeque<Action>,
    decision: Decision,
}

#[derive(Debug)]
enum Step {
    Attempts(Runs),
    /// Until `at`, when `tier` is asked again.
    Pause {
        tier: TierId,
        at: Moment,
    },
    Queued(Queued),
    Recovery(Recovery),
    Over,
}

impl Call {
    /// Begins a request on `route`: its first actions are there to be polled.
    pub fn begin(route: Arc<Route>, ask: Ask, fleet: &mut Fleet, now: Moment) -> Self {
        let longest = match (ask.deadline, route.deadline) {
            (Some(own), Some(cap)) => own.min(cap),
            (Some(own), None) => own,
            (None, _) => route.longest(fleet),
        };
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
            awaited_since: None,
            late_at: None,
            winner: None,
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
            // It has overtaken another one, which is to be ended at once.
            Step::Attempts(runs) if runs.are_two() && self.winner.is_some() => self.winner.map(|(_, at)| at),
            Step::Attempts(runs) => {
                let expires = runs.iter().map(|running| running.expires(self.deadline).0);
                expires.chain(self.late_at).min()
            }
            Step::Pause { at, .. } => Some(*at),
            Step::Queued(queued) => Some(queued.until),
            Step::Recovery(recovery) => Some(recovery.at),
            Step::Over => None,
        }
    }

    /// The record so far.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Takes in what happened at `now`: the table of the module. What is told of an attempt that has ended is ignored.
    pub fn on(&mut self, event: Event, fleet: &mut Fleet, now: Moment) {
        self.end_the_overtaken(fleet, now);
        match (&self.step, event) {
            (Step::Attempts(_), Event::Tick) => self.on_limit(fleet, now),
            (Step::Attempts(_), Event::Finished { attempt, tokens }) => self.on_finished(attempt, tokens, fleet, now),
            (Step::Attempts(_), Event::Failed { attempt, fault, tokens }) => {
                self.on_failed(attempt, fault, tokens, fleet, now);
            }
            (&Step::Pause { tier, at }, Event::Tick) if now >= at => self.resume(tier, fleet, now),
            (&Step::Queued(queued), Event::Tick | Event::Granted) => self.on_queue(queued, fleet, now),
            (&Step::Recovery(recovery), Event::Tick) => self.look_for_returned(recovery, fleet, now),
            (Step::Over, _) => {}
            (_, Event::CallerLeft) => self.abandon(Ending::CallerLeft, fleet, now),
            (_, Event::Stopped) => self.abandon(self.ending_now(), fleet, now),
            // An attempt that has ended is told of once more, or a turn that nobody waits for has come.
            (_, Event::Tick | Event::Granted | Event::Finished { .. } | Event::Failed { .. }) => {}
        }
    }

    /// Takes in a sign of life of `attempt`. It concerns this request alone, so that a token costs no look at the fleet.
    pub fn heard(&mut self, attempt: AttemptId, sign: Sign, now: Moment) {
        let Step::Attempts(runs) = &mut self.step else { return };
        let (overtaken, two) = (self.winner.is_some_and(|(winner, _)| winner != attempt), runs.are_two());
        let Some(running) = runs.get_mut(attempt).filter(|_| !overtaken) else { return };
        match sign {
            Sign::Progress => running.on_progress(now),
            Sign::Token { kept } => {
                let first = running.on_token(now);
                let record = &mut self.decision.attempts[attempt.index()];
                self.said = self.said.saturating_add(u32::from(kept));
                record.kept = record.kept.saturating_add(u32::from(kept));
                if first {
                    record.first_token = Some(now);
                    self.late_at = None;
                    self.winner = two.then_some((attempt, now));
                    self.actions.push_back(Action::Deliver { attempt });
                }
            }
        }
    }

    /// Takes in that the first token of `attempt`, which is a probe ([`Start::probe`]), is on its way to the caller.
    pub fn delivered(&self, attempt: AttemptId, fleet: &mut Fleet, now: Moment) {
        if let Step::Attempts(runs) = &self.step
            && let Some(running) = runs.iter().find(|running| running.id == attempt)
        {
            fleet.on_token_of(&running.lease, now);
        }
    }

    /// Notes that what the caller has seen of the answer can be carried on by nobody: a piece of a tool call, say.
    pub fn cannot_be_carried_on(&mut self) {
        self.can_be_carried_on = false;
    }

    fn on_limit(&mut self, fleet: &mut Fleet, now: Moment) {
        let Step::Attempts(runs) = &self.step else { return };
        let expires = |running: &Running| (running.id, running.expires(self.deadline));
        let expired: Vec<_> = runs.iter().map(expires).filter(|&(_, (at, ..))| now >= at).collect();
        for (attempt, (_, limit, length)) in expired {
            self.expire(attempt, limit, length, fleet, now);
        }
        if self.late_at.is_some_and(|at| now >= at) {
            self.hedge(fleet, now);
        }
    }

    fn on_failed(&mut self, attempt: AttemptId, fault: Fault, tokens: Option<u32>, fleet: &mut Fleet, now: Moment) {
        let Some(mut running) = self.take(attempt) else { return };
        running.costs(tokens);
        let heard = running.heard();
        self.settle(running, Outcome::Failed(fault), fleet, now);
        if fault.kind == FaultKind::CutByLength {
            self.keep(attempt, heard);
        }
        self.after(attempt, fault, fleet, now);
    }

    fn expire(&mut self, attempt: AttemptId, limit: Limit, length: Duration, fleet: &mut Fleet, now: Moment) {
        let Some(running) = self.take(attempt) else { return };
        let reason = CancelReason::Limit(limit, length);
        self.settle(running, Outcome::Cancelled(reason), fleet, now);
        self.actions.push_back(Action::Cancel { attempt, reason });
        self.after(attempt, FaultKind::Timeout(limit).into(), fleet, now);
    }

    /// How the request ends where nothing more can come of it.
    fn ending_now(&self) -> Ending {
        let last = self.decision.attempts.len().checked_sub(1).and_then(|last| u16::try_from(last).ok()).map(AttemptId);
        last.filter(|_| self.ask.streamed && self.said > 0).map_or(Ending::GaveUp, Ending::BrokenOff)
    }

    /// Ends whatever runs or is waited for. Nothing is held against a tier.
    fn abandon(&mut self, ending: Ending, fleet: &mut Fleet, now: Moment) {
        match std::mem::replace(&mut self.step, Step::Over) {
            Step::Attempts(runs) => {
                self.decision.ending = Some(ending);
                for running in runs.into_all() {
                    let (attempt, reason) = (running.id, CancelReason::CallerLeft);
                    self.settle(running, Outcome::Cancelled(reason), fleet, now);
                    self.actions.push_back(Action::Cancel { attempt, reason });
                }
            }
            Step::Pause { .. } | Step::Recovery(_) => self.decision.ending = Some(ending),
            Step::Queued(queued) => {
                fleet.leave_queue(queued.tier, queued.waiter);
                self.decision.ending = Some(ending);
            }
            Step::Over => {}
        }
    }

    fn on_finished(&mut self, attempt: AttemptId, tokens: Option<u32>, fleet: &mut Fleet, now: Moment) {
        let Some(mut running) = self.take(attempt) else { return };
        running.costs(tokens);
        fleet.pace_mut(running.lease.tier()).on_answer(now.since(running.started));
        self.settle(running, Outcome::Answered, fleet, now);
        // It has answered without a token: what a filter held back, say.
        self.winner = Some((attempt, now));
        self.end_the_overtaken(fleet, now);
        self.end(Ending::Answered(attempt), Action::Complete { attempt });
    }

    /// What follows on a failed attempt.
    fn after(&mut self, attempt: AttemptId, fault: Fault, fleet: &mut Fleet, now: Moment) {
        self.late_at = None;
        // Another one runs beside it, and may still answer.
        if self.runs() {
            return;
        }
        self.winner = None;
        // Nobody has seen anything of a whole answer: one that a gate refuses is not mended but made anew.
        if !self.ask.streamed && fault.kind == FaultKind::Gate {
            self.forget();
        }
        if self.said > 0 {
            return self.carry_on(attempt, fault, fleet, now);
        }
        if fault.kind == FaultKind::Callers {
            return self.end(Ending::Refused(attempt), Action::Refuse { attempt });
        }
        if let Some(refused) = self.refused_beside().or_else(|| self.refused_by_two_providers(fleet)) {
            return self.end(Ending::Refused(refused), Action::Refuse { attempt: refused });
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
        // It has died: what is left to ask is whoever comes next, or this one once it is back.
        if fleet.condition(tier) == Condition::Returning {
            return None;
        }
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
            self.pass_over(tier, Goal::Answer { again: true }, why, fleet, now);
        }
    }

    /// Starts the next tier of the route that can be asked.
    fn ask_next(&mut self, fleet: &mut Fleet, now: Moment) {
        while now < self.deadline
            && let Some(&tier) = self.route.tiers.get(self.next)
        {
            self.next += 1;
            self.anew_from = self.next;
            // A hedge was there before.
            if self.has_asked(tier) {
                continue;
            }
            match self.approach(tier, false, fleet, now) {
                Ok(()) => return,
                Err(why) => self.skip(tier, why),
            }
        }
        let goal = Goal::Answer { again: false };
        let goes_on = now < self.deadline
            && (self.look_again(fleet, now)
                || self.ask_the_last_resort(fleet, now)
                || self.await_return(goal, fleet, now));
        if !goes_on {
            self.give_up();
        }
    }

    /// A request is not failed unasked: it becomes the early probe of the tier that may mend itself first (Envoy's panic
    /// threshold). Whether there is one.
    fn ask_the_last_resort(&mut self, fleet: &mut Fleet, now: Moment) -> bool {
        if !self.decision.attempts.is_empty() {
            return false;
        }
        let Some((tier, answer)) = fleet.last_resort(&self.route, self.need(), now) else { return false };
        self.enqueue(tier, Goal::Answer { again: false }, answer, self.deadline, fleet, now);
        true
    }

    /// As [`Fleet::admit`], and whether the tier could so much as read the prompt in time.
    fn admit(&self, tier: TierId, fleet: &Fleet, now: Moment) -> Result<u32, Skip> {
        let answer = fleet.admit(tier, self.need(), &self.route.name, now)?;
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
        self.route.tiers[self.next..].iter().copied().filter(|&tier| !self.has_asked(tier)).find(|&tier| {
            let wait = self.wait_for(tier, fleet, now);
            wait.is_some_and(|(wait, _)| self.is_in_time(tier, wait, fleet, now))
        })
    }

    /// Whether `tier` has been asked for an answer, and has had its chance.
    fn has_asked(&self, tier: TierId) -> bool {
        let overtaken = |outcome: Outcome| outcome == Outcome::Cancelled(CancelReason::Overtaken);
        let asked = |attempt: &AttemptRecord| {
            let had_its_chance = !attempt.ended.is_some_and(|(_, outcome)| overtaken(outcome));
            attempt.tier == tier && attempt.task == Task::Answer && had_its_chance
        };
        self.decision.attempts.iter().any(asked)
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

    fn end(&mut self, ending: Ending, last: Action) {
        self.step = Step::Over;
        self.decision.ending = Some(ending);
        self.actions.push_back(last);
    }
}
