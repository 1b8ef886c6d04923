//! The binary as a user meets it: its output, its errors of one line, its exit codes.

mod arguments;
mod ask;
mod doctor;
mod hub_stand_in;
mod ledger;
mod models;
mod push;
mod simulate;
mod space;
mod start;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// After so long a command that should have ended is taken to hang. No test passes by it.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a run of the binary said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

/// Runs `tierfall` in `folder`, with data kept there, with nothing in its environment but `keys`.
fn tierfall(folder: &Path, keys: &[(&str, &str)], arguments: &[&str]) -> Said {
    let process = Command::new(env!("CARGO_BIN_EXE_tierfall"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("TIERFALL_DATA_DIR", folder.join("data"))
        .envs(keys.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let pid = process.id().to_string();
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(process.wait_with_output()));
    let Ok(output) = ended.recv_timeout(PATIENCE) else {
        let _ = Command::new("/bin/sh").args(["-c", "kill -s KILL \"$0\"", &pid]).status();
        panic!("it does not end: {arguments:?}");
    };
    let output = output.expect("its output");
    Said {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}
