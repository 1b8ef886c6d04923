//! What the server knows of the model: how far it is, or the model itself.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use super::refusal::Refusal;
use crate::model::Model;

/// Shared by the thread that loads and the one that serves.
#[derive(Debug)]
pub(super) struct Desk {
    name: String,
    percent: AtomicU8,
    model: OnceLock<Model>,
}

impl Desk {
    pub(super) fn new(name: String) -> Self {
        Self { name, percent: AtomicU8::new(0), model: OnceLock::new() }
    }

    /// What answers call the model.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn set_percent(&self, percent: u8) {
        self.percent.store(percent.min(100), Ordering::Relaxed);
    }

    /// Lets requests in.
    pub(super) fn open(&self, model: Model) {
        let _ = self.model.set(model);
    }

    /// The model, or how much of it has been read, in percent.
    pub(super) fn model(&self) -> Result<&Model, u8> {
        self.model.get().ok_or_else(|| self.percent.load(Ordering::Relaxed))
    }

    /// The model, or the refusal of a request that came too early.
    pub(super) fn loaded(&self) -> Result<&Model, Refusal> {
        self.model().map_err(Refusal::loading)
    }
}
