//! Where a configuration is read from, and reading it: at the start, and again when a file has changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::{ConfigError, Origin, Warning};
use super::values::{Entry, Layer, Values};
use super::{Configuration, build, dotenv, file, keys, providers};

/// The files and the environment that a configuration is made of.
#[derive(Clone)]
pub struct Sources {
    /// The working folder.
    pub folder: PathBuf,
    /// `--env-file`: this file takes the place of `.env.local` and `.env`.
    pub env_file: Option<PathBuf>,
    /// `--config`. `None`: `tierfall.toml` in the working folder, where there is one.
    pub config_file: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<String>,
    /// The process's environment as it was at the start.
    pub environment: BTreeMap<String, String>,
}

/// A configuration, and what the user should know about it.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub configuration: Configuration,
    /// What is probably a slip, though no error.
    pub warnings: Vec<Warning>,
}

impl Sources {
    /// The working folder and environment of this process.
    ///
    /// # Errors
    /// The working folder is gone.
    pub fn of_process() -> std::io::Result<Self> {
        let text = |(key, value): (std::ffi::OsString, std::ffi::OsString)| {
            (key.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
        };
        Ok(Self {
            folder: std::env::current_dir()?,
            env_file: None,
            config_file: None,
            listen: None,
            environment: std::env::vars_os().map(text).collect(),
        })
    }

    /// Reads everything anew.
    ///
    /// # Errors
    /// The first thing that is wrong, in one line.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        let mut warnings = Vec::new();
        let mut values = Values::default();
        let said = self.toml()?;
        let (mut variables, mut routes) = (Vec::new(), Vec::new());
        if let Some(said) = said {
            values.overlay(said.layer)?;
            (variables, routes) = (said.variables, said.routes);
        }
        for path in self.env_files().into_iter().rev() {
            let layer = match dotenv::read(&path, &mut warnings)? {
                Some(layer) => layer,
                None if self.env_file.is_some() => {
                    return Err(ConfigError::Unreadable { path, why: "there is no such file".to_owned() });
                }
                None => continue,
            };
            self.overlay(&mut values, layer, &mut warnings)?;
        }
        let environment = self.environment.iter();
        let layer =
            environment.map(|(key, text)| (key.clone(), Entry::new(key, key, text.clone(), Origin::Environment)));
        self.overlay(&mut values, layer.collect(), &mut warnings)?;
        for (key, variable) in variables {
            values.take_from(key, variable);
        }
        if let Some(text) = &self.listen {
            let entry = Entry::new("TIERFALL_LISTEN", "--listen", text.clone(), Origin::Argument);
            values.overlay([("TIERFALL_LISTEN".to_owned(), entry)].into())?;
        }
        let providers = providers(&values)?;
        let configuration = build(&mut values, &providers, routes, &mut warnings)?;
        Ok(Loaded { configuration, warnings })
    }

    /// The files that are read, whether they are there or not.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        self.env_files().into_iter().chain([self.config_path()]).collect()
    }

    fn overlay(&self, values: &mut Values, layer: Layer, warnings: &mut Vec<Warning>) -> Result<(), ConfigError> {
        let slips = layer.values().filter_map(|entry| {
            let nearest = keys::misspelt(&entry.key)?;
            Some(Warning::Misspelt { key: entry.key.clone(), nearest, origin: entry.origin.clone() })
        });
        warnings.extend(slips);
        values.overlay(layer)
    }

    fn toml(&self) -> Result<Option<file::Said>, ConfigError> {
        let path = self.config_path();
        if self.config_file.is_none() && !path.exists() {
            return Ok(None);
        }
        file::read(&path).map(Some)
    }

    fn config_path(&self) -> PathBuf {
        self.folder.join(self.config_file.as_deref().unwrap_or(Path::new("tierfall.toml")))
    }

    /// Highest first.
    fn env_files(&self) -> Vec<PathBuf> {
        match &self.env_file {
            Some(path) => vec![self.folder.join(path)],
            None => vec![self.folder.join(".env.local"), self.folder.join(".env")],
        }
    }
}
