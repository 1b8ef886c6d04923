//! One process serves from a data folder: two would each count a quota, and write over what the other one has kept.

use std::fs::{File, TryLockError, create_dir_all};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use std::process;

use anyhow::bail;

/// The folder is held as long as this lives; the system lets go of it however the process ends.
pub(super) struct DataLock {
    _file: File,
}

impl DataLock {
    /// Holds the folder. `None` where nothing can be written there, which is no second process: then what is kept is said to be lost
    /// where it is.
    ///
    /// # Errors
    /// Another process holds it.
    pub(super) fn take(folder: &Path) -> anyhow::Result<Option<Self>> {
        let open = || {
            create_dir_all(folder)?;
            File::options().read(true).write(true).create(true).truncate(false).open(folder.join("serve.lock"))
        };
        let Ok(mut file) = open() else { return Ok(None) };
        match file.try_lock() {
            Ok(()) => {
                // Whom to name matters to people alone.
                let _ = file.set_len(0).and_then(|()| write!(file, "{}", process::id()));
                Ok(Some(Self { _file: file }))
            }
            Err(TryLockError::Error(_)) => Ok(None),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.rewind().and_then(|()| file.read_to_string(&mut holder));
                bail!(
                    "{} is in use by process {}: end that one, or set TIERFALL_DATA_DIR to another folder",
                    folder.display(),
                    holder.trim()
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_once_and_the_second_is_told_by_whom() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let first = DataLock::take(&data).expect("it is free");
        let refused = DataLock::take(&data).err().expect("it is held").to_string();
        assert!(refused.contains(&format!("in use by process {}", process::id())), "{refused}");
        drop(first);
        assert!(DataLock::take(&data).expect("it is free again").is_some());
    }
}
