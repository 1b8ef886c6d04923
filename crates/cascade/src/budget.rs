//! A tier's quota, and what of it is left: requests and tokens, a minute and a day, and seconds on a lent GPU,
//! a day.
//!
//! What a call may cost is reserved before it and settled after it, so that two calls at once never spend the same
//! token, and the provider's 429 is known before it comes.

mod gpu_time;
mod meter;
mod persistence;
mod standing;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::moment::Moment;

pub use gpu_time::gpu_seconds;
use gpu_time::longest_answer;
pub use meter::LimitSource;
use meter::Meter;
pub use persistence::Spent;
pub use standing::Standing;

pub(crate) use gpu_time::START as GPU_START;

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
    /// Seconds on a lent GPU a day.
    pub gpu_seconds: Option<u32>,
}

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Calls.
    Requests,
    /// Tokens of prompt and answer.
    Tokens,
    /// Seconds on a lent GPU.
    GpuSeconds,
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
    /// Nobody counts them by the minute.
    gpu_seconds: [Option<Meter>; 2],
    day_ends: Option<Moment>,
}

/// How much of a day's quota a call may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Share {
    /// All of it.
    #[default]
    Whole,
    /// All but its last fifth, which is kept for others.
    FourFifths,
}

impl Share {
    /// What of `meter` is kept from whoever has this share. A minute is whole again before anybody could miss it.
    fn withheld(self, meter: &Meter, span: Span) -> u32 {
        match (self, span) {
            (Self::FourFifths, Span::Day) => meter.limit() / 5,
            _ => 0,
        }
    }
}

/// What a call may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The prompt, in tokens.
    pub prompt: u32,
    /// The longest answer that the caller wants, in tokens.
    pub answer: u32,
}

impl Need {
    /// What that comes to at most.
    const fn most(self) -> Cost {
        Cost { tokens: self.prompt.saturating_add(self.answer), gpu_seconds: gpu_seconds(self.answer) }
    }
}

/// What a call has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Of prompt and answer.
    pub tokens: u32,
    /// On a lent GPU. More than was reserved is not counted: the GPU is taken away then.
    pub gpu_seconds: u32,
}

/// A reservation: to be settled or returned, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    at: Moment,
    most: Cost,
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
            let user = limit.map(|limit| Meter::new(limit, span, LimitSource::User));
            user.or_else(|| plan.map(|limit| Meter::new(limit, span, LimitSource::Plan)))
        };
        Self {
            requests: [meter(quota.rpm, plan.rpm, MINUTE), meter(quota.rpd, plan.rpd, DAY)],
            tokens: [meter(quota.tpm, plan.tpm, MINUTE), meter(quota.tpd, plan.tpd, DAY)],
            gpu_seconds: [None, meter(quota.gpu_seconds, plan.gpu_seconds, DAY)],
            day_ends: None,
        }
    }

    /// The provider's day ends at `at`, and every 24 hours before and after that: then a day's quotas are whole again. Without
    /// an end, a day is the last 24 hours.
    pub fn set_day_end(&mut self, at: Moment) {
        self.day_ends = Some(at);
        let meters = self.requests.iter_mut().chain(&mut self.tokens).chain(&mut self.gpu_seconds);
        meters.flatten().for_each(|meter| meter.set_day_end(at));
    }

    /// How long the answer to `need` may be at `now`: as long as wanted, or lowered to what fits.
    ///
    /// # Errors
    ///
    /// Where not even [`LEAST_ANSWER`] tokens fit, or no further request does.
    pub fn room(&self, need: Need, now: Moment) -> Result<u32, NoRoom> {
        self.room_within(Share::Whole, need, now)
    }

    /// As [`Budget::room`], for a call that may use this share of a day.
    ///
    /// # Errors
    ///
    /// As [`Budget::room`].
    pub fn room_within(&self, share: Share, need: Need, now: Moment) -> Result<u32, NoRoom> {
        let least = Need { answer: need.answer.min(LEAST_ANSWER), ..need }.most();
        let fits = self.meters().map(|(counted, span, meter)| {
            let amount = match counted {
                Counted::Requests => 1,
                Counted::Tokens => least.tokens,
                Counted::GpuSeconds => least.gpu_seconds,
            };
            meter.fits_at(amount, share.withheld(meter, span), now)
        });
        wait(fits, now)?;
        let longest = self.meters().filter_map(|(counted, span, meter)| {
            let left = meter.left(share.withheld(meter, span), now);
            match counted {
                Counted::Requests => None,
                Counted::Tokens => Some(left.saturating_sub(need.prompt)),
                Counted::GpuSeconds => Some(longest_answer(left)),
            }
        });
        Ok(longest.min().unwrap_or(u32::MAX).min(need.answer))
    }

    /// Takes what a call may cost: one request, `prompt + answer` tokens, and the time that a lent GPU is asked for.
    pub fn reserve(&mut self, need: Need, now: Moment) -> Reservation {
        let most = need.most();
        self.requests.iter_mut().flatten().for_each(|meter| meter.add(1, now));
        self.tokens.iter_mut().flatten().for_each(|meter| meter.reserve(most.tokens));
        self.gpu_seconds.iter_mut().flatten().for_each(|meter| meter.reserve(most.gpu_seconds));
        Reservation { at: now, most }
    }

    /// Puts what the call really cost in place of what was reserved for it.
    pub fn settle(&mut self, reservation: Reservation, cost: Cost, now: Moment) {
        let Reservation { most, .. } = reservation;
        self.tokens.iter_mut().flatten().for_each(|meter| meter.settle(most.tokens, cost.tokens, now));
        let seconds = cost.gpu_seconds.min(most.gpu_seconds);
        self.gpu_seconds.iter_mut().flatten().for_each(|meter| meter.settle(most.gpu_seconds, seconds, now));
    }

    /// Gives everything back: the call never reached the provider.
    pub fn give_back(&mut self, reservation: Reservation, now: Moment) {
        self.requests.iter_mut().flatten().for_each(|meter| meter.take_back(1, reservation.at));
        self.settle(reservation, Cost::default(), now);
    }

    /// The same for others to spend from, who will not hear what the calls that run now have cost: those count in full.
    #[must_use]
    pub fn handed_over(&self, now: Moment) -> Self {
        let mut budget = self.clone();
        budget.tokens.iter_mut().chain(&mut budget.gpu_seconds).flatten().for_each(|meter| meter.close(now));
        budget
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
            Counted::GpuSeconds => &mut self.gpu_seconds,
        };
        let (meter, length) = match span {
            Span::Minute => (&mut meters[0], MINUTE),
            Span::Day => (&mut meters[1], DAY),
        };
        match (&mut *meter, learned) {
            (None, _) => *meter = learned.map(|limit| Meter::new(limit, length, LimitSource::Provider)),
            (Some(meter), Some(limit)) => meter.learn(limit),
            (Some(_), None) => {}
        }
        if let (Some(meter), Some(end)) = (&mut *meter, self.day_ends) {
            meter.set_day_end(end);
        }
        meter.as_mut()
    }

    /// The meters that there are, each with what it counts and over which time.
    fn meters(&self) -> impl Iterator<Item = (Counted, Span, &Meter)> {
        let all = [
            (Counted::Requests, &self.requests),
            (Counted::Tokens, &self.tokens),
            (Counted::GpuSeconds, &self.gpu_seconds),
        ];
        let each = all
            .into_iter()
            .flat_map(|(counted, [minute, day])| [(counted, Span::Minute, minute), (counted, Span::Day, day)]);
        each.filter_map(|(counted, span, meter)| Some((counted, span, meter.as_ref()?)))
    }
}

/// The last moment of `moments`, as an error where it lies ahead.
fn wait(moments: impl Iterator<Item = Option<Moment>>, now: Moment) -> Result<(), NoRoom> {
    moments.into_iter().try_fold(now, |latest, at| at.map(|at| at.max(latest))).map_or(
        Err(NoRoom { until: None }),
        |latest| if latest > now { Err(NoRoom { until: Some(latest) }) } else { Ok(()) },
    )
}
