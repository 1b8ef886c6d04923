//! The worker: one model behind OpenAI's form on a Unix socket, in a process of its own.
//!
//! The socket is bound before the model is read, so that whoever asks is told how far that has come. The model's
//! threads run at a lower priority than everything else. Before the model's first byte is read, the process is confined.

mod answer;
mod arguments;
mod ask;
mod desk;
mod isolation;
mod lifeline;
mod load;
mod refusal;
mod server;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

pub use arguments::{BadArguments, WorkerArguments};

use crate::confine::{self, Room};
use crate::model::{self, LoadError, Model, ModelSettings, PARALLEL};
use desk::Desk;

/// The exit code of a worker whose model is at fault: another start would end in the same way. (`EX_DATAERR` of
/// sysexits.h.)
pub const REFUSED: u8 = 65;
/// The exit code of a worker that was not told what to do. (`EX_USAGE`.)
const USAGE: u8 = 64;

/// Why a worker ends by itself.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error(transparent)]
    Arguments(#[from] BadArguments),
    #[error("cannot listen on {0}: {1}")]
    Listen(String, io::Error),
    #[error("no thread: {0}")]
    Thread(io::Error),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error("the server has ended")]
    Server,
}

impl End {
    fn code(&self) -> u8 {
        match self {
            Self::Arguments(_) => USAGE,
            // Memory may be there the next time.
            Self::Load(LoadError::Memory { .. }) => 1,
            Self::Load(_) => REFUSED,
            Self::Listen(..) | Self::Thread(_) | Self::Server => 1,
        }
    }
}

/// Is the worker: the command `tierfall engine`, with the arguments after that word. It returns only where it cannot
/// go on, with the reason as the last line on standard error.
///
/// To be called first thing in a process: it closes every inherited descriptor, takes over signals and panics, and
/// ends the process when its standard input ends.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Err(end) = work(arguments);
    eprintln!("{end}");
    ExitCode::from(end.code())
}

fn work(arguments: impl IntoIterator<Item = OsString>) -> Result<std::convert::Infallible, End> {
    let WorkerArguments { socket, model: file, name, context, threads, parallel, warm } =
        WorkerArguments::parse(arguments)?;
    isolation::enter();
    let listener = server::listen(&socket).map_err(|error| End::Listen(socket.display().to_string(), error))?;
    // Without the folder it does its work as well, but for what outlives it.
    let warm = warm.filter(|folder| model::make_folder(folder).is_ok());
    let (parallel, bounded) = (parallel.unwrap_or(PARALLEL), true);
    let settings =
        ModelSettings { context, threads, parallel, bounded, warm: warm.clone(), ..ModelSettings::new(&file) }
            .with_threads_chosen();
    // Before the first thread, so that all are confined. What is missing, `tierfall doctor` tells.
    let _ = confine::enter(Room { model: &file, folder: warm.as_deref() });
    let desk = Arc::new(Desk::new(name));
    lifeline::hold(desk.clone()).map_err(End::Thread)?;
    let server = server::start(listener, desk.clone()).map_err(End::Thread)?;
    isolation::lower_priority();
    let loading = desk.clone();
    desk.open(Model::load(settings, move |percent| loading.set_percent(percent))?);
    let _ = server.join();
    Err(End::Server)
}
