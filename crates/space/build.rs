//! Lists the workspace's own source, so that a Space is built from what this binary was built from.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the Studio's front end lies. What makes it is no part of a Space's build, which has no Node: what it has made is.
const FRONT_END: &str = "crates/studio/web";

/// What the build reads beside the crates.
const BESIDE: [&str; 5] = ["Cargo.toml", "Cargo.lock", "LICENSE-APACHE", "LICENSE-MIT", "spaces"];

fn main() -> io::Result<()> {
    let variable = |name: &str| env::var(name).map(PathBuf::from).map_err(io::Error::other);
    let root = variable("CARGO_MANIFEST_DIR")?.join("../..").canonicalize()?;
    let mut files = Vec::new();
    for beside in BESIDE {
        gather(&root.join(beside), &mut files)?;
    }
    for member in sorted(&root.join("crates"))? {
        for path in sorted(&member)? {
            // Tests are no part of what is built, and a third of it.
            if !path.ends_with("tests") {
                gather(&path, &mut files)?;
            }
        }
    }
    let built = root.join(FRONT_END).join("dist");
    gather(&built, &mut files)?;
    // The folder too, since a new front end has files of other names.
    println!("cargo::rerun-if-changed={}", built.display());
    let mut list = "&[\n".to_owned();
    for file in &files {
        // Not the folders: theirs would be the tests' changes too.
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(&root).map_err(io::Error::other)?;
        writeln!(list, "    ({name:?}, include_bytes!({file:?})),").map_err(io::Error::other)?;
    }
    list += "]\n";
    fs::write(variable("OUT_DIR")?.join("source.rs"), list)
}

/// Every file at or below `path` that somebody wrote.
fn gather(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
    } else if !path.ends_with("target") && !path.ends_with("node_modules") && !path.ends_with(FRONT_END) {
        for path in sorted(path)? {
            gather(&path, files)?;
        }
    }
    Ok(())
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
