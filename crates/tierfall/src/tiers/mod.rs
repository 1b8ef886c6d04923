//! `tierfall tiers`: each tier's facts, by the configuration and the ledger.

mod check;
mod table;

use std::io::{self, Write};
use std::process::ExitCode;

use cascade::{Budget, Moment};
use gateway::{TierFacts, TierIdentity};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::config::{Configuration, State, TierConfig};
use crate::ledger::Balance;

pub(crate) use check::check;
pub(crate) use table::at_this_pace;

/// A tier as it is printed.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    facts: TierFacts,
    /// Why it is never asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    off: Option<String>,
}

#[derive(Serialize)]
struct All {
    tiers: Vec<Shown>,
}

/// Prints what is known of each tier of `configuration`, and what its ledger says is spent.
///
/// # Errors
/// The ledger cannot be read, or nothing can be written.
pub(crate) fn show(configuration: &Configuration, json: bool) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut balance = runtime.block_on(Balance::look(configuration))?;
    let now = Timestamp::now();
    let tiers: Vec<_> = configuration.tiers.iter().map(|tier| shown(tier, &mut balance, now)).collect();
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, &All { tiers }).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        out.write_all(table::render(&tiers, now, &TimeZone::system()).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The same tier's budget as a gateway would begin with.
fn shown(tier: &TierConfig, balance: &mut Balance, wall: Timestamp) -> Shown {
    let mut budget = Budget::with_plan(tier.quota, tier.plan);
    if let Some(end) = gateway::day_end(tier.kind, Moment::ZERO, wall) {
        budget.set_day_end(end);
    }
    let off = match &tier.state {
        State::On => None,
        State::Off { why } => Some(why.clone()),
    };
    if off.is_none() {
        budget.restore(&balance.of(tier).spent, Moment::ZERO);
    }
    let identity = TierIdentity {
        number: tier.number,
        name: &tier.name,
        kind: tier.kind,
        model: &tier.model,
        address: tier.base_url.as_ref(),
        keep_for: &tier.keep_for,
    };
    Shown { facts: TierFacts::of(&identity, &budget, Moment::ZERO, wall), off }
}
