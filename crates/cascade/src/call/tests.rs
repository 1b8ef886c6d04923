//! Requests driven by hand, in virtual time.

use super::*;
use crate::fleet::{Hosting, Tier};
use crate::limits::{FirstToken, Limits};

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
        Self::with(tiers, |_| {}, Ask::default())
    }

    fn with(tiers: u32, mut configure: impl FnMut(&mut Tier), ask: Ask) -> Self {
        let tier = |number| {
            let mut tier = Tier::new(number, Hosting::SelfHosted);
            tier.limits =
                Limits { connect: ms(50), first_token: FirstToken::Fixed(ms(300)), idle: ms(200), total: ms(1_000) };
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
        self.on(millis, Event::Failed { attempt: AttemptId(attempt), fault: kind.into() })
    }

    fn token(&mut self, millis: u64, attempt: u16, shown: bool) -> Vec<Action> {
        self.call.heard(AttemptId(attempt), Sign::Token { shown }, at(millis));
        self.said()
    }
}

fn starts(actions: &[Action]) -> Vec<u32> {
    let number = |action: &Action| match action {
        Action::Start(start) => Some(start.tier.number()),
        _ => None,
    };
    actions.iter().filter_map(number).collect()
}

#[test]
fn the_first_tier_is_asked_first_and_its_answer_ends_the_request() {
    let mut world = World::of(3);
    assert_eq!(starts(&world.said()), [1]);
    assert_eq!(world.token(10, 0, true), [Action::Deliver { attempt: AttemptId(0) }]);
    assert_eq!(world.token(20, 0, true), []);
    let finished = Event::Finished { attempt: AttemptId(0) };
    assert_eq!(world.on(30, finished), [Action::Complete { attempt: AttemptId(0) }]);
    assert_eq!(world.call.wake_at(), None);
    assert_eq!(world.call.decision().ending, Some(Ending::Answered(AttemptId(0))));
}

#[test]
fn a_failure_before_anything_was_shown_goes_to_the_next_tier() {
    for kind in [
        FaultKind::Unreachable,
        FaultKind::RateLimited,
        FaultKind::Misconfigured,
        FaultKind::Unavailable,
        FaultKind::TooLong,
        FaultKind::Nonsense,
        FaultKind::Cut,
        FaultKind::Refused,
        FaultKind::Timeout(Limit::Connect),
    ] {
        let mut world = World::of(2);
        world.said();
        assert_eq!(starts(&world.fail(10, 0, kind)), [2], "{kind:?}");
    }
}

#[test]
fn an_answer_that_breaks_off_unseen_is_made_anew_by_the_next_tier() {
    let mut world = World::of(2);
    world.said();
    world.token(10, 0, false);
    assert_eq!(starts(&world.fail(20, 0, FaultKind::Cut)), [2]);
}

#[test]
fn an_answer_that_breaks_off_in_sight_of_the_caller_is_never_replaced() {
    let mut world = World::of(2);
    world.said();
    world.token(10, 0, true);
    assert_eq!(world.fail(20, 0, FaultKind::Cut), [Action::BreakOff { attempt: AttemptId(0) }]);
}

#[test]
fn what_mends_itself_is_tried_once_more_on_the_same_tier_after_a_pause() {
    let mut world = World::of(2);
    world.said();
    assert_eq!(world.fail(10, 0, FaultKind::Overloaded), []);
    let pause_ends = world.call.wake_at().expect("a pause ends");
    assert!(pause_ends <= at(110));
    world.call.on(Event::Tick, &mut world.fleet, pause_ends);
    assert_eq!(starts(&world.said()), [1]);
    assert_eq!(starts(&world.fail(200, 1, FaultKind::Overloaded)), [2]);
}

#[test]
fn a_tier_without_retries_is_asked_once() {
    let mut world = World::with(2, |tier| tier.retries = 0, Ask::default());
    world.said();
    assert_eq!(starts(&world.fail(10, 0, FaultKind::Connection)), [2]);
}

#[test]
fn the_callers_own_fault_is_not_tried_elsewhere() {
    let mut world = World::of(2);
    world.said();
    assert_eq!(world.fail(10, 0, FaultKind::Callers), [Action::Refuse { attempt: AttemptId(0) }]);
}

#[test]
fn a_silent_tier_is_cancelled_at_its_first_token_limit_and_never_retried() {
    let mut world = World::of(2);
    world.said();
    assert_eq!(world.call.wake_at(), Some(at(300)));
    let because = Because::Limit(Limit::FirstToken, ms(300));
    let actions = world.on(300, Event::Tick);
    assert_eq!(actions[0], Action::Cancel { attempt: AttemptId(0), because });
    assert_eq!(starts(&actions), [2]);
}

#[test]
fn a_tick_that_comes_early_changes_nothing() {
    let mut world = World::of(1);
    world.said();
    assert_eq!(world.on(299, Event::Tick), []);
    assert_eq!(world.call.wake_at(), Some(at(300)));
}

#[test]
fn each_token_gives_the_tier_its_idle_limit_anew_but_never_more_than_the_total() {
    let mut world = World::of(1);
    world.said();
    for millis in (100..=900).step_by(100) {
        world.token(millis, 0, true);
    }
    assert_eq!(world.call.wake_at(), Some(at(1_000)));
    let because = Because::Limit(Limit::Total, ms(1_000));
    assert_eq!(world.on(1_000, Event::Tick)[0], Action::Cancel { attempt: AttemptId(0), because });
}

#[test]
fn progress_carries_a_limit_that_grows_with_the_prompt_but_not_a_fixed_one() {
    for (first_token, expected) in
        [(FirstToken::Fixed(ms(300)), at(300)), (FirstToken::GrowsWithPrompt, at(9_950 + 200))]
    {
        let configure = |tier: &mut Tier| {
            tier.limits.first_token = first_token;
            tier.limits.total = ms(60_000);
        };
        let mut world = World::with(1, configure, Ask::default());
        world.said();
        world.call.heard(AttemptId(0), Sign::Progress, at(9_950));
        assert_eq!(world.call.wake_at(), Some(expected), "{first_token:?}");
    }
}

#[test]
fn the_callers_deadline_bounds_every_attempt() {
    let ask = Ask { deadline: Some(ms(400)), ..Ask::default() };
    let mut world = World::with(3, |_| {}, ask);
    world.said();
    assert_eq!(starts(&world.on(300, Event::Tick)), [2]);
    assert_eq!(world.call.wake_at(), Some(at(400)));
    let because = Because::Limit(Limit::Deadline, ms(100));
    let last = [Action::Cancel { attempt: AttemptId(1), because }, Action::GiveUp];
    assert_eq!(world.on(400, Event::Tick), last);
}

#[test]
fn a_pause_that_would_outlast_the_deadline_is_not_taken() {
    let ask = Ask { deadline: Some(ms(20)), ..Ask::default() };
    let mut world = World::with(1, |_| {}, ask);
    world.said();
    let fault = Fault { kind: FaultKind::Overloaded, retry_after: Some(ms(15)) };
    assert_eq!(world.on(10, Event::Failed { attempt: AttemptId(0), fault }), [Action::GiveUp]);
}

#[test]
fn a_tier_that_cannot_be_asked_is_skipped_with_its_reason() {
    let mut fleet = Fleet::new(vec![Tier::new(1, Hosting::SelfHosted), Tier::new(2, Hosting::Cloud)]);
    let route = Arc::new(Route::through("auto", &fleet, |_| true));
    fleet.set_condition(route.tiers[0], Condition::Unavailable);
    let mut call = Call::begin(Arc::clone(&route), Ask::default(), &mut fleet, Moment::ZERO);
    assert_eq!(call.poll(), Some(Action::Skipped { tier: route.tiers[0], why: Skip::Unavailable }));
    assert!(matches!(call.poll(), Some(Action::Start(start)) if start.tier == route.tiers[1]));
}

#[test]
fn where_no_tier_is_left_the_request_gives_up() {
    let mut world = World::of(1);
    world.said();
    assert_eq!(world.fail(10, 0, FaultKind::Misconfigured), [Action::GiveUp]);
    let mut none = World::of(0);
    assert_eq!(none.said(), [Action::GiveUp]);
}

#[test]
fn a_caller_who_leaves_cancels_what_runs_and_ends_a_pause() {
    let mut world = World::of(2);
    world.said();
    let because = Because::CallerLeft;
    assert_eq!(world.on(10, Event::CallerLeft), [Action::Cancel { attempt: AttemptId(0), because }]);

    let mut pausing = World::of(2);
    pausing.said();
    pausing.fail(10, 0, FaultKind::Overloaded);
    assert_eq!(pausing.on(11, Event::CallerLeft), []);
    assert_eq!(pausing.call.wake_at(), None);
}

#[test]
fn what_is_told_of_an_attempt_that_has_ended_is_ignored() {
    let mut world = World::of(2);
    world.said();
    world.fail(10, 0, FaultKind::Cut);
    assert_eq!(world.fail(20, 0, FaultKind::Cut), []);
    assert_eq!(world.token(20, 0, true), []);
    assert_eq!(starts(&world.fail(30, 1, FaultKind::Cut)), []);
}
