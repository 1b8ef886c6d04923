//! How a pull tells how far it is, and how it is called off.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a pull tells while it runs. Called from the pulling thread; a call should return at once.
pub trait Progress: Send {
    /// Another process fetches the same model; this one waits for it.
    fn waiting(&mut self, _holder: Option<u32>) {}
    /// Bytes begin to arrive from `source`: `at` of `total` are there already.
    fn started(&mut self, _source: &str, _at: u64, _total: u64) {}
    /// So many of the bytes are there. It falls only where a source has to begin again.
    fn at(&mut self, _bytes: u64) {}
    /// What an earlier pull left is read again, to verify it.
    fn verifying(&mut self) {}
    /// A source gave nothing; the next one is tried.
    fn source_failed(&mut self, _failure: &crate::SourceFailure) {}
    /// The model is there.
    fn finished(&mut self, _path: &Path) {}
}

/// Nobody is told.
impl Progress for () {}

/// Calls a pull off. Clones call off the same one.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Not called off yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The pull ends within moments, its child process with it; what has arrived is kept.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it has been called off.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
