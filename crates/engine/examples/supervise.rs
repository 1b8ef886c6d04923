//! Keeps one worker alive and prints what it is doing, until it is ended itself:
//!
//! ```text
//! supervise WORKER-PROGRAM MODEL.gguf FOLDER-FOR-THE-SOCKET
//! ```

use std::path::PathBuf;

use engine::supervisor::{Supervisor, WarmPrefixes, WorkerSettings, WorkerState};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let Ok([program, model, dir]) = <[PathBuf; 3]>::try_from(arguments) else {
        eprintln!("supervise WORKER-PROGRAM MODEL.gguf FOLDER-FOR-THE-SOCKET");
        return;
    };
    let model_name = "example".to_owned();
    let (warm, known) = (None, WarmPrefixes::default());
    let (context, threads, parallel) = (None, None, None);
    let settings = WorkerSettings { program, model, model_name, context, threads, parallel, dir, warm, known };
    let supervisor = Supervisor::start(settings);
    println!("socket {}", supervisor.socket().display());
    let mut states = supervisor.states();
    loop {
        match states.borrow_and_update().clone() {
            WorkerState::Starting => println!("starting"),
            WorkerState::Loading { percent } => println!("loading {percent} %"),
            WorkerState::Ready { pid, context, threads } => {
                println!("ready {pid} with {context} tokens, {threads} threads");
            }
            WorkerState::Restarting { in_, why } => println!("restarting in {in_:?}: {why}"),
            WorkerState::Failed { reason } => println!("failed: {reason}"),
        }
        if states.changed().await.is_err() {
            return;
        }
    }
}
