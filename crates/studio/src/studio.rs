//! The Studio as all threads share it.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use gateway::Entry;

use crate::deepsite::Made;
use crate::generation::Generations;
use crate::http;
use crate::store::{Store, StoreError};

/// The Studio: its projects, and what is being written.
#[derive(Debug)]
pub struct Studio {
    pub(crate) store: Store,
    pub(crate) generations: Generations,
    pub(crate) made: Made,
}

impl Studio {
    /// Opens the Studio whose projects lie in `data_dir`.
    ///
    /// # Errors
    /// The projects cannot be opened.
    pub async fn open(data_dir: &Path) -> Result<Arc<Self>, StoreError> {
        let store = Store::open(data_dir).await?;
        Ok(Arc::new(Self { store, generations: Generations::default(), made: Made::default() }))
    }

    /// The Studio's paths, for the thread that `entry` belongs to.
    pub fn routes(self: &Arc<Self>, entry: Entry) -> Router {
        http::router(Arc::clone(self), entry)
    }

    /// Writes down what is left, and closes the projects.
    pub async fn close(&self) {
        self.store.close().await;
    }
}
