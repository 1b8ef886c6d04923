//! What the supervisor tells a worker on its command line. Both sides of it are here, and nobody else types it.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// A worker's arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerArguments {
    /// Where to listen; the path must be free.
    pub socket: PathBuf,
    /// The GGUF file.
    pub model: PathBuf,
    /// What answers call the model.
    pub name: String,
    /// The context in tokens; `None` leaves it to the engine.
    pub context: Option<u32>,
    /// Threads that compute; `None` leaves them to the engine.
    pub threads: Option<usize>,
    /// Requests at once; `None` leaves them to the engine.
    pub parallel: Option<u32>,
    /// The folder in which warm prefixes outlive the process; `None` keeps none.
    pub warm: Option<PathBuf>,
}

/// Arguments that are none of a worker's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("engine: {0} (this command is the gateway's own: use `tierfall serve`)")]
pub struct BadArguments(String);

const SOCKET: &str = "--socket";
const MODEL: &str = "--model";
const NAME: &str = "--name";
const CONTEXT: &str = "--context";
const THREADS: &str = "--threads";
const PARALLEL: &str = "--parallel";
const WARM: &str = "--warm";

impl WorkerArguments {
    /// Reads what [`to_command_line`](Self::to_command_line) wrote.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, BadArguments> {
        let (mut socket, mut model, mut name) = (None, None, None);
        let (mut context, mut threads, mut parallel, mut warm) = (None, None, None, None);
        let mut arguments = arguments.into_iter();
        while let Some(option) = arguments.next() {
            let option = option.to_string_lossy().into_owned();
            let value = arguments.next().ok_or_else(|| BadArguments(format!("{option} has no value")))?;
            match option.as_str() {
                SOCKET => socket = Some(PathBuf::from(value)),
                MODEL => model = Some(PathBuf::from(value)),
                NAME => name = Some(value.to_string_lossy().into_owned()),
                CONTEXT => context = Some(number(CONTEXT, &value)?),
                THREADS => threads = Some(number(THREADS, &value)?),
                PARALLEL => parallel = Some(number(PARALLEL, &value)?),
                WARM => warm = Some(PathBuf::from(value)),
                _ => return Err(BadArguments(format!("there is no option {option}"))),
            }
        }
        let missing = |option: &str| BadArguments(format!("{option} is missing"));
        Ok(Self {
            socket: socket.ok_or_else(|| missing(SOCKET))?,
            model: model.ok_or_else(|| missing(MODEL))?,
            name: name.ok_or_else(|| missing(NAME))?,
            context,
            threads,
            parallel,
            warm,
        })
    }

    /// The arguments as they follow the word `engine`.
    pub fn to_command_line(&self) -> Vec<OsString> {
        let mut line: Vec<OsString> = Vec::new();
        let mut add = |option: &str, value: OsString| line.extend([OsString::from(option), value]);
        add(SOCKET, self.socket.clone().into());
        add(MODEL, self.model.clone().into());
        add(NAME, self.name.clone().into());
        if let Some(context) = self.context {
            add(CONTEXT, context.to_string().into());
        }
        if let Some(threads) = self.threads {
            add(THREADS, threads.to_string().into());
        }
        if let Some(parallel) = self.parallel {
            add(PARALLEL, parallel.to_string().into());
        }
        if let Some(warm) = &self.warm {
            add(WARM, warm.clone().into());
        }
        line
    }
}

fn number<N: std::str::FromStr>(option: &str, value: &OsStr) -> Result<N, BadArguments> {
    let read = value.to_str().and_then(|value| value.parse().ok());
    read.ok_or_else(|| BadArguments(format!("{option} takes a number, not {}", value.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let full = WorkerArguments {
            socket: "/run/x/socket".into(),
            model: "/models/--odd name.gguf".into(),
            name: "--qwen".to_owned(),
            context: Some(4096),
            threads: Some(2),
            parallel: Some(8),
            warm: Some("/data/--warm".into()),
        };
        assert_eq!(WorkerArguments::parse(full.to_command_line()), Ok(full.clone()));
        let plain = WorkerArguments { context: None, threads: None, parallel: None, warm: None, ..full };
        assert_eq!(WorkerArguments::parse(plain.to_command_line()), Ok(plain));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |line: &[&str]| {
            WorkerArguments::parse(line.iter().map(OsString::from)).expect_err("bad arguments").to_string()
        };
        assert!(error(&["--socket", "/s", "--name", "n"]).contains("--model is missing"));
        assert!(error(&["--socket"]).contains("--socket has no value"));
        assert!(error(&["--threads", "many"]).contains("--threads takes a number, not many"));
        assert!(error(&["--verbose", "1"]).contains("no option --verbose"));
    }
}
