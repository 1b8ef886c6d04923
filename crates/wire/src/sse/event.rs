//! One event, and its fields.

use bytes::{Bytes, BytesMut};
use memchr::{memchr, memchr2};

/// One event, or a comment that stands alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The event as it came, with the blank line that ends it.
    pub raw: Bytes,
    /// Its data, the lines of it joined by line feeds; `None` where it has none, as a comment does.
    pub data: Option<Bytes>,
    /// Its `event` field.
    pub name: Option<Bytes>,
    /// Whether its data is one line and all that it has: another field is for a browser's `EventSource` alone, and some
    /// clients make an event of it.
    pub bare: bool,
}

impl Event {
    /// Reads the fields out of a whole event. Nothing is copied unless its data has several lines.
    pub(super) fn of(raw: Bytes) -> Self {
        let (mut first, mut lines): (Option<Bytes>, BytesMut) = (None, BytesMut::new());
        let (mut name, mut bare) = (None, true);
        let mut start = 0;
        while let Some(length) = memchr2(b'\r', b'\n', &raw[start..]) {
            let (field, value) = field(&raw, start, start + length);
            match (field, &first) {
                (b"data", None) => first = Some(value),
                (b"data", Some(first)) => {
                    if lines.is_empty() {
                        lines.extend_from_slice(first);
                    }
                    lines.extend_from_slice(b"\n");
                    lines.extend_from_slice(&value);
                }
                (b"event", _) => (name, bare) = (Some(value), false),
                (b"", _) => {}
                _ => bare = false,
            }
            start += length + 1;
        }
        let bare = bare && lines.is_empty();
        let data = if lines.is_empty() { first } else { Some(lines.freeze()) };
        Self { raw, data, name, bare }
    }
}

/// The line from `start` to `end`, taken apart at its colon; one space behind that belongs to neither side.
fn field(raw: &Bytes, start: usize, end: usize) -> (&[u8], Bytes) {
    let line = &raw[start..end];
    let colon = memchr(b':', line).unwrap_or(line.len());
    let space = usize::from(line.get(colon + 1) == Some(&b' '));
    let value = (start + colon + 1 + space).min(end);
    (&line[..colon], raw.slice(value..end))
}
