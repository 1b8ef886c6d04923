//! Lists the workspace's own source, so that a Space is built from what this binary was built from.

mod tracked;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::PathBuf;

fn main() -> io::Result<()> {
    let variable = |name: &str| env::var(name).map(PathBuf::from).map_err(io::Error::other);
    let root = variable("CARGO_MANIFEST_DIR")?.join("../..").canonicalize()?;
    let source = tracked::source(&root)?;
    let mut list = "&[\n".to_owned();
    for file in &source.files {
        // Not the folders: theirs would be the tests' changes too.
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(&root).map_err(io::Error::other)?;
        writeln!(list, "    ({name:?}, include_bytes!({file:?})),").map_err(io::Error::other)?;
    }
    list += "]\n";
    for known_by in &source.known_by {
        println!("cargo::rerun-if-changed={}", known_by.display());
    }
    fs::write(variable("OUT_DIR")?.join("source.rs"), list)
}
