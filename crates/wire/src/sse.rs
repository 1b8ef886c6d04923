//! Server-sent events, by the WHATWG's rules (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).
//!
//! An event is kept exactly as it came, so that it can be sent on as it is.

use bytes::{Bytes, BytesMut};
use memchr::memchr2;

/// How a stream of OpenAI's ends.
pub const DONE: &[u8] = b"data: [DONE]\n\n";
/// What stands before the data of an event of ours.
pub const DATA: &str = "data: ";
/// What ends it.
pub const END: &str = "\n\n";
/// An event larger than this is none.
const LARGEST: usize = 16 * 1024 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Puts the pieces of a stream together into events.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Bytes,
    /// Up to where `buffer` is known to hold no end of an event: the start of a line.
    scanned: usize,
    begun: bool,
}

/// One event, or a comment that stands alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The event as it came, with the blank line that ends it.
    pub raw: Bytes,
    /// Its data, the lines of it joined by line feeds; `None` where it has none, as a comment does.
    pub data: Option<Bytes>,
    /// Its `event` field.
    pub name: Option<Bytes>,
}

/// An event grew over 16 MiB without an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is larger than 16 MiB")]
pub struct Oversized;

impl Decoder {
    /// A decoder of a stream that begins now.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of the stream. Copies it only where an event reaches over from the piece before.
    pub fn push(&mut self, piece: Bytes) {
        if self.buffer.is_empty() {
            self.buffer = piece;
        } else {
            let mut joined = BytesMut::with_capacity(self.buffer.len() + piece.len());
            joined.extend_from_slice(&self.buffer);
            joined.extend_from_slice(&piece);
            self.buffer = joined.freeze();
        }
    }

    /// The next whole event; `None` until more of the stream has come.
    ///
    /// # Errors
    ///
    /// Where an event has grown over its bound.
    pub fn decode(&mut self) -> Result<Option<Event>, Oversized> {
        loop {
            if !self.begin() {
                return Ok(None);
            }
            let Some(end) = self.end_of_event() else {
                return if self.buffer.len() > LARGEST { Err(Oversized) } else { Ok(None) };
            };
            let raw = self.buffer.split_to(end);
            self.scanned = 0;
            if raw.iter().any(|byte| !matches!(byte, b'\r' | b'\n')) {
                return Ok(Some(Event::of(raw)));
            }
        }
    }

    /// What the stream left unfinished, in bytes: an event without its blank line counts for nothing.
    #[must_use]
    pub fn finish(self) -> usize {
        self.buffer.len()
    }

    /// Takes a byte order mark off the start of the stream. Says whether there is enough of it to tell.
    fn begin(&mut self) -> bool {
        if !self.begun {
            if self.buffer.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(&self.buffer) {
                return false;
            }
            if self.buffer.starts_with(BYTE_ORDER_MARK) {
                let _ = self.buffer.split_to(BYTE_ORDER_MARK.len());
            }
            self.begun = true;
        }
        true
    }

    /// Where the first blank line of the buffer ends.
    fn end_of_event(&mut self) -> Option<usize> {
        let mut line = self.scanned;
        loop {
            let (end, next) = line_end(&self.buffer, line)?;
            if end == line {
                return Some(next);
            }
            self.scanned = next;
            line = next;
        }
    }
}

/// Where the line that starts at `start` ends, and where the next one starts; `None` where that is not known yet: a
/// carriage return at the very end may be half of a line end.
fn line_end(bytes: &[u8], start: usize) -> Option<(usize, usize)> {
    let end = start + memchr2(b'\r', b'\n', &bytes[start..])?;
    match (bytes[end], bytes.get(end + 1)) {
        (b'\n', _) => Some((end, end + 1)),
        (_, Some(b'\n')) => Some((end, end + 2)),
        (_, Some(_)) => Some((end, end + 1)),
        (_, None) => None,
    }
}

impl Event {
    fn of(raw: Bytes) -> Self {
        let (mut data, mut name): (Option<Bytes>, Option<Bytes>) = (None, None);
        let mut start = 0;
        while let Some((end, next)) =
            line_end(&raw, start).or_else(|| (start < raw.len()).then_some((raw.len() - 1, raw.len())))
        {
            let (field, value) = field(&raw, start, end);
            match field {
                b"data" => data = Some(data.map_or_else(|| value.clone(), |before| joined(&before, &value))),
                b"event" => name = Some(value),
                _ => {}
            }
            start = next;
        }
        Self { data, name, raw }
    }
}

/// The line from `start` to `end`, taken apart at its colon; one space behind that belongs to neither side.
fn field(raw: &Bytes, start: usize, end: usize) -> (&[u8], Bytes) {
    let line = &raw[start..end];
    let colon = memchr::memchr(b':', line).unwrap_or(line.len());
    let space = usize::from(line.get(colon + 1) == Some(&b' '));
    let value = (start + colon + 1 + space).min(end);
    (&line[..colon], raw.slice(value..end))
}

fn joined(before: &Bytes, line: &Bytes) -> Bytes {
    let mut lines = BytesMut::with_capacity(before.len() + 1 + line.len());
    lines.extend_from_slice(before);
    lines.extend_from_slice(b"\n");
    lines.extend_from_slice(line);
    lines.freeze()
}

/// A comment: what keeps a connection alive, and what no client's parser sees. `text` is one line.
#[must_use]
pub fn comment(text: &str) -> Bytes {
    Bytes::from(format!(": {text}\n\n"))
}

/// An event that holds `json`, which is one line.
#[must_use]
pub fn data(json: &[u8]) -> Bytes {
    let mut event = BytesMut::with_capacity(DATA.len() + json.len() + END.len());
    event.extend_from_slice(DATA.as_bytes());
    event.extend_from_slice(json);
    event.extend_from_slice(END.as_bytes());
    event.freeze()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(pieces: &[&[u8]]) -> Vec<Event> {
        let mut decoder = Decoder::new();
        let mut events = Vec::new();
        for piece in pieces {
            decoder.push(Bytes::copy_from_slice(piece));
            while let Some(event) = decoder.decode().expect("small events") {
                events.push(event);
            }
        }
        events
    }

    fn data_of(stream: &str) -> Vec<Option<String>> {
        let text = |data: Bytes| String::from_utf8(data.to_vec()).expect("text");
        decode(&[stream.as_bytes()]).into_iter().map(|event| event.data.map(text)).collect()
    }

    fn some(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|&text| Some(text.to_owned())).collect()
    }

    #[test]
    fn each_kind_of_line_end_ends_a_line() {
        for stream in ["data: a\n\ndata: b\n\n", "data: a\r\n\r\ndata: b\r\n\r\n", "data: a\n\r\ndata: b\r\n\n"] {
            assert_eq!(data_of(stream), some(&["a", "b"]), "{stream:?}");
        }
        assert_eq!(data_of("data: a\r\rdata: b\r\r:"), some(&["a", "b"]));
    }

    #[test]
    fn one_space_behind_the_colon_is_no_data() {
        assert_eq!(data_of("data:a\n\ndata:  b\n\ndata\n\n"), some(&["a", " b", ""]));
    }

    #[test]
    fn several_data_lines_are_one_text() {
        assert_eq!(data_of("data: a\nid: 7\ndata: b\n\n"), some(&["a\nb"]));
    }

    #[test]
    fn a_comment_and_a_name_are_told_apart_from_data() {
        let events = decode(&[b"\xef\xbb\xbf: hello\n\n\n\nevent: error\ndata: {}\n\n"]);
        assert_eq!((events.len(), &events[0].data), (2, &None));
        assert_eq!(&events[0].raw[..], b": hello\n\n");
        assert_eq!(events[1].name.as_deref(), Some(&b"error"[..]));
        assert_eq!(&events[1].raw[..], b"event: error\ndata: {}\n\n", "the blank lines before it belong to nothing");
    }

    #[test]
    fn an_event_without_its_blank_line_is_none() {
        let mut decoder = Decoder::new();
        decoder.push(Bytes::from_static(b"data: a\n"));
        assert_eq!(decoder.decode(), Ok(None));
        assert_eq!(decoder.finish(), 8);
    }

    #[test]
    fn an_event_without_an_end_is_bounded() {
        let mut decoder = Decoder::new();
        decoder.push(Bytes::from(vec![b'a'; LARGEST + 1]));
        assert_eq!(decoder.decode(), Err(Oversized));
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        assert_eq!(decode(&[&data(b"{}")])[0].data.as_deref(), Some(&b"{}"[..]));
        assert_eq!(decode(&[&comment("hello")])[0].data, None);
        assert_eq!(decode(&[DONE])[0].data.as_deref(), Some(&b"[DONE]"[..]));
    }

    proptest! {
        #[test]
        fn a_stream_decodes_the_same_wherever_it_is_cut(
            stream in "((data|event|id|:)?:? ?[a-z\u{e9}]{0,6}(\n|\r\n|\r)){0,20}\n\n",
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let bytes = stream.as_bytes();
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            at.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in at {
                pieces.push(&bytes[from..cut]);
                from = cut;
            }
            pieces.push(&bytes[from..]);
            prop_assert_eq!(decode(&pieces), decode(&[bytes]));
        }
    }
}
