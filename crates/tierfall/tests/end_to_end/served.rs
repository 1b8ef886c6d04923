//! `tierfall serve` as a process, in a folder of its own.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::answer::{Answer, Stream};
use crate::{PATIENCE, PROMPT, SECRETS, until};

const LISTENING: &str = "Listening on http://";

/// How to start it.
#[derive(Default)]
pub(crate) struct Setup<'a> {
    /// The text of `.env.local`.
    pub(crate) keys: &'a str,
    pub(crate) environment: &'a [(&'a str, &'a str)],
    pub(crate) arguments: &'a [&'a str],
    /// How many files it may have open, `soft:hard`.
    pub(crate) open_files: Option<&'a str>,
    /// A folder that is there already, as another one left it.
    pub(crate) folder: Option<Arc<TempDir>>,
}

/// A running gateway. Dropped, it is killed; whatever it printed is then searched for secrets.
pub(crate) struct Served {
    process: Child,
    address: SocketAddr,
    folder: Arc<TempDir>,
    out: Output,
    err: Output,
}

impl Served {
    pub(crate) fn start(keys: &str) -> Self {
        Self::with(&Setup { keys, ..Setup::default() })
    }

    pub(crate) fn with(setup: &Setup<'_>) -> Self {
        let folder = setup.folder.clone().unwrap_or_else(|| Arc::new(tempfile::tempdir().expect("a folder")));
        fs::write(folder.path().join(".env.local"), setup.keys).expect("written");
        let program = env!("CARGO_BIN_EXE_tierfall");
        let mut command = Command::new(if setup.open_files.is_some() { "prlimit" } else { program });
        if let Some(limits) = setup.open_files {
            command.arg(format!("--nofile={limits}")).arg(program);
        }
        let mut process = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(setup.arguments)
            .current_dir(folder.path())
            .env_clear()
            .env("TIERFALL_DATA_DIR", folder.path().join("data"))
            .envs(setup.environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let out = Output::of(process.stdout.take().expect("a pipe"));
        let err = Output::of(process.stderr.take().expect("a pipe"));
        let address = until("it listens", || {
            if let Ok(Some(status)) = process.try_wait() {
                panic!("it ended with {status}: {}{}", out.text(), err.text());
            }
            out.lines().iter().find_map(|line| address(line))
        });
        Self { process, address, folder, out, err }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its working folder, which is there for as long as this is held.
    pub(crate) fn folder(&self) -> Arc<TempDir> {
        Arc::clone(&self.folder)
    }

    /// Puts new text into `.env.local`.
    pub(crate) fn configure(&self, keys: &str) {
        let path = self.folder.path().join(".env.local");
        fs::write(path.with_extension("new"), keys).expect("written");
        fs::rename(path.with_extension("new"), path).expect("renamed");
    }

    /// Asks for a whole answer.
    pub(crate) fn chat(&self, model: &str) -> Answer {
        self.ask(&chat(model))
    }

    pub(crate) fn ask(&self, body: &Value) -> Answer {
        Answer::whole(self.send("POST", "/v1/chat/completions", Some(body), &[]))
    }

    /// Asks for a streamed answer.
    pub(crate) fn stream(&self, model: &str) -> Stream {
        let mut body = chat(model);
        body["stream"] = json!(true);
        self.stream_of(&body)
    }

    pub(crate) fn stream_of(&self, body: &Value) -> Stream {
        Stream::new(self.send("POST", "/v1/chat/completions", Some(body), &[]))
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> http::Response<ureq::Body> {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent = config.timeout_global(Some(PATIENCE)).build().new_agent();
        let mut request = http::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            Some(body) => {
                agent.run(request.header("content-type", "application/json").body(body.to_string()).expect("a request"))
            }
            None => agent.run(request.body(()).expect("a request")),
        };
        answer.unwrap_or_else(|error| panic!("{error}\n{}{}", self.out.text(), self.err.text()))
    }

    /// All lines of the standard output.
    pub(crate) fn out(&self) -> Vec<String> {
        self.out.lines()
    }

    /// What was logged since it listens, without the times of what succeeded.
    pub(crate) fn log(&self) -> Vec<String> {
        let lines = self.out.lines();
        lines.iter().skip_while(|line| !line.starts_with(LISTENING)).skip(1).map(|line| without_times(line)).collect()
    }

    /// The log, once it has so many lines.
    pub(crate) fn log_of(&self, lines: usize) -> Vec<String> {
        until(&format!("{lines} lines"), || Some(self.log()).filter(|log| log.len() >= lines))
    }

    /// Waits for a line of the log that begins with `line`.
    pub(crate) fn said(&self, line: &str) -> String {
        until(line, || self.log().into_iter().find(|said| said.starts_with(line)))
    }

    /// The worker of its local tier. There is none for as long as nothing has been found to load.
    pub(crate) fn worker(&self) -> u32 {
        until("a worker", || children(self.pid()).first().copied())
    }

    pub(crate) fn terminate(&self) {
        signal(self.pid(), "TERM");
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("it is ours");
        self.process.wait().expect("it is ours");
    }

    pub(crate) fn exit(&mut self) -> ExitStatus {
        until("its end", || self.process.try_wait().expect("it is ours"))
    }

    /// Ends it as a service manager does, and returns all that it logged about requests.
    pub(crate) fn end(mut self) -> Vec<String> {
        self.terminate();
        assert_eq!(self.exit().code(), Some(0));
        self.out.end();
        let mut log = self.log();
        let last = log.pop().unwrap_or_default();
        assert!(last.starts_with("ending: "), "{last}");
        log
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.out.end();
        self.err.end();
        let printed = self.out.text() + &self.err.text();
        if thread::panicking() {
            eprintln!("--- it printed ---\n{printed}");
            return;
        }
        for secret in SECRETS {
            assert!(!printed.contains(secret), "a secret is printed: {printed}");
        }
    }
}

/// What a process prints, as it comes.
struct Output {
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Output {
    fn of(pipe: impl Read + Send + 'static) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let read = Arc::clone(&lines);
        let reader = thread::spawn(move || {
            for line in BufReader::new(pipe).lines() {
                read.lock().expect("no panic").push(line.expect("UTF-8"));
            }
        });
        Self { lines, reader: Some(reader) }
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("no panic").clone()
    }

    fn text(&self) -> String {
        self.lines().into_iter().map(|line| line + "\n").collect()
    }

    /// Reads to the end.
    fn end(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("UTF-8");
        }
    }
}

pub(crate) fn chat(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": PROMPT}]})
}

fn address(line: &str) -> Option<SocketAddr> {
    match serde_json::from_str::<Value>(line) {
        Ok(line) if line["event"] == "listening" => line["address"].as_str()?.parse().ok(),
        _ => line.strip_prefix(LISTENING)?.parse().ok(),
    }
}

/// `✓ Success: NAME (4ms, total: 9ms)` with `N` for its two times.
fn without_times(line: &str) -> String {
    let cut = || {
        let (front, times) = line.strip_prefix("✓ Success: ")?.rsplit_once(" (")?;
        let (took, total) = times.strip_suffix("ms)")?.split_once("ms, total: ")?;
        let (took, total) = (took.parse::<u64>().ok()?, total.parse::<u64>().ok()?);
        (took <= total).then(|| format!("✓ Success: {front} (Nms, total: Nms)"))
    };
    cut().unwrap_or_else(|| line.to_owned())
}

/// Sends a signal to a process that a test has started, or to its child.
pub(crate) fn signal(pid: u32, name: &str) {
    let status = Command::new("/bin/sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &pid.to_string()]).status();
    assert!(status.expect("a shell").success(), "SIG{name} to {pid}");
}

/// Whether the process is there, and not merely unburied.
pub(crate) fn is_alive(pid: u32) -> bool {
    stat(pid).is_some_and(|stat| stat[0] != "Z")
}

fn children(parent: u32) -> Vec<u32> {
    let pids = fs::read_dir("/proc").expect("Linux").flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let parent = parent.to_string();
    pids.filter(|&pid| stat(pid).is_some_and(|stat| stat[0] != "Z" && stat[1] == parent)).collect()
}

/// The fields of `/proc/PID/stat` from the third on (proc(5)).
fn stat(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}
