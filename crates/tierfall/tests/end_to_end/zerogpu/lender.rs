//! What lends GPUs: the calls that the package `spaces` makes (`zero/api.py`), answered on loopback.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

use crate::until;

/// What is left of a day's time, in seconds, and how long until all of it is back.
type Spent = (u32, u32);

pub(super) struct Lender {
    pub(super) address: SocketAddr,
    spent: Arc<Mutex<Option<Spent>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Lender {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("it listens");
        let (spent, asked) = (Arc::default(), Arc::default());
        let lender = Self { address, spent: Arc::clone(&spent), asked: Arc::clone(&asked) };
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // Whoever asks may be killed meanwhile.
                let _ = answer(stream, &spent, &asked);
            }
        });
        lender
    }

    /// Lends nothing any more.
    pub(super) fn spend(&self, left: u32, back_in: u32) {
        *self.spent.lock().expect("no panic") = Some((left, back_in));
    }

    /// For how many seconds each GPU was asked for.
    pub(super) fn durations(&self) -> Vec<u32> {
        let asked = self.asked.lock().expect("no panic");
        let duration = |call: &String| call.split("durationSeconds=").nth(1)?.split('&').next()?.parse().ok();
        asked.iter().filter_map(duration).collect()
    }

    /// Waits until so many GPUs have been given back.
    pub(super) fn has_back(&self, most: usize) {
        until("a GPU is given back", || {
            let asked = self.asked.lock().expect("no panic");
            (asked.iter().filter(|call| call.starts_with("/release?")).count() == most).then_some(())
        });
    }
}

fn answer(stream: TcpStream, spent: &Mutex<Option<Spent>>, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let Some(line) = lines.next() else { return Ok(()) };
    let call = line?.split(' ').nth(1).unwrap_or_default().to_owned();
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let (status, body) = match *spent.lock().expect("no panic") {
        _ if !call.starts_with("/schedule?") => ("200 OK", json!({})),
        Some((left, wait)) => ("429 Too Many Requests", json!({ "left": left, "wait": wait })),
        None => ("200 OK", json!({ "idle": false, "nvidiaIndex": 0, "nvidiaUUID": "gpu", "allowToken": "lent" })),
    };
    asked.lock().expect("no panic").push(call);
    let (body, mut stream) = (body.to_string(), stream);
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}
