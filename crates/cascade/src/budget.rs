//! A tier's quota, and what of it is left: requests and tokens, a minute and a day.
//!
//! What a call may cost is reserved before it and settled after it, so that two calls at once never spend the same
//! token, and the provider's 429 is known before it comes.

mod meter;
mod persistence;

use std::time::Duration;

use crate::moment::Moment;

use meter::{Meter, Source};
pub use persistence::Spent;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The least that a caller's `max_tokens` is lowered to: less is no page and hardly an answer.
pub const LEAST_ANSWER: u32 = 1_024;

/// What a provider allows; `None` is unbounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// Requests a minute.
    pub rpm: Option<u32>,
    /// Requests a day.
    pub rpd: Option<u32>,
    /// Tokens a minute, prompt and answer together.
    pub tpm: Option<u32>,
    /// Tokens a day.
    pub tpd: Option<u32>,
}

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Calls.
    Requests,
    /// Tokens of prompt and answer.
    Tokens,
}

/// Over which time it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Sixty seconds.
    Minute,
    /// Twenty-four hours.
    Day,
}

/// What a provider said of one of its quotas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What it counts.
    pub counted: Counted,
    /// Over which time.
    pub span: Span,
    /// How much it allows, where it said so.
    pub limit: Option<u32>,
    /// How much of it is left.
    pub remaining: u32,
    /// In what time it is whole again.
    pub reset: Duration,
}

/// What is left of a [`Quota`]. Two are equal where the same was spent of the same at the same moments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    requests: [Option<Meter>; 2],
    tokens: [Option<Meter>; 2],
}

/// What a call may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The prompt, in tokens.
    pub prompt: u32,
    /// The longest answer that the caller wants, in tokens.
    pub answer: u32,
}

/// A reservation: to be settled or returned, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    at: Moment,
    tokens: u32,
}

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom {
    /// When there is, as far as is known; `None` where the call is larger than the quota.
    pub until: Option<Moment>,
}

impl Budget {
    /// A budget of which nothing is spent.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        Self::with_plan(quota, Quota::default())
    }

    /// A budget of which nothing is spent. Where `quota` says nothing, `plan` holds until the provider says otherwise.
    #[must_use]
    pub fn with_plan(quota: Quota, plan: Quota) -> Self {
        let meter = |limit: Option<u32>, plan: Option<u32>, span| {
            let user = limit.map(|limit| Meter::new(limit, span, Source::User));
            user.or_else(|| plan.map(|limit| Meter::new(limit, span, Source::Plan)))
        };
        Self {
            requests: [meter(quota.rpm, plan.rpm, MINUTE), meter(quota.rpd, plan.rpd, DAY)],
            tokens: [meter(quota.tpm, plan.tpm, MINUTE), meter(quota.tpd, plan.tpd, DAY)],
        }
    }

    /// How long the answer to `need` may be at `now`: as long as wanted, or lowered to what fits.
    ///
    /// # Errors
    ///
    /// Where not even [`LEAST_ANSWER`] tokens fit, or no further request does.
    pub fn room(&self, need: Need, now: Moment) -> Result<u32, NoRoom> {
        let least = need.prompt.saturating_add(need.answer.min(LEAST_ANSWER));
        let requests = self.requests.iter().flatten().map(|meter| meter.fits_at(1, now));
        let tokens = self.tokens.iter().flatten().map(|meter| meter.fits_at(least, now));
        wait(requests.chain(tokens), now)?;
        let left = self.tokens.iter().flatten().map(|meter| meter.left(now)).min().unwrap_or(u32::MAX);
        Ok(left.saturating_sub(need.prompt).min(need.answer))
    }

    /// Takes what a call may cost: one request, and `prompt + answer` tokens.
    pub fn reserve(&mut self, need: Need, now: Moment) -> Reservation {
        let tokens = need.prompt.saturating_add(need.answer);
        self.requests.iter_mut().flatten().for_each(|meter| meter.add(1, now));
        self.tokens.iter_mut().flatten().for_each(|meter| meter.add(tokens, now));
        Reservation { at: now, tokens }
    }

    /// Puts what the call really cost in place of what was reserved for it.
    pub fn settle(&mut self, reservation: Reservation, tokens: u32, now: Moment) {
        for meter in self.tokens.iter_mut().flatten() {
            meter.replace(reservation.tokens, tokens, reservation.at, now);
        }
    }

    /// Gives everything back: the call never reached the provider.
    pub fn give_back(&mut self, reservation: Reservation, now: Moment) {
        self.requests.iter_mut().flatten().for_each(|meter| meter.replace(1, 0, reservation.at, now));
        self.settle(reservation, 0, now);
    }

    /// Takes up what the provider says: a quota that was not known, and what others have spent of it.
    pub fn correct(&mut self, reading: Reading, now: Moment) {
        if let Some(meter) = self.meter(reading.counted, reading.span, reading.limit) {
            meter.correct(reading.remaining, reading.reset, now);
        }
    }

    /// The meter of one quota; where none was configured, one of the `learned` limit.
    fn meter(&mut self, counted: Counted, span: Span, learned: Option<u32>) -> Option<&mut Meter> {
        let meters = match counted {
            Counted::Requests => &mut self.requests,
            Counted::Tokens => &mut self.tokens,
        };
        let (meter, length) = match span {
            Span::Minute => (&mut meters[0], MINUTE),
            Span::Day => (&mut meters[1], DAY),
        };
        match (&mut *meter, learned) {
            (None, _) => *meter = learned.map(|limit| Meter::new(limit, length, Source::Provider)),
            (Some(meter), Some(limit)) => meter.learn(limit),
            (Some(_), None) => {}
        }
        meter.as_mut()
    }
}

/// The last moment of `moments`, as an error where it lies ahead.
fn wait(moments: impl Iterator<Item = Option<Moment>>, now: Moment) -> Result<(), NoRoom> {
    moments.into_iter().try_fold(now, |latest, at| at.map(|at| at.max(latest))).map_or(
        Err(NoRoom { until: None }),
        |latest| if latest > now { Err(NoRoom { until: Some(latest) }) } else { Ok(()) },
    )
}

#[cfg(test)]
mod tests {
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
        budget.settle(reservation, 1_200, at(5));
        assert_eq!(budget.room(Need { prompt: 0, answer: 9_000 }, at(5)), Ok(4_800));
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
}
