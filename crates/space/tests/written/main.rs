//! The folder of a Space, as Docker and the Hub would read it.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

mod dockerfile;
#[path = "../../build/tracked.rs"]
#[allow(dead_code, reason = "the build reads more of it")]
mod listing;
mod refusals;
mod source;
mod tracked;
mod zerogpu;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use space::{Role, Wish, Written, init};

/// Those that Docker builds.
const ROLES: [Role; 3] = [Role::Primary, Role::Fast, Role::Proxy];

fn wish(role: Role, model: Option<&str>) -> Wish {
    Wish { role, model: model.map(str::to_owned), title: None }
}

/// A folder with the Space of this role in it.
fn written(role: Role, model: Option<&str>) -> (tempfile::TempDir, Written) {
    let folder = tempfile::tempdir().unwrap();
    let written = init(folder.path(), &wish(role, model), false).unwrap();
    (folder, written)
}

/// The front matter's `key: value` lines; a list's items come under its key.
fn front_matter(folder: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder.join("README.md")).unwrap();
    let (head, _) = text.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
    head.replace(":\n  - ", ": ")
        .lines()
        .map(|line| line.split_once(": ").map(|(key, value)| (key.to_owned(), value.to_owned())).unwrap())
        .collect()
}

/// Every file at or below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
