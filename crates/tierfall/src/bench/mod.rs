//! `tierfall bench`: what this machine can do. Each model runs in a worker, as `serve` runs it, and is measured over the
//! worker's socket: what is counted is what a caller would see.

mod asking;
mod figures;
mod measure;
mod memory;
mod progress;
mod requests;
mod table;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use engine::supervisor::Supervisor;
use models::{Library, Reference};
use serde::Serialize;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::Bench;
use crate::config::Configuration;
use crate::models::library;
use crate::worker;

use figures::Figures;
use progress::Progress;

/// As a shell has it for a command that Ctrl-C ended.
const INTERRUPTED: u8 = 130;
/// A worker that reads its model from a slow disk still says every second or so how far it is.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is printed.
#[derive(Serialize)]
struct Report {
    models: Vec<Figures>,
}

/// Measures, and prints what came of it. The code is 130 where Ctrl-C ended it.
///
/// # Errors
/// There is no model to measure, its worker cannot run it, or an answer failed.
pub(crate) fn run(arguments: &Bench, configuration: &Configuration) -> anyhow::Result<ExitCode> {
    let library = library(configuration);
    let models = here(&library, wanted(arguments, configuration)?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let measured = runtime.block_on(all(configuration, &library, &models));
    runtime.shutdown_background();
    let Some(models) = measured? else { return Ok(ExitCode::from(INTERRUPTED)) };
    let mut out = io::stdout().lock();
    if arguments.json {
        serde_json::to_writer_pretty(&mut out, &Report { models }).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        out.write_all(table::render(&models).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The names of the models to measure.
fn wanted(arguments: &Bench, configuration: &Configuration) -> anyhow::Result<Vec<String>> {
    if let Some(name) = &arguments.model {
        return Ok(vec![name.clone()]);
    }
    let mut names = Vec::new();
    for tier in configuration.local_tiers() {
        if !names.contains(&tier.model) {
            names.push(tier.model.clone());
        }
    }
    anyhow::ensure!(!names.is_empty(), "no tier is local: name a model, such as tierfall bench smollm2-135m-instruct");
    Ok(names)
}

/// Those that are on this machine, by their names; of each other one the user is told how to get it.
fn here(library: &Library, names: Vec<String>) -> anyhow::Result<Vec<(String, Reference)>> {
    let (mut here, mut absent) = (Vec::new(), Vec::new());
    for name in names {
        let reference = library.find(&name)?;
        if library.is_present(&reference) {
            here.push((name, reference));
        } else {
            absent.push(match reference {
                Reference::File(path) => format!("{}: no such file", path.display()),
                _ => format!("{reference} is not here: tierfall models pull {reference}"),
            });
        }
    }
    anyhow::ensure!(!here.is_empty(), absent.join("; "));
    for absent in absent {
        writeln!(io::stderr(), "warning: {absent}")?;
    }
    Ok(here)
}

/// The figures of all models, one after the other; `None` where the user has had enough.
async fn all(
    configuration: &Configuration,
    library: &Library,
    models: &[(String, Reference)],
) -> anyhow::Result<Option<Vec<Figures>>> {
    let mut stop = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut figures = Vec::new();
    for (name, reference) in models {
        let settings = worker::settings(configuration, reference, name, library.path(reference))?;
        let file = std::fs::metadata(&settings.model)?.len();
        let progress = Progress::new(reference.to_string());
        let supervisor = Supervisor::start(settings);
        let measured = tokio::select! {
            measured = measure::figures(reference.to_string(), file, &supervisor, &progress) => Some(measured),
            () = stopped(&mut stop) => None,
        };
        supervisor.shutdown().await;
        drop(progress);
        match measured {
            Some(measured) => figures.push(measured?),
            None => return Ok(None),
        }
    }
    Ok(Some(figures))
}

async fn stopped((interrupt, terminate): &mut (Signal, Signal)) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
