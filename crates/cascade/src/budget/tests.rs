//! What a budget allows, and when.

use super::*;

const fn at(seconds: u64) -> Moment {
    Moment::after(Duration::from_secs(seconds))
}

const SMALL: Need = Need { prompt: 100, answer: 200 };

#[test]
fn a_minutes_requests_are_all_that_a_minute_gets() {
    let mut budget = Budget::new(Quota { rpm: Some(2), ..Quota::default() });
    budget.reserve(SMALL, at(0));
    budget.reserve(SMALL, at(10));
    let refused = budget.room(SMALL, at(11)).expect_err("the third");
    let until = refused.until.expect("it passes");
    assert!(until >= at(60) && until <= at(62), "{until:?}");
    assert_eq!(budget.room(SMALL, until), Ok(200));
}

#[test]
fn a_callers_max_tokens_is_lowered_to_what_fits() {
    let budget = Budget::new(Quota { tpm: Some(6_000), ..Quota::default() });
    assert_eq!(budget.room(Need { prompt: 1_000, answer: 16_384 }, at(0)), Ok(5_000));
    assert_eq!(budget.room(Need { prompt: 5_500, answer: 400 }, at(0)), Ok(400));
}

#[test]
fn what_could_never_fit_is_refused_without_a_time() {
    let budget = Budget::new(Quota { tpm: Some(6_000), ..Quota::default() });
    assert_eq!(budget.room(Need { prompt: 5_500, answer: 16_384 }, at(0)), Err(NoRoom { until: None }));
}

#[test]
fn what_a_call_did_not_use_is_there_again_once_it_is_settled() {
    let mut budget = Budget::new(Quota { tpm: Some(6_000), ..Quota::default() });
    let need = Need { prompt: 1_000, answer: 5_000 };
    let reservation = budget.reserve(need, at(0));
    assert!(budget.room(SMALL, at(1)).is_err());
    budget.settle(reservation, Cost { tokens: 1_200, ..Cost::default() }, at(5));
    assert_eq!(budget.room(Need { prompt: 0, answer: 9_000 }, at(5)), Ok(4_800));
}

#[test]
fn a_lent_gpu_is_reserved_by_the_length_of_the_answer_and_settled_by_what_it_took() {
    let mut budget = Budget::new(Quota { gpu_seconds: Some(210), ..Quota::default() });
    let long = Need { prompt: 900, answer: 16_384 };
    let reservation = budget.reserve(long, at(0));
    // 120 of 210 seconds are reserved: 90 are left, of which 10 go before the first token.
    assert_eq!(budget.room(long, at(0)), Ok(1_600));
    assert_eq!(budget.room(SMALL, at(0)), Ok(200));
    budget.settle(reservation, Cost { tokens: 9, gpu_seconds: 31 }, at(40));
    assert_eq!(budget.room(long, at(40)), Ok(16_384));
    let again = budget.reserve(long, at(41));
    budget.settle(again, Cost { tokens: 9, gpu_seconds: 4_000 }, at(50));
    // 210 - 31 - 120 = 59 are not enough for the least answer of a long one, and come back a day after they were spent.
    let until = budget.room(long, at(60)).expect_err("a part is spent").until.expect("it passes");
    assert!(until >= at(86_400) && until <= at(86_400 + 3_000), "{until:?}");
    assert_eq!(budget.room(SMALL, at(60)), Ok(200));
}

#[test]
fn what_never_reached_the_provider_costs_nothing() {
    let mut budget = Budget::new(Quota { rpm: Some(1), tpm: Some(300), ..Quota::default() });
    let reservation = budget.reserve(SMALL, at(0));
    assert!(budget.room(SMALL, at(0)).is_err());
    budget.give_back(reservation, at(1));
    assert_eq!(budget.room(SMALL, at(1)), Ok(200));
}

#[test]
fn what_others_spent_is_taken_off_until_the_provider_resets() {
    let mut budget = Budget::new(Quota { rpd: Some(1_000), ..Quota::default() });
    let reading = Reading {
        counted: Counted::Requests,
        span: Span::Day,
        limit: Some(1_000),
        remaining: 0,
        reset: Duration::from_secs(100),
    };
    budget.correct(reading, at(0));
    let until = budget.room(SMALL, at(1)).expect_err("spent").until.expect("it passes");
    assert!(until >= at(100) && until <= at(100 + 1_500), "{until:?}");
}

#[test]
fn a_learned_quota_follows_each_reading_and_a_configured_one_does_not() {
    let reading = |limit| Reading {
        counted: Counted::Tokens,
        span: Span::Minute,
        limit: Some(limit),
        remaining: limit,
        reset: Duration::ZERO,
    };
    let room = |mut budget: Budget, limits: &[u32]| {
        limits.iter().for_each(|&limit| budget.correct(reading(limit), at(0)));
        budget.room(Need { prompt: 0, answer: 100_000 }, at(0))
    };
    assert_eq!(room(Budget::new(Quota::default()), &[8_000, 2_000, 30_000]), Ok(30_000));
    let six_thousand = Quota { tpm: Some(6_000), ..Quota::default() };
    assert_eq!(room(Budget::new(six_thousand), &[30_000]), Ok(6_000));
    assert_eq!(room(Budget::with_plan(Quota::default(), six_thousand), &[]), Ok(6_000));
    assert_eq!(room(Budget::with_plan(Quota::default(), six_thousand), &[30_000, 9_000]), Ok(9_000));
    let two_thousand = Quota { tpm: Some(2_000), ..Quota::default() };
    assert_eq!(room(Budget::with_plan(two_thousand, six_thousand), &[30_000]), Ok(2_000));
}

#[test]
fn a_quota_that_was_not_known_is_learned_from_the_provider() {
    let mut budget = Budget::new(Quota::default());
    let reading = Reading {
        counted: Counted::Tokens,
        span: Span::Minute,
        limit: Some(6_000),
        remaining: 2_000,
        reset: Duration::from_secs(40),
    };
    budget.correct(reading, at(0));
    assert_eq!(budget.room(Need { prompt: 500, answer: 16_384 }, at(0)), Ok(1_500));
}

#[test]
fn a_call_counts_from_its_beginning_until_a_minute_after_its_end() {
    let mut budget = Budget::new(Quota { tpm: Some(6_000), ..Quota::default() });
    let reservation = budget.reserve(Need { prompt: 1_000, answer: 5_000 }, at(0));
    let next = Need { prompt: 1_000, answer: 4_000 };
    assert!(budget.room(next, at(85)).is_err(), "it still runs, and some count it when it ends");
    budget.settle(reservation, Cost { tokens: 6_000, ..Cost::default() }, at(90));
    let until = budget.room(next, at(91)).expect_err("it has just been counted").until.expect("it passes");
    assert!(until >= at(150) && until <= at(152), "{until:?}");
}

/// Three requests a day, all of them made so long before a day's end of the provider's.
fn spent_before_the_end(of_day: u64, before: u64) -> Budget {
    let mut budget = Budget::new(Quota { rpd: Some(3), ..Quota::default() });
    budget.set_day_end(at(of_day));
    (0..3).for_each(|_| {
        budget.reserve(SMALL, at(of_day - before));
    });
    budget
}

const HOUR: u64 = 3_600;
const DAY_S: u64 = 24 * HOUR;

#[test]
fn a_days_quota_is_whole_again_when_the_providers_day_has_ended_on_every_clock() {
    let budget = spent_before_the_end(30 * HOUR, 5 * HOUR);
    assert!(budget.room(SMALL, at(30 * HOUR + 30)).is_err(), "theirs may be behind");
    let until = budget.room(SMALL, at(26 * HOUR)).expect_err("all three are spent").until;
    assert_eq!(until, Some(at(30 * HOUR + 60)));
    assert_eq!(budget.room(SMALL, at(30 * HOUR + 60)), Ok(200));
}

#[test]
fn a_day_ends_every_day() {
    for days in 1..5 {
        let mut budget = spent_before_the_end(30 * HOUR, 5 * HOUR);
        let noon = 30 * HOUR + (days - 1) * DAY_S + 12 * HOUR;
        (0..3).for_each(|_| {
            budget.reserve(SMALL, at(noon));
        });
        let end = 30 * HOUR + days * DAY_S;
        assert_eq!(budget.room(SMALL, at(noon + HOUR)), Err(NoRoom { until: Some(at(end + 60)) }), "day {days}");
        assert!(budget.room(SMALL, at(end + 61)).is_ok(), "day {days}");
    }
}

#[test]
fn what_is_spent_just_before_a_days_end_may_be_counted_in_the_next() {
    let budget = spent_before_the_end(30 * HOUR, 120);
    assert!(budget.room(SMALL, at(30 * HOUR + 61)).is_err());
    assert!(budget.room(SMALL, at(40 * HOUR)).is_err());
    assert!(budget.room(SMALL, at(54 * HOUR + 61)).is_ok());
}

#[test]
fn what_a_provider_says_is_spent_is_not_given_back_by_the_days_end() {
    let mut budget = Budget::new(Quota { rpd: Some(1_000), ..Quota::default() });
    budget.set_day_end(at(30 * HOUR));
    let (counted, span) = (Counted::Requests, Span::Day);
    let reset = Duration::from_secs(8 * HOUR);
    budget.correct(Reading { counted, span, limit: None, remaining: 0, reset }, at(29 * HOUR));
    assert_eq!(budget.room(SMALL, at(31 * HOUR)), Err(NoRoom { until: Some(at(37 * HOUR)) }));
}

#[test]
fn the_last_fifth_of_a_day_and_nothing_of_a_minute_is_kept_for_others() {
    let mut budget = Budget::new(Quota { rpm: Some(10), rpd: Some(10), ..Quota::default() });
    (0..8).for_each(|_| {
        budget.reserve(SMALL, at(0));
    });
    let others = |budget: &Budget| budget.room_within(Share::FourFifths, SMALL, at(1));
    let until = others(&budget).expect_err("two are kept").until.expect("until the first is a day old");
    assert!(until >= at(DAY_S), "{until:?}");
    assert_eq!(budget.room(SMALL, at(1)), Ok(200), "for whom it is kept");
    budget = Budget::new(Quota { rpm: Some(10), ..Quota::default() });
    (0..9).for_each(|_| {
        budget.reserve(SMALL, at(0));
    });
    assert_eq!(others(&budget), Ok(200));
}

#[test]
fn others_are_lowered_to_four_fifths_of_a_days_tokens() {
    let budget = Budget::new(Quota { tpd: Some(10_000), ..Quota::default() });
    let need = Need { prompt: 1_000, answer: 20_000 };
    assert_eq!(budget.room_within(Share::FourFifths, need, at(0)), Ok(7_000));
    assert_eq!(budget.room(need, at(0)), Ok(9_000));
}
