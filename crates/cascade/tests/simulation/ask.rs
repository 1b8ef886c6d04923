//! A tier is asked: an attempt begins, and its tier begins to speak.

use cascade::{Admission, AttemptId, ContinuationMode, Start, Task};

use crate::books::Charge;
use crate::caller::Live;
use crate::history::Seen;
use crate::invariants;
use crate::tier::{Asked, refused_for_quota};
use crate::world::{What, World, moment};

type Check = Result<(), String>;

impl World<'_> {
    pub(crate) fn start(&mut self, c: usize, start: Start, before: Option<Admission>) -> Check {
        let (now, tier) = (self.now, start.tier.index());
        let caller = &mut self.callers[c];
        if start.task == Task::Answer && !caller.wish.ask.streamed && caller.seen > 0 {
            self.tally.add(Seen::MadeAnew);
            caller.seen = 0;
        }
        invariants::may_start(caller, &start, self.tiers[tier].settings.retries, now)?;
        if start.hedge {
            let paid = self.tiers[tier].settings.paid;
            invariants::may_hedge(caller, &start, before, paid)?;
            let late = &caller.call.decision().attempts[0];
            self.fleets[caller.fleet].on_hedge(late, caller.late, now)?;
            self.tally.add(Seen::Hedged);
        }
        let watch = &mut self.fleets[caller.fleet];
        if start.attempt.index() == 0 {
            caller.late = watch.late(tier);
        }
        let waited = caller.waits.take_if(|waits| *waits == tier).is_some();
        watch.lines[tier].enter(c, waited)?;
        if waited {
            self.tally.add(Seen::TurnCame);
        }
        let retried = caller.pausing.take() == Some(tier);
        if !retried && !start.hedge {
            watch.on_request(tier, now);
        }
        watch.on_start(tier, (c, start.attempt), before, moment(now), self.tally)?;
        match start.task {
            Task::Answer if retried => self.tally.add(Seen::Retried),
            Task::Answer => {}
            Task::CarryOn(ContinuationMode::Prefill) => self.tally.add(Seen::CarriedByPrefill),
            Task::CarryOn(ContinuationMode::Repeat) => self.tally.add(Seen::CarriedByRepeating),
        }
        self.ask(c, start)?;
        if self.tiers[tier].shared_key {
            self.read_the_rates(c, tier);
        }
        Ok(())
    }

    /// Puts the request to the tier.
    fn ask(&mut self, c: usize, start: Start) -> Check {
        let (now, tier) = (self.now, start.tier.index());
        let caller = &mut self.callers[c];
        let wish = &caller.wish;
        if start.max_tokens.is_some() {
            self.tally.add(Seen::MaxTokensLowered);
        }
        let most = start.max_tokens.or(wish.ask.max_tokens).map(|most| most.saturating_sub(caller.seen).max(1));
        let asked = Asked {
            task: start.task,
            prompt: wish.ask.prompt_tokens,
            seen: caller.seen,
            words: wish.words,
            most,
            lowered: start.max_tokens.is_some(),
            gated: wish.gated,
            at_fault: wish.at_fault,
            malformed: wish.malformed,
        };
        let mut performance = self.tiers[tier].perform(asked, now, &mut self.random);
        let reads = wish.ask.prompt_tokens + caller.seen;
        let (least, longest) = (most.unwrap_or(wish.words), most.unwrap_or(0).max(cascade::LEAST_ANSWER));
        if performance.arrives && !self.books[tier].admits(self.tiers[tier].share(), reads + least, now) {
            if !self.books[tier].shared {
                return Err(format!("tier {} is asked beyond its quota", tier + 1));
            }
            performance.said = refused_for_quota(&mut self.random);
        }
        let arrives = performance.arrives;
        let charge = Charge {
            at: now,
            ended: None,
            requests: (u32::from(arrives), 1),
            tokens: (if arrives { reads + least } else { 0 }, reads + longest),
        };
        caller.lives.push(Live {
            id: start.attempt,
            tier,
            carrying: start.task != Task::Answer,
            checked: self.tiers[tier].is_checked(start.task),
            to_say: performance.said.into_iter(),
            coming: None,
            reads,
            last: 0,
            tokens: 0,
            most: most.filter(|_| !(caller.wish.gated && start.max_tokens.is_some())),
            seen_before: caller.seen,
            no_part: 0,
            charge: self.books[tier].charge(charge),
        });
        self.let_speak(c, start.attempt);
        Ok(())
    }

    fn read_the_rates(&mut self, c: usize, tier: usize) {
        if self.random.chance(50) {
            let (now, watch) = (self.moment(), &mut self.fleets[self.callers[c].fleet]);
            let readings = self.books[tier].readings(self.now);
            readings.into_iter().for_each(|reading| watch.fleet.correct_budget(watch.ids[tier], reading, now));
        }
    }

    /// Sends what a running attempt's tier says next on its way.
    pub(crate) fn let_speak(&mut self, c: usize, attempt: AttemptId) {
        let Some(live) = self.callers[c].live_mut(attempt) else { return };
        if let Some((after, said)) = live.to_say.next() {
            live.coming = Some(said);
            let what = What::Says(c, live.id);
            self.schedule(self.now + after, what);
        }
    }
}
