//! Listening: one task a connection, all ended with the server.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::http::{Connection, Unreadable};
use crate::log::End;
use crate::perform::{perform, wait};
use crate::reply::Reply;
use crate::stage::{Directed, Stage};

const BACKLOG: i32 = 4096;
/// The pause after a failed accept: out of file descriptors, a loop without one would only take the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// How a wall serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Answers a model name that says nothing with 404 instead of as a healthy model.
    pub strict: bool,
    /// Keeps what it sees, with the bodies, for as long as it lives.
    pub keep: bool,
    /// Lets several servers listen at the same port, each with a share of the connections (`SO_REUSEPORT`).
    pub share_port: bool,
    /// Prints each call as one line of JSON on stdout when it has ended.
    pub print: bool,
}

/// A wall that listens and is yet to be run.
pub struct Server {
    listener: StdListener,
    address: SocketAddr,
    options: Options,
    stage: Arc<Stage>,
}

impl Server {
    /// Listens at `listen`; port 0 takes a free one.
    ///
    /// # Errors
    /// Where the address cannot be listened at.
    pub fn bind(listen: SocketAddr, options: Options) -> io::Result<Server> {
        let listener = listener(listen, options)?;
        let address = listener.local_addr()?;
        Ok(Server { listener, address, options, stage: Arc::new(Stage::new(options)) })
    }

    /// Another server on the same port with the same scripts, for another thread.
    ///
    /// # Errors
    /// Where the address cannot be listened at a second time: it takes [`Options::share_port`].
    pub fn another(&self) -> io::Result<Server> {
        let listener = listener(self.address, self.options)?;
        Ok(Server { listener, address: self.address, options: self.options, stage: Arc::clone(&self.stage) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn stage(&self) -> &Arc<Stage> {
        &self.stage
    }

    /// Serves until it is dropped; its connections end with it.
    ///
    /// # Errors
    /// Where the listener cannot be used on this runtime.
    pub async fn run(self) -> io::Result<()> {
        let listener = TcpListener::from_std(self.listener)?;
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(converse(stream, Arc::clone(&self.stage)));
                    }
                    Err(_) => sleep(ACCEPT_PAUSE).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

/// Serves at `listen` on the current runtime until it is dropped.
///
/// # Errors
/// Where the address cannot be listened at.
pub async fn serve(listen: SocketAddr, options: Options) -> io::Result<()> {
    Server::bind(listen, options)?.run().await
}

fn listener(address: SocketAddr, options: Options) -> io::Result<StdListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(options.share_port)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// One connection, request after request.
async fn converse(stream: TcpStream, stage: Arc<Stage>) {
    // Without it the wall would still be right, only slower.
    let _ = stream.set_nodelay(true);
    let mut connection = Connection::new(stream);
    loop {
        let request = match connection.request().await {
            Ok(Some(request)) => request,
            Ok(None) | Err(Unreadable::Io(_)) => return,
            Err(unreadable) => {
                let refused = Directed::reply("", &Reply::malformed(&unreadable.to_string()));
                perform(&mut connection, &refused.steps).await;
                return;
            }
        };
        let directed = stage.direct(&request);
        let running = stage.log.begin(&request, &directed.model, directed.status);
        let end = match wait(&mut connection, directed.before).await {
            Some(left) => left,
            None => perform(&mut connection, &directed.steps).await,
        };
        running.end(end);
        if end != End::Answered || !request.keep_alive {
            return;
        }
    }
}
