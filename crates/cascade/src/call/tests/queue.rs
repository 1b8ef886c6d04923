//! Places that are taken, and requests that wait for one.

use super::*;

/// A fleet on which each of the tiers has one place, and a route through all of them.
fn fleet(tiers: u32, configure: impl Fn(&mut Tier)) -> (Fleet, Arc<Route>) {
    let tier = |number| {
        let mut tier = Tier::new(number, Hosting::SelfHosted);
        tier.limits =
            Limits { connect: ms(50), first_token: FirstToken::Fixed(ms(300)), idle: ms(200), total: ms(1_000) };
        tier.concurrency = Some(1);
        configure(&mut tier);
        tier
    };
    let fleet = Fleet::new((1..=tiers).map(tier).collect());
    let route = Arc::new(Route::through("auto", &fleet, |_| true));
    (fleet, route)
}

fn begin(fleet: &mut Fleet, route: &Arc<Route>, millis: u64) -> (Call, Vec<Action>) {
    let mut call = Call::begin(Arc::clone(route), Ask { streamed: true, ..Ask::default() }, fleet, at(millis));
    let said = polled(&mut call);
    (call, said)
}

fn polled(call: &mut Call) -> Vec<Action> {
    std::iter::from_fn(|| call.poll()).collect()
}

fn on(call: &mut Call, event: Event, fleet: &mut Fleet, millis: u64) -> Vec<Action> {
    call.on(event, fleet, at(millis));
    polled(call)
}

const FINISHED: Event = Event::Finished { attempt: AttemptId(0), tokens: None };

/// Lets `tier` answer once in so long, so that the time of its answers is known.
fn measured(fleet: &mut Fleet, route: &Arc<Route>, took: u64) {
    let (mut call, _) = begin(fleet, route, 0);
    on(&mut call, FINISHED, fleet, took);
}

#[test]
fn who_finds_a_tier_full_waits_and_is_asked_when_its_place_falls_free() {
    let (mut fleet, route) = fleet(1, |_| {});
    let (mut first, said) = begin(&mut fleet, &route, 0);
    assert_eq!(starts(&said), [1]);
    let tier = route.tiers[0];
    let (mut second, said) = begin(&mut fleet, &route, 10);
    assert_eq!(said, [Action::Queued { tier, ahead: 0 }]);
    let (third, said) = begin(&mut fleet, &route, 20);
    assert_eq!(said, [Action::Queued { tier, ahead: 1 }]);
    assert_eq!(on(&mut second, Event::Granted, &mut fleet, 30), [], "its turn has not come");

    on(&mut first, FINISHED, &mut fleet, 100);
    assert_eq!(fleet.take_granted(), [second.waits_as().expect("it waits")]);
    assert_eq!(fleet.take_granted(), []);
    assert_eq!((fleet.running(tier), fleet.waiting(tier)), (1, 1));
    assert_eq!(starts(&on(&mut second, Event::Granted, &mut fleet, 110)), [1]);
    assert_eq!(second.waits_as(), None);
    assert_eq!(second.wake_at(), Some(at(410)), "its own limit begins with its turn");
    on(&mut second, FINISHED, &mut fleet, 200);
    assert_eq!(fleet.take_granted(), [third.waits_as().expect("it waits")]);
}

#[test]
fn who_leaves_the_queue_passes_its_turn_on() {
    let (mut fleet, route) = fleet(1, |_| {});
    let (mut first, _) = begin(&mut fleet, &route, 0);
    let (mut second, _) = begin(&mut fleet, &route, 0);
    let (third, _) = begin(&mut fleet, &route, 0);
    on(&mut first, FINISHED, &mut fleet, 100);
    fleet.take_granted();
    assert_eq!(on(&mut second, Event::CallerLeft, &mut fleet, 100), []);
    assert_eq!(second.decision().ending, Some(Ending::CallerLeft));
    assert_eq!(fleet.take_granted(), [third.waits_as().expect("it waits")]);
}

#[test]
fn a_turn_that_is_too_far_off_goes_to_the_next_tier_now() {
    let (mut fleet, route) = fleet(2, |_| {});
    measured(&mut fleet, &route, 900);
    let (_first, _) = begin(&mut fleet, &route, 1_000);
    let (_, said) = begin(&mut fleet, &route, 1_000);
    let why = Skip::Busy { until: Some(at(1_900)) };
    assert_eq!(said[0], Action::Skipped { tier: route.tiers[0], why });
    assert_eq!(starts(&said), [2]);
}

#[test]
fn a_wait_that_turns_out_too_long_goes_to_the_next_tier_then() {
    let (mut fleet, route) = fleet(2, |_| {});
    let (_first, _) = begin(&mut fleet, &route, 0);
    let (mut second, said) = begin(&mut fleet, &route, 0);
    assert!(matches!(said[..], [Action::Queued { .. }]), "{said:?}");
    assert_eq!(second.wake_at(), Some(at(300)), "as long as the tier's silence would be borne");
    let said = on(&mut second, Event::Tick, &mut fleet, 300);
    assert_eq!(said[0], Action::Skipped { tier: route.tiers[0], why: Skip::Busy { until: None } });
    assert_eq!(starts(&said), [2]);
    assert_eq!(fleet.waiting(route.tiers[0]), 0);
}

#[test]
fn where_nobody_else_is_left_it_waits_up_to_the_deadline_and_not_beyond() {
    let (mut fleet, route) = fleet(1, |_| {});
    let (_first, _) = begin(&mut fleet, &route, 0);
    let (mut second, _) = begin(&mut fleet, &route, 0);
    assert_eq!(second.wake_at(), Some(at(1_000)));
    let said = on(&mut second, Event::Tick, &mut fleet, 1_000);
    assert!(matches!(said[..], [Action::Skipped { why: Skip::Busy { .. }, .. }, Action::GiveUp]), "{said:?}");
}

#[test]
fn a_turn_beyond_the_deadline_is_not_waited_for_and_says_when_it_would_be() {
    let (mut fleet, route) = fleet(1, |_| {});
    measured(&mut fleet, &route, 900);
    let (_first, _) = begin(&mut fleet, &route, 1_000);
    let (_second, said) = begin(&mut fleet, &route, 1_000);
    assert!(matches!(said[..], [Action::Queued { .. }]), "900 ms are within the deadline: {said:?}");
    let (third, said) = begin(&mut fleet, &route, 1_000);
    let why = Skip::Busy { until: Some(at(2_800)) };
    assert_eq!(said, [Action::Skipped { tier: route.tiers[0], why }, Action::GiveUp]);
    assert_eq!(third.decision().skipped[0].1.until(), Some(at(2_800)));
}

#[test]
fn over_the_bound_nobody_waits() {
    let (mut fleet, route) = fleet(2, |tier| tier.queue = 0);
    let (_first, _) = begin(&mut fleet, &route, 0);
    let (_second, said) = begin(&mut fleet, &route, 0);
    assert_eq!(said[0], Action::Skipped { tier: route.tiers[0], why: Skip::Full { until: None } });
    assert_eq!(starts(&said), [2]);
    let (_, said) = begin(&mut fleet, &route, 0);
    assert!(matches!(said[..], [Action::Skipped { .. }, Action::Skipped { .. }, Action::GiveUp]), "{said:?}");
}

#[test]
fn what_the_tier_itself_predicts_counts_also_where_a_place_is_free() {
    let (mut fleet, route) = fleet(2, |_| {});
    fleet.set_load(route.tiers[0], Some(ms(40_000)));
    let (_, said) = begin(&mut fleet, &route, 0);
    let why = Skip::Busy { until: Some(at(40_000)) };
    assert_eq!((said[0], starts(&said)), (Action::Skipped { tier: route.tiers[0], why }, vec![2]));

    let alone = Arc::new(Route { tiers: vec![route.tiers[0]], ..Route::clone(&route) });
    let (_, said) = begin(&mut fleet, &alone, 0);
    assert_eq!(starts(&said), [1], "there is nobody else, and it may be mistaken");
}

#[test]
fn a_busy_tier_is_gone_back_to_where_the_others_fail() {
    let (mut fleet, route) = fleet(2, |_| {});
    let (mut first, _) = begin(&mut fleet, &route, 0);
    let (mut second, _) = begin(&mut fleet, &route, 0);
    assert_eq!(starts(&on(&mut second, Event::Tick, &mut fleet, 300)), [2]);
    on(&mut first, FINISHED, &mut fleet, 310);
    let failed = Event::Failed { attempt: AttemptId(0), fault: FaultKind::Unavailable.into(), tokens: None };
    assert_eq!(starts(&on(&mut second, failed, &mut fleet, 320)), [1]);
}

#[test]
fn a_pause_keeps_no_place_and_the_retry_waits_as_everybody_does() {
    let (mut fleet, route) = fleet(1, |_| {});
    let (mut first, _) = begin(&mut fleet, &route, 0);
    let (mut second, _) = begin(&mut fleet, &route, 0);
    let failed = Event::Failed { attempt: AttemptId(0), fault: FaultKind::Overloaded.into(), tokens: None };
    assert_eq!(on(&mut first, failed, &mut fleet, 10), []);
    assert_eq!(fleet.take_granted(), [second.waits_as().expect("it waits")]);
    assert_eq!(starts(&on(&mut second, Event::Granted, &mut fleet, 10)), [1]);
    let said = on(&mut first, Event::Tick, &mut fleet, 200);
    assert!(matches!(said[..], [Action::Queued { ahead: 0, .. }]), "{said:?}");
    on(&mut second, FINISHED, &mut fleet, 220);
    assert_eq!(starts(&on(&mut first, Event::Granted, &mut fleet, 220)), [1]);
}

#[test]
fn a_tier_that_was_closed_meanwhile_is_not_asked_and_its_place_passes_on() {
    let (mut fleet, route) = fleet(1, |tier| tier.retries = 0);
    let (mut first, _) = begin(&mut fleet, &route, 0);
    let (mut second, _) = begin(&mut fleet, &route, 0);
    let (mut third, _) = begin(&mut fleet, &route, 0);
    let failed = Event::Failed {
        attempt: AttemptId(0),
        fault: Fault { retry_after: Some(ms(60_000)), ..FaultKind::RateLimited.into() },
        tokens: None,
    };
    on(&mut first, failed, &mut fleet, 10);
    for call in [&mut second, &mut third] {
        assert_eq!(fleet.take_granted(), [call.waits_as().expect("it waits")]);
        let said = on(call, Event::Granted, &mut fleet, 10);
        assert!(matches!(said[..], [Action::Skipped { why: Skip::Open { .. }, .. }, Action::GiveUp]), "{said:?}");
    }
    assert_eq!((fleet.running(route.tiers[0]), fleet.waiting(route.tiers[0])), (0, 0));
}

#[test]
fn what_broke_off_is_carried_on_where_there_is_room_and_else_where_it_is_soonest() {
    let (mut fleet, route) = fleet(3, |_| {});
    let (mut first, _) = begin(&mut fleet, &route, 0);
    let other = Arc::new(Route { tiers: vec![route.tiers[1]], ..Route::clone(&route) });
    let (mut second, said) = begin(&mut fleet, &other, 0);
    assert_eq!(starts(&said), [2]);
    first.heard(AttemptId(0), Sign::Token { kept: true }, at(10));
    polled(&mut first);
    let cut = |attempt| Event::Failed { attempt: AttemptId(attempt), fault: FaultKind::Cut.into(), tokens: None };
    assert_eq!(starts(&on(&mut first, cut(0), &mut fleet, 20)), [3], "tier 2 has no permit");

    let only = Arc::new(Route { tiers: route.tiers[..2].to_vec(), ..Route::clone(&route) });
    let (mut third, said) = begin(&mut fleet, &only, 30);
    assert_eq!(starts(&said), [1]);
    third.heard(AttemptId(0), Sign::Token { kept: true }, at(40));
    polled(&mut third);
    let (_fourth, _) = begin(&mut fleet, &Arc::new(Route { tiers: vec![route.tiers[0]], ..Route::clone(&route) }), 40);
    fleet.set_load(route.tiers[0], Some(ms(500)));
    fleet.set_load(route.tiers[1], Some(ms(10)));
    let said = on(&mut third, cut(0), &mut fleet, 50);
    assert_eq!(said, [Action::Queued { tier: route.tiers[1], ahead: 0 }]);
    on(&mut second, FINISHED, &mut fleet, 60);
    assert_eq!(tasks(&on(&mut third, Event::Granted, &mut fleet, 60)), [(2, Task::CarryOn(ContinuationMode::Repeat))]);
}
