//! A client that sends and reads bytes: what a well-behaved one would hide is what the tests look at.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use wall::Wall;

/// How long nothing must come for a test to call it silence.
const SILENCE: Duration = Duration::from_millis(250);
/// Longer than any answer that comes to an end takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// More than enough of an answer that never ends.
const ENOUGH: usize = 4096;

/// How the wall's side of the connection ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Closed,
    Reset,
    Unended,
}

/// All that came.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    pub(crate) ending: Ending,
}

pub(crate) fn wall() -> Wall {
    Wall::start("127.0.0.1:0").unwrap()
}

pub(crate) fn whole(wall: &Wall, model: &str) -> Received {
    post(wall, "/v1/chat/completions", &chat(model, false))
}

pub(crate) fn streamed(wall: &Wall, model: &str) -> Received {
    post(wall, "/v1/chat/completions", &chat(model, true))
}

pub(crate) fn chat(model: &str, stream: bool) -> Value {
    json!({ "model": model, "stream": stream, "messages": [{ "role": "user", "content": "Say it." }] })
}

pub(crate) fn with_messages(model: &str, messages: &Value) -> Value {
    json!({ "model": model, "messages": messages })
}

/// Asks for an answer that comes to no end. Reads until what must come `is_there`, however late it is, and then until nothing
/// more comes or there is enough of it.
pub(crate) fn unending(wall: &Wall, model: &str, stream: bool, is_there: impl Fn(&str) -> bool) -> Received {
    let connection = send(wall, "/v1/chat/completions", &chat(model, stream));
    let mut reading = Reading::of(connection);
    reading.until(PATIENCE, |bytes| is_there(&String::from_utf8_lossy(bytes)));
    reading.until(SILENCE, |bytes| bytes.len() >= ENOUGH);
    let received = reading.received();
    assert_eq!(received.ending, Ending::Unended, "{received:?}");
    received
}

/// Asks for an answer of which nothing comes at all.
pub(crate) fn assert_silent(wall: &Wall, model: &str, stream: bool) {
    let received = unending(wall, model, stream, |_| true);
    assert_eq!((received.head.as_str(), received.body.len()), ("", 0), "{model}");
}

/// Posts on a connection that asks to be closed after the answer, and reads to its end.
pub(crate) fn post(wall: &Wall, path: &str, body: &Value) -> Received {
    read(send(wall, path, body))
}

fn send(wall: &Wall, path: &str, body: &Value) -> TcpStream {
    let mut stream = connect(wall);
    stream.write_all(&request(path, body, "connection: close\r\n")).unwrap();
    stream
}

pub(crate) fn get(wall: &Wall, path: &str) -> Received {
    let mut stream = connect(wall);
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: wall\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
    read(stream)
}

pub(crate) fn connect(wall: &Wall) -> TcpStream {
    TcpStream::connect(wall.address()).unwrap()
}

pub(crate) fn request(path: &str, body: &Value, headers: &str) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nhost: wall\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into_bytes()
}

/// Reads to the end of the connection.
pub(crate) fn read(stream: TcpStream) -> Received {
    let mut reading = Reading::of(stream);
    reading.until(PATIENCE, |_| false);
    let received = reading.received();
    assert_ne!(received.ending, Ending::Unended, "{received:?}");
    received
}

/// What has come over a connection so far.
struct Reading {
    stream: TcpStream,
    bytes: Vec<u8>,
    ending: Ending,
}

impl Reading {
    fn of(stream: TcpStream) -> Self {
        Self { stream, bytes: Vec::new(), ending: Ending::Unended }
    }

    /// Reads until what has come is `enough`, nothing comes for so long, or the connection ends.
    fn until(&mut self, silence: Duration, enough: impl Fn(&[u8]) -> bool) {
        self.stream.set_read_timeout(Some(silence)).unwrap();
        let mut buffer = [0; 4096];
        while self.ending == Ending::Unended && !enough(&self.bytes) {
            match self.stream.read(&mut buffer) {
                Ok(0) => self.ending = Ending::Closed,
                Ok(read) => self.bytes.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => self.ending = Ending::Reset,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // A process that is stopped and goes on (signal(7)).
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn received(mut self) -> Received {
        let end_of_head = find(&self.bytes, b"\r\n\r\n").map_or(self.bytes.len(), |at| at + 4);
        let body = self.bytes.split_off(end_of_head);
        Received { head: String::from_utf8(self.bytes).unwrap(), body, ending: self.ending }
    }
}

impl Received {
    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The body as JSON, which must be as long as its head says.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-length"), Some(self.body.len().to_string().as_str()));
        serde_json::from_slice(&self.body).unwrap()
    }

    /// What a whole answer says.
    pub(crate) fn said(&self) -> String {
        self.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    }

    /// The body without its chunks. What follows the last whole chunk comes second: empty where the body has ended.
    pub(crate) fn unchunked(&self) -> (String, Option<&[u8]>) {
        assert_eq!(self.header("transfer-encoding"), Some("chunked"));
        let (mut body, mut rest) = (Vec::new(), self.body.as_slice());
        while let Some(line) = find(rest, b"\r\n") {
            let size = std::str::from_utf8(&rest[..line]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
            let Some(size) = size.filter(|size| rest.len() >= line + 2 + size + 2) else { break };
            body.extend_from_slice(&rest[line + 2..line + 2 + size]);
            rest = &rest[line + 2 + size + 2..];
            if size == 0 {
                assert!(rest.is_empty(), "bytes after the end");
                return (String::from_utf8(body).unwrap(), None);
            }
        }
        (String::from_utf8(body).unwrap(), Some(rest))
    }

    /// The data of the whole events.
    pub(crate) fn events(&self) -> Vec<String> {
        let (body, _) = self.unchunked();
        body.split_terminator("\n\n").filter_map(|event| event.strip_prefix("data: ")).map(str::to_owned).collect()
    }

    /// The events that are JSON.
    pub(crate) fn chunks(&self) -> Vec<Value> {
        self.events().iter().filter_map(|data| serde_json::from_str(data).ok()).collect()
    }

    /// The text of a stream.
    pub(crate) fn streamed_text(&self) -> String {
        self.chunks().iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect()
    }

    pub(crate) fn finish_reason(&self) -> Option<String> {
        self.chunks().iter().find_map(|chunk| chunk["choices"][0]["finish_reason"].as_str().map(str::to_owned))
    }

    pub(crate) fn is_done(&self) -> bool {
        self.events().last().is_some_and(|data| data == "[DONE]")
    }
}

/// `w1 w2 … wN`, from `first`.
pub(crate) fn words(first: u32, last: u32) -> String {
    (first..=last).map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ")
}

pub(crate) fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
