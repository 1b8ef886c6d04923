//! Which tier is asked, and when no other is.

use super::*;

#[test]
fn the_first_tier_is_asked_first_and_its_answer_ends_the_request() {
    let mut world = World::of(3);
    assert_eq!(starts(&world.said()), [1]);
    assert_eq!(world.token(10, 0, true), [Action::Deliver { attempt: AttemptId(0) }]);
    assert_eq!(world.token(20, 0, true), []);
    let finished = Event::Finished { attempt: AttemptId(0), tokens: None };
    assert_eq!(world.on(30, finished), [Action::Complete { attempt: AttemptId(0) }]);
    assert_eq!(world.call.wake_at(), None);
    assert_eq!(world.call.decision().ending, Some(Ending::Answered(AttemptId(0))));
}

#[test]
fn a_failure_before_anything_was_shown_goes_to_the_next_tier() {
    for kind in [
        FaultKind::Unreachable,
        FaultKind::RateLimited,
        FaultKind::Account,
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
fn where_no_tier_is_left_the_request_gives_up() {
    let mut world = World::of(1);
    world.said();
    assert_eq!(world.fail(10, 0, FaultKind::Account), [Action::GiveUp]);
    let mut none = World::of(0);
    assert_eq!(none.said(), [Action::GiveUp]);
}

#[test]
fn a_caller_who_leaves_cancels_what_runs_and_ends_a_pause() {
    let mut world = World::of(2);
    world.said();
    let reason = CancelReason::CallerLeft;
    assert_eq!(world.on(10, Event::CallerLeft), [Action::Cancel { attempt: AttemptId(0), reason }]);

    let mut pausing = World::of(2);
    pausing.said();
    pausing.fail(10, 0, FaultKind::Overloaded);
    assert_eq!(pausing.on(11, Event::CallerLeft), []);
    assert_eq!(pausing.call.wake_at(), None);
}

#[test]
fn a_retry_after_that_is_long_is_waited_for_only_where_no_other_tier_can_answer() {
    let fault = Fault { retry_after: Some(ms(5_500)), ..FaultKind::RateLimited.into() };
    let failed = Event::Failed { attempt: AttemptId(0), fault, tokens: None };
    let long = Ask { deadline: Some(ms(60_000)), ..Ask::default() };
    let mut two = World::with(2, |_| {}, long);
    two.said();
    assert_eq!(starts(&two.on(10, failed)), [2]);
    let mut one = World::with(1, |_| {}, long);
    one.said();
    assert_eq!(one.on(10, failed), []);
    assert_eq!(one.call.wake_at(), Some(at(5_510)));
    assert_eq!(starts(&one.on(5_510, Event::Tick)), [1]);
}

#[test]
fn what_is_told_of_an_attempt_that_has_ended_is_ignored() {
    let mut world = World::of(2);
    world.said();
    world.fail(10, 0, FaultKind::Cut);
    assert_eq!(world.fail(20, 0, FaultKind::Cut), []);
    assert_eq!(world.token(20, 0, true), []);
    assert_eq!(world.fail(30, 1, FaultKind::Cut), [Action::GiveUp]);
}

#[test]
fn what_a_tier_cannot_do_goes_to_the_next_and_what_none_can_do_back_to_the_caller() {
    let mut world = World::of(2);
    world.said();
    assert_eq!(starts(&world.fail(10, 0, FaultKind::Unsupported)), [2]);
    assert_eq!(world.fail(20, 1, FaultKind::Unsupported), [Action::Refuse { attempt: AttemptId(0) }]);
}
