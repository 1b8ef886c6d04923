//! Whose fault it is where no tier has answered.

use super::*;
use crate::breaker::Admission;

/// A refusal that names `member`.
fn naming(member: u64) -> Fault {
    Fault { member: Some(Member(member)), ..FaultKind::Rejected.into() }
}

fn refuse(world: &mut World, millis: u64, attempt: u16, fault: Fault) -> Vec<Action> {
    world.on(millis, Event::Failed { attempt: AttemptId(attempt), fault, tokens: None })
}

fn ending(world: &World) -> Option<Ending> {
    world.call.decision().ending
}

const FIRST: Action = Action::Refuse { attempt: AttemptId(0) };

#[test]
fn what_one_tier_refuses_the_next_one_is_asked() {
    let mut world = World::of(2);
    world.said();
    assert_eq!(starts(&world.fail(10, 0, FaultKind::Rejected)), [2]);
    assert_eq!(world.on(20, Event::Finished { attempt: AttemptId(1), tokens: None }).len(), 1);
    assert_eq!(ending(&world), Some(Ending::Answered(AttemptId(1))));
}

#[test]
fn what_every_tier_refuses_comes_back_as_the_first_one_said_it() {
    let mut world = World::of(2);
    world.said();
    refuse(&mut world, 10, 0, naming(1));
    assert_eq!(refuse(&mut world, 20, 1, naming(2)), [FIRST]);
}

#[test]
fn a_member_that_two_providers_name_is_the_callers_to_change() {
    let mut world = World::of(3);
    world.said();
    assert_eq!(starts(&refuse(&mut world, 10, 0, naming(1))), [2]);
    assert_eq!(refuse(&mut world, 20, 1, naming(1)), [FIRST]);
    let mut same = World::with(3, |tier| tier.provider = 7, Ask::default());
    same.said();
    refuse(&mut same, 10, 0, naming(1));
    assert_eq!(starts(&refuse(&mut same, 20, 1, naming(1))), [3], "they are of one provider");
}

#[test]
fn a_tier_that_failed_otherwise_might_have_taken_it() {
    let mut world = World::of(2);
    world.said();
    world.fail(10, 0, FaultKind::Rejected);
    assert_eq!(world.fail(20, 1, FaultKind::Nonsense), [Action::GiveUp]);
    assert_eq!(ending(&world), Some(Ending::GaveUp));
}

#[test]
fn a_tier_that_could_not_be_asked_takes_no_part_in_it() {
    let mut world = World::of(1);
    world.said();
    world.call.decision.skipped.push((world.call.route.tiers[0], Skip::Unavailable));
    assert_eq!(world.fail(10, 0, FaultKind::Rejected), [FIRST]);
}

#[test]
fn too_long_for_every_tier_is_an_ending_of_its_own() {
    let mut world = World::of(2);
    world.said();
    world.fail(10, 0, FaultKind::TooLong);
    assert_eq!(world.fail(20, 1, FaultKind::TooLong), [Action::GiveUp]);
    assert_eq!(ending(&world), Some(Ending::TooLong(AttemptId(0))));
}

#[test]
fn a_rate_that_is_used_up_everywhere_says_when_the_first_has_room_again() {
    let limited = |millis| Fault { retry_after: Some(ms(millis)), ..FaultKind::RateLimited.into() };
    let mut world = World::of(2);
    world.said();
    refuse(&mut world, 10, 0, limited(30_000));
    assert_eq!(refuse(&mut world, 20, 1, limited(20_000)), [Action::GiveUp]);
    assert_eq!(ending(&world), Some(Ending::RateLimited { until: Some(at(20_020)) }));
}

#[test]
fn a_tier_that_is_not_known_to_take_prefill_is_asked_to_repeat() {
    let mut world = World::with(2, |tier| tier.prefill = false, Ask { streamed: true, ..Ask::default() });
    world.said();
    world.token(10, 0, true);
    assert_eq!(tasks(&world.fail(20, 0, FaultKind::Cut)), [(2, Task::CarryOn(ContinuationMode::Repeat))]);
}

#[test]
fn a_silence_that_the_deadline_ended_counts_where_it_was_long_enough_to_tell() {
    for (silence, opens) in [(900, false), (4_000, true)] {
        let mut fleet = Fleet::new(vec![Tier::new(1, Hosting::Cloud)]);
        let route = Arc::new(Route::through("auto", &fleet, |_| true));
        for request in 0..3 {
            let ask = Ask { deadline: Some(ms(silence)), ..Ask::default() };
            let begun = at(request * 10_000);
            let mut call = Call::begin(Arc::clone(&route), ask, &mut fleet, begun);
            call.on(Event::Tick, &mut fleet, begun + ms(silence));
        }
        let open = matches!(fleet.breaker(route.tiers[0]).admission(at(21_000 + silence)), Admission::No { .. });
        assert_eq!(open, opens, "{silence}");
    }
}

#[test]
fn a_probe_that_speaks_lets_others_in() {
    let mut fleet = Fleet::new(vec![Tier::new(1, Hosting::Cloud)]);
    let route = Arc::new(Route::through("auto", &fleet, |_| true));
    let fault = Fault { retry_after: Some(ms(5_000)), ..FaultKind::Overloaded.into() };
    let mut first = Call::begin(Arc::clone(&route), Ask::default(), &mut fleet, at(0));
    first.on(Event::Failed { attempt: AttemptId(0), fault, tokens: None }, &mut fleet, at(0));
    let mut probe = Call::begin(Arc::clone(&route), Ask::default(), &mut fleet, at(20_000));
    assert!(matches!(probe.poll(), Some(Action::Start(start)) if start.probe));
    probe.heard(AttemptId(0), Sign::Token { kept: true }, at(20_010));
    probe.delivered(AttemptId(0), &mut fleet, at(20_010));
    assert_eq!(fleet.breaker(route.tiers[0]).admission(at(20_010)), Admission::Yes);
}
