//! The binary as a user meets it: its output, its errors of one line, its exit codes.

mod arguments;
mod doctor;
mod models;

use std::path::Path;
use std::process::Command;

/// What a run of the binary said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

/// Runs `tierfall` in `folder`, with data kept there, with nothing in its environment but `keys`.
fn tierfall(folder: &Path, keys: &[(&str, &str)], arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_tierfall"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("TIERFALL_DATA_DIR", folder.join("data"))
        .envs(keys.iter().copied())
        .output()
        .expect("the binary runs");
    Said {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}
