//! What is simulated: requests, tiers, and what is expected of them.

use std::time::Duration;

use cascade::Hedge;

use crate::profile::Profile;
use crate::report::Report;
use crate::tally::Tally;
use crate::traffic::Traffic;
use crate::world::World;

/// See the module. [`crate::read`] makes one of a file.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub(crate) traffic: Traffic,
    /// In the order in which they are asked.
    pub(crate) tiers: Vec<Profile>,
    /// The longest that a request may take, where the caller says nothing.
    pub(crate) deadline: Option<Duration>,
    /// Whether a later tier is started beside the first where that is late.
    pub(crate) hedge: Option<Hedge>,
    /// The share of the requests that each tier is expected to answer, in percent: the first at least, the others at most.
    pub(crate) expect: Vec<f64>,
}

impl Scenario {
    /// Runs the scenario `runs` times, with `seed` and the numbers after it, and says what came of it. The same scenario,
    /// seed and count give the same report for ever.
    ///
    /// `progress` is told now and then how much of it is done, from 0 to 1. It stops the simulation by `false`; then there
    /// is no report.
    pub fn run(&self, seed: u64, runs: u32, progress: &mut dyn FnMut(f64) -> bool) -> Option<Report> {
        let mut tally = Tally::new(self.tiers.len());
        for run in 0..runs {
            let mut of_all = |of_this: f64| progress((f64::from(run) + of_this) / f64::from(runs));
            tally.merge(World::new(self, seed.wrapping_add(run.into())).run(&mut of_all)?);
        }
        Some(Report::new(self, tally, seed, runs))
    }

    /// The same with `factor` times the requests. Of recorded ones there are never more than all.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self { traffic: self.traffic.scaled(factor), ..self.clone() }
    }

    /// Whether any share is expected of its tiers.
    #[must_use]
    pub fn expects_anything(&self) -> bool {
        !self.expect.is_empty()
    }

    /// How many tiers it has.
    #[must_use]
    pub fn tiers(&self) -> usize {
        self.tiers.len()
    }
}
