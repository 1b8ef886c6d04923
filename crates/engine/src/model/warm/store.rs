//! The folder in which warm prefixes outlive the process: one file each, named by its tokens.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::file::{self, Contents, Key, Unfit};
use crate::model::job::Token;

/// Bytes of one file, at most: with as many files as there are places, that bounds the folder.
pub(in crate::model) const LARGEST: u64 = 256 << 20;
const ENDING: &str = "warm";
/// How many digits of the sum of its tokens a file's name has.
const SUM: usize = 16;
/// The ending of a file that is being written.
const UNFINISHED: &str = "part";
/// The file that names what this process has dropped, one a line, for whoever looks for it (`tierfall doctor`).
pub(crate) const DROPPED: &str = "dropped";

/// Makes the folder for its user alone, where it is absent.
///
/// # Errors
///
/// Where it cannot be made, or what is there is no folder.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    if !fs::symlink_metadata(folder)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

/// The files of one model.
#[derive(Debug)]
pub(in crate::model) struct Store {
    folder: PathBuf,
    key: Key,
}

impl Store {
    pub(in crate::model) fn new(folder: PathBuf, key: Key) -> Self {
        Self { folder, key }
    }

    /// The names of what is there, the latest first. Removes what was never finished.
    pub(in crate::model) fn names(&self) -> Vec<String> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            match name.split_once('.').filter(|(sum, _)| is_sum(sum)) {
                Some((_, ENDING)) => found.push((entry.metadata().and_then(|found| found.modified()).ok(), name)),
                Some((_, UNFINISHED)) => self.remove(&name),
                _ => {}
            }
        }
        found.sort_by(|a, b| b.cmp(a));
        found.into_iter().map(|(_, name)| name).collect()
    }

    /// What a file holds, checked.
    pub(in crate::model) fn read(&self, name: &str) -> Result<Contents, Unfit> {
        let path = self.folder.join(name);
        let length = fs::symlink_metadata(&path)?.len();
        if length > LARGEST {
            return Err(Unfit::Length { found: length, said: LARGEST });
        }
        file::read(fs::read(path)?, &self.key)
    }

    /// Writes a file, and asks again and again whether to go on. False where it did not; then nothing has changed.
    pub(in crate::model) fn save(
        &self,
        tokens: &[Token],
        state: &[u8],
        go_on: impl FnMut() -> bool,
    ) -> io::Result<bool> {
        let name = name(tokens);
        let unfinished = self.folder.join(&name).with_extension(UNFINISHED);
        let written = File::create(&unfinished)
            .and_then(|mut file| file::write(&mut file, &self.key, (tokens, state), go_on))
            .and_then(
                |whole| if whole { fs::rename(&unfinished, self.folder.join(&name)).map(|()| true) } else { Ok(false) },
            );
        if !matches!(written, Ok(true)) {
            let _ = fs::remove_file(&unfinished);
        }
        written
    }

    /// Leaves word of the files that this process has dropped, each with the reason, in place of what an earlier one left.
    pub(in crate::model) fn note_dropped(&self, dropped: &[String]) {
        let note = self.folder.join(DROPPED);
        // What cannot be noted is told at `/health` all the same.
        let _ = if dropped.is_empty() { fs::remove_file(note) } else { fs::write(note, dropped.join("\n")) };
    }

    /// Removes a file. Where that fails, it is found again at the next start.
    pub(in crate::model) fn remove(&self, name: &str) {
        let _ = fs::remove_file(self.folder.join(name));
    }
}

/// The name of the file with these tokens.
pub(in crate::model) fn name(tokens: &[Token]) -> String {
    let mut sum = Sha256::new();
    tokens.iter().for_each(|token| sum.update(token.to_le_bytes()));
    let sum: [u8; 32] = sum.finalize().into();
    let hex: String = sum[..SUM / 2].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}.{ENDING}")
}

/// Any other name is none of ours.
fn is_sum(name: &str) -> bool {
    name.len() == SUM && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

    use super::*;

    #[test]
    fn what_is_saved_is_found_and_what_was_given_up_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path().to_owned(), [1; 32]);
        assert!(store.save(&[1, 2], b"state", || true).unwrap());
        assert!(!store.save(&[3], b"state", || false).unwrap());
        assert_eq!(store.names(), [name(&[1, 2])]);
        assert_eq!(store.read(&name(&[1, 2])).unwrap(), Contents { tokens: vec![1, 2], state: b"state".to_vec() });
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_dead_process_left_half_written_is_removed_and_what_is_not_ours_stays() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("0123456789abcdef.part"), "half").unwrap();
        fs::write(dir.path().join("diary.txt"), "dear").unwrap();
        fs::write(dir.path().join("diary.warm"), "dear").unwrap();
        assert!(Store::new(dir.path().to_owned(), [1; 32]).names().is_empty());
        assert!(dir.path().join("diary.warm").exists() && dir.path().join("diary.txt").exists());
        assert!(!dir.path().join("0123456789abcdef.part").exists());
    }

    #[test]
    fn word_is_left_of_what_was_dropped_by_this_process_alone() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path().to_owned(), [1; 32]);
        store.note_dropped(&["a.warm: it is damaged".to_owned(), "b.warm: it is damaged".to_owned()]);
        let note = dir.path().join(DROPPED);
        assert_eq!(fs::read_to_string(&note).unwrap(), "a.warm: it is damaged\nb.warm: it is damaged");
        assert!(store.names().is_empty());
        store.note_dropped(&[]);
        assert!(!note.exists());
    }

    #[test]
    fn the_folder_is_for_its_user_alone() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("warm/model");
        make_folder(&folder).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        make_folder(&folder).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        fs::write(dir.path().join("file"), "").unwrap();
        assert!(make_folder(&dir.path().join("file")).is_err());
    }
}
