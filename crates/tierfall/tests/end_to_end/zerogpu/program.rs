//! The written program, run by the Gradio of `scripts/gradio`, with the package `spaces` as on the Hub: it asks for a GPU at each
//! call, and works in a process of its own. Of torch and transformers there is what `packages/` holds: a model that counts.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::{SECRETS, until};

use super::lender::Lender;

pub(super) struct Program {
    process: Child,
    pub(super) address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Program {
    /// Writes the folder of such a Space and starts what is in it. Between two numbers lie `pause` seconds.
    pub(super) fn start(lender: &Lender, pause: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut init = Command::new(env!("CARGO_BIN_EXE_tierfall"));
        let init = init.args(["space", "init", "made", "--role", "zerogpu"]).current_dir(folder.path()).env_clear();
        assert!(init.output().expect("the binary runs").status.success());
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = here.join("../../target/gradio/bin/python");
        assert!(python.is_file(), "there is no Gradio: run `make test`, or scripts/gradio alone");
        let log = |name: &str| File::create(folder.path().join(name)).expect("a file");
        // Gradio wants to be told its port. Nobody else is given this one so soon after.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        let mut command = Command::new(python);
        let process = command
            .arg(here.join("tests/end_to_end/zerogpu/run.py"))
            .arg("app.py")
            .current_dir(folder.path().join("made"))
            .env_clear()
            .envs([("HOME", folder.path().as_os_str()), ("PATH", "/usr/bin:/bin".as_ref())])
            .envs([("GRADIO_SERVER_PORT", port.to_string()), ("PAUSE", pause.to_owned())])
            .envs([("PYTHONUNBUFFERED", "1"), ("HF_HUB_OFFLINE", "1"), ("SPACES_ZERO_GPU", "true")])
            .env("SPACES_ZERO_DEVICE_API_URL", format!("http://{}", lender.address))
            .stdin(Stdio::null())
            .stdout(log("out"))
            .stderr(log("err"))
            // Its workers end with it.
            .process_group(0)
            .spawn()
            .expect("a Python");
        let mut program = Self { process, address: (Ipv4Addr::LOCALHOST, port).into(), folder };
        until("the program serves", || {
            if let Some(status) = program.process.try_wait().expect("it is ours") {
                panic!("it ended with {status}: {}", program.printed());
            }
            program.printed().contains("Running on local URL").then_some(())
        });
        program
    }

    fn printed(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.path(name)).unwrap_or_default();
        read("out") + &read("err")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let group = format!("-{}", self.process.id());
        let _ = Command::new("/bin/sh").args(["-c", "kill -s KILL -- \"$0\"", &group]).status();
        let _ = self.process.wait();
        if std::thread::panicking() {
            return eprintln!("--- the program printed ---\n{}", self.printed());
        }
        for secret in SECRETS {
            assert!(!self.printed().contains(secret), "a secret is printed: {}", self.printed());
        }
    }
}
