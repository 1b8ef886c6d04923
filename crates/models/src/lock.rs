//! One process at a time fetches a model.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::progress::{Cancel, Progress};

/// How often a waiting process looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Held while a model is fetched or removed; the system lets go of it however the process ends. The file stays: deleting
/// it would let a third process lock a new one beside the one that is still held.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or says who holds it.
    pub(crate) fn try_take(target: &Path) -> io::Result<Result<Lock, Option<u32>>> {
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path(target))?;
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => {
                file.set_len(0)?;
                write!(file, "{}", std::process::id())?;
                Ok(Ok(Lock { _file: file }))
            }
            Err(fs4::TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.seek(SeekFrom::Start(0))?;
                file.read_to_string(&mut holder)?;
                Ok(Err(holder.trim().parse().ok()))
            }
            Err(fs4::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Takes the lock, waiting for whoever holds it. `None` where it was called off.
    pub(crate) fn take(target: &Path, cancel: &Cancel, progress: &mut dyn Progress) -> io::Result<Option<Lock>> {
        let mut told = false;
        while !cancel.is_cancelled() {
            match Lock::try_take(target)? {
                Ok(lock) => return Ok(Some(lock)),
                Err(holder) if !told => {
                    progress.waiting(holder);
                    told = true;
                }
                Err(_) => thread::sleep(LOOK_AGAIN),
            }
        }
        Ok(None)
    }
}

fn path(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.lock"))
}
