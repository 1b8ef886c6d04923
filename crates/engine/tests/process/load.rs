//! What a worker says that it has to do, as its supervisor hears it.

use engine::model::Load;
use engine::supervisor::{Supervisor, WorkerSettings};
use hyper::StatusCode;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::client::{endless, get, stream};
use crate::worker::{PATIENCE, Tested, model, settings, signal};

/// The first load like this.
async fn load(worker: &Tested, what: &str, like: impl Fn(Option<Load>) -> bool) -> Option<Load> {
    let mut loads = worker.supervisor.loads();
    *timeout(PATIENCE, loads.wait_for(|load| like(*load))).await.expect(what).expect("a load")
}

#[tokio::test]
async fn a_supervisor_knows_what_its_worker_has_to_do() {
    let worker = Tested::ready().await;
    load(&worker, "it is idle", |load| load.is_some_and(|load| load.is_idle())).await;
    let mut calls = Vec::new();
    for _ in 0..6 {
        calls.push(stream(worker.socket(), "/v1/chat/completions", &endless(true)).await.unwrap());
    }
    let full = |load: Load| load.running == 4 && load.waiting == 2 && load.token.is_some();
    let busy = load(&worker, "four run and two wait", |load| load.is_some_and(full)).await.unwrap();
    assert!(busy.wait > busy.token.unwrap(), "{busy:?}");
    let (status, health) = get(worker.socket(), "/health").await;
    assert_eq!((status, health["load"]["running"].as_u64()), (StatusCode::OK, Some(4)), "{health}");
    calls.into_iter().for_each(crate::client::Call::hang_up);
    load(&worker, "it is idle again", |load| load.is_some_and(|load| load.is_idle())).await;
}

#[tokio::test]
async fn a_worker_works_at_as_many_requests_at_once_as_it_is_told() {
    let dir = TempDir::new().unwrap();
    let supervisor = Supervisor::start(WorkerSettings { parallel: Some(2), ..settings(dir.path(), model()) });
    let worker = Tested { supervisor, dir };
    worker.pid().await;
    let mut calls = Vec::new();
    for _ in 0..3 {
        calls.push(stream(worker.socket(), "/v1/chat/completions", &endless(true)).await.unwrap());
    }
    let full = |load: Load| load.running == 2 && load.waiting == 1;
    load(&worker, "two run and one waits", |load| load.is_some_and(full)).await;
    assert_eq!(get(worker.socket(), "/health").await.1["parallel"], 2);
}

#[tokio::test]
async fn a_dead_worker_has_nothing_to_do_and_the_next_one_says_its_own() {
    let worker = Tested::ready().await;
    let pid = worker.pid().await;
    load(&worker, "the first says something", |load| load.is_some()).await;
    signal(pid, libc::SIGKILL);
    load(&worker, "nothing is known of a dead one", |load| load.is_none()).await;
    load(&worker, "the next says something", |load| load.is_some()).await;
    assert_ne!(worker.pid().await, pid);
}
