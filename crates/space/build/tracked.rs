//! The files of a checkout that a Space is built from: those that Git tracks, and never what else lies in the folder, such as
//! notes, keys or a database of the one who builds. Where there is no repository, as in a Space's own `source`, somebody has
//! put the files there for this, and all of them count.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the Studio's front end lies. What makes it is no part of a Space's build, which has no Node: what it has made is.
const FRONT_END: &str = "crates/studio/web";

/// What the build reads beside the crates.
const BESIDE: [&str; 5] = ["Cargo.toml", "Cargo.lock", "LICENSE-APACHE", "LICENSE-MIT", "spaces"];

/// What a Space is built from.
pub(crate) struct Source {
    /// Sorted, with the root before them.
    pub(crate) files: Vec<PathBuf>,
    /// What changes where another file belongs to it.
    pub(crate) known_by: Vec<PathBuf>,
}

/// The source below `root`.
///
/// # Errors
/// A folder cannot be read, or `root` is a repository and Git is not there to list it.
pub(crate) fn source(root: &Path) -> io::Result<Source> {
    let built = root.join(FRONT_END).join("dist");
    let mut known_by = vec![built.clone()];
    let mut files = Vec::new();
    if root.join(".git").exists() {
        files = tracked(root)?;
        known_by.push(root.join(git(root, &["rev-parse", "--git-path", "index"])?.trim_end()));
    } else {
        gather(root, &mut files)?;
    }
    files.retain(|file| file.strip_prefix(root).is_ok_and(is_built));
    // Git ignores the front end, which is made before this.
    if built.is_dir() {
        gather(&built, &mut files)?;
    }
    files.sort();
    files.dedup();
    Ok(Source { files, known_by })
}

/// Whether the build reads it: `path` begins at the root.
fn is_built(path: &Path) -> bool {
    let mut parts = path.iter().filter_map(|part| part.to_str());
    match (parts.next(), parts.nth(1)) {
        // Tests are no part of what is built, and a third of it.
        (Some("crates"), Some(part)) => part != "tests" && !path.starts_with(FRONT_END),
        (Some(first), _) => BESIDE.contains(&first),
        _ => false,
    }
}

fn tracked(root: &Path) -> io::Result<Vec<PathBuf>> {
    let listed = git(root, &["ls-files", "-z", "--cached"])?;
    let files = listed.split_terminator('\0').map(|name| root.join(name));
    // One that was deleted is listed until that is committed.
    Ok(files.filter(|file| file.is_file()).collect())
}

fn git(root: &Path, arguments: &[&str]) -> io::Result<String> {
    let failed = |why: String| io::Error::other(format!("git lists what a Space is built from, and cannot: {why}"));
    let mut command = Command::new("git");
    // Built as another user than the one whose checkout it is, Git would refuse.
    command.args(["-c", "safe.directory=*"]).args(arguments).current_dir(root);
    // A build that a hook starts is told of a repository that need not be this one.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(io::Error::other)
    } else {
        Err(failed(String::from_utf8_lossy(&output.stderr).trim_end().to_owned()))
    }
}

/// Every file at or below `path`, but for what a build makes.
fn gather(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
    } else if !path.ends_with("target") && !path.ends_with("node_modules") {
        for entry in fs::read_dir(path)? {
            gather(&entry?.path(), files)?;
        }
    }
    Ok(())
}
