//! The supervisor: starts a worker, watches it, and starts it again when it dies.
//!
//! It lives in the gateway's process. What holds a worker to it is a pipe, the worker's standard input: however the
//! gateway ends, the kernel closes its end of the pipe, and the worker ends with it.

#![forbid(unsafe_code)]

mod folder;
mod health;
mod last_words;
mod load;
mod pauses;
mod process;
mod socket;
mod warm;
mod watch;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch as channel;

use crate::model::Load;
pub use folder::Folder;
pub use warm::{WarmPrefixes, dropped};
use watch::Watch;

/// Which worker to start.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// The program to start with the command `engine`: the gateway's own.
    pub program: PathBuf,
    /// The GGUF file.
    pub model: PathBuf,
    /// What answers call the model.
    pub model_name: String,
    /// The context in tokens; `None` leaves it to the engine.
    pub context: Option<u32>,
    /// Threads that compute; `None` leaves them to the engine.
    pub threads: Option<usize>,
    /// Requests that it works at, at once; `None` leaves them to the engine.
    pub parallel: Option<u32>,
    /// Where the private folder for the socket is made. A path too long for a socket's address (107 bytes) gives way
    /// to the system's folder for temporary files.
    pub dir: PathBuf,
    /// The folder below which the warm prefixes of each model outlive its worker, in a folder of its own; `None` keeps none.
    /// What is in it are prompts.
    pub warm: Option<PathBuf>,
    /// What is known to come; each worker is told again.
    pub known: WarmPrefixes,
}

/// What a worker is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkerState {
    /// It has been started, and has not answered yet.
    Starting,
    /// It reads its model.
    Loading {
        /// How much of the model has been read, 0 to 100.
        percent: u8,
    },
    /// It takes requests.
    Ready {
        /// Its process.
        pid: u32,
        /// Its context in tokens.
        context: u32,
        /// Threads that compute.
        threads: usize,
    },
    /// It has died and will be started again.
    Restarting {
        /// How long after the death.
        in_: Duration,
        /// How it died.
        why: String,
    },
    /// It stays down: another start would end as the last ones did.
    Failed {
        /// Why, in words.
        reason: String,
    },
}

/// Keeps one worker alive. Dropping it ends the worker; so does the end of this process, even by SIGKILL.
#[derive(Debug)]
pub struct Supervisor {
    socket: PathBuf,
    state: channel::Receiver<WorkerState>,
    load: channel::Receiver<Option<Load>>,
    stop: channel::Sender<bool>,
}

impl Supervisor {
    /// Starts a worker, and a task on the current tokio runtime that watches over it.
    ///
    /// It never fails: what keeps the worker from starting is told by [`state`](Self::state).
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime that has its I/O and time enabled.
    pub fn start(settings: WorkerSettings) -> Self {
        match Folder::make(&settings.dir) {
            Ok(folder) => Self::start_in(folder, settings),
            Err(error) => {
                let reason = format!("no folder for its socket in {}: {error}", settings.dir.display());
                let (_, state) = channel::channel(WorkerState::Failed { reason });
                let (socket, load) = (settings.dir.join(folder::SOCKET), channel::channel(None).1);
                Self { socket, state, load, stop: channel::channel(false).0 }
            }
        }
    }

    /// As [`start`](Self::start), in a folder that was made before: its socket's path is known while the model is still
    /// being fetched.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub fn start_in(folder: Folder, settings: WorkerSettings) -> Self {
        let (stop, stopped) = channel::channel(false);
        let (state, watched) = channel::channel(WorkerState::Starting);
        let (loads, load) = channel::channel(None);
        let socket = folder.socket();
        tokio::spawn(Watch::new(settings, folder, state, loads).run(stopped));
        Self { socket, state: watched, load, stop }
    }

    /// The worker's socket. The path stays the same when the worker is started again.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// What the worker is doing.
    pub fn state(&self) -> WorkerState {
        self.state.borrow().clone()
    }

    /// The same as it changes.
    pub fn states(&self) -> channel::Receiver<WorkerState> {
        self.state.clone()
    }

    /// What the worker said last of what it has to do, some milliseconds ago at most; `None` where it has said nothing.
    pub fn load(&self) -> Option<Load> {
        *self.load.borrow()
    }

    /// The same as it changes.
    pub fn loads(&self) -> channel::Receiver<Option<Load>> {
        self.load.clone()
    }

    /// Ends the worker and removes its folder. Returns once both are gone, within about a second.
    pub async fn shutdown(&self) {
        self.stop.send_replace(true);
        self.stop.closed().await;
    }
}
