//! Whether this process, or the whole system, has as many files and sockets open as it may.

use std::{fs, io};

use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

/// Whether `error` says so.
pub(crate) fn ran_out(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

/// Whether it is nearly so. Where it was quite so a moment ago, requests that failed have closed theirs since: a quarter may be
/// free again.
pub(crate) fn are_nearly_out() -> bool {
    let Some(limit) = getrlimit(Resource::Nofile).current else { return false };
    match fs::read_dir("/dev/fd") {
        Ok(open) => u64::try_from(open.count()).is_ok_and(|open| open >= limit - limit / 4),
        Err(error) => ran_out(&error),
    }
}
