//! Requests off a socket: HTTP/1.1 with keep-alive, bodies with a length or in chunks.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MOST_HEADERS: usize = 64;
const LARGEST_HEAD: usize = 64 * 1024;
const LARGEST_BODY: usize = 64 * 1024 * 1024;
const FIRST_BUFFER: usize = 16 * 1024;

/// A client's connection, with what was read of its next request.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    pub(crate) buffer: BytesMut,
}

/// One request. Its head stays in one piece, since hardly anything of it is ever asked for.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) host: String,
    pub(crate) body: Bytes,
    pub(crate) keep_alive: bool,
    head: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Other,
}

/// Why a request could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the connection failed")]
    Io(#[from] io::Error),
    #[error("its head is no HTTP/1.1: {0}")]
    Head(#[from] httparse::Error),
    #[error("its head is larger than 64 KiB")]
    HeadTooLarge,
    #[error("its body is larger than 64 MiB")]
    BodyTooLarge,
    #[error("its body ends before its end or is framed wrongly")]
    Body,
}

struct Head {
    method: Method,
    path: String,
    host: String,
    length: usize,
    keep_alive: bool,
    framing: BodyFraming,
    expects_continue: bool,
}

enum BodyFraming {
    Length(usize),
    Chunked,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Connection { stream, buffer: BytesMut::with_capacity(FIRST_BUFFER) }
    }

    /// The next request, or `None` where the client has closed the connection.
    pub(crate) async fn request(&mut self) -> Result<Option<Request>, Unreadable> {
        let head = loop {
            if let Some(head) = parse_head(&self.buffer)? {
                break head;
            }
            if self.buffer.len() > LARGEST_HEAD {
                return Err(Unreadable::HeadTooLarge);
            }
            if self.read().await? == 0 {
                return Ok(None);
            }
        };
        let head_bytes = self.buffer.split_to(head.length).freeze();
        if head.expects_continue {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let body = match head.framing {
            BodyFraming::Length(length) => self.body(length).await?,
            BodyFraming::Chunked => self.chunked_body().await?,
        };
        let Head { method, path, host, keep_alive, .. } = head;
        Ok(Some(Request { method, path, host, body, keep_alive, head: head_bytes }))
    }

    async fn read(&mut self) -> io::Result<usize> {
        self.buffer.reserve(FIRST_BUFFER / 4);
        self.stream.read_buf(&mut self.buffer).await
    }

    async fn body(&mut self, length: usize) -> Result<Bytes, Unreadable> {
        if length > LARGEST_BODY {
            return Err(Unreadable::BodyTooLarge);
        }
        self.fill(length).await?;
        Ok(self.buffer.split_to(length).freeze())
    }

    async fn fill(&mut self, length: usize) -> Result<(), Unreadable> {
        while self.buffer.len() < length {
            if self.read().await? == 0 {
                return Err(Unreadable::Body);
            }
        }
        Ok(())
    }

    async fn chunked_body(&mut self) -> Result<Bytes, Unreadable> {
        let mut body = BytesMut::new();
        loop {
            let size = self.chunk_size().await?;
            if body.len().saturating_add(size) > LARGEST_BODY {
                return Err(Unreadable::BodyTooLarge);
            }
            self.fill(size + 2).await?;
            body.extend_from_slice(&self.buffer[..size]);
            self.buffer.advance(size + 2);
            if size == 0 {
                return Ok(body.freeze());
            }
        }
    }

    async fn chunk_size(&mut self) -> Result<usize, Unreadable> {
        loop {
            match httparse::parse_chunk_size(&self.buffer) {
                Ok(httparse::Status::Complete((line, size))) => {
                    self.buffer.advance(line);
                    return usize::try_from(size).map_err(|_| Unreadable::BodyTooLarge);
                }
                Ok(httparse::Status::Partial) if self.buffer.len() <= LARGEST_HEAD => {
                    if self.read().await? == 0 {
                        return Err(Unreadable::Body);
                    }
                }
                Ok(httparse::Status::Partial) | Err(_) => return Err(Unreadable::Body),
            }
        }
    }
}

impl Request {
    /// The headers, names in lower case.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut parsed = httparse::Request::new(&mut headers);
        // What was parsed once parses again; an error would only mean that there is nothing to tell.
        if parsed.parse(&self.head).is_err() {
            return Vec::new();
        }
        parsed
            .headers
            .iter()
            .map(|header| (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned()))
            .collect()
    }
}

fn parse_head(bytes: &[u8]) -> Result<Option<Head>, Unreadable> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = parsed.parse(bytes)? else {
        return Ok(None);
    };
    let method = match parsed.method {
        Some("GET") => Method::Get,
        Some("POST") => Method::Post,
        _ => Method::Other,
    };
    let mut head = Head {
        method,
        path: parsed.path.unwrap_or_default().to_owned(),
        host: String::new(),
        length,
        keep_alive: parsed.version == Some(1),
        framing: BodyFraming::Length(0),
        expects_continue: false,
    };
    for header in parsed.headers.iter() {
        head.take(header)?;
    }
    Ok(Some(head))
}

impl Head {
    fn take(&mut self, header: &httparse::Header<'_>) -> Result<(), Unreadable> {
        let value = header.value.trim_ascii();
        if header.name.eq_ignore_ascii_case("content-length") {
            let length = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
            self.framing = BodyFraming::Length(length.ok_or(Unreadable::Body)?);
        } else if header.name.eq_ignore_ascii_case("host") {
            self.host = String::from_utf8_lossy(value).into_owned();
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            self.framing = BodyFraming::Chunked;
        } else if header.name.eq_ignore_ascii_case("connection") {
            self.keep_alive = !value.eq_ignore_ascii_case(b"close");
        } else if header.name.eq_ignore_ascii_case("expect") {
            self.expects_continue = true;
        }
        Ok(())
    }
}
