//! A file system of its own, so small that it can be filled.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const BALLAST: &str = "ballast";

/// A file system in memory, unmounted at the end.
pub(crate) struct SmallDisk(TempDir);

impl SmallDisk {
    /// Mounts one of so many megabytes; `None`, with the reason printed, where this user may not mount.
    pub(crate) fn mount(megabytes: usize) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(folder)),
            Ok(output) => {
                eprintln!("skipped, nothing can be mounted: {}", String::from_utf8_lossy(&output.stderr).trim());
                None
            }
            Err(error) => {
                eprintln!("skipped, there is no mount: {error}");
                None
            }
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Takes all that is left.
    pub(crate) fn fill(&self) {
        let mut ballast = File::create(self.folder().join(BALLAST)).expect("a file");
        while ballast.write_all(&[0; 4_096]).is_ok() {}
    }

    /// Gives it back.
    pub(crate) fn free(&self) {
        fs::remove_file(self.folder().join(BALLAST)).expect("removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a database may still be closing.
        let _ = Command::new("umount").arg("--lazy").arg(self.folder()).status();
    }
}
