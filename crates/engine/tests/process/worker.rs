//! Workers for the tests to ask and to harm.

use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::supervisor::{Supervisor, WarmPrefixes, WorkerSettings, WorkerState};
use tempfile::TempDir;
use tokio::time::timeout;

/// Longer than anything here takes; a test that hangs ends by it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The real model.
pub(crate) fn model() -> PathBuf {
    std::env::var_os("TIERFALL_TEST_MODEL").expect("TIERFALL_TEST_MODEL is not set: run `make test`").into()
}

/// A program of this crate's examples, beside the tests.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join("examples").join(name);
    assert!(program.exists(), "{} is not built: run `make test`", program.display());
    program
}

pub(crate) fn settings(dir: &Path, model: PathBuf) -> WorkerSettings {
    let model_name = "tiny".to_owned();
    let (context, threads, parallel) = (Some(2048), Some(1), None);
    let (program, dir) = (example("worker"), dir.to_owned());
    let (warm, known) = (None, WarmPrefixes::default());
    WorkerSettings { program, model, model_name, context, threads, parallel, dir, warm, known }
}

/// A supervised worker in a folder of its own.
pub(crate) struct Tested {
    pub(crate) supervisor: Supervisor,
    pub(crate) dir: TempDir,
}

impl Tested {
    /// One that is not ready yet.
    pub(crate) fn starting(model: PathBuf) -> Self {
        Self::with(|dir| settings(dir, model))
    }

    /// One with settings of its own.
    pub(crate) fn with(settings: impl FnOnce(&Path) -> WorkerSettings) -> Self {
        let dir = TempDir::new().unwrap();
        Self { supervisor: Supervisor::start(settings(dir.path())), dir }
    }

    /// One with the real model, ready.
    pub(crate) async fn ready() -> Self {
        let tested = Self::starting(model());
        tested.pid().await;
        tested
    }

    pub(crate) fn socket(&self) -> &Path {
        self.supervisor.socket()
    }

    /// The process, once it is ready.
    pub(crate) async fn pid(&self) -> u32 {
        let WorkerState::Ready { pid, .. } = self.state(|state| matches!(state, WorkerState::Ready { .. })).await
        else {
            unreachable!("that is what was waited for");
        };
        pid
    }

    /// The first state like this.
    pub(crate) async fn state(&self, like: impl Fn(&WorkerState) -> bool) -> WorkerState {
        let mut states = self.supervisor.states();
        let given_up = |state: &WorkerState| matches!(state, WorkerState::Failed { .. });
        let wait = states.wait_for(|state| like(state) || given_up(state));
        let state = timeout(PATIENCE, wait).await.expect("in time").expect("a state").clone();
        assert!(like(&state), "{state:?}");
        state
    }
}

/// Sends a signal to a process that a test has started.
pub(crate) fn signal(pid: u32, signal: libc::c_int) {
    let pid = libc::pid_t::try_from(pid).unwrap();
    // SAFETY: a plain system call, on the process of a worker or supervisor of this test.
    assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
}

/// True while the process is there and not merely unburied.
pub(crate) fn is_alive(pid: u32) -> bool {
    stat(pid).is_some_and(|stat| stat[0] != "Z")
}

/// The fields of `/proc/PID/stat` from the third on (proc(5)).
pub(crate) fn stat(pid: u32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

/// Waits for something that must come.
pub(crate) async fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let wait = async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("waited in vain: {what}"));
}
