//! The Hub's protocol on loopback: `/api/models/…` lists, `/…/resolve/…` states hash and size and redirects to a content
//! network, which is another port and so another origin.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use crate::{sha256, until};

/// How it behaves; changed by a test before or while it is asked.
#[derive(Default)]
pub(crate) struct Behaviour {
    pub(crate) files: Vec<String>,
    pub(crate) content: Vec<u8>,
    /// In place of the content's own.
    pub(crate) stated_hash: Option<String>,
    pub(crate) stated_size: Option<u64>,
    pub(crate) token: Option<String>,
    pub(crate) missing: bool,
    /// Statuses to answer the next requests for a file with.
    pub(crate) statuses: VecDeque<u16>,
    /// After how many bytes the content network cuts its next connections.
    pub(crate) cuts: VecDeque<usize>,
    pub(crate) without_ranges: bool,
    /// After how many bytes the content network falls silent until `HubStandIn::release`.
    pub(crate) stop_after: Option<usize>,
}

/// One request that it has seen.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) range: Option<String>,
    pub(crate) authorization: Option<String>,
    pub(crate) by_network: bool,
}

struct Shared {
    behaviour: Mutex<Behaviour>,
    seen: Mutex<Vec<Seen>>,
    silent: Mutex<bool>,
    changed: Condvar,
    network: String,
}

#[derive(Clone)]
pub(crate) struct HubStandIn {
    pub(crate) endpoint: String,
    shared: Arc<Shared>,
}

impl HubStandIn {
    pub(crate) fn start(content: &[u8]) -> HubStandIn {
        let behaviour =
            Behaviour { content: content.to_vec(), files: vec!["m-Q4_0.gguf".to_owned()], ..Behaviour::default() };
        let hub = TcpListener::bind("127.0.0.1:0").unwrap();
        let network = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", hub.local_addr().unwrap());
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(behaviour),
            seen: Mutex::default(),
            silent: Mutex::default(),
            changed: Condvar::new(),
            network: format!("http://{}", network.local_addr().unwrap()),
        });
        for (listener, by_network) in [(hub, false), (network, true)] {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                for stream in listener.incoming() {
                    let shared = Arc::clone(&shared);
                    // A client that goes away in the middle is what half of the tests are about.
                    thread::spawn(move || stream.and_then(|stream| shared.answer(stream, by_network)));
                }
            });
        }
        HubStandIn { endpoint, shared }
    }

    pub(crate) fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.shared.behaviour.lock().unwrap());
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The ranges that the content network was asked for, in order.
    pub(crate) fn ranges(&self) -> Vec<String> {
        let seen = self.seen().into_iter().filter(|seen| seen.by_network);
        seen.filter_map(|seen| seen.range).filter(|range| range != "bytes=0-0").collect()
    }

    /// Waits until a connection has fallen silent.
    pub(crate) fn wait_until_silent(&self) {
        until("the content network is silent", || *self.shared.silent.lock().unwrap());
    }

    /// Lets it speak on.
    pub(crate) fn release(&self) {
        self.behave(|hub| hub.stop_after = None);
        *self.shared.silent.lock().unwrap() = false;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn answer(&self, stream: TcpStream, by_network: bool) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let Some(first) = lines.next() else { return Ok(()) };
        let path = first?.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut seen = Seen { path, range: None, authorization: None, by_network };
        for line in lines {
            let line = line?;
            match line.split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("range") => seen.range = Some(value.to_owned()),
                Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                    seen.authorization = Some(value.to_owned());
                }
                Some(_) => {}
                None => break,
            }
        }
        self.seen.lock().unwrap().push(seen.clone());
        if by_network { self.give(stream, &seen) } else { self.point(stream, &seen) }
    }

    fn point(&self, mut stream: TcpStream, seen: &Seen) -> std::io::Result<()> {
        let mut hub = self.behaviour.lock().unwrap();
        let close = "connection: close\r\ncontent-length: 0\r\n\r\n";
        let wanted = hub.token.as_ref().map(|token| format!("Bearer {token}"));
        if wanted.is_some() && wanted != seen.authorization {
            return write!(stream, "HTTP/1.1 401 Unauthorized\r\n{close}");
        }
        if hub.missing {
            return write!(stream, "HTTP/1.1 404 Not Found\r\n{close}");
        }
        if let Some(status) = hub.statuses.pop_front() {
            return write!(stream, "HTTP/1.1 {status} Trouble\r\n{close}");
        }
        if seen.path.starts_with("/api/models/") {
            let siblings: Vec<String> = hub.files.iter().map(|file| format!("{{\"rfilename\":\"{file}\"}}")).collect();
            let body = format!("{{\"sha\":\"abc123\",\"siblings\":[{}]}}", siblings.join(","));
            let length = body.len();
            return write!(
                stream,
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            );
        }
        let hash = hub.stated_hash.clone().unwrap_or_else(|| sha256(&hub.content));
        let size = hub.stated_size.unwrap_or(hub.content.len() as u64);
        write!(
            stream,
            "HTTP/1.1 302 Found\r\nlocation: {}/blob?signed=1\r\nx-linked-etag: \"{hash}\"\r\nx-linked-size: {size}\r\n\
             x-repo-commit: abc123\r\n{close}",
            self.network
        )
    }

    fn give(&self, mut stream: TcpStream, seen: &Seen) -> std::io::Result<()> {
        let (content, ranges, stop) = {
            let hub = self.behaviour.lock().unwrap();
            (hub.content.clone(), !hub.without_ranges, hub.stop_after)
        };
        let asked = seen.range.as_deref().and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
        let asked = asked.map(|(start, end)| (start.parse::<usize>().unwrap(), end.parse::<usize>().ok()));
        let total = content.len();
        let body = match asked.filter(|_| ranges) {
            Some((start, end)) => {
                let end = end.map_or(total, |end| total.min(end + 1));
                write!(stream, "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes {start}-{}/{total}\r\n", end - 1)?;
                &content[start..end]
            }
            None => {
                write!(stream, "HTTP/1.1 200 OK\r\n")?;
                &content[..]
            }
        };
        write!(stream, "connection: close\r\ncontent-length: {}\r\n\r\n", body.len())?;
        if asked == Some((0, Some(0))) {
            return stream.write_all(body);
        }
        let cut = self.behaviour.lock().unwrap().cuts.pop_front();
        if let Some(cut) = cut {
            return stream.write_all(&body[..cut.min(body.len())]);
        }
        match stop {
            Some(stop) if stop < body.len() => {
                stream.write_all(&body[..stop])?;
                let mut silent = self.silent.lock().unwrap();
                *silent = true;
                self.changed.notify_all();
                drop(self.changed.wait_while(silent, |silent| *silent).unwrap());
                stream.write_all(&body[stop..])
            }
            _ => stream.write_all(body),
        }
    }
}
