//! The folder that models live in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use crate::catalogue::{Catalogue, Model, Quantisation};
use crate::error::{PullError, RemoveError};
use crate::hub::Hub;
use crate::lock::Lock;
use crate::origin::Origin;
use crate::partial;
use crate::pip::{self, Pip};
use crate::progress::{Cancel, Progress};
use crate::pull::{self, Run, Supply, Wanted};
use crate::reference::{BadName, Reference};

/// Where models are kept and where they come from.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `TIERFALL_DATA_DIR`; models live in its folder `models`.
    pub data_dir: PathBuf,
    /// `HF_ENDPOINT`: the Hub's address.
    pub hub_endpoint: String,
    /// `HF_TOKEN`, sent to the Hub's address alone.
    pub hub_token: Option<SecretString>,
    /// The program to use in place of `pip` (`python3 -m pip` where there is none).
    pub pip: Option<PathBuf>,
    /// How the Hub is asked again.
    pub retry: Retry,
}

/// How often, and after what pause, something is tried again. The pause doubles each time.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// How many times after the first.
    pub times: u32,
    /// Before the first time.
    pub pause: Duration,
}

impl Settings {
    /// The Hub's public address, no token, the machine's own pip.
    pub fn new(data_dir: impl Into<PathBuf>) -> Settings {
        Settings {
            data_dir: data_dir.into(),
            hub_endpoint: "https://huggingface.co".to_owned(),
            hub_token: None,
            pip: None,
            retry: Retry { times: 4, pause: Duration::from_secs(1) },
        }
    }
}

/// The models of this machine.
pub struct Library {
    folder: PathBuf,
    catalogue: Catalogue,
    hub: Hub,
    pip: Pip,
}

/// A file of the library.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is. A file that somebody put there by hand is [`Reference::File`].
    pub reference: Reference,
    /// Where it is, or will be.
    pub path: PathBuf,
    /// Bytes on the disk.
    pub size: u64,
    /// Whether it is whole; otherwise it is the beginning of one, which the next pull goes on with.
    pub whole: bool,
    /// Whether this program has checked its hash.
    pub verified: bool,
}

impl Library {
    /// The library in the data folder, with the built-in catalogue. Nothing is read or written yet.
    pub fn new(settings: &Settings) -> Library {
        Library::with_catalogue(settings, Catalogue::built_in().clone())
    }

    /// The same, with another catalogue.
    pub fn with_catalogue(settings: &Settings, catalogue: Catalogue) -> Library {
        Library {
            folder: settings.data_dir.join("models"),
            catalogue,
            hub: Hub::new(&settings.hub_endpoint, settings.hub_token.clone(), settings.retry),
            pip: Pip::new(settings.pip.as_deref()),
        }
    }

    /// What can be had by name.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The folder that the models lie in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What `name` stands for: `NAME`, `NAME:QUANT`, `hf:OWNER/REPO:QUANT`, or a path to a .gguf.
    ///
    /// # Errors
    /// A name of none of these forms, or that the catalogue does not have. Nothing is asked of the network.
    pub fn find(&self, name: &str) -> Result<Reference, BadName> {
        Reference::parse(name, &self.catalogue)
    }

    /// The catalogue's entry behind a reference, where it has one.
    pub fn entry(&self, reference: &Reference) -> Option<(&Model, &Quantisation)> {
        let Reference::Catalogue { model, quantisation } = reference else { return None };
        let model = self.catalogue.model(model)?;
        Some((model, model.quantisation(quantisation)?))
    }

    /// Where the model is, or will be.
    pub fn path(&self, reference: &Reference) -> PathBuf {
        match (reference, reference.file_name()) {
            (Reference::File(path), _) => path.clone(),
            (_, Some(name)) => self.folder.join(name),
            (_, None) => self.folder.clone(),
        }
    }

    /// Whether the model is there, whole.
    pub fn is_present(&self, reference: &Reference) -> bool {
        let Ok(metadata) = fs::metadata(self.path(reference)) else { return false };
        let size = self.entry(reference).and_then(|(_, quantisation)| quantisation.size);
        metadata.is_file() && size.is_none_or(|size| size == metadata.len())
    }

    /// What lies in the folder, by name; first what is whole.
    ///
    /// # Errors
    /// Where the folder cannot be read. One that does not exist yet is empty.
    pub fn list(&self) -> io::Result<Vec<Entry>> {
        let files = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            files => files?,
        };
        let mut entries = Vec::new();
        for file in files {
            let file = file?;
            let Ok(name) = file.file_name().into_string() else { continue };
            let metadata = file.metadata()?;
            if metadata.is_file() {
                entries.extend(self.read_entry(&name, metadata.len()));
            }
        }
        entries.sort_by_key(|entry| (!entry.whole, entry.reference.to_string()));
        Ok(entries)
    }

    fn read_entry(&self, file_name: &str, size: u64) -> Option<Entry> {
        let (name, whole) = match file_name.strip_suffix(".partial") {
            Some(name) => (name, false),
            None => (file_name, true),
        };
        if !name.ends_with(".gguf") {
            return None;
        }
        let path = self.folder.join(name);
        let reference = Reference::of_file_name(name, &self.catalogue);
        let whole = whole && reference.as_ref().is_none_or(|reference| self.is_present(reference));
        let verified = whole && Origin::read(&path).is_some_and(|origin| origin.size == size);
        Some(Entry {
            reference: reference.unwrap_or_else(|| Reference::File(path.clone())),
            path,
            size,
            whole,
            verified,
        })
    }

    /// Deletes a model, whole or begun, and says how many bytes that gave back.
    ///
    /// # Errors
    /// Where there is none of it, it is a file of the user's own, or another process is fetching it.
    pub fn remove(&self, reference: &Reference) -> Result<u64, RemoveError> {
        let target = self.path(reference);
        if let Reference::File(path) = reference {
            return Err(RemoveError::Foreign(path.clone()));
        }
        let folder = |error| RemoveError::Folder { path: target.clone(), error };
        let bytes: u64 = [&target, &partial::path(&target)]
            .into_iter()
            .filter_map(|path| Some(fs::metadata(path).ok()?.len()))
            .sum();
        if bytes == 0 {
            return Err(RemoveError::Absent(reference.to_string()));
        }
        let _lock = match Lock::try_take(&target).map_err(folder)? {
            Ok(lock) => lock,
            Err(holder) => return Err(RemoveError::Busy { model: reference.to_string(), holder }),
        };
        partial::remove_if_there(&target)
            .and_then(|()| Origin::remove(&target))
            .and_then(|()| partial::discard(&target))
            .and_then(|()| pip::remove_folder(&target))
            .map_err(folder)?;
        Ok(bytes)
    }

    /// Brings the model here, if it is not here yet, and says where it is. Blocks until then: minutes, for a large one.
    ///
    /// # Errors
    /// Where no source gives it, the disk is too small, or `cancel` was called. What has arrived is kept for the next pull.
    pub fn pull(
        &self,
        reference: &Reference,
        progress: &mut dyn Progress,
        cancel: &Cancel,
    ) -> Result<PathBuf, PullError> {
        let target = self.path(reference);
        if !self.is_present(reference) {
            if let Reference::File(path) = reference {
                return Err(PullError::NoFile(path.clone()));
            }
            self.fetch(reference, &target, progress, cancel)?;
        }
        progress.finished(&target);
        Ok(target)
    }

    fn fetch(
        &self,
        reference: &Reference,
        target: &Path,
        progress: &mut dyn Progress,
        cancel: &Cancel,
    ) -> Result<(), PullError> {
        let folder = |error| PullError::Folder { path: self.folder.clone(), error };
        fs::create_dir_all(&self.folder).map_err(folder)?;
        let _lock = Lock::take(target, cancel, progress).map_err(folder)?.ok_or(PullError::Cancelled)?;
        // Whoever held the lock may have fetched it.
        if self.is_present(reference) {
            return Ok(());
        }
        pip::remove_folder(target).map_err(folder)?;
        let mut run = Run { target, progress, cancel };
        pull::pull(&self.wanted(reference), &self.hub, &self.pip, &mut run)
    }

    fn wanted<'a>(&'a self, reference: &'a Reference) -> Wanted<'a> {
        let name = reference.to_string();
        match (reference, self.entry(reference)) {
            (Reference::Hub { repo, quantisation }, _) => {
                Wanted { name, sha256: None, size: None, from: Supply::Repo { repo, quantisation } }
            }
            (_, Some((_, quantisation))) => Wanted {
                name,
                sha256: quantisation.sha256,
                size: quantisation.size,
                from: Supply::Sources(&quantisation.sources),
            },
            (_, None) => Wanted { name, sha256: None, size: None, from: Supply::Sources(&[]) },
        }
    }
}
