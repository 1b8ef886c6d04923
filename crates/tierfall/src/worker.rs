//! The worker of a local model: what it is told, and how others wait for it and ask it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use engine::supervisor::{Supervisor, WarmPrefixes, WorkerSettings, WorkerState};
use models::Reference;
use tokio::time::timeout;
use upstream::{Address, Kind, Target, Upstream};

use crate::config::Configuration;

/// A Unix socket is there or is not.
const CONNECT: Duration = Duration::from_secs(1);

/// What a worker is told that serves `file`, a model that the user calls `configured`. It keeps no warm prefixes.
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
        warm: None,
        known: WarmPrefixes::default(),
    })
}

/// The folder below which a gateway's workers keep what they have read.
pub(crate) fn warm(configuration: &Configuration) -> PathBuf {
    configuration.data_dir.join("warm")
}

/// What answers call the model: what the user calls it, and of a file not the whole path.
fn name(reference: &Reference, configured: &str) -> String {
    match reference {
        Reference::File(path) => path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        _ => configured.to_owned(),
    }
}

/// A worker that takes requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    /// Its context in tokens.
    pub(crate) context: u32,
    /// Threads that compute.
    pub(crate) threads: usize,
}

/// Why nobody can ask a worker.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotReady {
    /// It stays down.
    #[error("{0}")]
    Down(String),
    /// It has not come any further for so long.
    #[error("not ready, and no further after {} s", .0.as_secs())]
    Stuck(Duration),
}

/// Waits until a worker takes requests; `tell` hears how much of its model has been read, in percent.
///
/// # Errors
/// It stays down, or comes no further for `patience`.
pub(crate) async fn ready(
    supervisor: &Supervisor,
    patience: Duration,
    mut tell: impl FnMut(u8),
) -> Result<Ready, NotReady> {
    let mut states = supervisor.states();
    loop {
        match states.borrow_and_update().clone() {
            WorkerState::Ready { context, threads, .. } => return Ok(Ready { context, threads }),
            WorkerState::Failed { reason } => return Err(NotReady::Down(reason)),
            WorkerState::Loading { percent } => tell(percent),
            WorkerState::Starting | WorkerState::Restarting { .. } => {}
        }
        match timeout(patience, states.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(NotReady::Down("nobody watches over it any longer".to_owned())),
            Err(_) => return Err(NotReady::Stuck(patience)),
        }
    }
}

/// A client of a worker's socket.
pub(crate) fn client(supervisor: &Supervisor, model: &str) -> Upstream {
    let base_url = Address::Unix(supervisor.socket().to_owned());
    let target = Target { kind: Kind::local(), base_url, key: None, model: model.to_owned(), connect: CONNECT };
    Upstream::new(target).expect("there is no key that a header could not carry")
}
