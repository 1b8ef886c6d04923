//! The edge of the Hub before a Space: it says in a header who calls, and answers with a page while the Space is asleep.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

const PAGE: &str = "<!DOCTYPE html><html><body>Your space is sleeping</body></html>";

pub(super) struct Edge {
    pub(super) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Where the Space runs; none while it is asleep.
    space: Option<SocketAddr>,
    /// Who has called: the `authorization` of each request.
    callers: Vec<String>,
}

impl Edge {
    pub(super) fn before(space: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("it listens");
        let state = Arc::new(Mutex::new(State { space: Some(space), callers: Vec::new() }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&shared);
                // A caller may leave at any time.
                thread::spawn(move || drop(forward(stream, &state)));
            }
        });
        Self { address, state }
    }

    pub(super) fn set(&self, space: Option<SocketAddr>) {
        self.state.lock().expect("no panic").space = space;
    }

    pub(super) fn callers(&self) -> Vec<String> {
        self.state.lock().expect("no panic").callers.clone()
    }
}

/// Forwards one request and its answer; the connection is used for no other one.
fn forward(mut caller: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let mut reader = BufReader::new(caller.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let space = {
        let mut state = state.lock().expect("no panic");
        let callers = head.lines().filter_map(|line| line.strip_prefix("authorization: "));
        state.callers.extend(callers.map(str::to_owned));
        state.space
    };
    let Some(space) = space else {
        let length = PAGE.len();
        return write!(
            caller,
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/html\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{PAGE}"
        );
    };
    let mut space = TcpStream::connect(space)?;
    // Whose time is counted: a token of the Hub's own, of which `spaces` reads only whether it says an error.
    let (line, rest) = head.split_once("\r\n").expect("a head has a first line");
    write!(space, "{line}\r\nx-ip-token: e30.e30.x\r\nconnection: close\r\n{rest}")?;
    let (mut to_space, mut to_caller) = (space.try_clone()?, caller.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut reader, &mut to_space);
        let _ = to_space.shutdown(Shutdown::Both);
    });
    let mut answer = [0; 4096];
    while let Ok(read @ 1..) = space.read(&mut answer) {
        to_caller.write_all(&answer[..read])?;
    }
    caller.shutdown(Shutdown::Both)
}
