//! `tierfall models`: what is here, how large, for which tier; fetching and deleting.

mod table;

use std::io::{self, Write};
use std::path::PathBuf;

use models::{Cancel, Library, Reference, Settings, Terminal, human_bytes};

use crate::config::{Configuration, TierConfig};

/// The library that a configuration means.
#[must_use]
pub fn library(configuration: &Configuration) -> Library {
    let mut settings = Settings::new(&configuration.data_dir);
    settings.hub_token.clone_from(&configuration.hf_token);
    if let Some(endpoint) = &configuration.hf_endpoint {
        settings.hub_endpoint.clone_from(endpoint);
    }
    Library::new(&settings)
}

/// The local tiers that are on and run `reference`.
pub fn users<'a>(
    tiers: &'a [TierConfig],
    library: &'a Library,
    reference: &'a Reference,
) -> impl Iterator<Item = &'a TierConfig> {
    tiers
        .iter()
        .filter(|tier| tier.kind.is_engine() && tier.is_on())
        .filter(move |tier| library.find(&tier.model).is_ok_and(|own| own == *reference))
}

/// `models list`: the table on `out`.
///
/// # Errors
/// The models folder cannot be read, or `out` cannot be written.
pub fn list(configuration: &Configuration, mut out: impl Write) -> io::Result<()> {
    let library = library(configuration);
    out.write_all(table::render(&table::rows(&library, &configuration.tiers)?).as_bytes())?;
    writeln!(out, "\nModels are in {}; fetch one with: tierfall models pull NAME", library.folder().display())
}

/// `models pull`: fetches, with its progress on the standard error.
///
/// # Errors
/// A name of no model, or none of its sources gave it.
pub fn pull(configuration: &Configuration, name: &str) -> anyhow::Result<PathBuf> {
    let library = library(configuration);
    let reference = library.find(name)?;
    let mut progress = Terminal::stderr().show(&reference.to_string());
    Ok(library.pull(&reference, progress.as_mut(), &Cancel::new())?)
}

/// `models pull` without a name: fetches what the local tiers that are on run, the smallest first, so that some tier can
/// soon answer.
///
/// # Errors
/// As [`pull`].
pub fn pull_all(configuration: &Configuration) -> anyhow::Result<()> {
    let library = library(configuration);
    let local = configuration.tiers.iter().filter(|tier| tier.kind.is_engine() && tier.is_on());
    let mut names: Vec<&str> = local.map(|tier| &*tier.model).collect();
    let size = |name: &str| Some(library.entry(&library.find(name).ok()?)?.1.size);
    names.sort_by_key(|name| size(name));
    names.dedup();
    for name in names {
        if !library.is_present(&library.find(name)?) {
            pull(configuration, name)?;
        }
    }
    Ok(())
}

/// `models path`: where the model is, or will be.
///
/// # Errors
/// A name of no model.
pub fn path(configuration: &Configuration, name: &str) -> anyhow::Result<PathBuf> {
    let library = library(configuration);
    Ok(library.path(&library.find(name)?))
}

/// `models remove`: deletes it; what it says to the user.
///
/// # Errors
/// A name of no model, or of one that is not in the folder, or is being fetched.
pub fn remove(configuration: &Configuration, name: &str) -> anyhow::Result<String> {
    let library = library(configuration);
    let reference = library.find(name)?;
    let bytes = library.remove(&reference)?;
    let mut said = format!("{reference} deleted, {} free again", human_bytes(bytes));
    for tier in users(&configuration.tiers, &library, &reference) {
        said += &format!("; {} runs it, and fetches it again at the next start", tier.name);
    }
    Ok(said)
}
