//! The pieces of a stream put together into events, each byte looked at once however small the pieces are.

use bytes::{Bytes, BytesMut};
use memchr::memchr2;

use super::event::Event;

/// An event larger than this, in bytes, is none. A token's is a few hundred bytes, with all its log probabilities a few thousand.
const LARGEST: usize = 1024 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Puts the pieces of a stream together into events. An event that lies within one piece is a slice of it.
#[derive(Debug, Default)]
pub struct Decoder {
    /// What has not been looked at yet.
    piece: Bytes,
    /// The event that has begun in the pieces before.
    begun: BytesMut,
    /// Whether the line that has begun holds anything.
    in_line: bool,
    /// A line feed that follows belongs to the line end before it.
    after_return: bool,
    /// Whether the start of the stream, where a byte order mark may stand, is past.
    started: bool,
}

/// An event grew over 1 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is larger than 1 MiB")]
pub struct Oversized;

impl Decoder {
    /// A decoder of a stream that begins now.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of the stream. Copies it only where the piece before has not been decoded to its end.
    pub fn push(&mut self, piece: Bytes) {
        if self.piece.is_empty() {
            self.piece = piece;
        } else {
            let mut joined = BytesMut::with_capacity(self.piece.len() + piece.len());
            joined.extend_from_slice(&self.piece);
            joined.extend_from_slice(&piece);
            self.piece = joined.freeze();
        }
    }

    /// The next whole event; `None` until more of the stream has come.
    ///
    /// # Errors
    ///
    /// Where an event has grown over its bound: the rest of the stream cannot be understood.
    pub fn decode(&mut self) -> Result<Option<Event>, Oversized> {
        if !self.start() {
            return Ok(None);
        }
        while !self.piece.is_empty() {
            if self.begun.is_empty() {
                self.pass_over_line_feed();
            }
            let end = self.end_of_event();
            if self.begun.len() + end.unwrap_or(self.piece.len()) > LARGEST {
                return Err(Oversized);
            }
            let Some(end) = end else {
                // An empty slice would hold on to the buffer that it was cut from.
                self.begun.extend_from_slice(&std::mem::take(&mut self.piece));
                break;
            };
            let raw = self.take(end);
            // Blank lines between events belong to none.
            if !matches!(raw[0], b'\r' | b'\n') {
                return Ok(Some(Event::of(raw)));
            }
        }
        Ok(None)
    }

    /// What the stream left unfinished, in bytes: an event without its blank line counts for nothing.
    #[must_use]
    pub fn finish(self) -> usize {
        self.begun.len() + self.piece.len()
    }

    /// Takes a byte order mark off the start of the stream. Says whether there is enough of it to tell.
    fn start(&mut self) -> bool {
        if !self.started {
            if self.piece.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(&self.piece) {
                return false;
            }
            if self.piece.starts_with(BYTE_ORDER_MARK) {
                let _ = self.piece.split_to(BYTE_ORDER_MARK.len());
            }
            self.started = true;
        }
        true
    }

    /// An event is handed out as soon as a carriage return ends it, be it half of a line end that was cut in two.
    fn pass_over_line_feed(&mut self) {
        if std::mem::take(&mut self.after_return) && self.piece.first() == Some(&b'\n') {
            let _ = self.piece.split_to(1);
        }
    }

    /// Where in the piece the first blank line ends. Keeps what it has seen of the last line where there is none.
    fn end_of_event(&mut self) -> Option<usize> {
        let mut at = 0;
        loop {
            if self.after_return && at < self.piece.len() {
                self.after_return = false;
                at += usize::from(self.piece[at] == b'\n');
            }
            let Some(length) = memchr2(b'\r', b'\n', &self.piece[at..]) else {
                self.in_line |= at < self.piece.len();
                return None;
            };
            let blank = length == 0 && !self.in_line;
            self.in_line = false;
            self.after_return = self.piece[at + length] == b'\r';
            at += length + 1;
            if blank {
                return Some(self.with_line_feed(at));
            }
        }
    }

    /// `end`, or one further where the line end there is a pair.
    fn with_line_feed(&mut self, end: usize) -> usize {
        if self.after_return && self.piece.get(end) == Some(&b'\n') {
            self.after_return = false;
            return end + 1;
        }
        end
    }

    fn take(&mut self, end: usize) -> Bytes {
        let rest = self.piece.split_to(end);
        if self.begun.is_empty() {
            return rest;
        }
        self.begun.extend_from_slice(&rest);
        std::mem::take(&mut self.begun).freeze()
    }
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
        for stream in [
            "data: a\n\ndata: b\n\n",
            "data: a\r\n\r\ndata: b\r\n\r\n",
            "data: a\n\r\ndata: b\r\n\n",
            "data: a\r\rdata: b\r\r",
        ] {
            assert_eq!(data_of(stream), some(&["a", "b"]), "{stream:?}");
            let raw: Vec<Bytes> = decode(&[stream.as_bytes()]).into_iter().map(|event| event.raw).collect();
            assert_eq!(raw.concat(), stream.as_bytes(), "not a byte is lost");
        }
    }

    #[test]
    fn an_event_that_a_carriage_return_ends_is_not_held_back() {
        let mut decoder = Decoder::new();
        decoder.push(Bytes::from_static(b"data: a\r\n\r"));
        assert_eq!(decoder.decode().map(|event| event.is_some()), Ok(true));
        decoder.push(Bytes::from_static(b"\ndata: b\n\n"));
        let event = decoder.decode().expect("small").expect("whole");
        assert_eq!(&event.raw[..], b"data: b\n\n");
    }

    #[test]
    fn one_space_behind_the_colon_is_no_data() {
        assert_eq!(data_of("data:a\n\ndata:  b\n\ndata\n\n"), some(&["a", " b", ""]));
    }

    #[test]
    fn several_data_lines_are_one_text() {
        assert_eq!(data_of("data: a\nid: 7\ndata: b\r\ndata\n\n"), some(&["a\nb\n"]));
        assert_eq!(data_of("data\ndata\ndata: a\n\n"), some(&["\n\na"]));
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
    fn an_event_within_one_piece_is_a_slice_of_it() {
        let piece = Bytes::from_static(b"data: a\n\ndata: b\n\nda");
        let mut decoder = Decoder::new();
        decoder.push(piece.clone());
        for at in [0, 9] {
            let event = decoder.decode().expect("small").expect("whole");
            assert_eq!(event.raw.as_ptr(), piece[at..].as_ptr());
            assert_eq!(event.data.expect("data").as_ptr(), piece[at + 6..].as_ptr());
        }
    }

    #[test]
    fn an_event_without_its_blank_line_is_none() {
        let mut decoder = Decoder::new();
        decoder.push(Bytes::from_static(b"data: a\n"));
        assert_eq!(decoder.decode(), Ok(None));
        assert_eq!(decoder.finish(), 8);
    }

    #[test]
    fn an_event_is_bounded_whether_it_ends_or_not() {
        const MIB: usize = 1024 * 1024;
        for (end, size) in [(&b""[..], MIB + 1), (b"\n\n", MIB - 1)] {
            let mut decoder = Decoder::new();
            decoder.push(Bytes::from_static(b"a"));
            assert_eq!(decoder.decode(), Ok(None));
            decoder.push(Bytes::from([&vec![b'a'; size - 1][..], end].concat()));
            assert_eq!(decoder.decode(), Err(Oversized));
        }
    }

    #[test]
    fn a_piece_that_has_been_decoded_is_let_go_of() {
        let piece = Bytes::from(b"data: a\n\ndata: b".to_vec());
        let mut decoder = Decoder::new();
        decoder.push(piece.clone());
        while decoder.decode().expect("small").is_some() {}
        assert!(piece.is_unique());
    }

    proptest! {
        #[test]
        fn a_stream_decodes_the_same_wherever_it_is_cut(
            stream in "\u{feff}?((data|event|id|:)?:? ?[a-z\u{e9}]{0,6}(\n|\r\n|\r)){0,20}(\n\n)?",
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
            // Of a carriage return and a line feed that a cut parts, the line feed comes too late for its event.
            let read = |pieces: &[&[u8]]| -> Vec<_> {
                decode(pieces).into_iter().map(|event| (event.raw.trim_ascii_end().to_vec(), event.data, event.name)).collect()
            };
            prop_assert_eq!(read(&pieces), read(&[bytes]));
        }

        #[test]
        fn what_is_decoded_is_what_a_reader_line_by_line_would_see(
            stream in "((data|event|x|)(:| |: |)[a-z]{0,3}(\n|\r\n|\r)){0,20}",
        ) {
            let normal = stream.replace("\r\n", "\n").replace('\r', "\n");
            let mut expected = Vec::new();
            let mut data: Option<String> = None;
            let mut lines: Vec<&str> = normal.split('\n').collect();
            lines.pop();
            let mut fields = 0;
            for line in lines {
                if line.is_empty() {
                    if fields > 0 {
                        expected.push(data.take());
                    }
                    fields = 0;
                    continue;
                }
                fields += 1;
                let (field, value) = line.split_once(':').unwrap_or((line, ""));
                if field == "data" {
                    let value = value.strip_prefix(' ').unwrap_or(value);
                    data = Some(data.map_or_else(|| value.to_owned(), |before| format!("{before}\n{value}")));
                }
            }
            prop_assert_eq!(data_of(&stream), expected);
        }
    }
}
