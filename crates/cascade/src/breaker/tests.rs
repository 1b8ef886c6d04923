//! A breaker by itself.

use super::*;
use crate::limits::Limit;

const fn at(seconds: u64) -> Moment {
    Moment::after(Duration::from_secs(seconds))
}

struct World(Breaker, Random);

impl World {
    fn new() -> Self {
        Self(Breaker::default(), Random::seeded(11))
    }

    fn fail(&mut self, seconds: u64, kind: FaultKind) {
        let probe = self.probing();
        self.0.on_failure(kind.into(), seconds, probe, at(seconds), &mut self.1);
    }

    fn probing(&self) -> Option<Probe> {
        matches!(self.0.state, State::Probing { .. }).then_some(Probe(self.0.probes))
    }

    fn succeed(&mut self, seconds: u64) {
        self.0.on_success(self.probing(), at(seconds));
    }

    /// Until when it is open, in whole seconds rounded down.
    fn open_until(&self, seconds: u64) -> Option<u64> {
        match self.0.admission(at(seconds)) {
            Admission::No { until: Some(until), .. } => Some(until.since(Moment::ZERO).as_secs()),
            _ => None,
        }
    }
}

#[test]
fn failures_in_a_row_open_it_and_a_success_between_them_does_not() {
    let mut world = World::new();
    (0..4).for_each(|_| world.fail(0, FaultKind::Overloaded));
    world.succeed(1);
    (0..4).for_each(|_| world.fail(2, FaultKind::Overloaded));
    assert_eq!(world.0.admission(at(2)), Admission::Yes);
    world.fail(5, FaultKind::Overloaded);
    assert_eq!(world.open_until(5), Some(10));
}

#[test]
fn three_silences_are_enough() {
    let mut world = World::new();
    (0..2).for_each(|_| world.fail(0, FaultKind::Timeout(Limit::FirstToken)));
    assert_eq!(world.0.admission(at(0)), Admission::Yes);
    world.fail(0, FaultKind::Timeout(Limit::FirstToken));
    assert!(world.open_until(0).is_some());
}

#[test]
fn a_tier_that_fails_every_other_time_is_opened_by_its_rate() {
    let mut world = World::new();
    for second in 0..9 {
        if second % 2 == 0 { world.fail(second, FaultKind::Cut) } else { world.succeed(second) }
    }
    assert_eq!(world.0.admission(at(9)), Admission::Yes, "the least count is not reached");
    world.fail(9, FaultKind::Cut);
    assert!(world.open_until(9).is_some());
}

#[test]
fn after_its_time_one_probe_is_let_through_and_no_second_one() {
    let mut world = World::new();
    (0..5).for_each(|second| world.fail(second, FaultKind::Overloaded));
    assert_eq!(world.0.admission(at(20)), Admission::Probe);
    assert!(world.0.enter().is_some());
    assert!(matches!(world.0.admission(at(20)), Admission::No { until: None, .. }));
    world.succeed(21);
    assert_eq!(world.0.admission(at(21)), Admission::Yes);
}

#[test]
fn each_ejection_lasts_longer_up_to_a_minute_and_health_shortens_them_again() {
    let mut world = World::new();
    (0..5).for_each(|_| world.fail(0, FaultKind::Overloaded));
    let mut now = 0;
    let mut lengths = Vec::new();
    for _ in 0..14 {
        let until = world.open_until(now).expect("open");
        lengths.push(until - now);
        now = until + 1;
        world.0.enter();
        world.fail(now, FaultKind::Overloaded);
    }
    assert!(lengths.windows(2).all(|pair| pair[0] <= pair[1] + 6), "{lengths:?}");
    assert_eq!(lengths[0], 5);
    assert!(lengths[13] >= 60 && lengths[13] <= 66, "{lengths:?}");

    now = world.open_until(now).expect("open") + 1;
    world.0.enter();
    for minute in 0..20 {
        world.succeed(now + minute * 60);
    }
    now += 20 * 60;
    (0..5).for_each(|_| world.fail(now, FaultKind::Overloaded));
    assert_eq!(world.open_until(now).expect("open") - now, 5);
}

#[test]
fn what_a_person_must_mend_opens_it_for_long_once_another_request_says_the_same() {
    for kind in [FaultKind::Account, FaultKind::ModelGone] {
        let mut world = World::new();
        world.fail(0, kind);
        world.0.on_failure(kind.into(), 0, None, at(1), &mut world.1);
        assert_eq!(world.0.admission(at(1)), Admission::Yes, "the same request twice is one word");
        world.fail(2, kind);
        assert!(world.open_until(2).expect("open") >= 600, "{kind:?}");
    }
}

#[test]
fn an_answer_between_them_takes_the_suspicion_back() {
    let mut world = World::new();
    world.fail(0, FaultKind::Account);
    world.succeed(1);
    world.fail(2, FaultKind::Account);
    assert_eq!(world.0.admission(at(2)), Admission::Yes);
    world.fail(3, FaultKind::ModelGone);
    assert_eq!(world.0.admission(at(3)), Admission::Yes, "it is another fault");
}

#[test]
fn whoever_looks_at_the_tier_may_confirm_a_suspicion() {
    let mut world = World::new();
    world.0.on_confirmation(at(0), &mut world.1);
    assert_eq!(world.0.admission(at(0)), Admission::Yes, "nothing was suspected");
    world.fail(0, FaultKind::ModelGone);
    assert!(world.0.is_suspected());
    world.0.on_confirmation(at(1), &mut world.1);
    assert!(world.open_until(1).is_some_and(|until| until >= 600) && !world.0.is_suspected());
}

#[test]
fn a_probe_closes_it_with_its_first_token() {
    let mut world = World::new();
    (0..5).for_each(|_| world.fail(0, FaultKind::Overloaded));
    let probe = world.0.enter();
    world.0.on_first_token(None, at(20));
    assert!(matches!(world.0.admission(at(20)), Admission::No { until: None, .. }), "it was another request's");
    world.0.on_first_token(probe, at(21));
    assert_eq!(world.0.admission(at(21)), Admission::Yes);
}

#[test]
fn an_idle_hour_forgets_what_was_before_it() {
    let mut world = World::new();
    (0..4).for_each(|_| world.fail(0, FaultKind::Overloaded));
    world.fail(3_600, FaultKind::Overloaded);
    assert_eq!(world.0.admission(at(3_600)), Admission::Yes, "it is the first of its row");
    (0..4).for_each(|_| world.fail(3_601, FaultKind::Overloaded));
    assert_eq!(world.open_until(3_601), Some(3_606), "it is the first ejection");
}

#[test]
fn settings_that_are_read_anew_forget_what_the_tier_asked_for_and_no_more() {
    let mut asked = World::new();
    let fault = Fault { retry_after: Some(Duration::from_secs(120)), ..FaultKind::RateLimited.into() };
    asked.0.on_failure(fault, 0, None, at(0), &mut asked.1);
    assert_eq!(asked.0.reloaded(at(1)).admission(at(1)), Admission::Yes);
    let mut failed = World::new();
    (0..5).for_each(|_| failed.fail(0, FaultKind::Overloaded));
    assert!(matches!(failed.0.reloaded(at(1)).admission(at(1)), Admission::No { .. }));
}

#[test]
fn a_retry_after_holds_and_a_later_failure_does_not_shorten_it() {
    let mut world = World::new();
    let fault = Fault { retry_after: Some(Duration::from_secs(120)), ..FaultKind::RateLimited.into() };
    world.0.on_failure(fault, 0, None, at(0), &mut world.1);
    assert_eq!(world.open_until(0), Some(120));
    (1..6).for_each(|_| world.fail(4, FaultKind::Overloaded));
    assert_eq!(world.open_until(4), Some(120));
    assert!(matches!(world.0.admission(at(4)), Admission::No { opening: Opening { asked: true, .. }, .. }));
}

#[test]
fn a_retry_after_holds_within_a_longer_time_and_no_longer_than_it_says() {
    let mut world = World::new();
    (0..5).for_each(|_| world.fail(0, FaultKind::Overloaded));
    let fault = Fault { retry_after: Some(Duration::from_secs(3)), ..FaultKind::RateLimited.into() };
    world.0.on_failure(fault, 0, None, at(0), &mut world.1);
    let asked = |seconds| match world.0.admission(at(seconds)) {
        Admission::No { opening, .. } => Some(opening.asked),
        Admission::Yes | Admission::Probe => None,
    };
    assert_eq!((asked(2), asked(3)), (Some(true), Some(false)));
}

#[test]
fn the_callers_own_doing_never_counts() {
    for kind in [
        FaultKind::Callers,
        FaultKind::Rejected,
        FaultKind::InTheWay,
        FaultKind::TooLong,
        FaultKind::Unsupported,
        FaultKind::Timeout(Limit::Deadline),
    ] {
        let mut world = World::new();
        (0..100).for_each(|second| world.fail(second, kind));
        assert_eq!(world.0.admission(at(100)), Admission::Yes, "{kind:?}");
    }
}

#[test]
fn what_began_before_the_probe_does_not_decide_for_it() {
    let mut world = World::new();
    (0..5).for_each(|second| world.fail(second, FaultKind::Overloaded));
    world.0.enter();
    world.0.on_success(None, at(20));
    world.0.on_failure(FaultKind::Overloaded.into(), 0, None, at(20), &mut world.1);
    world.0.on_no_verdict(None);
    assert!(matches!(world.0.admission(at(100)), Admission::No { until: None, .. }));
}

#[test]
fn a_probe_whose_caller_left_may_be_made_again() {
    let mut world = World::new();
    (0..5).for_each(|second| world.fail(second, FaultKind::Overloaded));
    let probe = world.0.enter();
    world.0.on_no_verdict(probe);
    assert_eq!(world.0.admission(at(30)), Admission::Probe);
}

#[test]
fn a_probe_that_the_tiers_waking_has_overtaken_decides_nothing() {
    let mut world = World::new();
    (0..5).for_each(|second| world.fail(second, FaultKind::Overloaded));
    let overtaken = world.0.enter();
    world.0.on_mended(at(20));
    (0..2).for_each(|second| world.fail(20 + second, FaultKind::Account));
    world.0.on_success(overtaken, at(22));
    assert!(world.open_until(22).is_some());
}
