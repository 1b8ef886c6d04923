//! Why a model is not there.

use std::io;
use std::path::PathBuf;

use crate::hash::Sha256;
use crate::terminal::human_bytes;

/// Why a pull ended without a model. Each is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// Every source failed.
    #[error("cannot fetch {model}: {}", listed(failures))]
    Sources {
        /// As the user would type it.
        model: String,
        /// In the order in which they were tried.
        failures: Vec<SourceFailure>,
    },
    /// The file that the user named is not there.
    #[error("{}: no such file", .0.display())]
    NoFile(PathBuf),
    /// Too little room on the disk; nothing was fetched.
    #[error("{} has {} free and {} are needed: make room, or set TIERFALL_DATA_DIR to another disk",
            dir.display(), human_bytes(*free), human_bytes(*need))]
    NoSpace {
        /// The models folder.
        dir: PathBuf,
        /// Bytes.
        need: u64,
        /// Bytes.
        free: u64,
    },
    /// The models folder cannot be read or written.
    #[error("{}: {error}", path.display())]
    Folder {
        /// What was being read or written.
        path: PathBuf,
        /// The system's answer.
        error: io::Error,
    },
    /// It was called off. What has arrived so far is kept for the next pull.
    #[error("cancelled; the next pull goes on where this one ended")]
    Cancelled,
}

/// One source that was tried, and why it gave nothing.
#[derive(Debug)]
pub struct SourceFailure {
    /// `Hugging Face Hub (HOST)` or `pip`.
    pub source: String,
    /// Why.
    pub error: SourceError,
}

fn listed(failures: &[SourceFailure]) -> String {
    let each: Vec<String> = failures.iter().map(|failure| format!("{}: {}", failure.source, failure.error)).collect();
    each.join("; then ")
}

/// Why one source gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No connection.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// The connection ended or stood still before the file was whole.
    #[error("cut off: {0}")]
    Cut(String),
    /// 401 or 403.
    #[error(
        "{repo} wants a token ({status}): set HF_TOKEN to one that may read it, and accept its terms on its page if it has any"
    )]
    Token {
        /// `OWNER/REPO`.
        repo: String,
        /// The HTTP status.
        status: u16,
    },
    /// 404.
    #[error("{0} is not there")]
    NotFound(String),
    /// Any other status that is not success.
    #[error("answers {0}")]
    Status(u16),
    /// An answer that is not what was asked for.
    #[error("a strange answer: {0}")]
    Strange(String),
    /// The repository does not have exactly one file of that quantisation.
    #[error("{repo} does not have exactly one {quantisation} file; it has {}", if files.is_empty() { "no .gguf".to_owned() } else { files.join(", ") })]
    Choice {
        /// `OWNER/REPO`.
        repo: String,
        /// As asked for.
        quantisation: String,
        /// What there is to choose from.
        files: Vec<String>,
    },
    /// There is nothing to verify the file against.
    #[error("{0} has no sha256 to verify it against")]
    NoHash(String),
    /// The file is not the one that was meant. It has been deleted.
    #[error("the wrong file: sha256 {found}, not {expected}")]
    WrongHash {
        /// What it should be.
        expected: Sha256,
        /// What it is.
        found: Sha256,
        /// Whether part of it was left by an earlier pull, so that a fresh one may do better.
        resumed: bool,
    },
    /// The file does not have the size that was stated.
    #[error("the wrong file: {found} bytes, not {expected}")]
    WrongSize {
        /// Bytes.
        expected: u64,
        /// Bytes.
        found: u64,
    },
    /// There is no pip on this machine.
    #[error("not on this machine: install Python 3 with pip")]
    NoPip,
    /// pip ended without the package.
    #[error("{package}: {said}")]
    Pip {
        /// The package and its version.
        package: String,
        /// pip's last word.
        said: String,
    },
    /// The package is not what the catalogue says.
    #[error("{package}: {fault}")]
    Wheel {
        /// The package and its version.
        package: String,
        /// What is wrong with its wheel.
        fault: String,
    },
    /// Ends the pull: no other source can do better.
    #[error(transparent)]
    Fatal(Box<PullError>),
}

impl SourceError {
    pub(crate) fn folder(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> SourceError {
        let path = path.into();
        move |error| SourceError::Fatal(Box::new(PullError::Folder { path, error }))
    }

    pub(crate) fn cancelled() -> SourceError {
        SourceError::Fatal(Box::new(PullError::Cancelled))
    }

    /// Whether the same request may go better in a moment.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, SourceError::Cut(_) | SourceError::Status(408 | 429 | 500..=599))
    }
}

/// Why a model was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// There is none of it.
    #[error("{0} is not in the models folder")]
    Absent(String),
    /// It is a file of the user's own.
    #[error("{} is not in the models folder: delete it yourself", .0.display())]
    Foreign(PathBuf),
    /// It is being fetched just now.
    #[error("{model} is being fetched{}: stop that first", holder.map(|pid| format!(" by process {pid}")).unwrap_or_default())]
    Busy {
        /// As the user would type it.
        model: String,
        /// The process that fetches it, where it is known.
        holder: Option<u32>,
    },
    /// The system refused.
    #[error("{}: {error}", path.display())]
    Folder {
        /// What was to be deleted.
        path: PathBuf,
        /// The system's answer.
        error: io::Error,
    },
}
