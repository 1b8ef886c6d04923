//! Workers that die, and workers that cannot live.

use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use engine::supervisor::{Supervisor, WorkerSettings, WorkerState};
use hyper::StatusCode;
use serde_json::json;
use tempfile::TempDir;

use crate::client::{ask, chat, endless, get, stream};
use crate::worker::{Tested, is_alive, model, settings, signal, until};

#[tokio::test]
async fn a_killed_worker_costs_the_running_answer_and_comes_back() {
    let worker = Tested::ready().await;
    let first = worker.pid().await;
    let call = stream(worker.socket(), "/v1/chat/completions", &endless(true)).await.unwrap();
    signal(first, libc::SIGKILL);
    assert!(!call.data().await.iter().any(|data| data == "[DONE]"));
    let is_down = |state: &WorkerState| matches!(state, WorkerState::Restarting { .. });
    let WorkerState::Restarting { why, .. } = worker.state(is_down).await else { unreachable!() };
    assert_eq!(why, "killed by SIGKILL");
    let second = worker.pid().await;
    assert_ne!(first, second);
    let (status, _, answer) = chat(worker.socket(), &ask(&json!({"max_tokens": 1}))).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

async fn reason(settings: WorkerSettings) -> (String, u32) {
    let supervisor = Supervisor::start(settings);
    let mut states = supervisor.states();
    let mut starts = 0;
    loop {
        match states.borrow_and_update().clone() {
            WorkerState::Failed { reason } => return (reason, starts),
            WorkerState::Restarting { .. } => starts += 1,
            _ => {}
        }
        states.changed().await.unwrap();
    }
}

#[tokio::test]
async fn a_worker_that_dies_three_times_at_its_start_stays_down_with_the_reason() {
    let dir = TempDir::new().unwrap();
    // The shell cannot run the script `engine` that it is told to, says so, and ends.
    let dying = WorkerSettings { program: "/bin/sh".into(), ..settings(dir.path(), model()) };
    let (reason, restarts) = reason(dying).await;
    assert!(reason.starts_with("died 3 times at its start, at last: exit code "), "{reason}");
    assert!(reason.contains("engine"), "its last words: {reason}");
    assert_eq!(restarts, 2);
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let dir = TempDir::new().unwrap();
    let absent = WorkerSettings { program: dir.path().join("nothing"), ..settings(dir.path(), model()) };
    let (reason, _) = reason(absent).await;
    assert!(reason.contains("nothing cannot be started"), "{reason}");
}

#[tokio::test]
async fn a_damaged_model_is_named_and_not_tried_again() {
    let dir = TempDir::new().unwrap();
    let damaged = dir.path().join("damaged.gguf");
    let whole = fs::read(model()).unwrap();
    for (bytes, fault) in [(&whole[..whole.len() / 2], "truncated"), (b"<html>gone</html>", "is not a GGUF")] {
        fs::write(&damaged, bytes).unwrap();
        let (reason, restarts) = reason(settings(dir.path(), damaged.clone())).await;
        assert!(reason.starts_with("damaged.gguf") && reason.contains(fault), "{reason}");
        assert_eq!(restarts, 0);
    }
}

/// A model that never comes: whoever opens it waits.
fn endless_model(dir: &Path) -> PathBuf {
    let path = dir.join("slow.gguf");
    let name = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: the name is a string that ends with a zero and outlives the call.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    path
}

#[tokio::test]
async fn a_worker_that_loads_says_so_and_can_be_shut_down() {
    let dir = TempDir::new().unwrap();
    let worker = Tested::starting(endless_model(dir.path()));
    let loading = worker.state(|state| matches!(state, WorkerState::Loading { .. })).await;
    assert_eq!(loading, WorkerState::Loading { percent: 0 });
    let health = get(worker.socket(), "/health").await;
    assert_eq!(health, (StatusCode::SERVICE_UNAVAILABLE, json!({"status": "loading", "percent": 0})));
    let (status, headers, answer) = chat(worker.socket(), &ask(&json!({}))).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((&answer["error"]["message"], &answer["error"]["code"]), (&json!("loading 0 %"), &json!("loading")));
    assert!(headers.contains_key("retry-after"));
    worker.supervisor.shutdown().await;
    assert_eq!(fs::read_dir(worker.dir.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_shut_down_supervisor_leaves_no_process_and_no_folder() {
    let worker = Tested::ready().await;
    let pid = worker.pid().await;
    worker.supervisor.shutdown().await;
    assert!(!is_alive(pid));
    assert_eq!(fs::read_dir(worker.dir.path()).unwrap().count(), 0);
    worker.supervisor.shutdown().await;
}

#[tokio::test]
async fn a_dropped_supervisor_ends_its_worker() {
    let worker = Tested::ready().await;
    let pid = worker.pid().await;
    drop(worker.supervisor);
    until("the worker ends", || !is_alive(pid)).await;
}
