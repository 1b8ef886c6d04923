//! A seeded world: tiers, callers, one clock, and what happens in the order in which it does.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use cascade::{Ask, AttemptId, Call, Condition, Fleet, Hedge, Moment, Route};

use crate::books::{Books, Charge};
use crate::caller::{Caller, Goal};
use crate::history::{History, Seen, Tally};
use crate::random::Random;
use crate::tier::SimTier;
use crate::watch::Watch;

/// More than any world needs: who passes it goes round in circles.
const MOST_EVENTS: u32 = 200_000;

/// How many pieces a tier whose length cuts it off is asked for, beyond its other attempts.
const PIECES: u32 = 16;

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Arrives,
    Tick(usize),
    /// A caller's turn may have come.
    Turn(usize),
    Says(usize, AttemptId),
    Leaves(usize),
    /// The clock jumps: the machine slept.
    Sleeps,
    /// A tier becomes unavailable, or ready again.
    Turns(usize),
    /// A tier has woken: it answers a call that is no request.
    Wakes(usize),
    /// Others spend from the quota of a tier.
    Spends(usize),
    /// The configuration is read again.
    Reloads,
    /// The process ends, and another one goes on.
    Restarts,
}

/// See the module.
pub(crate) struct World<'a> {
    pub(crate) random: Random,
    pub(crate) now: u64,
    /// When the clock last stood still.
    pub(crate) resumed: u64,
    events: BinaryHeap<Reverse<(u64, u64, What)>>,
    scheduled: u64,
    pub(crate) tiers: Vec<SimTier>,
    pub(crate) books: Vec<Books>,
    /// The fleet, and those before it whose requests are still under way.
    pub(crate) fleets: Vec<Watch>,
    pub(crate) callers: Vec<Caller>,
    to_come: u64,
    gap: u64,
    pub(crate) sleeps: bool,
    /// How often in a hundred a tier says how long one would wait there.
    pub(crate) says_load: u64,
    pub(crate) history: &'a mut History,
    pub(crate) tally: &'a mut Tally,
}

/// The route of every request.
pub(crate) const ROUTE: &str = "simulated";

/// `moment` in whole milliseconds, the next one where it lies between two.
pub(crate) fn ceil(moment: Option<Moment>) -> Option<u64> {
    let millis = moment?.since(Moment::ZERO).as_nanos().div_ceil(1_000_000);
    Some(u64::try_from(millis).unwrap_or(u64::MAX))
}

impl<'a> World<'a> {
    pub(crate) fn drawn(seed: u64, history: &'a mut History, tally: &'a mut Tally) -> Self {
        let mut random = Random::seeded(seed);
        let gap = random.pick(&[20, 300, 3_000, 30_000]);
        let most = random.pick(&[5, 30, 100]);
        let to_come = random.between(1, most);
        let lasting = (gap * to_come).max(1_000);
        let sound = random.chance(40).then(|| random.between(0, 4));
        let count = random.count(1, 5);
        let drawn = |number| SimTier::drawn(number, sound == Some(u64::from(number) - 1), lasting, &mut random);
        let tiers: Vec<_> = (1..=count).map(drawn).collect();
        let reloads = random.chance(10);
        let books =
            tiers.iter().map(|tier| Books::new(tier.allows, tier.shared_key || reloads, tier.day_ends)).collect();
        let fleet = Fleet::new(tiers.iter().map(|tier| tier.settings.clone()).collect());
        let sleeps = random.chance(25);
        let says_load = random.pick(&[0, 0, 30]);
        let mut world = Self {
            random,
            now: 0,
            resumed: 0,
            events: BinaryHeap::new(),
            scheduled: 0,
            tiers,
            books,
            fleets: vec![Watch::new(fleet)],
            callers: Vec::new(),
            to_come,
            gap,
            sleeps,
            says_load,
            history,
            tally,
        };
        world.disturb(lasting, reloads);
        world.schedule(0, What::Arrives);
        world
    }

    /// Draws what comes over the world from outside.
    fn disturb(&mut self, lasting: u64, reloads: bool) {
        let times = |world: &mut Self, most, what: What| {
            for _ in 0..world.random.between(1, most) {
                let at = world.random.between(0, lasting);
                world.schedule(at, what);
            }
        };
        if self.sleeps {
            times(self, 3, What::Sleeps);
        }
        if reloads {
            times(self, 3, What::Reloads);
        }
        if self.random.chance(10) {
            times(self, 3, What::Restarts);
        }
        for tier in 0..self.tiers.len() {
            if self.tiers[tier].shared_key {
                times(self, 10, What::Spends(tier));
            }
            if self.random.chance(10) {
                times(self, 3, What::Wakes(tier));
            }
            if !self.tiers[tier].sound && self.random.chance(15) {
                times(self, 6, What::Turns(tier));
            }
        }
    }

    /// Lets everything happen, until nothing is left that could.
    pub(crate) fn run(&mut self) -> Result<(), String> {
        let mut events = 0;
        while let Some(Reverse((at, _, what))) = self.events.pop() {
            events += 1;
            if events > MOST_EVENTS {
                return Err("it never ends".to_owned());
            }
            self.now = self.now.max(at);
            self.happens(what)?;
        }
        match self.callers.iter().position(|caller| caller.ended.is_none()) {
            Some(caller) => Err(format!("caller {caller} was never answered")),
            None => Ok(()),
        }
    }

    fn happens(&mut self, what: What) -> Result<(), String> {
        match what {
            What::Arrives => self.arrives(),
            What::Tick(caller) => self.ticks(caller),
            What::Turn(caller) => self.has_a_turn(caller),
            What::Says(caller, attempt) => self.says(caller, attempt),
            What::Leaves(caller) => self.leaves(caller),
            What::Sleeps => {
                let most = self.random.pick(&[2_000, 60_000, 7_200_000]);
                self.now += self.random.between(1, most);
                self.resumed = self.now;
                self.tally.add(Seen::Jump);
                self.note(|| "the clock has jumped".to_owned());
                Ok(())
            }
            What::Turns(tier) => {
                let watch = self.fleets.last_mut().expect("there is a fleet");
                let turned = match watch.fleet.condition(watch.ids[tier]) {
                    Condition::Ready if tier % 2 == 0 => Condition::Returning,
                    Condition::Ready => Condition::Unavailable,
                    Condition::Unavailable | Condition::Returning => Condition::Ready,
                };
                watch.fleet.set_condition(watch.ids[tier], turned);
                self.note(|| format!("tier {} turns {turned:?}", tier + 1));
                Ok(())
            }
            What::Wakes(tier) => {
                let now = self.moment();
                self.fleets.last_mut().expect("there is a fleet").on_mended(tier, now);
                self.tally.add(Seen::Woken);
                self.note(|| format!("tier {} wakes", tier + 1));
                self.check_fleets()
            }
            What::Spends(tier) => {
                let (at, tokens) = (self.now, self.random.count(0, 3_000));
                self.books[tier].charge(Charge { at, ended: Some(at), requests: (1, 1), tokens: (tokens, tokens) });
                self.tally.add(Seen::SpentByOthers);
                self.note(|| format!("others spend {tokens} tokens of tier {}", tier + 1));
                Ok(())
            }
            What::Reloads => {
                let now = self.moment();
                self.fleets.push(self.fleets.last().expect("there is a fleet").replaced(now));
                self.tally.add(Seen::Reload);
                self.note(|| "the configuration is read again".to_owned());
                self.check_fleets()
            }
            What::Restarts => self.restarts(),
        }
    }

    fn arrives(&mut self) -> Result<(), String> {
        self.to_come -= 1;
        if self.to_come > 0 {
            let gap = self.random.between(0, self.gap * 2);
            self.schedule(self.now + gap, What::Arrives);
        }
        let mut wish = Goal::drawn(&mut self.random);
        let route = self.route();
        if wish.generous {
            wish.ask.deadline = Some(self.generous(&route));
        }
        let (caller, fleet) = (self.callers.len(), self.fleets.len() - 1);
        let watch = &mut self.fleets[fleet];
        let mut on = Route::through(ROUTE, &watch.fleet, |_| true);
        on.tiers = route.iter().map(|&tier| watch.ids[tier]).collect();
        on.hedge = self.random.chance(40).then(|| Hedge { paid: self.random.chance(30) });
        let capped = self.random.chance(20) && !wish.generous;
        on.deadline = capped.then(|| Duration::from_millis(self.random.between(100, 60_000)));
        let totals = route.iter().map(|&tier| self.tiers[tier].settings.limits.total).sum();
        let longest = match (wish.ask.deadline, on.deadline) {
            (Some(own), Some(cap)) => own.min(cap),
            (own, cap) => own.or(cap).unwrap_or(totals),
        };
        let deadline = self.now + u64::try_from(longest.as_millis()).expect("not for ever");
        for &id in &watch.ids {
            if self.random.chance(self.says_load) {
                let wait = self.random.pick(&[0, 0, 500, 20_000, 600_000]);
                watch.fleet.set_load(id, Some(Duration::from_millis(wait)));
            }
        }
        let (hedge, before) = (on.hedge, watch.admissions(moment(self.now)));
        let mut call = Call::begin(Arc::new(on), wish.ask, &mut watch.fleet, moment(self.now));
        if !wish.can_be_carried_on {
            call.cannot_be_carried_on();
        }
        let held = wish.generous && !self.sleeps && route.iter().any(|&tier| self.tiers[tier].sound);
        if held {
            self.tally.add(Seen::HeldToAnswer);
        }
        if let Some(leaves) = wish.leaves {
            self.schedule(self.now + leaves, What::Leaves(caller));
        }
        let Ask { prompt_tokens, max_tokens, .. } = wish.ask;
        let words = wish.words;
        self.note(|| {
            let route: Vec<_> = route.iter().map(|tier| tier + 1).collect();
            format!("caller {caller} asks {prompt_tokens}/{max_tokens:?} on {route:?} for {words} words by {deadline}")
        });
        self.callers.push(Caller {
            call,
            wish,
            fleet,
            route,
            deadline,
            lives: Vec::new(),
            hedge,
            seen: 0,
            tick: None,
            late: None,
            told: Vec::new(),
            pausing: None,
            waits: None,
            held,
            ended: None,
        });
        self.act(caller, &before, None)
    }

    /// Every tier in order, or some of them, or in another order.
    fn route(&mut self) -> Vec<usize> {
        let mut route: Vec<_> = (0..self.tiers.len()).collect();
        match self.random.between(0, 9) {
            0 => {
                let only = self.random.index(route.len());
                vec![only]
            }
            1 => {
                route.reverse();
                route
            }
            2 => {
                route.retain(|_| self.random.chance(60));
                route
            }
            _ => route,
        }
    }

    /// As long as all attempts that a request may make on `route`, and the waits before them, can take one after the other.
    fn generous(&self, route: &[usize]) -> Duration {
        let needs = |&tier: &usize| {
            let settings = &self.tiers[tier].settings;
            (settings.limits.total * 2 + Duration::from_secs(3)) * (settings.retries + 4 + PIECES)
        };
        route.iter().map(needs).sum::<Duration>() + Duration::from_secs(120)
    }

    pub(crate) fn schedule(&mut self, at: u64, what: What) {
        self.scheduled += 1;
        self.events.push(Reverse((at, self.scheduled, what)));
    }

    pub(crate) fn moment(&self) -> Moment {
        moment(self.now)
    }

    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        self.history.note(self.now, line);
    }

    pub(crate) fn check_fleets(&mut self) -> Result<(), String> {
        let now = moment(self.now);
        self.fleets.iter_mut().try_for_each(|watch| watch.check(now, self.tally))
    }
}

/// So many milliseconds after the origin.
pub(crate) const fn moment(millis: u64) -> Moment {
    Moment::after(Duration::from_millis(millis))
}
