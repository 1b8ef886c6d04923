//! Tiers that die and come back, and requests that have nobody else.

use super::*;

/// A fleet of `tiers` supervised tiers, and a request.
fn supervised(tiers: u32, streamed: bool) -> World {
    World::with(tiers, |tier| tier.supervised = true, Ask { streamed, ..Ask::default() })
}

impl World {
    fn turns(&mut self, tier: usize, condition: Condition) {
        let (id, _) = self.fleet.tiers().nth(tier).expect("a tier");
        self.fleet.set_condition(id, condition);
    }
}

fn gave_up(actions: &[Action]) -> bool {
    matches!(actions, [.., Action::GiveUp])
}

#[test]
fn a_request_whose_only_tier_died_is_answered_by_it_when_it_is_back() {
    for (streamed, kind) in [(true, FaultKind::Connection), (false, FaultKind::Cut)] {
        let mut world = supervised(1, streamed);
        assert_eq!(starts(&world.said()), [1]);
        assert_eq!(starts(&world.fail(10, 0, kind)), [] as [u32; 0]);
        let looks = world.call.wake_at().expect("it looks again");
        assert!(looks > at(10));
        assert_eq!(starts(&world.on(110, Event::Tick)), [] as [u32; 0], "it is not back");
        world.turns(0, Condition::Ready);
        assert_eq!(starts(&world.on(210, Event::Tick)), [1]);
        assert!(world.call.decision().ending.is_none());
    }
}

#[test]
fn where_another_tier_can_answer_nobody_waits() {
    let mut world = supervised(2, false);
    world.said();
    assert_eq!(starts(&world.fail(10, 0, FaultKind::Connection)), [2]);
}

#[test]
fn an_answer_that_broke_off_goes_on_where_it_began_once_that_tier_is_back() {
    let mut world = supervised(1, true);
    world.said();
    world.token(20, 0, true);
    assert_eq!(world.fail(30, 0, FaultKind::Cut), []);
    world.on(130, Event::Tick);
    world.turns(0, Condition::Ready);
    assert_eq!(tasks(&world.on(230, Event::Tick)), [(1, Task::CarryOn(ContinuationMode::Prefill))]);
}

#[test]
fn what_cannot_be_carried_on_is_not_waited_for() {
    let mut world = supervised(1, true);
    world.said();
    world.token(20, 0, true);
    world.call.cannot_be_carried_on();
    assert!(matches!(world.fail(30, 0, FaultKind::Cut)[..], [.., Action::BreakOff { .. }]));
}

#[test]
fn it_waits_no_longer_than_its_deadline() {
    let mut world = supervised(1, false);
    world.said();
    world.fail(10, 0, FaultKind::Connection);
    let mut ended = Vec::new();
    while let Some(due) = world.call.wake_at() {
        assert!(due <= at(1_000), "the deadline");
        world.call.on(Event::Tick, &mut world.fleet, due);
        ended = world.said();
    }
    assert!(gave_up(&ended), "{ended:?}");
}

#[test]
fn one_that_stays_down_is_waited_for_no_longer() {
    let mut world = supervised(1, false);
    world.said();
    world.fail(10, 0, FaultKind::Connection);
    world.turns(0, Condition::Unavailable);
    assert!(gave_up(&world.on(110, Event::Tick)));
}

#[test]
fn a_request_that_is_itself_what_ends_the_tier_ends_it_three_times_at_most() {
    let mut world = supervised(1, false);
    world.said();
    for death in 0..3_u16 {
        let now = u64::from(death) * 200;
        let ended = world.fail(now + 10, death, FaultKind::Cut);
        world.turns(0, Condition::Ready);
        let next = world.on(now + 150, Event::Tick);
        assert_eq!((starts(&next).len(), gave_up(&ended)), if death < 2 { (1, false) } else { (0, true) });
    }
}

#[test]
fn a_death_is_not_held_against_the_next_process() {
    let mut world = supervised(1, true);
    world.said();
    let route = Arc::clone(&world.call.route);
    world.fail(10, 0, FaultKind::Cut);
    for millis in 20..30 {
        world.turns(0, Condition::Ready);
        let mut other = Call::begin(Arc::clone(&route), Ask::default(), &mut world.fleet, at(millis));
        assert_eq!(starts(&std::iter::from_fn(|| other.poll()).collect::<Vec<_>>()), [1]);
        let fault = FaultKind::Connection.into();
        other.on(Event::Failed { attempt: AttemptId(0), fault, tokens: None }, &mut world.fleet, at(millis));
        other.on(Event::CallerLeft, &mut world.fleet, at(millis));
    }
}

#[test]
fn a_tier_that_loads_for_the_first_time_is_waited_for_too() {
    let mut fleet = Fleet::new(vec![Tier::new(1, Hosting::SelfHosted)]);
    let route = Arc::new(Route::through("auto", &fleet, |_| true));
    fleet.set_condition(route.tiers[0], Condition::Returning);
    let call = Call::begin(Arc::clone(&route), Ask::default(), &mut fleet, Moment::ZERO);
    let mut world = World { fleet, call };
    assert_eq!(world.said(), [Action::Skipped { tier: route.tiers[0], why: Skip::Unavailable }]);
    world.turns(0, Condition::Ready);
    assert_eq!(starts(&world.on(100, Event::Tick)), [1]);
}
