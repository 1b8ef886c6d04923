//! Answers that break off in sight of the caller.

use super::*;

const PREFILL: Task = Task::CarryOn(ContinuationMode::Prefill);
const REPEAT: Task = Task::CarryOn(ContinuationMode::Repeat);

/// A request on `tiers` tiers whose first one has shown a part of its answer.
fn begun(tiers: u32) -> World {
    let mut world = World::of(tiers);
    world.said();
    world.token(10, 0, true);
    world
}

#[test]
fn the_next_tier_carries_it_on() {
    let mut world = begun(2);
    assert_eq!(tasks(&world.fail(20, 0, FaultKind::Cut)), [(2, PREFILL)]);
    world.token(30, 1, true);
    let finished = Event::Finished { attempt: AttemptId(1), tokens: None };
    assert_eq!(world.on(40, finished), [Action::Complete { attempt: AttemptId(1) }]);
}

#[test]
fn a_tier_that_has_refused_a_prefill_is_not_asked_again() {
    let mut fleet = Fleet::new(vec![Tier::new(1, Hosting::SelfHosted)]);
    let id = fleet.tiers().next().expect("a tier").0;
    fleet.set_prefill(|_| true);
    assert_eq!(fleet.carries_on_by(id), ContinuationMode::Prefill);
    fleet.refuses_prefill(id);
    fleet.set_prefill(|_| true);
    assert_eq!(fleet.carries_on_by(id), ContinuationMode::Repeat);
}

#[test]
fn a_stall_is_a_break_too() {
    let mut world = begun(2);
    assert_eq!(tasks(&world.on(210, Event::Tick)), [(2, PREFILL)]);
}

#[test]
fn a_tier_that_refuses_prefill_is_asked_to_repeat_and_so_is_every_request_after() {
    let mut world = begun(2);
    world.fail(20, 0, FaultKind::Cut);
    assert_eq!(tasks(&world.fail(30, 1, FaultKind::Rejected)), [(2, REPEAT)]);
    assert_eq!(world.fleet.carries_on_by(world.call.route.tiers[1]), ContinuationMode::Repeat);
}

#[test]
fn a_tier_that_says_something_else_gives_way_to_the_next() {
    let mut world = begun(3);
    world.fail(20, 0, FaultKind::Cut);
    assert_eq!(tasks(&world.fail(30, 1, FaultKind::NoSeam)), [(2, REPEAT)]);
    assert_eq!(tasks(&world.fail(40, 2, FaultKind::NoSeam)), [(3, PREFILL)]);
}

#[test]
fn where_no_later_tier_is_left_an_earlier_one_begins_anew_and_then_the_same() {
    let mut world = World::of(2);
    world.said();
    world.fail(5, 0, FaultKind::Nonsense);
    world.token(10, 1, true);
    assert_eq!(tasks(&world.fail(20, 1, FaultKind::Cut)), [(1, PREFILL)]);
    let mut alone = begun(1);
    assert_eq!(tasks(&alone.fail(20, 0, FaultKind::Cut)), [(1, PREFILL)]);
}

#[test]
fn nobody_is_asked_for_ever() {
    let mut world = begun(2);
    let mut asked = 0;
    let mut actions = world.fail(20, 0, FaultKind::Cut);
    while let [(_, task)] = tasks(&actions)[..] {
        asked += 1;
        assert_ne!(task, Task::Answer);
        actions = world.fail(20 + asked, u16::try_from(asked).expect("few"), FaultKind::Cut);
    }
    assert!(matches!(actions[..], [Action::BreakOff { .. }]), "{actions:?}");
    assert!((2..=6).contains(&asked), "{asked}");
}

#[test]
fn past_the_deadline_nobody_is_asked() {
    let mut world = World::with(2, |_| {}, Ask { deadline: Some(ms(100)), streamed: true, ..Ask::default() });
    world.said();
    world.token(10, 0, true);
    let actions = world.on(100, Event::Tick);
    assert!(matches!(actions[..], [Action::Cancel { .. }, Action::BreakOff { .. }]), "{actions:?}");
}

#[test]
fn what_nobody_can_carry_on_is_broken_off() {
    let mut world = begun(2);
    world.call.cannot_be_carried_on();
    assert_eq!(world.fail(20, 0, FaultKind::Cut), [Action::BreakOff { attempt: AttemptId(0) }]);
}
