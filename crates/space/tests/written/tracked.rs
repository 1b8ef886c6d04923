//! What of a checkout becomes part of the binary, and of every Space that it writes.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{files, written};
use crate::listing::source;
use space::Role;

/// A checkout with one crate of one file, and with what its user keeps beside it.
fn checkout(is_repository: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |names: &[&str]| {
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
    };
    write(&["Cargo.toml", "crates/one/src/lib.rs", "crates/one/tests/all.rs", "crates/studio/web/src/main.ts"]);
    if is_repository {
        git(folder.path(), &["init", "--quiet"]);
        git(folder.path(), &["add", "--all"]);
    }
    write(&[
        "crates/one/src/notes.txt",
        "crates/one/.env.local",
        "spaces/keys.md",
        "crates/studio/web/dist/index.html",
    ]);
    folder
}

fn git(folder: &Path, arguments: &[&str]) {
    assert!(Command::new("git").args(arguments).current_dir(folder).status().unwrap().success());
}

fn listed(folder: &Path) -> Vec<String> {
    let files = source(&folder.canonicalize().unwrap()).unwrap().files;
    let names = files.iter().map(|file| file.strip_prefix(folder.canonicalize().unwrap()).unwrap());
    names.map(|name| name.to_str().unwrap().to_owned()).collect()
}

#[test]
fn an_untracked_file_in_the_folder_is_not_embedded() {
    let folder = checkout(true);
    let expected = ["Cargo.toml", "crates/one/src/lib.rs", "crates/studio/web/dist/index.html"];
    assert_eq!(listed(folder.path()), expected);
    git(folder.path(), &["add", "crates/one/src/notes.txt"]);
    assert!(
        listed(folder.path()).contains(&"crates/one/src/notes.txt".to_owned()),
        "once it is tracked it belongs to it"
    );
    fs::remove_file(folder.path().join("crates/one/src/lib.rs")).unwrap();
    assert!(!listed(folder.path()).contains(&"crates/one/src/lib.rs".to_owned()), "what is gone cannot be embedded");
}

#[test]
fn where_there_is_no_repository_the_folder_is_the_source() {
    let folder = checkout(false);
    let listed = listed(folder.path());
    assert!(listed.contains(&"crates/one/src/notes.txt".to_owned()), "{listed:?}");
    assert!(!listed.iter().any(|name| name.contains("tests") || name.ends_with("main.ts")), "{listed:?}");
}

#[test]
fn a_repository_that_git_cannot_list_stops_the_build() {
    let folder = checkout(false);
    fs::write(folder.path().join(".git"), "gitdir: nowhere\n").unwrap();
    let error = source(folder.path()).err().unwrap().to_string();
    assert!(error.starts_with("git lists what a Space is built from, and cannot: "), "{error}");
}

#[test]
fn this_binary_holds_the_files_that_its_own_checkout_lists_and_no_others() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let (folder, _) = written(Role::Proxy, None);
    let there = folder.path().join("source");
    let mut compared = 0;
    for path in files(&there) {
        let here = root.join(path.strip_prefix(&there).unwrap());
        assert!(fs::read(&path).unwrap() == fs::read(&here).unwrap(), "{}", here.display());
        compared += 1;
    }
    assert_eq!(compared, source(&root).unwrap().files.len());
    assert!(compared > 200, "{compared}");
    assert!(!there.join("crates/space/tests").exists());
    assert!(!there.join(".cargo").exists(), "its flags are for the machine that builds and runs");
    assert!(!there.join("rust-toolchain.toml").exists(), "an image has one Rust, and fetches no other");
}
