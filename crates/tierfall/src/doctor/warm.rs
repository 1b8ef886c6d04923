//! Saved starts of prompts that the last workers could not use.

use std::path::Path;

use engine::supervisor;

use crate::config::{Configuration, TierConfig};

/// What was dropped, a line for each tier whose worker has dropped any.
pub(super) fn warnings(configuration: &Configuration) -> Vec<String> {
    let library = crate::models::library(configuration);
    let kept = crate::worker::warm(configuration);
    let local = configuration.tiers.iter().filter(|tier| tier.kind.is_engine() && tier.is_on());
    let warning = |tier: &TierConfig| told(&tier.name, &kept, &library.path(&library.find(&tier.model).ok()?));
    local.filter_map(warning).collect()
}

fn told(tier: &str, kept: &Path, model: &Path) -> Option<String> {
    // A worker that left no word that can be read has dropped nothing that anybody would miss.
    let dropped = supervisor::dropped(kept, model).ok().filter(|dropped| !dropped.is_empty())?;
    let what = if dropped.len() == 1 { "a saved start of prompts" } else { "saved starts of prompts" };
    Some(format!("{tier}: its last worker could not use {what}, and removed it from warm: {}", dropped.join("; ")))
}
