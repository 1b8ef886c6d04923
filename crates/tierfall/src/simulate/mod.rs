//! `tierfall simulate`: a day of traffic in virtual time.

mod progress;
mod table;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use cascade::{Moment, Quota};
use jiff::Timestamp;
use serde::Serialize;
use simulate::{Kind, Reader, Report, Scenario};
use upstream::Hosting;

use crate::cli::Simulate;
use crate::config::{self, ConfigError, TierConfig};

use progress::{Progress, Stop};

/// As a shell has it for a command that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// What is printed as JSON.
#[derive(Serialize)]
struct Outcome {
    #[serde(flatten)]
    report: Report,
    /// Where what is expected does not hold: the largest part of the traffic at which it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    holds_at: Option<Part>,
}

/// A part of the traffic.
#[derive(Serialize)]
struct Part {
    percent: f64,
    requests_a_day: u64,
}

/// Simulates what the file says, and prints what came of it. The code is 1 where what the file expects does not hold.
///
/// # Errors
/// The file cannot be read, or is not one that can be simulated.
pub(crate) fn run(arguments: &Simulate) -> anyhow::Result<ExitCode> {
    let scenario = read(&arguments.file)?;
    let &Simulate { seed, runs, json, .. } = arguments;
    let outcome = progress::until_interrupted(move |stop| simulated(&scenario, seed, runs, stop))?;
    let Some(outcome) = outcome else { return Ok(ExitCode::from(INTERRUPTED)) };
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, &outcome).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        out.write_all(table::render(&outcome.report, outcome.holds_at.as_ref()).as_bytes())?;
    }
    Ok(if outcome.report.is_as_expected() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads the file, and an export that it names from the folder in which it stands.
fn read(path: &Path) -> anyhow::Result<Scenario> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let text =
        std::fs::read_to_string(path).map_err(|error| anyhow::anyhow!("{} cannot be read: {error}", path.display()))?;
    let load = |other: &str| std::fs::read_to_string(path.parent().unwrap_or(Path::new("")).join(other));
    Ok(Reader { kinds: &kind, load: &load }.read(&name, &text)?)
}

/// What a tier is where the file does not say: as in the configuration.
fn kind(number: u32, kind: Option<&str>) -> Result<Kind, String> {
    let tier = config::default_tier(number, kind).map_err(|error| match error {
        ConfigError::BadValue { takes, .. } | ConfigError::NoType { takes, .. } => takes,
        other => other.to_string(),
    })?;
    let hosting = match tier.kind.hosting {
        Hosting::SelfHosted => cascade::Hosting::SelfHosted,
        Hosting::Cloud => cascade::Hosting::Cloud,
    };
    let TierConfig { retries, plan, concurrency, queue, .. } = tier;
    let (limits, paid, prefill) = (tier.limits.into(), tier.can_bill(), tier.kind.is_engine());
    let kinds = upstream::Providers::built_in().kinds();
    let place = kinds.iter().position(|kind| *kind == tier.kind);
    let provider = place.and_then(|place| place.try_into().ok()).unwrap_or_default();
    let settings = cascade::Tier {
        number,
        hosting,
        limits,
        retries,
        quota: plan,
        plan: Quota::default(),
        // The simulated day is one of UTC, in winter.
        day_ends: gateway::day_end(tier.kind, Moment::ZERO, Timestamp::UNIX_EPOCH),
        keep_for: Vec::new(),
        concurrency,
        queue,
        paid,
        supervised: false,
        provider,
        prefill,
    };
    // The worker says how far it is; of another server nobody knows.
    Ok(Kind { name: tier.name, settings, reports_progress: tier.kind.is_engine() })
}

/// `None` where it was stopped.
fn simulated(scenario: &Scenario, seed: u64, runs: u32, stop: &Stop) -> Option<Outcome> {
    let mut progress = Progress::new("simulating", stop);
    let report = scenario.run(seed, runs, &mut |done| progress.at(done))?;
    drop(progress);
    if report.is_as_expected() {
        return Some(Outcome { report, holds_at: None });
    }
    let mut progress = Progress::new("looking for the traffic at which it would hold", stop);
    let found = simulate::largest_part_that_holds(scenario, seed, runs, &mut |done| progress.at(done));
    drop(progress);
    let holds_at = found.map(|(part, at)| Part { percent: part * 100.0, requests_a_day: a_day(&at) });
    (!stop.is_set()).then_some(Outcome { report, holds_at })
}

fn a_day(report: &Report) -> u64 {
    report.requests / u64::from(report.runs) / u64::from(report.days)
}
