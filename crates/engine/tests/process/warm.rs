//! Warm prefixes over a worker's lives.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::supervisor::{WarmPrefixes, WorkerSettings};
use hyper::{Method, StatusCode};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::client::{call, chat, get};
use crate::worker::{PATIENCE, Tested, model, settings, signal, until};

/// Some hundred tokens that every chat begins with.
fn start() -> Vec<Value> {
    let rules: String = (0..20).map(|line| format!("Rule {line}: write whole pages, short and plain. ")).collect();
    vec![json!({"role": "system", "content": rules})]
}

fn start_json() -> Box<RawValue> {
    to_raw_value(&start()).unwrap()
}

/// The cached tokens of a chat that begins so.
async fn cached(worker: &Tested, question: &str) -> u64 {
    let messages = [start(), vec![json!({"role": "user", "content": question})]].concat();
    let (status, _, answer) = chat(worker.socket(), &json!({"messages": messages, "max_tokens": 1})).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer["usage"]["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap()
}

/// What the worker keeps warm, once it is like this.
async fn warmth(worker: &Tested, what: &str, like: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            let warmth = get(worker.socket(), "/health").await.1["warm"].clone();
            if like(&warmth) {
                return warmth;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("waited in vain: {what}"))
}

fn is_saved(warmth: &Value) -> bool {
    warmth["prefixes"].as_array().is_some_and(|all| all.iter().any(|one| one["saved"] == true))
}

fn is_read(warmth: &Value) -> bool {
    warmth["prefixes"]
        .as_array()
        .is_some_and(|all| !all.is_empty() && all.iter().all(|one| one["held"] == one["tokens"]))
}

/// A worker that keeps its warm prefixes in `folder`, and is told what is known to come.
fn keeping(folder: &Path, known: &WarmPrefixes) -> Tested {
    let (folder, known) = (folder.to_owned(), known.clone());
    Tested::with(move |dir| WorkerSettings { warm: Some(folder), known, ..settings(dir, model()) })
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let models = fs::read_dir(folder).into_iter().flatten().flatten();
    models.flat_map(|model| fs::read_dir(model.path()).unwrap().flatten()).map(|entry| entry.path()).collect()
}

#[tokio::test]
async fn a_killed_worker_finds_what_its_requests_shared_and_a_damaged_file_is_dropped_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let worker = keeping(folder.path(), &WarmPrefixes::default());
    let pid = worker.pid().await;
    assert_eq!(cached(&worker, "Begin.").await, 0);
    let shared = cached(&worker, "Go on.").await;
    assert!(shared > 200, "{shared}");
    warmth(&worker, "it is saved while nobody asks", is_saved).await;
    signal(pid, libc::SIGKILL);
    until("it is dead", || !crate::worker::is_alive(pid)).await;
    let next = worker.state(|state| is_ready_beside(state, pid)).await;
    assert!(cached(&worker, "And again.").await >= shared, "{next:?}");

    let [file] = &files(folder.path())[..] else { panic!("{:?}", files(folder.path())) };
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(file.parent().unwrap()), mode(file)), (0o700, 0o600));
    worker.supervisor.shutdown().await;
    fs::write(file, "\0".repeat(5000)).unwrap();
    let worker = keeping(folder.path(), &WarmPrefixes::default());
    worker.pid().await;
    let warmth = warmth(&worker, "it is there", Value::is_object).await;
    let dropped = format!("{}: it is no warm prefix", file.file_name().unwrap().to_str().unwrap());
    assert_eq!(warmth, json!({"prefixes": [], "dropped": [dropped]}));
    assert_eq!(engine::supervisor::dropped(folder.path(), &model()).unwrap(), [dropped]);
    assert_eq!(cached(&worker, "Once more.").await, 0);
}

fn is_ready_beside(state: &engine::supervisor::WorkerState, dead: u32) -> bool {
    matches!(state, engine::supervisor::WorkerState::Ready { pid, .. } if *pid != dead)
}

#[tokio::test]
async fn the_several_answers_of_one_request_use_its_start_once() {
    let folder = tempfile::tempdir().unwrap();
    let worker = keeping(folder.path(), &WarmPrefixes::default());
    worker.pid().await;
    let messages = [start(), vec![json!({"role": "user", "content": "Begin."})]].concat();
    let (status, _, answer) = chat(worker.socket(), &json!({"messages": messages, "max_tokens": 2, "n": 3})).await;
    assert_eq!((status, answer["choices"].as_array().unwrap().len()), (StatusCode::OK, 3), "{answer}");
    let prefixes = async || get(worker.socket(), "/health").await.1["warm"]["prefixes"].clone();
    assert_eq!(prefixes().await, json!([]), "nobody else has asked so");
    assert!(cached(&worker, "Go on.").await > 200);
    assert_eq!(prefixes().await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn where_the_folder_of_warm_prefixes_cannot_be_made_nothing_is_saved_and_the_rest_is_as_ever() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("warm");
    fs::write(&file, "").unwrap();
    let worker = keeping(&file, &WarmPrefixes::default());
    worker.pid().await;
    assert_eq!(cached(&worker, "Begin.").await, 0);
    let shared = cached(&worker, "Go on.").await;
    assert!(cached(&worker, "And again.").await >= shared && shared > 200, "{shared}");
    worker.supervisor.shutdown().await;
    assert_eq!(fs::read(&file).unwrap(), b"");
    let worker = keeping(&file, &WarmPrefixes::default());
    worker.pid().await;
    assert_eq!(cached(&worker, "Once more.").await, 0);
}

#[tokio::test]
async fn a_worker_that_is_ended_saves_what_is_warm() {
    let folder = tempfile::tempdir().unwrap();
    let worker = keeping(folder.path(), &WarmPrefixes::default());
    worker.pid().await;
    cached(&worker, "Begin.").await;
    let shared = cached(&worker, "Go on.").await;
    worker.supervisor.shutdown().await;
    assert_eq!(files(folder.path()).len(), 1);
    let worker = keeping(folder.path(), &WarmPrefixes::default());
    worker.pid().await;
    assert!(cached(&worker, "And again.").await >= shared);
}

#[tokio::test]
async fn every_worker_is_told_what_is_known_to_come_and_has_it_read_for_the_first_request() {
    let known = WarmPrefixes::default();
    let folder = tempfile::tempdir().unwrap();
    let worker = Tested::with(|dir| WorkerSettings { known: known.clone(), ..settings(dir, model()) });
    let pid = worker.pid().await;
    known.tell(&start_json());
    let read = warmth(&worker, "it is read", is_read).await;
    assert_eq!(read["prefixes"][0]["known"], true);
    signal(pid, libc::SIGKILL);
    worker.state(|state| is_ready_beside(state, pid)).await;
    warmth(&worker, "the next one has read it too", is_read).await;
    assert_eq!(cached(&worker, "Begin.").await, read["prefixes"][0]["tokens"].as_u64().unwrap());
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn a_start_that_is_none_is_refused() {
    let worker = Tested::ready().await;
    for (body, part) in [
        (json!({}), "messages must be given"),
        (json!({"messages": "Hi"}), "messages: "),
        (json!({"messages": [], "max_tokens": 3}), "max_tokens is not supported"),
    ] {
        let (status, _, answer) = call(worker.socket(), Method::POST, "/warm", &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(part), "{answer}");
    }
    assert_eq!(get(worker.socket(), "/warm").await.0, StatusCode::METHOD_NOT_ALLOWED);
    let (status, _, answer) = call(worker.socket(), Method::POST, "/warm", &json!({"messages": start()})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert!(answer["tokens"].as_u64().is_some_and(|tokens| tokens > 200), "{answer}");
}
