//! Times that run out.

use super::*;

#[test]
fn a_silent_tier_is_cancelled_at_its_first_token_limit_and_never_retried() {
    let mut world = World::of(2);
    world.said();
    assert_eq!(world.call.wake_at(), Some(at(300)));
    let reason = CancelReason::Limit(Limit::FirstToken, ms(300));
    let actions = world.on(300, Event::Tick);
    assert_eq!(actions[0], Action::Cancel { attempt: AttemptId(0), reason });
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
    let reason = CancelReason::Limit(Limit::Total, ms(1_000));
    assert_eq!(world.on(1_000, Event::Tick)[0], Action::Cancel { attempt: AttemptId(0), reason });
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
fn the_callers_deadline_is_shared_out_so_that_a_silent_tier_leaves_time_for_the_next() {
    let ask = Ask { deadline: Some(ms(400)), ..Ask::default() };
    let mut world = World::with(3, |_| {}, ask);
    world.said();
    assert_eq!(world.call.wake_at(), Some(at(200)), "half of it is kept for the second");
    assert_eq!(starts(&world.on(200, Event::Tick)), [2]);
    assert_eq!(world.call.wake_at(), Some(at(300)));
    assert_eq!(starts(&world.on(300, Event::Tick)), [3]);
    assert_eq!(world.call.wake_at(), Some(at(400)));
    let reason = CancelReason::Limit(Limit::Deadline, ms(100));
    let last = [Action::Cancel { attempt: AttemptId(2), reason }, Action::GiveUp];
    assert_eq!(world.on(400, Event::Tick), last);
}

#[test]
fn a_tier_that_has_begun_to_answer_may_use_the_time_that_was_kept_for_others() {
    let ask = Ask { deadline: Some(ms(400)), ..Ask::default() };
    let mut world = World::with(2, |_| {}, ask);
    world.said();
    world.token(150, 0, true);
    world.token(300, 0, true);
    assert_eq!(world.call.wake_at(), Some(at(400)));
}

#[test]
fn a_pause_that_would_outlast_the_deadline_is_not_taken() {
    let ask = Ask { deadline: Some(ms(20)), ..Ask::default() };
    let mut world = World::with(1, |_| {}, ask);
    world.said();
    let fault = Fault { retry_after: Some(ms(15)), ..FaultKind::Overloaded.into() };
    assert_eq!(world.on(10, Event::Failed { attempt: AttemptId(0), fault, tokens: None }), [Action::GiveUp]);
}
