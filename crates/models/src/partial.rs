//! The file that a model grows in.
//!
//! `NAME.gguf.partial` grows beside a journal, `NAME.gguf.partial.json`, that says which file it is a beginning of. Only
//! when the hash of every byte is right and the bytes are on the disk does it get the model's name, in one rename.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::Digest;

use crate::error::SourceError;
use crate::hash::Sha256;
use crate::origin::Origin;
use crate::progress::{Cancel, Progress};

const BUFFER: usize = 128 * 1024;

/// What the partial file is a beginning of.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Journal {
    sha256: Sha256,
    /// Where each joined part ends, in bytes: a part that is recorded here is not fetched again.
    part_ends: Vec<u64>,
}

/// A model on its way.
pub(crate) struct Partial {
    target: PathBuf,
    file: File,
    hasher: sha2::Sha256,
    length: u64,
    journal: Journal,
    resumed: bool,
}

impl Partial {
    /// Takes up what an earlier pull of the same file left, or begins. What is there already is read and hashed.
    pub(crate) fn open(
        target: &Path,
        sha256: Sha256,
        cancel: &Cancel,
        progress: &mut dyn Progress,
    ) -> Result<Partial, SourceError> {
        let path = path(target);
        let left = read_journal(target).filter(|journal| journal.sha256 == sha256);
        let file = OpenOptions::new().create(true).truncate(left.is_none()).read(true).write(true).open(&path);
        let file = file.map_err(SourceError::folder(&path))?;
        let length = file.metadata().map_err(SourceError::folder(&path))?.len();
        let mut partial = Partial {
            target: target.to_owned(),
            file,
            hasher: sha2::Sha256::new(),
            length: 0,
            journal: left.unwrap_or(Journal { sha256, part_ends: Vec::new() }),
            resumed: length > 0,
        };
        partial.journal.part_ends.retain(|end| *end <= length);
        partial.save_journal().map_err(SourceError::folder(&path))?;
        if length > 0 {
            progress.verifying();
            partial.take_up(length, cancel)?;
        }
        Ok(partial)
    }

    /// Bytes that are there.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// How many parts are joined.
    pub(crate) fn parts(&self) -> usize {
        self.journal.part_ends.len()
    }

    /// Appends `bytes`.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), SourceError> {
        self.file.write_all(bytes).map_err(SourceError::folder(path(&self.target)))?;
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Records that a part ends here. The bytes are on the disk before the record is.
    pub(crate) fn end_part(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        self.journal.part_ends.push(self.length);
        self.save_journal()
    }

    /// Forgets what came after the last joined part.
    pub(crate) fn back_to_last_part(&mut self, cancel: &Cancel) -> Result<(), SourceError> {
        let end = self.journal.part_ends.last().copied().unwrap_or(0);
        if end == self.length { Ok(()) } else { self.take_up(end, cancel) }
    }

    /// Begins again.
    pub(crate) fn clear(&mut self, cancel: &Cancel) -> Result<(), SourceError> {
        self.journal.part_ends.clear();
        self.take_up(0, cancel)
    }

    /// Cuts the file to `length` and hashes what is left.
    fn take_up(&mut self, length: u64, cancel: &Cancel) -> Result<(), SourceError> {
        let failed = |error| SourceError::folder(path(&self.target))(error);
        self.file.set_len(length).map_err(failed)?;
        self.file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut hasher = sha2::Sha256::new();
        let mut buffer = vec![0; BUFFER];
        let mut read = 0;
        while read < length {
            if cancel.is_cancelled() {
                return Err(SourceError::cancelled());
            }
            let count = self.file.read(&mut buffer).map_err(failed)?;
            if count == 0 {
                return Err(failed(io::ErrorKind::UnexpectedEof.into()));
            }
            hasher.update(&buffer[..count]);
            read += count as u64;
        }
        self.hasher = hasher;
        self.length = length;
        Ok(())
    }

    /// Gives the file its name, once its size and hash are right. A wrong file is deleted.
    pub(crate) fn finish(self, size: u64, source: &str) -> Result<(), SourceError> {
        let found = Sha256::from(<[u8; 32]>::from(self.hasher.finalize()));
        let expected = self.journal.sha256;
        if self.length != size || found != expected {
            discard(&self.target).map_err(SourceError::folder(&self.target))?;
            return Err(if found == expected || self.length != size && !self.resumed {
                SourceError::WrongSize { expected: size, found: self.length }
            } else {
                SourceError::WrongHash { expected, found, resumed: self.resumed }
            });
        }
        self.file.sync_all().map_err(SourceError::folder(path(&self.target)))?;
        // The origin first: without its model it says nothing, a model without it would look unverified for ever.
        Origin { sha256: expected, size, source: source.to_owned() }
            .save(&self.target)
            .and_then(|()| fs::rename(path(&self.target), &self.target))
            .and_then(|()| remove_if_there(&journal_path(&self.target)))
            .and_then(|()| sync_folder(&self.target))
            .map_err(SourceError::folder(&self.target))
    }

    fn save_journal(&self) -> io::Result<()> {
        let text = serde_json::to_vec(&self.journal)?;
        write_atomically(&journal_path(&self.target), &text)
    }
}

/// Where the model grows until it is whole.
pub(crate) fn path(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

fn journal_path(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".partial.json");
    name.into()
}

fn read_journal(target: &Path) -> Option<Journal> {
    serde_json::from_slice(&fs::read(journal_path(target)).ok()?).ok()
}

/// Deletes what there is of a model that is not whole.
pub(crate) fn discard(target: &Path) -> io::Result<()> {
    remove_if_there(&path(target))?;
    remove_if_there(&journal_path(target))
}

pub(crate) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes a small file so that whoever reads it finds the old or the new one, never half of one.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(new, path)
}

fn sync_folder(target: &Path) -> io::Result<()> {
    match target.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
