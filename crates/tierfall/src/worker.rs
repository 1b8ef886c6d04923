//! The worker of a local model: what it is told.

use std::path::PathBuf;

use anyhow::Context as _;
use engine::supervisor::WorkerSettings;
use models::Reference;

use crate::config::Configuration;

/// What a worker is told that serves `file`, a model that the user calls `configured`.
///
/// # Errors
/// The program's own path is not known.
pub(crate) fn settings(
    configuration: &Configuration,
    reference: &Reference,
    configured: &str,
    file: PathBuf,
) -> anyhow::Result<WorkerSettings> {
    Ok(WorkerSettings {
        program: std::env::current_exe().context("the program's own path is not known")?,
        model: file,
        model_name: name(reference, configured),
        context: None,
        threads: None,
        parallel: configuration.lanes(configured),
        dir: configuration.data_dir.join("run"),
    })
}

/// What answers call the model: what the user calls it, and of a file not the whole path.
fn name(reference: &Reference, configured: &str) -> String {
    match reference {
        Reference::File(path) => path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        _ => configured.to_owned(),
    }
}
