//! A wall inside a test: on a thread and a runtime of its own, so that a test may use any runtime, a paused clock, or none.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;

use crate::fault::Script;
use crate::log::Seen;
use crate::serve::{Options, Server};
use crate::stage::{ModelList, Stage};

/// A running wall. Dropping it closes its port and all its connections.
pub struct Wall {
    address: SocketAddr,
    stage: Arc<Stage>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Wall {
    /// Starts a wall that keeps what it sees. Port 0 takes a free one.
    ///
    /// # Errors
    /// Where the address cannot be listened at.
    pub fn start(listen: impl ToSocketAddrs) -> io::Result<Wall> {
        Wall::start_with(listen, Options { keep: true, ..Options::default() })
    }

    /// Starts a wall with these options.
    ///
    /// # Errors
    /// Where the address cannot be listened at.
    pub fn start_with(listen: impl ToSocketAddrs, options: Options) -> io::Result<Wall> {
        let listen = listen.to_socket_addrs()?.next().ok_or(io::ErrorKind::InvalidInput)?;
        let server = Server::bind(listen, options)?;
        let (address, stage) = (server.address(), Arc::clone(server.stage()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serving = move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = server.run() => {}
                    _ = stopped => {}
                }
            });
        };
        let thread = thread::Builder::new().name("wall".to_owned()).spawn(serving)?;
        Ok(Wall { address, stage, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL that a client of OpenAI's API is given: `http://127.0.0.1:PORT/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Gives a model name a script, in place of what the name itself says. Its counters begin anew.
    pub fn script(&self, model: &str, script: impl Into<Script>) {
        self.stage.models.script(model, script.into());
    }

    /// Answers `GET /v1/models` with this list, in place of that of the wall's own names.
    pub fn list(&self, list: ModelList) {
        self.stage.set_list(list);
    }

    /// All calls so far, in the order in which they came.
    #[must_use]
    pub fn log(&self) -> Vec<Seen> {
        self.stage.log.all()
    }

    /// The calls so far for one model.
    #[must_use]
    pub fn calls(&self, model: &str) -> Vec<Seen> {
        self.log().into_iter().filter(|seen| seen.model == model).collect()
    }

    /// Waits until at least this many calls have come in, ended or not.
    pub async fn seen(&self, calls: usize) -> Vec<Seen> {
        self.stage.log.wait_for(|seen| seen.len() >= calls).await
    }

    /// Waits until no call is running: the moment at which a cancelled call has arrived as such.
    pub async fn settled(&self) -> Vec<Seen> {
        self.stage.log.wait_for(|seen| seen.iter().all(|call| call.ended.is_some())).await
    }
}

impl Drop for Wall {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread may have ended by itself; then nobody listens.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
