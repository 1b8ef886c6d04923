//! The world in which requests meet tiers: one clock, and what happens in the order in which it does.

mod caller;
mod drive;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::iter::Peekable;
use std::sync::Arc;
use std::time::Duration;

use cascade::{Fault, Fleet, Hosting, Moment, Route, TierId, WaiterId};

use crate::scenario::Scenario;
use crate::server::{Key, Milestone, Nanos};
use crate::tally::Tally;
use crate::tier::{SimTier, nanos};
use crate::traffic::Arrival;

use caller::Caller;

/// The progress is told after so many events.
const EVENTS: u64 = 16_384;
/// The pauses in which a tier of the user's own that sleeps is asked whether it is awake, as the gateway does.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum What {
    /// The call of a request is due.
    Tick(u64),
    /// The turn of a request at a tier may have come.
    Turn(u64),
    /// An attempt's request has reached the tier's server.
    Reaches(Key),
    /// An attempt has failed without an answer.
    Fails(Key, Fault),
    /// A tier's server has come to a milestone, where nothing has changed since `turn`.
    Milestone { tier: usize, turn: u64 },
    /// An outage begins that breaks everything off.
    Breaks { tier: usize, outage: usize },
    /// A tier of the user's own is asked whether it has woken; the pause before that.
    Wakes { tier: usize, pause: Duration },
}

#[derive(Clone, Copy, Debug)]
struct Due {
    at: Nanos,
    /// Of two at the same time, the one that was scheduled first.
    number: u64,
    what: What,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// See the module.
pub(crate) struct World<'a> {
    seed: u64,
    now: Nanos,
    /// When requests cease to come.
    lasts: Nanos,
    to_come: Peekable<Box<dyn Iterator<Item = Arrival> + 'a>>,
    began: u64,
    due: BinaryHeap<Reverse<Due>>,
    scheduled: u64,
    tiers: Vec<SimTier>,
    fleet: Fleet,
    ids: Vec<TierId>,
    route: Arc<Route>,
    callers: BTreeMap<u64, Caller>,
    /// Which request waits under which name.
    waiters: BTreeMap<WaiterId, u64>,
    tally: Tally,
}

impl<'a> World<'a> {
    pub(crate) fn new(scenario: &'a Scenario, seed: u64) -> Self {
        let tiers: Vec<_> = scenario.tiers.iter().cloned().map(SimTier::new).collect();
        let fleet = Fleet::new(scenario.tiers.iter().map(|tier| tier.settings.clone()).collect());
        let ids: Vec<_> = fleet.tiers().map(|(id, _)| id).collect();
        let mut route = Route::through("simulated", &fleet, |_| true);
        (route.deadline, route.hedge) = (scenario.deadline, scenario.hedge);
        let days = scenario.traffic.days();
        let mut world = Self {
            seed,
            now: 0,
            lasts: nanos(crate::DAY.saturating_mul(days)),
            to_come: scenario.traffic.arrivals(seed).peekable(),
            began: 0,
            due: BinaryHeap::new(),
            scheduled: 0,
            tally: Tally::new(tiers.len()),
            tiers,
            fleet,
            ids,
            route: Arc::new(route),
            callers: BTreeMap::new(),
            waiters: BTreeMap::new(),
        };
        for day in 0..days {
            world.schedule_outages(nanos(crate::DAY.saturating_mul(day)));
        }
        world
    }

    fn schedule_outages(&mut self, midnight: Nanos) {
        for tier in 0..self.tiers.len() {
            for outage in 0..self.tiers[tier].profile.outages.len() {
                let begins = &self.tiers[tier].profile.outages[outage];
                if begins.is_total() {
                    self.schedule(midnight + nanos(begins.from), What::Breaks { tier, outage });
                }
            }
        }
    }

    /// Lets everything happen. `progress` is told now and then how much of it has, from 0 to 1, and stops it by `false`;
    /// then there is no tally.
    pub(crate) fn run(mut self, progress: &mut dyn FnMut(f64) -> bool) -> Option<Tally> {
        let mut events: u64 = 0;
        loop {
            events += 1;
            if events.is_multiple_of(EVENTS) && !progress(self.now.min(self.lasts) as f64 / self.lasts as f64) {
                return None;
            }
            let arrives = self.to_come.peek().map(|arrival| nanos(arrival.at));
            let due = self.due.peek().map(|Reverse(due)| due.at);
            match (arrives, due) {
                (Some(at), due) if due.is_none_or(|due| at <= due) => {
                    self.pass_to(at);
                    let arrival = self.to_come.next().expect("one was seen to come");
                    self.arrives(arrival);
                }
                (_, Some(at)) => {
                    self.pass_to(at);
                    let Reverse(due) = self.due.pop().expect("one was seen to be due");
                    self.happens(due.what);
                }
                (Some(_) | None, None) => break,
            }
            self.watch_breakers();
        }
        Some(self.tally)
    }

    /// Passes the time until `at`, in which the breakers stay as they are.
    fn pass_to(&mut self, at: Nanos) {
        self.now = self.now.max(at);
    }

    /// Notes how long each breaker has been open.
    fn watch_breakers(&mut self) {
        let now = self.moment();
        for (tier, &id) in self.ids.iter().enumerate() {
            self.tally.tiers[tier].open.on_admission(self.fleet.breaker(id).admission(now), now);
        }
    }

    fn happens(&mut self, what: What) {
        match what {
            What::Tick(request) => self.ticks(request),
            What::Turn(request) => self.has_a_turn(request),
            What::Reaches(key) => self.reaches(key),
            What::Fails(key, fault) => self.fails(key, fault),
            What::Milestone { tier, turn } if self.tiers[tier].turn == turn => self.milestones(tier),
            What::Milestone { .. } => {}
            What::Breaks { tier, outage } => self.breaks(tier, outage),
            What::Wakes { tier, pause } => self.wakes(tier, pause),
        }
    }

    fn milestones(&mut self, tier: usize) {
        self.tiers[tier].worked(self.now);
        while let Some((key, milestone)) = self.tiers[tier].server.reached(self.now) {
            match milestone {
                Milestone::FirstToken => self.says_first(key),
                Milestone::Ended(then) => self.ends(key, then),
            }
        }
        self.schedule_server(tier);
    }

    /// Schedules what comes next of a server in which something has changed.
    fn schedule_server(&mut self, tier: usize) {
        self.tiers[tier].turn += 1;
        let turn = self.tiers[tier].turn;
        if let Some(at) = self.tiers[tier].server.next() {
            self.schedule(at, What::Milestone { tier, turn });
        }
    }

    /// A tier of the user's own was found asleep: it is asked in the background until it answers.
    fn wake(&mut self, tier: usize) {
        let own = self.tiers[tier].profile.settings.hosting == Hosting::SelfHosted;
        if own && !std::mem::replace(&mut self.tiers[tier].being_woken, true) {
            self.schedule(self.now + nanos(FIRST_PAUSE), What::Wakes { tier, pause: FIRST_PAUSE });
        }
    }

    fn wakes(&mut self, tier: usize, pause: Duration) {
        let broken = self.tiers[tier].outage(self.now).is_some();
        if !broken && self.tiers[tier].is_awake(self.now) {
            self.tiers[tier].being_woken = false;
            self.fleet.mended(self.ids[tier], self.moment());
        } else {
            let pause = (pause * 2).min(LONGEST_PAUSE);
            self.schedule(self.now + nanos(pause), What::Wakes { tier, pause });
        }
    }

    fn schedule(&mut self, at: Nanos, what: What) {
        self.scheduled += 1;
        self.due.push(Reverse(Due { at, number: self.scheduled, what }));
    }

    fn moment(&self) -> Moment {
        Moment::after(Duration::from_nanos(self.now))
    }
}
