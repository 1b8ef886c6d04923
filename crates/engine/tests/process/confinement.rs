//! What a worker cannot do, tried by a process in the same confinement. Each attempt succeeds where there is none, so that a
//! refusal is the confinement's.

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};

use engine::confine::{self, Confinement};
use tempfile::TempDir;

use crate::worker::{Tested, example};

/// What each attempt came to.
fn tried(mode: &str) -> Vec<(String, String)> {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("model"), "GGUF").unwrap();
    fs::write(dir.path().join("neighbour"), "dear").unwrap();
    fs::write(dir.path().join("spare"), "").unwrap();
    fs::create_dir(dir.path().join("state")).unwrap();
    let _socket = UnixListener::bind(dir.path().join("socket")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut bystander = Command::new("/bin/cat").stdin(Stdio::piped()).spawn().unwrap();
    let output = Command::new(example("confined"))
        .args([mode.as_ref(), dir.path().as_os_str()])
        .args([listener.local_addr().unwrap().port().to_string(), bystander.id().to_string()])
        .output()
        .unwrap();
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let (errors, how) = (String::from_utf8_lossy(&output.stderr), output.status);
    assert!(how.success(), "{how} {errors} {lines}");
    let split = |line: &str| line.split_once('\t').map(|(what, came)| (what.to_owned(), came.to_owned()));
    lines.lines().map(|line| split(line).expect(line)).collect()
}

/// Linux's words for a call that is not there, and for what may not be done.
const REFUSALS: [&str; 5] = [
    "Function not implemented",
    "Permission denied",
    "Operation not permitted",
    "Cross-device link",
    "Cannot allocate memory",
];

fn is_refused(came: &str) -> bool {
    REFUSALS.iter().any(|word| came.starts_with(word))
}

#[test]
fn a_worker_can_open_nothing_connect_nowhere_and_start_nothing() {
    let tried = tried("confined");
    let came = |what: &str| tried.iter().find(|(name, _)| name == what).map(|(_, came)| came.as_str());
    for offered in ["files", "calls"] {
        assert_eq!(
            came(offered),
            Some("true"),
            "this kernel has no confinement of {offered}: it cannot be tested here"
        );
    }
    let (mut own, mut others) = (0, 0);
    for (what, came) in tried.iter().filter(|(what, _)| !["files", "calls"].contains(&what.as_str())) {
        if what.starts_with("own: ") {
            assert_eq!(came, "allowed", "{what}");
            own += 1;
        } else if what.starts_with("call ") {
            assert!(came.starts_with("Function not implemented"), "{what}: {came}");
        } else {
            assert!(is_refused(came), "{what}: {came}");
            others += 1;
        }
    }
    assert_eq!((own, others), (7, 25));
}

/// Or the refusals above would prove nothing.
#[test]
fn without_the_confinement_all_of_it_is_allowed() {
    for (what, came) in tried("free") {
        // Root alone may raise a limit, and here none was set.
        assert_eq!(came, "allowed", "{what}");
    }
}

#[tokio::test]
async fn a_real_worker_is_confined_before_it_is_ready() {
    let worker = Tested::ready().await;
    let pid = worker.pid().await;
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    for thread in threads.flatten() {
        let status = fs::read_to_string(thread.path().join("status")).unwrap();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.unwrap_or_else(|| panic!("no {name}")).trim().to_owned()
        };
        assert_eq!((field("NoNewPrivs"), field("Seccomp")), ("1".to_owned(), "2".to_owned()));
        // All but the one to read (`CAP_DAC_READ_SEARCH`).
        assert_eq!(u64::from_str_radix(&field("CapPrm"), 16).unwrap() & !4, 0);
    }
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let limit = |name: &str| {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap()
    };
    let size = fs::metadata(crate::worker::model()).unwrap().len();
    assert!((size..size + (2 << 30)).contains(&limit("Max data size")), "{limits}");
    assert_eq!(limit("Max open files"), 1024);
}

#[test]
fn what_the_kernel_offers_is_known_without_entering_it() {
    let offered = confine::offered();
    assert_eq!(offered, Confinement { files: true, calls: true });
    assert_eq!(confine::offered(), offered);
    assert!(fs::read("/etc/passwd").is_ok());
}
