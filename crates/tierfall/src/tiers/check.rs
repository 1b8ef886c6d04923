//! `tierfall tiers check`: whether what is written of the providers is what they say themselves.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use futures_util::future::join_all;
use serde::Serialize;
use upstream::{Providers, Target, Upstream, Ways};

use crate::config::{Configuration, TierConfig};

/// The name that stands for whichever model a server has.
const ANY: &str = "auto";

/// What one provider says.
#[derive(Serialize)]
struct Checked {
    number: u32,
    name: String,
    model: String,
    /// How many models its list has; none where it could not be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    models: Option<usize>,
    /// Why it could not be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
    /// What is written otherwise than it is.
    drift: Vec<String>,
}

#[derive(Serialize)]
struct All {
    tiers: Vec<Checked>,
}

/// Compares what is written of each tier's provider with the list of models that it gives. The code is 1 where they differ; one
/// that cannot be asked proves nothing.
///
/// # Errors
/// Nothing can be written.
pub(crate) fn check(configuration: &Configuration, json: bool) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asked = configuration.tiers.iter().filter(|tier| tier.is_on() && has_a_list(tier));
    let tiers = runtime.block_on(join_all(asked.map(asked_of)));
    let drifts = tiers.iter().any(|tier| !tier.drift.is_empty());
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, &All { tiers }).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        out.write_all(render(&tiers).as_bytes())?;
    }
    Ok(if drifts { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn has_a_list(tier: &TierConfig) -> bool {
    !matches!(tier.kind.ways, Ways::Engine | Ways::Gradio)
}

async fn asked_of(tier: &TierConfig) -> Checked {
    let (models, failed) = match models(tier).await {
        Ok(models) => (Some(models), None),
        Err(why) => (None, Some(why)),
    };
    let drift = models.as_deref().map(|models| drift(tier, models)).unwrap_or_default();
    let (number, name, model) = (tier.number, tier.name.clone(), tier.model.clone());
    Checked { number, name, model, models: models.map(|models| models.len()), failed, drift }
}

async fn models(tier: &TierConfig) -> Result<Vec<String>, String> {
    let base_url = tier.base_url.clone().ok_or("it has no address")?;
    let (key, model, connect) = (tier.key.clone(), tier.model.clone(), tier.limits.connect);
    let target = Target { kind: tier.kind, base_url, key, model, connect };
    let upstream = Upstream::new(target).map_err(|error| format!("the key {error}"))?;
    upstream.models().await.map_err(|failure| failure.to_string())
}

/// What differs between the file's row, the tier and the list `has`.
fn drift(tier: &TierConfig, has: &[String]) -> Vec<String> {
    let lists = |model: &str| model == ANY || has.iter().any(|name| is_called(name, model));
    let count = has.len();
    let mut drift = Vec::new();
    if !lists(&tier.model) {
        let successor = Providers::built_in().successor(tier.kind.as_str(), &tier.model).filter(|model| lists(model));
        let instead = successor.map(|model| format!("; {model} takes its place")).unwrap_or_default();
        drift.push(format!("{} is not among its {count} models{instead}", tier.model));
    }
    let default = tier.kind.facts().model.as_deref().filter(|default| *default != tier.model);
    if let Some(default) = default.filter(|default| !lists(default)) {
        drift.push(format!("{default}, its model in providers.toml, is not among its {count} models"));
    }
    drift
}

/// Whether a list's `name` means `model`: Gemini puts `models/` before it.
fn is_called(name: &str, model: &str) -> bool {
    name == model || name.strip_prefix("models/") == Some(model)
}

fn render(tiers: &[Checked]) -> String {
    let mut text = String::new();
    for Checked { name, model, models, failed, drift, .. } in tiers {
        let written = match (failed, &drift[..]) {
            (Some(why), _) => writeln!(text, "? {name} could not be asked: {why}"),
            (None, []) => writeln!(text, "✓ {name} has {model} ({} models)", models.unwrap_or_default()),
            (None, drift) => drift.iter().try_for_each(|drift| writeln!(text, "✗ {name}: {drift}")),
        };
        written.expect("a String takes everything");
    }
    if tiers.is_empty() {
        text.push_str("No tier that is on has a list of models\n");
    }
    text
}
