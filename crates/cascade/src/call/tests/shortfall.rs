//! Answers that end as they should and fall short all the same: cut off by their length, or not what the route asks for.

use super::*;
use crate::breaker::Admission;

const PREFILL: Task = Task::CarryOn(ContinuationMode::Prefill);
const REPEAT: Task = Task::CarryOn(ContinuationMode::Repeat);

/// A request on `tiers` tiers whose first one has said two words, streamed or not.
fn begun(tiers: u32, streamed: bool) -> World {
    let mut world = World::with(tiers, |_| {}, Ask { streamed, deadline: Some(ms(60_000)), ..Ask::default() });
    world.said();
    world.token(10, 0, streamed);
    world.token(11, 0, streamed);
    world
}

#[test]
fn an_answer_that_its_length_cuts_off_goes_on_on_the_same_tier_as_long_as_it_gets_further() {
    for streamed in [true, false] {
        let mut world = begun(2, streamed);
        for attempt in 0..5 {
            assert_eq!(tasks(&world.fail(20, attempt, FaultKind::CutByLength)), [(1, PREFILL)], "{streamed} {attempt}");
            world.token(20, attempt + 1, true);
        }
        let finished = Event::Finished { attempt: AttemptId(5), tokens: None };
        assert_eq!(world.on(30, finished), [Action::Complete { attempt: AttemptId(5) }]);
    }
}

#[test]
fn a_tier_that_gets_no_further_gives_way_to_the_next() {
    let mut world = begun(2, true);
    world.fail(20, 0, FaultKind::CutByLength);
    assert_eq!(tasks(&world.fail(30, 1, FaultKind::CutByLength)), [(2, PREFILL)]);
}

#[test]
fn a_tier_that_takes_no_prefill_is_asked_to_repeat_what_it_has_said_itself() {
    let mut world = begun(2, false);
    world.fail(20, 0, FaultKind::CutByLength);
    assert_eq!(tasks(&world.fail(30, 1, FaultKind::Rejected)), [(1, REPEAT)]);
}

#[test]
fn nobody_gets_further_for_ever() {
    for streamed in [true, false] {
        let mut world = begun(1, streamed);
        let mut actions = world.fail(20, 0, FaultKind::CutByLength);
        let mut asked: u16 = 0;
        while let [(1, PREFILL)] = tasks(&actions)[..] {
            asked += 1;
            world.token(20, asked, true);
            actions = world.fail(20, asked, FaultKind::CutByLength);
        }
        assert_eq!(asked, 19, "sixteen pieces, and as often as any answer is carried on");
        let last = if streamed { Action::BreakOff { attempt: AttemptId(asked) } } else { Action::GiveUp };
        assert_eq!(actions, [last]);
    }
}

#[test]
fn a_whole_answer_that_nobody_carries_on_is_made_anew() {
    let mut world = begun(2, false);
    world.fail(20, 0, FaultKind::CutByLength);
    let mut asked = Vec::new();
    for attempt in 1..=4 {
        asked.extend(tasks(&world.fail(20 + u64::from(attempt), attempt, FaultKind::NoSeam)));
    }
    assert_eq!(asked, [(1, REPEAT), (2, PREFILL), (2, REPEAT), (2, Task::Answer)]);
}

#[test]
fn what_a_gate_refuses_is_carried_on_where_it_was_shown_and_made_anew_where_it_was_not() {
    assert_eq!(tasks(&begun(2, true).fail(20, 0, FaultKind::Gate)), [(2, PREFILL)]);
    assert_eq!(tasks(&begun(2, false).fail(20, 0, FaultKind::Gate)), [(2, Task::Answer)]);
    let mut world = begun(2, false);
    world.fail(20, 0, FaultKind::CutByLength);
    world.token(30, 1, true);
    assert_eq!(tasks(&world.fail(40, 1, FaultKind::Gate)), [(2, Task::Answer)], "also where some of it was kept");
    assert_eq!(world.fail(50, 2, FaultKind::Gate), [Action::GiveUp]);
}

#[test]
fn a_whole_answer_waits_for_the_turn_of_the_tier_that_is_to_go_on() {
    let mut fleet = Fleet::new(vec![Tier { concurrency: Some(1), ..Tier::new(1, Hosting::SelfHosted) }]);
    let route = Arc::new(Route::through("auto", &fleet, |_| true));
    let [mut first, mut second] = [0, 1].map(|_| Call::begin(Arc::clone(&route), Ask::default(), &mut fleet, at(0)));
    let polled = |call: &mut Call| std::iter::from_fn(|| call.poll()).collect::<Vec<_>>();
    assert_eq!((starts(&polled(&mut first)), starts(&polled(&mut second))), (vec![1], vec![]));
    first.heard(AttemptId(0), Sign::Token { kept: false }, at(10));
    let cut = Event::Failed { attempt: AttemptId(0), fault: FaultKind::CutByLength.into(), tokens: None };
    first.on(cut, &mut fleet, at(20));
    assert!(polled(&mut first).contains(&Action::Queued { tier: route.tiers[0], ahead: 0 }));
    second.on(Event::Granted, &mut fleet, at(20));
    second.on(Event::Finished { attempt: AttemptId(0), tokens: None }, &mut fleet, at(30));
    first.on(Event::Granted, &mut fleet, at(30));
    assert_eq!(tasks(&polled(&mut first)), [(1, REPEAT)]);
}

#[test]
fn a_whole_answer_of_several_choices_is_made_anew() {
    let mut world = begun(2, false);
    world.call.cannot_be_carried_on();
    assert_eq!(tasks(&world.fail(20, 0, FaultKind::CutByLength)), [(2, Task::Answer)]);
}

#[test]
fn what_falls_short_speaks_for_the_tier_that_said_it() {
    for kind in [FaultKind::CutByLength, FaultKind::Gate] {
        let mut fleet = Fleet::new(vec![Tier::new(1, Hosting::SelfHosted)]);
        let route = Arc::new(Route::through("auto", &fleet, |_| true));
        let mut ask = |fault: FaultKind, times| {
            for _ in 0..times {
                let mut call = Call::begin(Arc::clone(&route), Ask::default(), &mut fleet, Moment::ZERO);
                let failed = Event::Failed { attempt: AttemptId(0), fault: fault.into(), tokens: Some(9) };
                call.on(failed, &mut fleet, Moment::ZERO);
            }
            fleet.breaker(route.tiers[0]).admission(Moment::ZERO)
        };
        assert_eq!(ask(FaultKind::Nonsense, 4), Admission::Yes);
        assert_eq!(ask(kind, 30), Admission::Yes, "{kind:?}");
        assert_eq!(ask(FaultKind::Nonsense, 4), Admission::Yes, "the row is broken");
    }
}

#[test]
fn what_was_said_before_counts_against_the_callers_bound() {
    let ask = Ask { max_tokens: Some(10), ..Ask::default() };
    let mut world = World::with(1, |tier| tier.quota.tpm = Some(5_000), ask);
    world.said();
    (0..4).for_each(|_| _ = world.token(10, 0, false));
    world.fail(20, 0, FaultKind::CutByLength);
    let record = world.call.decision().attempts[0];
    assert_eq!((record.kept, world.call.need().answer, world.call.need().prompt), (4, 6, 4));
}
