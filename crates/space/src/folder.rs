//! Writing the folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use models::{BadName, Library, Reference, Settings};

use crate::name::SpaceName;
use crate::role::Role;
use crate::template::{self, FIRST_WORDS, Model};
use crate::{SOURCE, Wish};

const SOURCE_FOLDER: &str = "source";
/// What a Space runs: one of the two, and what belongs to it alone.
const PROGRAMS: [(&str, &str); 2] = [("Dockerfile", SOURCE_FOLDER), ("app.py", "requirements.txt")];

/// What [`init`] wrote.
#[derive(Debug, Clone)]
pub struct Written {
    /// The model that the Space serves, as the Dockerfile or `app.py` names it.
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
    /// What `transformers` cannot load from the Hub.
    #[error("`{0}`: a model for a lent GPU is written OWNER/NAME: a repository of the Hub that holds safetensors, such as {default}", default = Role::Zerogpu.default_model().unwrap_or_default())]
    Repository(String),
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
/// With `force`, files of the same names are written over; what an earlier call wrote for a Space to run is replaced as a whole.
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
        forget_program(folder).map_err(failed(folder))?;
    }
    let own = template::of(wish.role).iter().map(|(name, text)| {
        let text = template::fill(text, wish.role, model.as_ref(), wish.title.as_deref(), &library);
        (folder.join(name), text.into_bytes())
    });
    let source = folder.join(SOURCE_FOLDER);
    let program: &[(&str, &[u8])] = if wish.role == Role::Zerogpu { &[] } else { SOURCE };
    let program = program.iter().map(|(name, content)| (source.join(name), content.to_vec()));
    let mut files = 0;
    for (path, content) in own.chain(program) {
        write(&path, &content).map_err(failed(&path))?;
        files += 1;
    }
    Ok(Written { model: model.map(|model| model.to_string()), files })
}

fn model(wish: &Wish, library: &Library) -> Result<Option<Model>, InitError> {
    let Some(default) = wish.role.default_model() else {
        return if wish.model.is_some() { Err(InitError::ProxyModel) } else { Ok(None) };
    };
    let name = wish.model.as_deref().unwrap_or(default);
    if wish.role == Role::Zerogpu {
        // Its form is that of a Space's name.
        let repository = name.parse::<SpaceName>().map_err(|_| InitError::Repository(name.to_owned()))?;
        return Ok(Some(Model::Repository(repository.to_string())));
    }
    match library.find(name)? {
        Reference::File(path) => Err(InitError::File(path)),
        reference => Ok(Some(Model::Engine(reference))),
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

/// Deletes what an earlier call wrote for a Space to run, so that no file of another version or role stays behind; never
/// anything of the user's own.
fn forget_program(folder: &Path) -> io::Result<()> {
    for (program, companion) in PROGRAMS {
        let program = folder.join(program);
        if !fs::read_to_string(&program).is_ok_and(|text| text.starts_with(FIRST_WORDS)) {
            continue;
        }
        let companion = folder.join(companion);
        let gone = if companion.is_dir() { fs::remove_dir_all(&companion) } else { fs::remove_file(&companion) };
        match gone {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::remove_file(&program)?,
        }
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content)
}
