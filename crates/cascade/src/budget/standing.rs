//! How each quota of a budget stands, and how long it will last.

use crate::moment::Moment;

use super::{Budget, Counted, LimitSource, Span};

/// How one quota stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the quota counts.
    pub counted: Counted,
    /// Over which time.
    pub span: Span,
    /// How much it allows.
    pub limit: u32,
    /// Who said so.
    pub source: LimitSource,
    /// How much of it is spent: what calls that run have reserved, in full.
    pub spent: u32,
    /// When all of it is there again, were nothing more spent; `None` where it is.
    pub whole_at: Option<Moment>,
    /// When a day's quota is used up, were it spent on at the pace of the last two hours; `None` where it lasts until it is
    /// there again.
    pub used_up_at: Option<Moment>,
}

impl Budget {
    /// How each quota stands at `now`: requests a minute and a day, then tokens.
    #[must_use]
    pub fn standings(&self, now: Moment) -> Vec<Standing> {
        let standing = |(counted, span, meter): (Counted, Span, &super::Meter)| Standing {
            counted,
            span,
            limit: meter.limit(),
            source: meter.source(),
            spent: meter.spent(now),
            whole_at: meter.whole_at(now),
            used_up_at: meter.used_up_at(now),
        };
        self.meters().map(standing).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::budget::{Need, Quota};

    const HOUR: u64 = 3_600;
    const NEED: Need = Need { prompt: 0, answer: 1 };

    fn at(hours: f64) -> Moment {
        Moment::after(Duration::from_secs_f64(hours * 3_600.0))
    }

    /// A thousand requests a day, of which so many are spent in each hour from `from` on, evenly.
    fn spent_from(from: u64, hours: u64, an_hour: u64, day_ends: Option<Moment>) -> Budget {
        let mut budget = Budget::new(Quota { rpd: Some(1_000), ..Quota::default() });
        if let Some(end) = day_ends {
            budget.set_day_end(end);
        }
        for request in 0..hours * an_hour {
            budget.reserve(NEED, Moment::after(Duration::from_secs(from * HOUR + request * HOUR / an_hour)));
        }
        budget
    }

    fn of_the_day(budget: &Budget, now: Moment) -> Standing {
        budget.standings(now)[0]
    }

    #[test]
    fn what_is_spent_evenly_is_used_up_when_the_clock_says_so() {
        let budget = spent_from(9, 4, 100, None);
        let standing = of_the_day(&budget, at(13.0));
        assert_eq!((standing.limit, standing.spent, standing.source), (1_000, 400, LimitSource::User));
        let used_up = standing.used_up_at.expect("six hours more at a hundred an hour");
        assert!(used_up > at(17.5) && used_up < at(19.5), "{used_up:?}");
    }

    #[test]
    fn a_pace_that_the_day_outlasts_is_no_end() {
        assert_eq!(of_the_day(&spent_from(9, 4, 20, None), at(13.0)).used_up_at, None);
    }

    #[test]
    fn what_the_days_end_gives_back_in_time_is_not_used_up() {
        let ends_at = |hours| of_the_day(&spent_from(9, 4, 100, Some(at(hours))), at(13.0));
        assert!(ends_at(20.0).used_up_at.is_some_and(|used_up| used_up < at(20.0)));
        assert_eq!(ends_at(16.0).used_up_at, None, "midnight comes first");
        assert!(ends_at(16.0).whole_at.is_some_and(|whole| whole >= at(16.0) && whole < at(16.1)));
    }

    #[test]
    fn nothing_left_is_used_up_now_and_nothing_spent_never() {
        let budget = spent_from(9, 10, 100, None);
        assert_eq!(of_the_day(&budget, at(19.0)).used_up_at, Some(at(19.0)));
        let unspent = Budget::new(Quota { rpd: Some(1_000), ..Quota::default() });
        assert_eq!((of_the_day(&unspent, at(19.0)).used_up_at, of_the_day(&unspent, at(19.0)).whole_at), (None, None));
    }

    #[test]
    fn a_pace_of_yesterday_says_nothing_of_today() {
        assert_eq!(of_the_day(&spent_from(1, 4, 100, None), at(20.0)).used_up_at, None);
    }

    #[test]
    fn a_burst_is_told_by_the_half_hour_and_not_by_the_minute() {
        let mut budget = Budget::new(Quota { rpd: Some(1_000), ..Quota::default() });
        (0..20).for_each(|_| {
            budget.reserve(NEED, at(9.0));
        });
        assert_eq!(of_the_day(&budget, at(9.02)).used_up_at, None, "forty an hour last for a day");
    }

    #[test]
    fn a_pace_is_known_after_a_restart_too() {
        let budget = spent_from(9, 4, 100, None);
        let mut restored = Budget::new(Quota { rpd: Some(1_000), ..Quota::default() });
        let spent: Vec<_> =
            budget.spent(at(13.0)).into_iter().filter_map(|spent| spent.after(Duration::ZERO)).collect();
        restored.restore(&spent, Moment::ZERO);
        let used_up = of_the_day(&restored, Moment::ZERO).used_up_at.expect("six hours more");
        assert!(used_up > at(4.5) && used_up < at(6.5), "{used_up:?}");
    }
}
