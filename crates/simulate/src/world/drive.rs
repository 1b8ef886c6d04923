//! The world's driver: it does what a call says and tells it what happened, as the gateway does.

use cascade::{Action, Ask, Call, Ending, Event, Fault, FaultKind, Sign, Start};

use crate::draws::Draws;
use crate::server::{Key, Nanos, Progress, Then, Work};
use crate::tally::Ended;
use crate::tier::{Fate, nanos};
use crate::traffic::Arrival;
use crate::trouble::Trouble;

use super::caller::{Caller, Live};
use super::{What, World};

impl World<'_> {
    pub(super) fn arrives(&mut self, arrival: Arrival) {
        let request = self.began;
        self.began += 1;
        let ask = Ask {
            prompt_tokens: arrival.prompt,
            max_tokens: arrival.max_tokens,
            streamed: arrival.streamed,
            deadline: arrival.deadline,
            longest_silence: None,
            fingerprint: request,
            seed: Draws::of(self.seed, &[request]).next(),
        };
        let now = self.moment();
        let call = Call::begin(self.route.clone(), ask, &mut self.fleet, now);
        let caller = Caller { call, arrival, first_token: None, tick: None, live: Vec::new(), waits: None };
        self.callers.insert(request, caller);
        self.act(request);
    }

    pub(super) fn ticks(&mut self, request: u64) {
        let Some(caller) = self.callers.get_mut(&request) else { return };
        if caller.tick != Some(self.now) {
            return;
        }
        caller.tick = None;
        if self.is_due(request) {
            self.let_hear(request);
        }
        if self.is_due(request) {
            self.tell(request, Event::Tick);
        } else {
            self.set_tick(request);
        }
    }

    pub(super) fn has_a_turn(&mut self, request: u64) {
        if self.callers.get(&request).is_some_and(|caller| caller.waits.is_some()) {
            self.tell(request, Event::Granted);
        }
    }

    fn is_due(&self, request: u64) -> bool {
        let wake = self.callers.get(&request).and_then(|caller| caller.call.wake_at());
        wake.is_some_and(|wake| wake <= self.moment())
    }

    /// Tells the call what its attempts have said since it last heard of them. It is told no sooner than it must know: what
    /// a token moves is a limit that lies ahead.
    fn let_hear(&mut self, request: u64) {
        let Some(caller) = self.callers.get_mut(&request) else { return };
        for live in &mut caller.live {
            let tier = &mut self.tiers[live.tier];
            match tier.server.progress((request, live.id.index()), self.now) {
                Progress::None => {}
                Progress::Reading if tier.profile.reports_progress => {
                    caller.call.heard(live.id, Sign::Progress, moment(self.now));
                }
                Progress::Reading => {}
                Progress::Said(said, last) => {
                    hear(&mut caller.call, live, said, caller.arrival.streamed, last);
                }
            }
        }
    }

    /// An attempt's request has reached the tier's server.
    pub(super) fn reaches(&mut self, key: Key) {
        let Some(live) = self.live(key) else { return };
        self.tiers[live.tier].server.enter(key, live.work, self.now);
        self.schedule_server(live.tier);
    }

    pub(super) fn says_first(&mut self, key: Key) {
        let Some(caller) = self.callers.get_mut(&key.0) else { return };
        let streamed = caller.arrival.streamed;
        let Some(live) = caller.live.iter_mut().find(|live| live.id.index() == key.1) else { return };
        let heard = live.heard.max(1);
        hear(&mut caller.call, live, heard, streamed, self.now);
        self.act(key.0);
    }

    pub(super) fn ends(&mut self, key: Key, then: Then) {
        let Some(mut live) = self.live(key) else { return };
        match then {
            Then::Silence => {}
            Then::Cut => {
                let caller = self.callers.get_mut(&key.0).expect("its attempt is live");
                let (streamed, live) = (caller.arrival.streamed, caller.live.iter_mut().find(|it| it.id == live.id));
                let live = live.expect("it was just found");
                hear(&mut caller.call, live, live.work.says, streamed, self.now);
                self.fails(key, FaultKind::Cut.into());
            }
            Then::Finished => {
                live.heard = live.work.says;
                let tokens = Some(live.cost());
                self.close(key, Some(live.cost()));
                let tally = &mut self.tally.tiers[live.tier];
                tally.shortened += u64::from(live.shortened);
                self.tell(key.0, Event::Finished { attempt: live.id, tokens });
            }
        }
    }

    pub(super) fn fails(&mut self, key: Key, fault: Fault) {
        self.let_hear(key.0);
        let Some(live) = self.close(key, None) else { return };
        if fault.kind == FaultKind::Unavailable {
            self.wake(live.tier);
        }
        self.tell(key.0, Event::Failed { attempt: live.id, fault, tokens: None });
    }

    /// An outage begins: whatever runs on the tier breaks off, or falls silent.
    pub(super) fn breaks(&mut self, tier: usize, outage: usize) {
        let outage = &self.tiers[tier].profile.outages[outage];
        let fault = outage.trouble.fault(outage.retry_after);
        for key in self.tiers[tier].server.keys() {
            let spoken = matches!(self.tiers[tier].server.progress(key, self.now), Progress::Said(..));
            match fault {
                Some(fault) => self.fails(key, if spoken { FaultKind::Cut.into() } else { fault }),
                None => self.tiers[tier].server.silence(key, self.now),
            }
        }
        self.schedule_server(tier);
    }

    fn live(&self, key: Key) -> Option<Live> {
        self.callers.get(&key.0)?.live(key.1).copied()
    }

    /// Takes an attempt off the world, and settles its tier's books: by what it cost, else by what was heard of it.
    fn close(&mut self, key: Key, cost: Option<u32>) -> Option<Live> {
        let live = self.callers.get_mut(&key.0)?.take(key.1)?;
        let cost = cost.unwrap_or(live.cost());
        self.tally.tiers[live.tier].spent.settle(live.place, cost);
        if let Some(counted) = live.counted
            && !self.tiers[live.tier].allowance.end(counted, cost, self.now)
        {
            self.tally.tiers[live.tier].over_limit += 1;
        }
        self.tiers[live.tier].worked(self.now);
        self.tiers[live.tier].server.leave(key, self.now);
        self.schedule_server(live.tier);
        Some(live)
    }

    fn tell(&mut self, request: u64, event: Event) {
        let now = self.moment();
        if let Some(caller) = self.callers.get_mut(&request) {
            caller.call.on(event, &mut self.fleet, now);
            self.act(request);
        }
    }

    /// Does what the call says, and has those told whose turn has come by it.
    fn act(&mut self, request: u64) {
        self.note_waiting(request);
        while let Some(action) = self.callers.get_mut(&request).and_then(|caller| caller.call.poll()) {
            match action {
                Action::Start(start) => self.start(request, start),
                Action::Skipped { tier, why } => self.tally.tiers[tier.index()].skipped(why),
                Action::Queued { tier, .. } => self.tally.tiers[tier.index()].queued += 1,
                Action::Cancel { attempt, .. } => {
                    self.close((request, attempt.index()), None);
                }
                Action::Deliver { .. } => {
                    let now = self.now;
                    let caller = self.callers.get_mut(&request).expect("it acts");
                    if caller.first_token.is_none() || !caller.arrival.streamed {
                        caller.first_token = Some(now);
                    }
                }
                Action::Complete { .. } | Action::Refuse { .. } | Action::BreakOff { .. } | Action::GiveUp => {}
            }
        }
        for waiter in self.fleet.take_granted() {
            if let Some(&other) = self.waiters.get(&waiter) {
                self.schedule(self.now, What::Turn(other));
            }
        }
        let ending = self.callers.get(&request).and_then(|caller| caller.call.decision().ending);
        match ending {
            Some(ending) => self.over(request, ending),
            None => self.set_tick(request),
        }
    }

    /// Keeps in mind under which name a request waits, if it does.
    fn note_waiting(&mut self, request: u64) {
        let Some(caller) = self.callers.get_mut(&request) else { return };
        let waits = caller.call.waits_as();
        if caller.waits != waits {
            if let Some(waiter) = caller.waits {
                self.waiters.remove(&waiter);
            }
            self.waiters.extend(waits.map(|waiter| (waiter, request)));
            caller.waits = waits;
        }
    }

    fn over(&mut self, request: u64, ending: Ending) {
        let caller = self.callers.remove(&request).expect("it has just ended");
        let began = nanos(caller.arrival.at);
        let first_token = caller.first_token.map(|at| at - began);
        let ended = Ended { decision: caller.call.decision(), ending, first_token, took: self.now - began };
        self.tally.on_end(&ended);
    }

    fn start(&mut self, request: u64, start: Start) {
        let (now, tier) = (self.now, start.tier.index());
        let key = (request, start.attempt.index());
        let mut random = Draws::of(self.seed, &[request, start.attempt.index() as u64 + 1]);
        let first_byte = u64::from(self.tiers[tier].profile.speed.first_byte.draw(&mut random)) * 1_000_000;
        let fate = self.tiers[tier].fate(now, &mut random);
        let caller = self.callers.get_mut(&request).expect("it acts");
        let (reads, says, repeats) = caller.left(start.task, start.max_tokens);
        let shortened = start.max_tokens.is_some_and(|most| most < caller.arrival.answer);
        let most = reads.saturating_add(caller.most(start.max_tokens).unwrap_or(says));
        let place = self.tally.tiers[tier].spent.begin(now);
        let mut live = Live {
            id: start.attempt,
            tier,
            work: Work { reads, says, then: Then::Finished },
            repeats,
            heard: 0,
            shortened,
            place,
            counted: None,
        };
        let mut fault = fate.fault.or_else(|| self.refusal(request, tier, reads));
        if !matches!(fate.trouble, Some(Trouble::Connection | Trouble::Unreachable)) {
            live.counted = self.tiers[tier].allowance.begin(most, now);
            if live.counted.is_none() {
                self.tally.tiers[tier].over_limit += 1;
                fault = Some(FaultKind::RateLimited.into());
            }
        }
        let context = self.tiers[tier].profile.context;
        live.work = broken(live.work, context, fate, &mut random);
        self.callers.get_mut(&request).expect("it acts").live.push(live);
        let what = match fault {
            Some(fault) => What::Fails(key, fault),
            None if fate.trouble == Some(Trouble::Silent) => return,
            None => What::Reaches(key),
        };
        self.schedule(now + first_byte, what);
    }

    /// What a tier says to a request that it cannot take.
    fn refusal(&self, request: u64, tier: usize, reads: u32) -> Option<Fault> {
        let kind = if reads >= self.tiers[tier].profile.context {
            FaultKind::TooLong
        } else if self.callers[&request].arrival.at_fault {
            FaultKind::Callers
        } else {
            return None;
        };
        Some(kind.into())
    }

    fn set_tick(&mut self, request: u64) {
        let Some(caller) = self.callers.get_mut(&request) else { return };
        let Some(wake) = caller.call.wake_at() else { return };
        let at = nanos(wake.since(cascade::Moment::ZERO)).max(self.now);
        // One that is set for sooner finds out that it is too soon.
        if caller.tick.is_none_or(|tick| at < tick) {
            caller.tick = Some(at);
            self.schedule(at, What::Tick(request));
        }
    }
}

/// The work as the tier's context bounds it, and as far as it comes before something breaks it off.
fn broken(work: Work, context: u32, fate: Fate, random: &mut Draws) -> Work {
    let says = work.says.min(context.saturating_sub(work.reads)).max(1);
    let then = match fate.trouble {
        Some(Trouble::Cut) => Then::Cut,
        Some(Trouble::Stalled) => Then::Silence,
        _ => return Work { says, ..work },
    };
    Work { says: 1 + (random.share() * f64::from(says - 1)) as u32, then, ..work }
}

/// Tells `call` of the tokens up to number `said`, of which the last one came at `last`.
fn hear(call: &mut Call, live: &mut Live, said: u32, streamed: bool, last: Nanos) {
    while live.heard < said {
        live.heard += 1;
        let kept = streamed && live.heard > live.repeats;
        call.heard(live.id, Sign::Token { kept }, moment(last));
    }
}

fn moment(at: Nanos) -> cascade::Moment {
    cascade::Moment::after(std::time::Duration::from_nanos(at))
}
