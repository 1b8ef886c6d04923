//! What is known of a model that was fetched: `NAME.gguf.json` beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::hash::Sha256;
use crate::partial::{remove_if_there, write_atomically};

/// Written when a model was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) sha256: Sha256,
    pub(crate) size: u64,
    pub(crate) source: String,
}

impl Origin {
    pub(crate) fn save(&self, target: &Path) -> io::Result<()> {
        write_atomically(&path(target), &serde_json::to_vec(self)?)
    }

    pub(crate) fn read(target: &Path) -> Option<Origin> {
        serde_json::from_slice(&fs::read(path(target)).ok()?).ok()
    }

    pub(crate) fn remove(target: &Path) -> io::Result<()> {
        remove_if_there(&path(target))
    }
}

fn path(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".json");
    name.into()
}
