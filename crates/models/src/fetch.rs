//! A pull on a thread of its own, with a state that anybody can read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::error::{PullError, SourceFailure};
use crate::library::Library;
use crate::progress::{Cancel, Progress};
use crate::reference::Reference;

/// How far a [`Fetch`] is. `Display` says it in a few words, such as `fetching 43 %`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchState {
    /// No source has answered yet.
    Starting,
    /// Another process fetches the same model.
    Waiting {
        /// Its id, where it is known.
        holder: Option<u32>,
    },
    /// Bytes arrive.
    Fetching {
        /// Of the model's bytes, how many are there; 100 only when all are.
        percent: u8,
    },
    /// What an earlier pull left is read again.
    Verifying,
    /// The model is there.
    Ready(PathBuf),
    /// It ended without a model: why, and what to do.
    Failed(String),
}

impl fmt::Display for FetchState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FetchState::Starting => write!(f, "fetching"),
            FetchState::Waiting { holder: Some(pid) } => write!(f, "waiting for process {pid} to fetch it"),
            FetchState::Waiting { holder: None } => write!(f, "waiting for another process to fetch it"),
            FetchState::Fetching { percent } => write!(f, "fetching {percent} %"),
            FetchState::Verifying => write!(f, "verifying"),
            FetchState::Ready(_) => write!(f, "fetched"),
            FetchState::Failed(reason) => write!(f, "{reason}"),
        }
    }
}

/// A pull on a thread of its own. Dropped, it is called off; what has arrived is kept.
pub struct Fetch {
    state: Arc<Mutex<FetchState>>,
    cancel: Cancel,
    thread: Option<JoinHandle<Result<PathBuf, PullError>>>,
}

impl Fetch {
    /// Starts fetching; `progress` is told as well.
    pub fn start(library: Arc<Library>, reference: Reference, progress: Box<dyn Progress>) -> Fetch {
        let state = Arc::new(Mutex::new(FetchState::Starting));
        let cancel = Cancel::new();
        let (shared, called_off) = (Arc::clone(&state), cancel.clone());
        let thread = thread::spawn(move || {
            let mut told = Told { state: shared, total: 0, shown: progress };
            let result = library.pull(&reference, &mut told, &called_off);
            if let Err(error) = &result {
                told.set(FetchState::Failed(error.to_string()));
            }
            result
        });
        Fetch { state, cancel, thread: Some(thread) }
    }

    /// How far it is. Never waits for the pull.
    pub fn state(&self) -> FetchState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Calls it off.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// As [`Library::pull`].
    pub fn join(mut self) -> Result<PathBuf, PullError> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Err(PullError::Cancelled),
        }
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Keeps the state, and passes everything on.
struct Told {
    state: Arc<Mutex<FetchState>>,
    total: u64,
    shown: Box<dyn Progress>,
}

impl Told {
    fn set(&self, state: FetchState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn set_percent(&self, bytes: u64) {
        let percent = u128::from(bytes) * 100 / u128::from(self.total.max(1));
        self.set(FetchState::Fetching { percent: u8::try_from(percent).unwrap_or(100).min(100) });
    }
}

impl Progress for Told {
    fn waiting(&mut self, holder: Option<u32>) {
        self.set(FetchState::Waiting { holder });
        self.shown.waiting(holder);
    }

    fn started(&mut self, source: &str, at: u64, total: u64) {
        self.total = total;
        self.set_percent(at);
        self.shown.started(source, at, total);
    }

    fn at(&mut self, bytes: u64) {
        self.set_percent(bytes);
        self.shown.at(bytes);
    }

    fn verifying(&mut self) {
        self.set(FetchState::Verifying);
        self.shown.verifying();
    }

    fn source_failed(&mut self, failure: &SourceFailure) {
        self.shown.source_failed(failure);
    }

    fn finished(&mut self, path: &Path) {
        self.set(FetchState::Ready(path.to_owned()));
        self.shown.finished(path);
    }
}
