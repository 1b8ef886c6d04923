//! Answers as a client gets them.

use std::io::{BufRead, BufReader};

use http::{HeaderMap, Response};
use serde_json::Value;
use ureq::{Body, BodyReader};

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn whole(response: Response<Body>) -> Self {
        let (head, mut body) = response.into_parts();
        let body = body.read_to_string().expect("a body");
        Self { status: head.status.as_u16(), headers: head.headers, body }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        header(&self.headers, name)
    }

    pub(crate) fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn text(&self) -> String {
        self.json()["choices"][0]["message"]["content"].as_str().unwrap_or_default().to_owned()
    }
}

/// A streamed answer, as far as it has come.
pub(crate) struct Stream {
    pub(crate) status: u16,
    headers: HeaderMap,
    reader: BufReader<BodyReader<'static>>,
    read: String,
}

impl Stream {
    pub(crate) fn new(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let reader = BufReader::new(body.into_reader());
        Self { status: head.status.as_u16(), headers: head.headers, reader, read: String::new() }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        header(&self.headers, name)
    }

    /// Reads until so many chunks have come.
    pub(crate) fn read_chunks(&mut self, most: usize) {
        while self.read.matches("data: ").count() < most {
            assert!(self.reader.read_line(&mut self.read).expect("a stream") > 0, "it ended: {}", self.read);
        }
    }

    /// Reads on, and says whether it broke off instead of ending.
    pub(crate) fn breaks_off(mut self) -> bool {
        loop {
            match self.reader.read_line(&mut self.read) {
                Ok(0) => return !self.read.contains("[DONE]"),
                Ok(_) => {}
                Err(_) => return true,
            }
        }
    }

    /// Reads on to the end, and takes the stream apart.
    pub(crate) fn rest(mut self) -> Spoken {
        while self.reader.read_line(&mut self.read).expect("a stream that ends as it should") > 0 {}
        Spoken::read(&self.read)
    }
}

/// A streamed answer that is well formed: comments and data, each event with its blank line, one `[DONE]`, the last.
pub(crate) struct Spoken {
    pub(crate) comments: Vec<String>,
    pub(crate) chunks: Vec<Value>,
}

impl Spoken {
    fn read(stream: &str) -> Self {
        let (mut comments, mut data) = (Vec::new(), Vec::new());
        for event in stream.strip_suffix("\n\n").expect("a blank line at the end").split("\n\n") {
            assert!(!event.contains('\n'), "an event of one line: {event:?}");
            match (event.strip_prefix("data: "), event.strip_prefix(": ")) {
                (Some(event), _) => data.push(event),
                (_, Some(comment)) => comments.push(comment.to_owned()),
                _ => panic!("neither data nor a comment: {event:?}"),
            }
        }
        assert_eq!(data.pop(), Some("[DONE]"));
        let chunks = data.iter().map(|chunk| serde_json::from_str(chunk).expect("JSON")).collect();
        Self { comments, chunks }
    }

    pub(crate) fn text(&self) -> String {
        let content = |chunk: &Value| chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default().to_owned();
        self.chunks.iter().map(content).collect()
    }

    /// The reasons for which it finished.
    pub(crate) fn finishes(&self) -> Vec<&str> {
        self.chunks.iter().filter_map(|chunk| chunk["choices"][0]["finish_reason"].as_str()).collect()
    }

    pub(crate) fn assert_all_the_same(&self, member: &str) {
        let first = &self.chunks[0][member];
        assert!(self.chunks.iter().all(|chunk| &chunk[member] == first), "{member}: {:?}", self.chunks);
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).unwrap_or_else(|| panic!("no {name}: {headers:?}"));
    value.to_str().expect("ASCII")
}

/// `1=timeout@300ms,2=ok@Nms`: what follows on `ok@` is a time.
pub(crate) fn without_the_time_of_ok(attempts: &str) -> String {
    match attempts.split_once("=ok@") {
        Some((front, time)) if time.strip_suffix("ms").is_some_and(|time| time.parse::<u64>().is_ok()) => {
            format!("{front}=ok@Nms")
        }
        _ => attempts.to_owned(),
    }
}
