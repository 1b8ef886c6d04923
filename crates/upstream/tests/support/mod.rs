//! A scripted server on loopback: it answers each request with the bytes of the next play, and tells what it saw.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::mpsc;
use upstream::{Answer, AnswerBody, EventStream, Failure, Kind, Outgoing, StreamEvent, Target, Upstream};
use wire::{Form, Request, Rewrite};

/// What the server does for one request.
#[derive(Clone)]
pub(crate) struct Play {
    pub(crate) pieces: Vec<Vec<u8>>,
    pub(crate) end: End,
}

/// What follows the bytes.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum End {
    /// The connection is kept for the next request.
    Keep,
    /// It is closed.
    Close,
    /// It is reset.
    Reset,
    /// Nothing more comes until the client leaves.
    Hang,
}

/// What the server saw.
#[derive(Debug, PartialEq)]
pub(crate) enum Seen {
    Connected,
    Request { head: String, body: String },
    Left,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: mpsc::UnboundedReceiver<Seen>,
}

/// A stream that can be reset.
trait Wired: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    fn make_abrupt(&self);
}

impl Wired for TcpStream {
    fn make_abrupt(&self) {
        self.set_zero_linger().unwrap();
    }
}

impl Wired for UnixStream {
    fn make_abrupt(&self) {}
}

/// Serves the plays in order, over however many connections; the last one is repeated.
pub(crate) async fn serve(plays: impl Into<Vec<Play>>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, seen) = mpsc::unbounded_channel();
    let plays = std::sync::Arc::new(std::sync::Mutex::new(plays.into()));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(attend(stream, plays.clone(), tell.clone()));
        }
    });
    Server { address, seen }
}

/// The same on a Unix socket.
pub(crate) fn serve_unix(path: &Path, plays: Vec<Play>) {
    let listener = UnixListener::bind(path).unwrap();
    let (tell, _) = mpsc::unbounded_channel();
    let plays = std::sync::Arc::new(std::sync::Mutex::new(plays));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(attend(stream, plays.clone(), tell.clone()));
        }
    });
}

async fn attend(
    mut stream: impl Wired,
    plays: std::sync::Arc<std::sync::Mutex<Vec<Play>>>,
    tell: mpsc::UnboundedSender<Seen>,
) {
    let _ = tell.send(Seen::Connected);
    while let Some(request) = read_request(&mut stream).await {
        let _ = tell.send(request);
        let play = {
            let mut plays = plays.lock().unwrap();
            if plays.len() > 1 { plays.remove(0) } else { plays[0].clone() }
        };
        for piece in &play.pieces {
            if stream.write_all(piece).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        match play.end {
            End::Keep => continue,
            End::Close => return,
            End::Reset => return stream.make_abrupt(),
            End::Hang => {
                let mut rest = [0; 64];
                while matches!(stream.read(&mut rest).await, Ok(read) if read > 0) {}
            }
        }
        break;
    }
    let _ = tell.send(Seen::Left);
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let length = head
        .lines()
        .find_map(|line| {
            line.to_lowercase().strip_prefix("content-length: ").map(|length| length.parse::<usize>().unwrap())
        })
        .unwrap_or(0);
    while bytes.len() < head_end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Seen::Request { head, body: String::from_utf8(bytes[head_end..].to_vec()).unwrap() })
}

impl Server {
    pub(crate) async fn saw(&mut self) -> Seen {
        self.seen.recv().await.unwrap()
    }

    pub(crate) async fn saw_request(&mut self) -> (String, String) {
        loop {
            if let Seen::Request { head, body } = self.saw().await {
                return (head, body);
            }
        }
    }

    /// How many connections it had so far.
    pub(crate) fn connections(&mut self) -> usize {
        std::iter::from_fn(|| self.seen.try_recv().ok()).filter(|seen| *seen == Seen::Connected).count()
    }

    pub(crate) fn upstream(&self, kind: Kind) -> Upstream {
        upstream(kind, &format!("http://{}/v1", self.address))
    }
}

pub(crate) const KEY: &str = "sk-hunter2";

pub(crate) fn upstream(kind: Kind, base_url: &str) -> Upstream {
    Upstream::new(Target {
        kind,
        base_url: base_url.parse().unwrap(),
        key: Some(SecretString::from(KEY)),
        model: "tiny".into(),
        connect: Duration::from_secs(5),
    })
    .unwrap()
}

/// A call, streamed or whole.
pub(crate) fn call(streamed: bool) -> Outgoing {
    let body = br#"{"model":"auto","messages":[{"role":"user","content":"hi"}],"seed":7}"#;
    let request = Request::parse(Form::Chat, Bytes::from_static(body)).unwrap();
    Outgoing {
        form: Form::Chat,
        body: request.rewritten(&Rewrite {
            model: "tiny",
            as_stream: streamed,
            tell_usage: streamed,
            ..Rewrite::default()
        }),
        streamed,
        allowed: wire::Allowed::default(),
        request_id: "req-1".into(),
        deadline: Some(Duration::from_secs(9)),
    }
}

/// A response with its length.
pub(crate) fn response(status: &str, content_type: &str, body: &str) -> Play {
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n", body.len());
    Play { pieces: vec![(head + body).into_bytes()], end: End::Keep }
}

pub(crate) const WHOLE: &str = r#"{"id":"1","object":"chat.completion","created":1,"model":"tiny","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}"#;

pub(crate) const EVENTS_HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// A chunked response, a chunk a piece; the closing chunk is `last()`.
pub(crate) fn events(chunks: &[&str], end: End) -> Play {
    let mut pieces = vec![EVENTS_HEAD.as_bytes().to_vec()];
    pieces.extend(chunks.iter().map(|chunk| {
        if *chunk == LAST { b"0\r\n\r\n".to_vec() } else { format!("{:x}\r\n{chunk}\r\n", chunk.len()).into_bytes() }
    }));
    Play { pieces, end }
}

/// Stands for the closing chunk.
pub(crate) const LAST: &str = "\0last";
pub(crate) const ROLE: &str = "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n";
pub(crate) const HELLO: &str =
    "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"finish_reason\":null}]}\n\n";
pub(crate) const FINISH: &str =
    "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
pub(crate) const DONE: &str = "data: [DONE]\n\n";

pub(crate) fn stream_of(answer: Answer) -> EventStream {
    match answer.body {
        AnswerBody::Stream(stream) => *stream,
        AnswerBody::Whole(_) => panic!("a whole answer in place of a stream"),
    }
}

/// Reads a stream to its end: its events, and how it failed if it did.
pub(crate) async fn read_all(stream: &mut EventStream) -> (Vec<StreamEvent>, Option<Failure>) {
    let mut events = Vec::new();
    while let Some(next) = stream.next().await {
        match next {
            Ok(event) => events.push(event),
            Err(failure) => return (events, Some(failure)),
        }
    }
    (events, None)
}

/// Sends a streamed call and reads all of it.
pub(crate) async fn stream_through(play: Play) -> (Vec<StreamEvent>, Option<Failure>) {
    let server = serve([play]).await;
    match server.upstream(Kind::space()).send(call(true)).await {
        Ok(answer) => read_all(&mut stream_of(answer)).await,
        Err(failure) => (Vec::new(), Some(failure)),
    }
}
