//! A wall as a process, for benchmarks: `cargo run --release -p wall --example wall -- --listen 127.0.0.1:8090`.

use std::net::SocketAddr;
use std::thread;

use clap::Parser;
use wall::{Options, Server};

/// A scripted upstream. The model name of a request chooses what goes wrong.
#[derive(Parser)]
struct Arguments {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// How many threads serve, each with a listener of its own.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Answer unknown model names with 404.
    #[arg(long)]
    strict: bool,
    /// Print each call as a line of JSON.
    #[arg(long)]
    log: bool,
    /// List the names that it understands.
    #[arg(long)]
    names: bool,
}

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    if arguments.names {
        for entry in wall::CATALOGUE {
            println!("{:<48} {}", entry.name, entry.meaning);
        }
        return Ok(());
    }
    let options =
        Options { strict: arguments.strict, print: arguments.log, share_port: arguments.threads > 1, keep: false };
    let first = Server::bind(arguments.listen, options)?;
    eprintln!("listening on http://{}/v1", first.address());
    let others = (1..arguments.threads).map(|_| first.another()).collect::<Result<Vec<_>, _>>()?;
    for server in others {
        thread::spawn(move || run(server));
    }
    run(first)
}

fn run(server: Server) -> std::io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(server.run())
}
