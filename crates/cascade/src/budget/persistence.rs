//! What is spent of a budget, in a form that outlives the process that spent it.

use std::time::Duration;

use crate::moment::Moment;

use super::{Budget, Counted, Span};

/// What is spent of one quota. It holds no moment, which means nothing to another process: whoever keeps it knows how much
/// time has passed meanwhile, and takes that off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// What the quota counts.
    pub counted: Counted,
    /// Over which time.
    pub span: Span,
    /// The quota itself, where nobody configured it and the provider told it.
    pub learned: Option<u32>,
    /// How much was spent, each with how long it still counts.
    pub amounts: Vec<(u32, Duration)>,
}

impl Spent {
    /// The same after `elapsed` has passed; `None` where nothing of it counts any longer.
    #[must_use]
    pub fn after(mut self, elapsed: Duration) -> Option<Self> {
        self.amounts.iter_mut().for_each(|(_, counts_for)| *counts_for = counts_for.saturating_sub(elapsed));
        self.amounts.retain(|(_, counts_for)| !counts_for.is_zero());
        (!self.amounts.is_empty()).then_some(self)
    }
}

impl Budget {
    /// What is spent at `now`: of each quota of which anything is, reservations of running calls in full.
    #[must_use]
    pub fn spent(&self, now: Moment) -> Vec<Spent> {
        let spent = self.meters().filter_map(|(counted, span, meter)| {
            let amounts = meter.amounts(now);
            (!amounts.is_empty()).then(|| Spent { counted, span, learned: meter.learned_limit(), amounts })
        });
        spent.collect()
    }

    /// Takes off what was spent before this budget was made. What is said of a quota that there no longer is, is ignored,
    /// and nothing counts for longer than the quota's span.
    pub fn restore(&mut self, spent: &[Spent], now: Moment) {
        for Spent { counted, span, learned, amounts } in spent {
            if let Some(meter) = self.meter(*counted, *span, *learned) {
                amounts.iter().for_each(|&(amount, counts_for)| meter.restore(amount, counts_for, now));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Need, NoRoom, Quota, Reading};

    const NEED: Need = Need { prompt: 100, answer: 200 };
    const TWO_A_DAY: Quota = Quota { rpm: None, rpd: Some(2), tpm: None, tpd: None, gpu_seconds: None };

    const fn at(seconds: u64) -> Moment {
        Moment::after(Duration::from_secs(seconds))
    }

    /// What `budget` becomes in another process, whose clock began `down` after this one's stood at `now`.
    fn restarted(budget: &Budget, quota: Quota, now: Moment, down: Duration) -> Budget {
        let spent: Vec<_> = budget.spent(now).into_iter().filter_map(|spent| spent.after(down)).collect();
        let mut restored = Budget::new(quota);
        restored.restore(&spent, Moment::ZERO);
        restored
    }

    #[test]
    fn what_is_spent_is_spent_after_a_restart_too() {
        let mut budget = Budget::new(TWO_A_DAY);
        budget.reserve(NEED, at(1_000));
        budget.reserve(NEED, at(5_000));
        let restored = restarted(&budget, TWO_A_DAY, at(5_001), Duration::from_secs(3_600));
        let until = restored.room(NEED, at(0)).expect_err("both are spent").until.expect("it passes");
        let first_is_a_day_old = 86_400 + 1_000 - 5_001 - 3_600;
        assert!(until >= at(first_is_a_day_old) && until <= at(first_is_a_day_old + 1_440), "{until:?}");
        assert_eq!(restored.room(NEED, until), Ok(200));
    }

    #[test]
    fn the_time_on_a_lent_gpu_is_spent_after_a_restart_too() {
        let quota = Quota { gpu_seconds: Some(30), ..Quota::default() };
        let mut budget = Budget::new(quota);
        budget.reserve(NEED, at(0));
        let restored = restarted(&budget, quota, at(1), Duration::from_secs(60));
        assert_eq!(budget.room(NEED, at(1)).ok(), None, "20 of 30 seconds are reserved");
        assert_eq!(restored.spent(at(0))[0].amounts[0].0, 20);
        assert_eq!(restored.room(NEED, at(0)).ok(), None);
    }

    #[test]
    fn what_has_left_the_span_meanwhile_is_free() {
        let mut budget = Budget::new(TWO_A_DAY);
        budget.reserve(NEED, at(0));
        assert_eq!(restarted(&budget, TWO_A_DAY, at(10), Duration::from_secs(2 * 86_400)), Budget::new(TWO_A_DAY));
    }

    #[test]
    fn nothing_counts_for_longer_than_its_span() {
        let mut restored = Budget::new(TWO_A_DAY);
        let (counted, span) = (Counted::Requests, Span::Day);
        let amounts = vec![(2, Duration::from_secs(40 * 86_400))];
        restored.restore(&[Spent { counted, span, learned: None, amounts }], at(7));
        assert_eq!(restored.room(NEED, at(7)), Err(NoRoom { until: Some(at(86_407)) }));
    }

    #[test]
    fn what_the_provider_said_survives_and_with_it_a_quota_that_only_it_knows() {
        let mut budget = Budget::new(Quota::default());
        let (counted, span) = (Counted::Tokens, Span::Minute);
        let reset = Duration::from_secs(40);
        budget.correct(Reading { counted, span, limit: Some(6_000), remaining: 500, reset }, at(0));
        let restored = restarted(&budget, Quota::default(), at(5), Duration::from_secs(5));
        assert_eq!(restored.room(Need { prompt: 100, answer: 9_000 }, at(0)), Err(NoRoom { until: Some(at(30)) }));
        assert_eq!(restored.room(Need { prompt: 100, answer: 9_000 }, at(30)), Ok(5_900));
    }

    #[test]
    fn a_quota_that_the_user_has_taken_away_is_not_brought_back() {
        let mut budget = Budget::new(TWO_A_DAY);
        budget.reserve(NEED, at(0));
        assert_eq!(restarted(&budget, Quota::default(), at(1), Duration::ZERO), Budget::new(Quota::default()));
    }

    #[test]
    fn what_a_running_call_had_reserved_counts_in_full() {
        let quota = Quota { tpm: Some(6_000), ..Quota::default() };
        let mut budget = Budget::new(quota);
        budget.reserve(Need { prompt: 1_000, answer: 4_000 }, at(0));
        let restored = restarted(&budget, quota, at(1), Duration::ZERO);
        assert_eq!(restored.room(Need { prompt: 0, answer: 9_000 }, at(0)).ok(), None);
    }
}
