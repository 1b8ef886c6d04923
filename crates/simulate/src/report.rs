//! What came of a simulation.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::expectation::{self, Verdict};
use crate::profile::Profile;
use crate::scenario::Scenario;
use crate::tally::{Tally, TierTally, Times};
use crate::traffic::Traffic;

/// See the module. All shares are in percent of all requests, all times in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// What everything was drawn from.
    pub seed: u64,
    /// How many times it was run; counts are of all runs together.
    pub runs: u32,
    /// How many days of traffic one run has.
    pub days: u32,
    /// How large the requests are.
    pub sizes: RequestSizes,
    /// How many requests came.
    pub requests: u64,
    /// How many were answered.
    pub answered: u64,
    /// How many of those were carried on by another tier in sight of the caller.
    pub carried_on: u64,
    /// How many came back as the caller's own fault.
    pub refused: u64,
    /// How many failed in sight of the caller, by how: `gave up` without an answer, `broken off` in the middle of one.
    pub failed: BTreeMap<&'static str, u64>,
    /// From the beginning of a request to its first token, of all that were answered.
    pub first_token_ms: Percentiles,
    /// From the beginning of a request to its end, of all that were answered.
    pub end_ms: Percentiles,
    /// In the order in which they are asked.
    pub tiers: Vec<TierReport>,
    /// What was expected of the tiers, and whether it holds.
    pub expected: Vec<Verdict>,
}

/// How large the requests are: the size that half exceed and the one that one in twenty does, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RequestSizes {
    /// Of prompts.
    pub prompt_tokens: (u32, u32),
    /// Of answers.
    pub answer_tokens: (u32, u32),
}

/// What came of one tier.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TierReport {
    /// The `n` of `TIERn_…`.
    pub number: u32,
    /// What people call it.
    pub name: String,
    /// How much of all requests it answered.
    pub share_percent: f64,
    /// How many requests it answered.
    pub answered: u64,
    /// In how many of those it carried on what another tier had begun.
    pub carried_on: u64,
    /// In how many of those its quota had room for a part of the answer only.
    pub shortened: u64,
    /// How often it was asked for more than its provider allows, by the provider's own strict count.
    pub over_limit: u64,
    /// How often it was asked.
    pub attempts: u64,
    /// How often of those it was started beside another tier that was late.
    pub hedges: u64,
    /// How often it was overtaken by a tier that ran beside it.
    pub overtaken: u64,
    /// How often it failed, by the reason.
    pub failed: BTreeMap<&'static str, u64>,
    /// How often it was passed over, by the reason.
    pub skipped: BTreeMap<&'static str, u64>,
    /// How many requests waited for their turn at it.
    pub queued: u64,
    /// To the first token, of the requests that it answered, from their beginning.
    pub first_token_ms: Percentiles,
    /// To the end of the requests that it answered, from their beginning.
    pub end_ms: Percentiles,
    /// What was asked of it, beside what its provider allows.
    pub quota: QuotaUse,
    /// For how long its breaker was open, of one run on the average.
    pub breaker_open_hours: f64,
}

/// The most that was asked of a tier within a minute and within a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QuotaUse {
    /// Requests within any one minute.
    pub rpm: Used,
    /// Requests within any one day.
    pub rpd: Used,
    /// Tokens of prompt and answer within any one minute.
    pub tpm: Used,
    /// Tokens of prompt and answer within any one day.
    pub tpd: Used,
}

/// What was used of what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Used {
    /// At the peak.
    pub peak: u64,
    /// What the provider allows; nothing where it is not bounded.
    pub allowed: Option<u32>,
}

/// The times that half, 95 % and 99 % of the requests were done by; nothing where there were none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Percentiles {
    /// The median.
    pub p50: Option<u32>,
    /// The 95th percentile.
    pub p95: Option<u32>,
    /// The 99th percentile.
    pub p99: Option<u32>,
}

impl Report {
    pub(crate) fn new(scenario: &Scenario, tally: Tally, seed: u64, runs: u32) -> Self {
        let requests = tally.requests();
        let tiers = scenario.tiers.iter().zip(&tally.tiers);
        let tiers: Vec<_> = tiers.map(|(profile, tally)| TierReport::new(profile, tally, requests, runs)).collect();
        let expected = expectation::judged(&scenario.expect, &tiers);
        let mut failed = tally.endings;
        let refused = failed.remove("refused").unwrap_or(0);
        failed.remove("answered");
        let (first_token_ms, end_ms) = percentiles(tally.times);
        let (answered, carried_on) = (tally.answered, tally.carried_on);
        let days = scenario.traffic.days();
        let sizes = RequestSizes::of(&scenario.traffic);
        Self {
            seed,
            runs,
            days,
            sizes,
            requests,
            answered,
            carried_on,
            refused,
            failed,
            first_token_ms,
            end_ms,
            tiers,
            expected,
        }
    }

    /// How many requests failed in sight of their caller.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }

    /// Whether all that is expected holds.
    #[must_use]
    pub fn is_as_expected(&self) -> bool {
        self.expected.iter().all(|verdict| verdict.holds)
    }

    /// `count` in percent of all requests.
    #[must_use]
    pub fn percent(&self, count: u64) -> f64 {
        percent(count, self.requests)
    }
}

impl RequestSizes {
    fn of(traffic: &Traffic) -> Self {
        let (prompt, answer) = traffic.sizes();
        Self { prompt_tokens: prompt.median_and_p95(), answer_tokens: answer.median_and_p95() }
    }
}

impl TierReport {
    fn new(profile: &Profile, tally: &TierTally, requests: u64, runs: u32) -> Self {
        let (first_token_ms, end_ms) = percentiles(tally.times.clone());
        let (peak, quota) = (tally.spent.peak(), profile.settings.quota);
        let used = |peak, allowed| Used { peak, allowed };
        Self {
            number: profile.settings.number,
            name: profile.name.clone(),
            share_percent: percent(tally.answered, requests),
            answered: tally.answered,
            carried_on: tally.carried_on,
            shortened: tally.shortened,
            over_limit: tally.over_limit,
            attempts: tally.attempts,
            hedges: tally.hedges,
            overtaken: tally.overtaken,
            failed: tally.failed.clone(),
            skipped: tally.skipped.clone(),
            queued: tally.queued,
            first_token_ms,
            end_ms,
            quota: QuotaUse {
                rpm: used(peak.requests_a_minute, quota.rpm),
                rpd: used(peak.requests_a_day, quota.rpd),
                tpm: used(peak.tokens_a_minute, quota.tpm),
                tpd: used(peak.tokens_a_day, quota.tpd),
            },
            breaker_open_hours: tally.open.lasted.as_secs_f64() / 3_600.0 / f64::from(runs),
        }
    }
}

impl Percentiles {
    /// The nearest-rank percentiles of `times`.
    fn of(mut times: Vec<u32>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| times.get((times.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        Self { p50: at(50), p95: at(95), p99: at(99) }
    }
}

fn percentiles(times: Times) -> (Percentiles, Percentiles) {
    (Percentiles::of(times.first_token), Percentiles::of(times.end))
}

fn percent(count: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { count as f64 * 100.0 / of as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_taken() {
        let all = Percentiles::of((1..=100).rev().collect());
        assert_eq!((all.p50, all.p95, all.p99), (Some(50), Some(95), Some(99)));
        assert_eq!(Percentiles::of(vec![7]), Percentiles { p50: Some(7), p95: Some(7), p99: Some(7) });
        assert_eq!(Percentiles::of(Vec::new()), Percentiles::default());
    }
}
