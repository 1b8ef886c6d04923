//! Writing the folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use models::{BadName, Library, Reference, Settings};

use crate::template::{FIRST_WORDS, fill};
use crate::{SOURCE, Wish};

const DOCKERFILE: &str = "Dockerfile";
const SOURCE_FOLDER: &str = "source";

/// What [`init`] wrote.
#[derive(Debug, Clone)]
pub struct Written {
    /// The model that the Space serves, as the Dockerfile names it.
    pub model: Option<String>,
    /// How many files.
    pub files: usize,
}

/// Why there is no folder. Each is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// Something is there already.
    #[error("{} is not empty: name another folder, or write over what is in it with --force", .0.display())]
    NotEmpty(PathBuf),
    /// The model's name stands for none.
    #[error(transparent)]
    Model(#[from] BadName),
    /// A Space has none of the user's files.
    #[error("{}: a Space has no file of this machine: name a model of the catalogue, or hf:OWNER/REPO:QUANT", .0.display())]
    File(PathBuf),
    /// A proxy was given a model.
    #[error("a proxy serves no model of its own: leave --model out, and say MODEL_URL in the Space's settings")]
    ProxyModel,
    /// The system would not have it.
    #[error("{}: cannot be written: {error}", path.display())]
    Io {
        /// What was being written.
        path: PathBuf,
        /// The system's answer.
        error: io::Error,
    },
}

impl InitError {
    /// Whether it lies in what was asked for, and not in the machine.
    #[must_use]
    pub fn is_mistaken(&self) -> bool {
        !matches!(self, Self::Io { .. })
    }
}

/// Writes the folder of a Space into `folder`, which is made where it is not there.
///
/// With `force`, files of the same names are written over; a `source` that an earlier call wrote is replaced as a whole.
///
/// # Errors
/// The folder holds something and `force` is not given, there is no such model, or a file cannot be written.
pub fn init(folder: &Path, wish: &Wish, force: bool) -> Result<Written, InitError> {
    // Nothing is fetched here: only names are looked up.
    let library = Library::new(&Settings::new(""));
    let model = model(wish, &library)?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| InitError::Io { path, error }
    };
    if is_filled(folder).map_err(failed(folder))? {
        if !force {
            return Err(InitError::NotEmpty(folder.to_owned()));
        }
        forget_source(folder).map_err(failed(&folder.join(SOURCE_FOLDER)))?;
    }
    let pair = fill(wish.role, model.as_ref(), wish.title.as_deref(), &library);
    let source = folder.join(SOURCE_FOLDER);
    let own = [(DOCKERFILE, pair.dockerfile.as_bytes()), ("README.md", pair.readme.as_bytes())];
    let own = own.into_iter().map(|(name, content)| (folder.join(name), content));
    let program = SOURCE.iter().map(|(name, content)| (source.join(name), *content));
    let mut files = 0;
    for (path, content) in own.chain(program) {
        write(&path, content).map_err(failed(&path))?;
        files += 1;
    }
    Ok(Written { model: model.map(|model| model.to_string()), files })
}

fn model(wish: &Wish, library: &Library) -> Result<Option<Reference>, InitError> {
    let Some(default) = wish.role.default_model() else {
        return if wish.model.is_some() { Err(InitError::ProxyModel) } else { Ok(None) };
    };
    match library.find(wish.model.as_deref().unwrap_or(default))? {
        Reference::File(path) => Err(InitError::File(path)),
        reference => Ok(Some(reference)),
    }
}

/// Whether anything is in `folder` but Git's own records.
fn is_filled(folder: &Path) -> io::Result<bool> {
    match fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries {
                if entry?.file_name() != ".git" {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Deletes what an earlier call wrote, so that no file of another version stays behind; never a `source` of the user's own.
fn forget_source(folder: &Path) -> io::Result<()> {
    let is_ours = fs::read_to_string(folder.join(DOCKERFILE)).is_ok_and(|text| text.starts_with(FIRST_WORDS));
    if !is_ours {
        return Ok(());
    }
    match fs::remove_dir_all(folder.join(SOURCE_FOLDER)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content)
}
