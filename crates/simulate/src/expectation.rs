//! Whether the tiers answer the shares that are expected of them, and if not, at which traffic they would.

use serde::Serialize;

use crate::report::{Report, TierReport};
use crate::scenario::Scenario;

/// What is expected of one tier, and whether it holds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// The tier's number.
    pub tier: u32,
    /// What it answers, in percent of all requests.
    pub share_percent: f64,
    /// What it is expected to answer.
    pub expected_percent: f64,
    /// Whether that is the least (of the first tier) or the most.
    pub at_least: bool,
    /// Whether it does.
    pub holds: bool,
}

pub(crate) fn judged(expect: &[f64], tiers: &[TierReport]) -> Vec<Verdict> {
    let verdict = |(place, (&expected_percent, tier)): (usize, (&f64, &TierReport))| {
        let (at_least, share_percent) = (place == 0, tier.share_percent);
        let holds = if at_least { share_percent >= expected_percent } else { share_percent <= expected_percent };
        Verdict { tier: tier.number, share_percent, expected_percent, at_least, holds }
    };
    expect.iter().zip(tiers).enumerate().map(verdict).collect()
}

/// Of fewer requests, a share is chance.
const LEAST_REQUESTS: u64 = 100;
/// How often the part that holds and the one that does not are halved: to about a twentieth.
const HALVINGS: u32 = 4;

/// The largest part of the traffic, from 0 to 1, at which what is expected holds, with its report. `None` where there is
/// none of a hundred requests and more, or where `progress` stopped the search.
pub fn largest_part_that_holds(
    scenario: &Scenario,
    seed: u64,
    runs: u32,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Option<(f64, Report)> {
    let mut run = |part: f64| scenario.scaled(part).run(seed, runs, progress);
    let (mut part, mut best) = (1.0, None);
    while best.is_none() {
        part /= 2.0;
        let report = run(part)?;
        if report.requests < LEAST_REQUESTS {
            return None;
        }
        best = Some(report).filter(Report::is_as_expected);
    }
    let (mut least, mut most, mut best) = (part, part * 2.0, best?);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(least, most);
        let report = run(middle)?;
        if report.is_as_expected() {
            (least, best) = (middle, report);
        } else {
            most = middle;
        }
    }
    Some((least, best))
}
