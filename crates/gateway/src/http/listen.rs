//! Listening: one current-thread runtime a core, each with a socket of its own on the same port.
//!
//! A request then stays on one core from the caller's socket to the tier's and back: no wake-up crosses to another
//! thread, and the kernel spreads connections by `SO_REUSEPORT`. Measured against a work-stealing runtime, that halves
//! what a request adds at one connection.

mod connection;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::sync::watch;

use self::connection::Connection;
use crate::fleet::Gateway;
use crate::http::{App, Entry, router};

/// How long a caller may take to send a request's head.
const HEAD: Duration = Duration::from_secs(30);
/// How long a listener waits after the process ran out of sockets.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(50);
/// How long callers may take to read that the process ends.
const LAST_WORDS: Duration = Duration::from_secs(1);
const BACKLOG: i32 = 1024;

/// A server that listens and serves until it is stopped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
    gateway: Arc<Gateway>,
}

/// The address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
pub struct ListenError {
    address: SocketAddr,
    source: io::Error,
}

impl Server {
    /// Listens on `address` and serves `gateway` on as many threads as it was made for.
    ///
    /// # Errors
    ///
    /// Where the address is taken or not this machine's.
    pub fn start(gateway: &Arc<Gateway>, address: SocketAddr) -> Result<Self, ListenError> {
        Self::start_with(gateway, address, |_| Router::new())
    }

    /// As [`Server::start`], with the paths that `further` makes for each of the threads served beside the gateway's own.
    /// They ask the gateway through the [`Entry`] that they are made with, on the thread that it belongs to. Unknown paths
    /// are the gateway's to refuse: these routes have no fallback of their own.
    ///
    /// # Errors
    ///
    /// Where the address is taken or not this machine's.
    pub fn start_with(
        gateway: &Arc<Gateway>,
        address: SocketAddr,
        further: impl Fn(Entry) -> Router,
    ) -> Result<Self, ListenError> {
        let failed = |source| ListenError { address, source };
        let first = listener(address, false).map_err(failed)?;
        let bound = first.local_addr().map_err(failed)?;
        let mut listeners = vec![first];
        for _ in 1..gateway.threads() {
            listeners.push(listener(bound, true).map_err(failed)?);
        }
        let (stop, stopped) = watch::channel(false);
        let serve = |(thread, listener)| {
            let app = App { gateway: Arc::clone(gateway), thread };
            let router = router(app.clone(), further(Entry::new(app)), bound.ip().is_loopback());
            let stopped = stopped.clone();
            let gateway = Arc::clone(gateway);
            let run = move || run(router, &gateway, listener, stopped);
            thread::Builder::new().name(format!("serve-{thread}")).spawn(run)
        };
        let threads = listeners.into_iter().enumerate().map(serve).collect::<io::Result<_>>().map_err(failed)?;
        Ok(Self { address: bound, stop, threads, gateway: Arc::clone(gateway) })
    }

    /// Where it listens: with the port that it was given, where 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no new request, and returns once those under way have ended. After `grace`, their callers are told that they
    /// have to.
    pub fn stop(self, grace: Duration) {
        self.stop.send_replace(true);
        if !self.have_ended_within(grace) {
            self.gateway.stop();
            self.have_ended_within(LAST_WORDS);
        }
    }

    fn have_ended_within(&self, time: Duration) -> bool {
        let deadline = std::time::Instant::now() + time;
        loop {
            let ended = self.threads.iter().all(JoinHandle::is_finished);
            if ended || std::time::Instant::now() >= deadline {
                return ended;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The first listener is made without `SO_REUSEPORT`'s welcome to strangers: an address that another process serves is
/// an error, not a share of its callers.
fn listener(address: SocketAddr, joins: bool) -> io::Result<TcpListener> {
    if !joins {
        drop(TcpListener::bind(address)?);
    }
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn run(router: Router, gateway: &Gateway, listener: TcpListener, stopped: watch::Receiver<bool>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(accept(router, gateway, listener, stopped)),
        Err(error) => panic!("a thread of the server cannot start: {error}"),
    }
}

async fn accept(router: Router, gateway: &Gateway, listener: TcpListener, mut stopped: watch::Receiver<bool>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener that does not block");
    let service = TowerToHyperService::new(router);
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(|&stopped| stopped) => break,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(OUT_OF_SOCKETS).await;
            continue;
        };
        let stream = Connection::new(stream, gateway.tiers().longest_stall);
        let connection = protocol().serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(graceful.watch(connection));
    }
    drop(listener);
    graceful.shutdown().await;
}

fn protocol() -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(HEAD);
    protocol
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::time::{Instant, sleep};

    use super::*;

    /// When the connection ends of a caller who sends one byte of a head a second after what comes at once.
    async fn end_of_a_trickle(at_once: &[u8]) -> Duration {
        let (caller, ours) = duplex(1024);
        let served = protocol().serve_connection(TokioIo::new(ours), TowerToHyperService::new(Router::new()));
        tokio::spawn(served);
        let (mut read, mut write) = tokio::io::split(caller);
        write.write_all(at_once).await.expect("it is open");
        let begun = Instant::now();
        tokio::spawn(async move {
            while write.write_all(b"x").await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        });
        let mut answer = Vec::new();
        let _ = read.read_to_end(&mut answer).await;
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_trickles_ends_its_connection() {
        for at_once in [&b""[..], b"POST /v1/chat/completions HTTP/1.1\r\nx-header: "] {
            assert_eq!(end_of_a_trickle(at_once).await, HEAD);
        }
    }
}
