//! The binary as a user meets it: its output, its errors of one line, its exit codes.

mod arguments;
mod ask;
mod bench;
mod doctor;
mod hub_stand_in;
mod ledger;
mod models;
mod push;
mod simulate;
mod space;
mod start;
mod tiers;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// After so long a command that should have ended is taken to hang. No test passes by it.
const PATIENCE: Duration = Duration::from_secs(600);

/// What a run of the binary said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

/// Runs `tierfall` in `folder`, with data kept there, with nothing in its environment but `keys`.
fn tierfall(folder: &Path, keys: &[(&str, &str)], arguments: &[&str]) -> Said {
    finish(start(folder, keys, arguments), &arguments.join(" "))
}

/// Starts what [`tierfall`] runs.
fn start(folder: &Path, keys: &[(&str, &str)], arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_tierfall"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("TIERFALL_DATA_DIR", folder.join("data"))
        .envs(keys.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

/// Waits for its end.
fn finish(process: Child, arguments: &str) -> Said {
    let pid = process.id();
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(process.wait_with_output()));
    let Ok(output) = ended.recv_timeout(PATIENCE) else {
        kill(pid);
        panic!("it does not end: {arguments}");
    };
    let output = output.expect("its output");
    Said {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Ends a process that a test has started, or its child.
fn kill(pid: u32) {
    signal(pid, "KILL");
}

fn signal(pid: u32, name: &str) {
    // It may have ended by itself.
    let _ = Command::new("/bin/sh").args(["-c", "kill -s \"$0\" \"$1\" 2>&1", name, &pid.to_string()]).output();
}

/// The workers that a process has started and not yet buried.
fn workers(parent: u32) -> Vec<u32> {
    let pids = std::fs::read_dir("/proc").expect("Linux").flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|&pid| is_worker(pid, parent)).collect()
}

/// Whether this is a living child of that process, and no longer the copy that it is before it has begun.
fn is_worker(pid: u32, parent: u32) -> bool {
    let begun =
        || std::fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.contains("\0engine\0"));
    living(pid).is_some_and(|of| of == parent) && begun()
}

/// Whether the process is there, and not merely unburied.
fn is_alive(pid: u32) -> bool {
    living(pid).is_some()
}

/// The parent of a living process (proc(5)).
fn living(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    fields.next().filter(|state| *state != "Z")?;
    fields.next()?.parse().ok()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Waits for something that must come.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = std::time::Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}
