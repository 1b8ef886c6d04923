//! What one request does to the tiers' standing, and what that does to the next.

use super::*;

#[test]
fn a_tier_that_cannot_be_asked_is_skipped_with_its_reason() {
    let mut fleet = Fleet::new(vec![Tier::new(1, Hosting::SelfHosted), Tier::new(2, Hosting::Cloud)]);
    let route = Arc::new(Route::through("auto", &fleet, |_| true));
    fleet.set_condition(route.tiers[0], Condition::Unavailable);
    let mut call = Call::begin(Arc::clone(&route), Ask::default(), &mut fleet, Moment::ZERO);
    assert_eq!(call.poll(), Some(Action::Skipped { tier: route.tiers[0], why: Skip::Unavailable }));
    assert!(matches!(call.poll(), Some(Action::Start(start)) if start.tier == route.tiers[1]));
}

/// Fails requests on a fleet of `tiers` until each tier's breaker is open.
fn all_open(tiers: u32, kind: FaultKind) -> (Fleet, Arc<Route>) {
    let mut fleet = Fleet::new((1..=tiers).map(|number| Tier::new(number, Hosting::Cloud)).collect());
    let route = Arc::new(Route::through("auto", &fleet, |_| true));
    for fingerprint in 0..5 {
        let ask = Ask { fingerprint, ..Ask::default() };
        let mut call = Call::begin(Arc::clone(&route), ask, &mut fleet, Moment::ZERO);
        while let Some(action) = call.poll() {
            if let Action::Start(start) = action {
                call.on(
                    Event::Failed { attempt: start.attempt, fault: kind.into(), tokens: None },
                    &mut fleet,
                    Moment::ZERO,
                );
            }
        }
    }
    (fleet, route)
}

#[test]
fn a_tier_whose_breaker_is_open_is_skipped() {
    let (mut fleet, _) = all_open(1, FaultKind::Nonsense);
    fleet = Fleet::new(fleet.tiers().map(|(_, tier)| tier.clone()).chain([Tier::new(2, Hosting::Cloud)]).collect());
    let route = Arc::new(Route::through("auto", &fleet, |_| true));
    for _ in 0..5 {
        let mut call = Call::begin(Arc::clone(&route), Ask::default(), &mut fleet, Moment::ZERO);
        let Some(Action::Start(start)) = call.poll() else { panic!("tier 1 is asked") };
        let fault = FaultKind::Nonsense.into();
        call.on(Event::Failed { attempt: start.attempt, fault, tokens: None }, &mut fleet, Moment::ZERO);
    }
    let mut call = Call::begin(route, Ask::default(), &mut fleet, at(10));
    assert!(matches!(call.poll(), Some(Action::Skipped { why: Skip::Open { .. }, .. })));
    assert!(matches!(call.poll(), Some(Action::Start(start)) if start.tier.number() == 2));
}

#[test]
fn where_every_breaker_is_open_the_request_is_the_early_probe_of_what_may_mend_itself() {
    let (mut fleet, route) = all_open(2, FaultKind::Nonsense);
    let mut call = Call::begin(Arc::clone(&route), Ask::default(), &mut fleet, at(10));
    let started: Vec<_> = starts(&std::iter::from_fn(|| call.poll()).collect::<Vec<_>>());
    assert_eq!(started.len(), 1);
    let mut beside = Call::begin(route, Ask::default(), &mut fleet, at(11));
    let other = starts(&std::iter::from_fn(|| beside.poll()).collect::<Vec<_>>());
    assert_ne!(other, started, "a tier is probed by one request at once");
}

#[test]
fn what_a_person_must_mend_is_no_last_resort() {
    let (mut fleet, route) = all_open(2, FaultKind::Account);
    let mut call = Call::begin(route, Ask::default(), &mut fleet, at(10));
    assert!(starts(&std::iter::from_fn(|| call.poll()).collect::<Vec<_>>()).is_empty());
}

#[test]
fn a_tier_without_the_room_is_skipped_and_max_tokens_alone_is_lowered() {
    let configure = |tier: &mut Tier| {
        if tier.number == 1 {
            tier.quota.tpm = Some(6_000);
        }
    };
    let deepsite = Ask { prompt_tokens: 1_000, max_tokens: Some(16_384), ..Ask::default() };
    let mut world = World::with(2, configure, deepsite);
    let Some(Action::Start(start)) = world.call.poll() else { panic!("tier 1 has room") };
    assert_eq!((start.tier.number(), start.max_tokens), (1, Some(5_000)));
    assert_eq!(world.call.decision().attempts[0].lowered_to, Some(5_000));

    let route = Arc::clone(&world.call.route);
    let mut second = Call::begin(route, deepsite, &mut world.fleet, at(1_000));
    let skipped = second.poll();
    assert!(matches!(skipped, Some(Action::Skipped { why: Skip::NoBudget { until: Some(_) }, .. })), "{skipped:?}");
    assert!(
        matches!(second.poll(), Some(Action::Start(start)) if start.tier.number() == 2 && start.max_tokens.is_none())
    );
}

#[test]
fn a_caller_who_leaves_gives_back_what_was_reserved() {
    let configure = |tier: &mut Tier| tier.quota.tpm = Some(6_000);
    let ask = Ask { prompt_tokens: 1_000, max_tokens: Some(5_000), ..Ask::default() };
    let mut world = World::with(1, configure, ask);
    world.said();
    world.on(10, Event::CallerLeft);
    let id = world.call.route.tiers[0];
    assert_eq!(world.fleet.budget(id).room(Need { prompt: 0, answer: 9_000 }, at(10)), Ok(6_000));
}

#[test]
fn a_lent_gpu_is_paid_from_shortly_before_its_first_token_and_not_for_the_line_before_it() {
    let spent = |silent: u64, end: fn(&mut World, u64)| {
        let configure = |tier: &mut Tier| {
            tier.quota.gpu_seconds = Some(120);
            tier.limits = Limits {
                first_token: FirstToken::Fixed(ms(60_000)),
                idle: ms(60_000),
                total: ms(200_000),
                ..tier.limits
            };
        };
        let ask = Ask { max_tokens: Some(2_000), streamed: true, ..Ask::default() };
        let mut world = World::with(2, configure, ask);
        world.said();
        if silent > 0 {
            world.token(silent, 0, true);
        }
        end(&mut world, silent);
        let spent = world.fleet.budget(world.call.route.tiers[0]).spent(at(silent + 50_000));
        spent.first().map_or(0, |spent| spent.amounts[0].0)
    };
    let finish = |world: &mut World, silent| {
        drop(world.on(silent + 7_500, Event::Finished { attempt: AttemptId(0), tokens: None }));
    };
    assert_eq!(spent(2_000, finish), 10, "2 s of silence, and 7.5 s of answer");
    assert_eq!(spent(45_000, finish), 18, "35 of the 45 s were the line before the GPU");
    assert_eq!(spent(45_000, |world, silent| drop(world.fail(silent + 1, 0, FaultKind::Cut))), 11);
    assert_eq!(spent(0, |world, _| drop(world.fail(900, 0, FaultKind::RateLimited))), 0, "no GPU was lent");
    assert_eq!(spent(0, |world, _| drop(world.on(900, Event::CallerLeft))), 1, "one may have been");
}

#[test]
fn retries_stop_when_they_would_become_the_load() {
    let mut fleet = Fleet::new(vec![Tier::new(1, Hosting::Cloud)]);
    let route = Arc::new(Route::through("auto", &fleet, |_| true));
    let mut paused = 0;
    for _ in 0..20 {
        let mut call = Call::begin(Arc::clone(&route), Ask::default(), &mut fleet, Moment::ZERO);
        let Some(Action::Start(start)) = call.poll() else { continue };
        let fault = Fault { retry_after: None, ..FaultKind::Overloaded.into() };
        call.on(Event::Failed { attempt: start.attempt, fault, tokens: None }, &mut fleet, Moment::ZERO);
        paused += usize::from(call.wake_at().is_some());
    }
    assert!((1..=4).contains(&paused), "{paused}");
}

#[test]
fn the_last_fifth_of_a_day_is_for_the_route_that_it_is_kept_for() {
    let tier = Tier {
        quota: Quota { rpd: Some(5), ..Quota::default() },
        keep_for: vec!["studio".to_owned()],
        ..Tier::new(1, Hosting::Cloud)
    };
    let mut fleet = Fleet::new(vec![tier]);
    let mut first = |route: &str| {
        let route = Route::through(route, &fleet, |_| true);
        Call::begin(Arc::new(route), Ask::default(), &mut fleet, at(0)).poll()
    };
    (0..4).for_each(|_| assert!(matches!(first("auto"), Some(Action::Start(_)))));
    let skipped = first("auto");
    assert!(matches!(skipped, Some(Action::Skipped { why: Skip::Kept { until: Some(_) }, .. })), "{skipped:?}");
    assert!(matches!(first("studio"), Some(Action::Start(_))));
    let skipped = first("studio");
    assert!(matches!(skipped, Some(Action::Skipped { why: Skip::NoBudget { until: Some(_) }, .. })), "{skipped:?}");
}
