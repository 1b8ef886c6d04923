//! `tierfall wall`: a scripted upstream, to test a setup against.

use std::io::{self, Write};
use std::process::ExitCode;
use std::thread;

use wall::{CATALOGUE, Options, Server};

use crate::cli::Wall;

/// Serves until the process is ended.
///
/// # Errors
/// The address is taken, or nothing can be written.
pub(crate) fn run(arguments: &Wall) -> anyhow::Result<ExitCode> {
    if arguments.names {
        let mut out = io::stdout().lock();
        for entry in CATALOGUE {
            writeln!(out, "{:<48} {}", entry.name, entry.meaning)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let &Wall { listen, threads, strict, quiet, .. } = arguments;
    let first = Server::bind(listen, Options { strict, print: !quiet, share_port: threads > 1, keep: false })?;
    writeln!(io::stderr(), "Listening on http://{}/v1; the model's name chooses what goes wrong", first.address())?;
    let others = (1..threads).map(|_| first.another()).collect::<io::Result<Vec<_>>>()?;
    for server in others {
        thread::spawn(move || serve(server));
    }
    serve(first)?;
    Ok(ExitCode::SUCCESS)
}

fn serve(server: Server) -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(server.run())
}
