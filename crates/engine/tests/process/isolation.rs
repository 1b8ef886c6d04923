//! What a worker holds, who can reach it, and what ends it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use engine::supervisor::Supervisor;
use tempfile::TempDir;

use crate::worker::{Tested, example, is_alive, model, settings, signal, stat, until};

/// A supervisor in a process of its own, which has a secret and an open file that it does not know of.
struct Gateway {
    process: Child,
    worker: u32,
    dir: TempDir,
}

impl Gateway {
    fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let secret_file = dir.path().join("diary");
        fs::write(&secret_file, "dear").unwrap();
        let mut process = Command::new("/bin/sh")
            .args(["-c", r#"exec 9<"$0"; exec "$@""#])
            .args([&secret_file, &example("supervise"), &example("worker"), &model()])
            .arg(dir.path())
            .env("GROQ_API_KEY", "gsk-very-secret")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let ready = lines.find_map(|line| line.strip_prefix("ready ")?.split(' ').next()?.parse().ok());
        Self { process, worker: ready.expect("it becomes ready"), dir }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// The folders of workers' sockets.
    fn folders(&self) -> usize {
        fs::read_dir(self.dir.path()).unwrap().flatten().filter(|entry| entry.path().is_dir()).count()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn only_its_user_can_reach_the_socket() {
    let worker = Tested::ready().await;
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(worker.socket()), 0o600);
    assert_eq!(mode(worker.socket().parent().unwrap()), 0o700);
}

#[test]
fn a_worker_holds_no_secret_and_no_file_of_its_gateway() {
    let gateway = Gateway::start();
    let environment = fs::read(format!("/proc/{}/environ", gateway.worker)).unwrap();
    let environment = String::from_utf8_lossy(&environment);
    assert_eq!(environment.trim_end_matches('\0'), "GGML_NO_BACKTRACE=1\0GOMP_SPINCOUNT=1000");
    let open = |pid: u32| -> Vec<String> {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
        descriptors.filter_map(|entry| Some(fs::read_link(entry.path()).ok()?.display().to_string())).collect()
    };
    let is_diary = |path: &String| path.ends_with("diary");
    assert!(open(gateway.process.id()).iter().any(is_diary), "the gateway itself has it open");
    assert!(!open(gateway.worker).iter().any(is_diary));
}

#[tokio::test]
async fn a_gateway_ended_by_sigkill_takes_its_worker_along_and_the_next_one_clears_up() {
    let mut gateway = Gateway::start();
    let worker = gateway.worker;
    assert!(is_alive(worker));
    gateway.kill();
    until("the worker ends", || !is_alive(worker)).await;
    assert_eq!(gateway.folders(), 1);
    let next = Supervisor::start(settings(gateway.dir.path(), model()));
    assert_eq!(gateway.folders(), 1);
    next.shutdown().await;
    assert_eq!(gateway.folders(), 0);
}

#[tokio::test]
async fn ctrl_c_is_left_to_the_gateway() {
    let worker = Tested::ready().await;
    let pid = worker.pid().await;
    signal(pid, libc::SIGINT);
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    let ignored = u64::from_str_radix(ignored.trim(), 16).unwrap();
    assert_ne!(ignored & 1 << (libc::SIGINT - 1), 0);
    assert!(is_alive(pid));
}

#[tokio::test]
async fn a_worker_steps_back_behind_everything_else() {
    let worker = Tested::ready().await;
    let pid = worker.pid().await;
    let nice = |stat: &[String]| stat[16].parse::<i32>().unwrap();
    let own = nice(&stat(std::process::id()).unwrap());
    assert_eq!(nice(&stat(pid).unwrap()), (own + 5).min(19));
    let oom = fs::read_to_string(format!("/proc/{pid}/oom_score_adj")).unwrap();
    assert_eq!(oom.trim(), "1000");
}
