//! What a worker gives up before it reads its model: a GGUF is hostile input to C++, and whoever takes over the process
//! through one finds nothing that it can reach.
//!
//! Landlock names the files that may be opened (`files`), seccomp the system calls that may be made (`calls`), and
//! limits bound the memory and the descriptors (`limits`). They overlap on purpose: a kernel or a container may lack either of
//! the first two, and then the worker goes on without it, and `tierfall doctor` says so.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod files;
mod limits;

use std::path::Path;

pub use limits::bound_memory;

/// The files that a confined process may open.
#[derive(Debug, Clone, Copy)]
pub struct Room<'a> {
    /// The file that it may read.
    pub model: &'a Path,
    /// The folder in which it may read, write, make and remove files.
    pub folder: Option<&'a Path>,
}

/// What confines a process, or could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confinement {
    /// Landlock: no file but those of its [`Room`].
    pub files: bool,
    /// Seccomp: no connection, no program, no other process.
    pub calls: bool,
}

/// Confines this process for good. To be called while it has one thread: the others inherit it, and threads that are there
/// already do not.
#[cfg(target_os = "linux")]
#[must_use]
pub fn enter(room: Room<'_>) -> Confinement {
    limits::drop_capabilities();
    limits::bound_descriptors();
    // The second takes away the calls that the first needs.
    let files = files::enter(room);
    Confinement { files, calls: calls::enter(room.folder.is_some()) }
}

/// What this kernel, and the container that this process is in, offer to a worker.
#[cfg(target_os = "linux")]
#[must_use]
pub fn offered() -> Confinement {
    Confinement { files: files::offered(), calls: calls::offered() }
}

/// Other systems have neither.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn enter(_: Room<'_>) -> Confinement {
    limits::bound_descriptors();
    offered()
}

/// Other systems have neither.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn offered() -> Confinement {
    Confinement { files: false, calls: false }
}
