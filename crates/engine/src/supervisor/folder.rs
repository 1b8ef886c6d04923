//! The private folder that holds a worker's socket.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use fs4::FileExt;
use tempfile::TempDir;

/// The socket's name in its folder.
pub(super) const SOCKET: &str = "socket";
const PREFIX: &str = "tierfall-";
const LOCK: &str = "lock";
/// Where a lock is made before it is held, so that nobody ever finds one that is not yet held.
const UNHELD_LOCK: &str = "lock.new";
/// How many random characters follow the prefix.
const RANDOM: usize = 10;
/// The longest path of a Unix socket on Linux, in bytes: `sockaddr_un` has 108, the last one is a zero (unix(7)).
const LONGEST_PATH: usize = 107;

/// A folder of mode 0700 that is removed when this is dropped. Where the process dies first, the next one that makes
/// a folder there removes it: it is known to be dead by its lock, which the kernel gave free.
#[derive(Debug)]
pub struct Folder {
    folder: TempDir,
    _lock: File,
}

impl Folder {
    /// Makes a new one inside `dir`, which is made where it is absent, and removes those of dead processes.
    ///
    /// # Errors
    ///
    /// Where `dir` cannot be written.
    pub fn make(dir: &Path) -> io::Result<Self> {
        let dir = std::path::absolute(dir)?;
        let dir = if fits(&dir) { dir } else { std::env::temp_dir() };
        fs::create_dir_all(&dir)?;
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .rand_bytes(RANDOM)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(&dir)?;
        let lock = File::create_new(folder.path().join(UNHELD_LOCK))?;
        FileExt::try_lock(&lock)?;
        fs::rename(folder.path().join(UNHELD_LOCK), folder.path().join(LOCK))?;
        remove_dead(&dir, folder.path())?;
        Ok(Self { folder, _lock: lock })
    }

    /// The path of the socket in it.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join(SOCKET)
    }

    /// Removes the socket of a worker that has died; the next one could not bind it.
    pub(super) fn clear(&self) {
        let _ = fs::remove_file(self.socket());
    }
}

fn fits(dir: &Path) -> bool {
    dir.as_os_str().len() + 1 + PREFIX.len() + RANDOM + 1 + SOCKET.len() <= LONGEST_PATH
}

/// Removes the folders of dead processes. What is not certainly one of ours, and dead, stays.
fn remove_dead(dir: &Path, own: &Path) -> io::Result<()> {
    let user = fs::metadata(own)?.uid();
    for entry in fs::read_dir(dir)?.flatten() {
        if has_our_name(&entry.file_name()) && is_own_folder(&entry.path(), user) {
            remove_if_dead(&entry.path());
        }
    }
    Ok(())
}

fn has_our_name(name: &OsStr) -> bool {
    name.as_bytes().strip_prefix(PREFIX.as_bytes()).is_some_and(|random| random.len() == RANDOM)
}

fn is_own_folder(path: &Path, user: u32) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir() && found.uid() == user)
}

/// A folder with anything else in it than what we put there is left as it is, because `remove_dir` takes empty ones
/// only.
fn remove_if_dead(folder: &Path) {
    let Ok(lock) = File::open(folder.join(LOCK)) else { return };
    if FileExt::try_lock(&lock).is_ok() {
        let _ = fs::remove_file(folder.join(SOCKET));
        let _ = fs::remove_file(folder.join(LOCK));
        let _ = fs::remove_dir(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> usize {
        fs::read_dir(dir).expect("a folder").count()
    }

    #[test]
    fn only_its_user_may_enter_it_and_it_goes_with_its_owner() {
        let dir = TempDir::new().expect("a folder");
        let folder = Folder::make(&dir.path().join("run")).expect("a folder");
        let parent = folder.socket().parent().expect("a parent").to_owned();
        assert_eq!(fs::metadata(&parent).expect("there").mode() & 0o777, 0o700);
        drop(folder);
        assert!(!parent.exists());
    }

    #[test]
    fn a_dead_process_is_cleared_away_and_a_living_one_is_not() {
        let dir = TempDir::new().expect("a folder");
        let living = Folder::make(dir.path()).expect("a folder");
        let Folder { folder, _lock: lock } = Folder::make(dir.path()).expect("a folder");
        fs::write(folder.path().join(SOCKET), "").expect("a file");
        let dead = folder.keep();
        drop(lock);
        let own = Folder::make(dir.path()).expect("a folder");
        assert!(!dead.exists());
        assert!(living.socket().parent().is_some_and(Path::exists));
        assert!(own.socket().parent().is_some_and(Path::exists));
    }

    #[test]
    fn what_is_not_ours_is_left_alone() {
        let dir = TempDir::new().expect("a folder");
        let elsewhere = TempDir::new().expect("a folder");
        fs::write(elsewhere.path().join(LOCK), "").expect("a file");
        std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("tierfall-aaaaaaaaaa")).expect("a link");
        fs::create_dir(dir.path().join("tierfall-bbbbbbbbbb")).expect("a folder without a lock");
        let full = dir.path().join("tierfall-cccccccccc");
        fs::create_dir(&full).expect("a folder");
        fs::write(full.join(LOCK), "").expect("a file");
        fs::write(full.join("diary"), "dear").expect("a file");
        let _own = Folder::make(dir.path()).expect("a folder");
        assert_eq!(names(dir.path()), 4);
        assert!(elsewhere.path().join(LOCK).exists());
        assert!(full.join("diary").exists());
    }

    #[test]
    fn a_path_too_long_for_a_socket_gives_way_to_the_temporary_folder() {
        let dir = TempDir::new().expect("a folder");
        let long = dir.path().join("x".repeat(100));
        let folder = Folder::make(&long).expect("a folder");
        assert!(folder.socket().as_os_str().len() <= LONGEST_PATH);
        assert!(!long.exists());
    }
}
