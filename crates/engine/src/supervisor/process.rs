//! One worker process.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, ChildStdin, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{WorkerSettings, last_words, warm};
use crate::worker::{self, WorkerArguments};

/// How long a worker whose pipe was closed has until it is killed, and how long its standard error is listened to
/// after its end.
const GRACE: Duration = Duration::from_millis(500);

/// How often one of llama.cpp's threads looks whether the others have come, before it sleeps until they have. They meet
/// hundreds of times a token, and in some tens of microseconds where each has a core. GCC's OpenMP looks 300,000 times by
/// default (libgomp's manual, `GOMP_SPINCOUNT`): beside another busy process, whoever looks keeps off the core the one
/// that is looked for. It is read once, when the process starts.
const SPINS: &str = "1000";

/// A running worker. Dropped, it is killed.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// The worker ends when this closes.
    lifeline: Option<ChildStdin>,
    last_words: JoinHandle<Option<String>>,
    pid: u32,
}

/// How a worker ended.
#[derive(Debug)]
pub(super) struct Exit {
    /// In words, with the last of its own.
    pub(super) why: String,
    /// True where the worker refused its model: another start would end in the same way.
    pub(super) refused: bool,
}

impl Process {
    /// Starts a worker that is given nothing but its arguments and its three standard streams.
    pub(super) fn start(settings: &WorkerSettings, socket: &Path) -> io::Result<Self> {
        let WorkerSettings { program, model, model_name, context, threads, parallel, dir: _, warm, known: _ } =
            settings.clone();
        let (program, model) = (std::path::absolute(program)?, std::path::absolute(model)?);
        let (socket, name) = (socket.to_owned(), model_name);
        let warm = warm.map(|folder| std::path::absolute(folder.join(warm::folder(&model)))).transpose()?;
        let arguments = WorkerArguments { socket, model, name, context, threads, parallel, warm };
        let mut child = Command::new(program)
            .arg("engine")
            .args(arguments.to_command_line())
            .env_clear()
            // On a failed assertion ggml would start a debugger on itself.
            .env("GGML_NO_BACKTRACE", "1")
            .env("GOMP_SPINCOUNT", SPINS)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stderr = child.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let pid = child.id().ok_or(io::ErrorKind::NotFound)?;
        let last_words = tokio::spawn(last_words::listen(stderr));
        Ok(Self { lifeline: child.stdin.take(), child, last_words, pid })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits for its end. Dropping the future loses nothing.
    pub(super) async fn exit(&mut self) -> Exit {
        let status = self.child.wait().await;
        let said = timeout(GRACE, &mut self.last_words).await.ok().and_then(Result::ok).flatten();
        let refused = status.as_ref().is_ok_and(|status| status.code() == Some(i32::from(worker::REFUSED)));
        let how = status.map_or_else(|error| error.to_string(), words);
        let why = match said {
            Some(said) if refused => said,
            Some(said) => format!("{how}: {said}"),
            None => how,
        };
        Exit { why, refused }
    }

    /// Ends it: asks by closing the pipe, and then does not ask.
    pub(super) async fn end(mut self) {
        self.lifeline.take();
        if timeout(GRACE, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}

fn words(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "ended by itself".to_owned(),
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("killed by {}", signal_name(signal)),
        (None, None) => status.to_string(),
    }
}

/// The names of the signals that end a process of this kind; their numbers are the same on every Linux that Rust
/// knows, but for SIGBUS and SIGSYS on MIPS and SPARC (signal(7)).
fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        31 => "SIGSYS",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_in_words() {
        assert_eq!(words(ExitStatus::from_raw(9)), "killed by SIGKILL");
        assert_eq!(words(ExitStatus::from_raw(64)), "killed by signal 64");
        assert_eq!(words(ExitStatus::from_raw(3 << 8)), "exit code 3");
        assert_eq!(words(ExitStatus::from_raw(0)), "ended by itself");
    }
}
