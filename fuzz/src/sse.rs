//! The codec of server-sent events: any cuts through a stream give the same events, and none of its bytes is made up.

use bytes::Bytes;
use wire::sse::{Decoder, Event};
use wire::{Assembler, Form, Piece};

/// Takes `data` as a stream.
pub fn check(data: &[u8]) {
    let events = decode([data]);
    assert!(slices_in_order(data, &events), "an event holds what the stream does not: {events:?}");
    assert_eq!(told(&decode(data.chunks(1))), told(&events), "byte by byte");
    assert_eq!(told(&decode(pieces(data))), told(&events), "in pieces");
    for form in [Form::Chat, Form::Text] {
        assemble(form, &events);
    }
}

fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(event) = decoder.decode().expect("inputs are far smaller than the bound") {
            events.push(event);
        }
    }
    events
}

/// What a reader is told. Of a carriage return and a line feed that a cut parts, the line feed comes too late for its event.
fn told(events: &[Event]) -> Vec<(&[u8], Option<&Bytes>, Option<&Bytes>)> {
    events.iter().map(|event| (event.raw.trim_ascii_end(), event.data.as_ref(), event.name.as_ref())).collect()
}

/// Pieces of one to eight bytes, by the bytes themselves.
fn pieces(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = data;
    std::iter::from_fn(move || {
        let size = usize::from(rest.first()? % 8 + 1).min(rest.len());
        let (piece, behind) = rest.split_at(size);
        rest = behind;
        Some(piece)
    })
}

/// Whether the events stand in the stream one behind the other, with nothing but blank lines between them.
fn slices_in_order(data: &[u8], events: &[Event]) -> bool {
    let mut rest = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    events.iter().all(|event| {
        let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        rest = &rest[blank..];
        let found = rest.starts_with(&event.raw);
        rest = &rest[event.raw.len().min(rest.len())..];
        found
    })
}

/// Whatever the events say, they are read and put together without a panic, and what comes of it is JSON.
fn assemble(form: Form, events: &[Event]) {
    let mut assembler = Assembler::new(form);
    for event in events {
        let piece = Piece::of(event);
        assert_eq!(piece.is_none(), event.data.is_none());
        if let (Some(Piece::Chunk(_)), Some(data)) = (piece, &event.data) {
            assembler.push(data);
        }
    }
    if let Some(whole) = assembler.finish() {
        assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&whole).is_ok(), "{whole:?}");
    }
}
