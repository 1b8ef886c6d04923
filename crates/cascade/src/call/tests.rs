//! Requests driven by hand, in virtual time.

mod continuation;
mod hedge;
mod limits;
mod order;
mod queue;
mod recovery;
mod refusal;
mod shortfall;
mod standing;

use super::*;
use crate::budget::Quota;
use crate::fleet::{Condition, Hosting, Tier};
use crate::limits::{FirstToken, Limit, Limits};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn at(millis: u64) -> Moment {
    Moment::after(ms(millis))
}

/// A fleet of `tiers` tiers, a request on all of them, and what it has said so far.
struct World {
    fleet: Fleet,
    call: Call,
}

impl World {
    fn of(tiers: u32) -> Self {
        Self::with(tiers, |_| {}, Ask { streamed: true, ..Ask::default() })
    }

    fn with(tiers: u32, mut configure: impl FnMut(&mut Tier), ask: Ask) -> Self {
        let tier = |number| {
            let mut tier = Tier::new(number, Hosting::SelfHosted);
            tier.limits =
                Limits { connect: ms(50), first_token: FirstToken::Fixed(ms(300)), idle: ms(200), total: ms(1_000) };
            (tier.prefill, tier.provider) = (true, u16::try_from(number).expect("few"));
            configure(&mut tier);
            tier
        };
        let mut fleet = Fleet::new((1..=tiers).map(tier).collect());
        let route = Route::through("auto", &fleet, |_| true);
        let call = Call::begin(Arc::new(route), ask, &mut fleet, Moment::ZERO);
        Self { fleet, call }
    }

    fn on(&mut self, millis: u64, event: Event) -> Vec<Action> {
        self.call.on(event, &mut self.fleet, at(millis));
        self.said()
    }

    fn said(&mut self) -> Vec<Action> {
        std::iter::from_fn(|| self.call.poll()).collect()
    }

    fn fail(&mut self, millis: u64, attempt: u16, kind: FaultKind) -> Vec<Action> {
        self.on(millis, Event::Failed { attempt: AttemptId(attempt), fault: kind.into(), tokens: None })
    }

    fn token(&mut self, millis: u64, attempt: u16, kept: bool) -> Vec<Action> {
        self.call.heard(AttemptId(attempt), Sign::Token { kept }, at(millis));
        self.said()
    }
}

/// The tiers that were asked, and what for.
fn tasks(actions: &[Action]) -> Vec<(u32, Task)> {
    let task = |action: &Action| match action {
        Action::Start(start) => Some((start.tier.number(), start.task)),
        _ => None,
    };
    actions.iter().filter_map(task).collect()
}

fn starts(actions: &[Action]) -> Vec<u32> {
    let number = |action: &Action| match action {
        Action::Start(start) => Some(start.tier.number()),
        _ => None,
    };
    actions.iter().filter_map(number).collect()
}
