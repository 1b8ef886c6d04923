//! Server-sent events, by the WHATWG's rules (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).
//!
//! An event is kept exactly as it came, so that it can be sent on as it is.

mod decoder;
mod event;

use bytes::{Bytes, BytesMut};

pub use decoder::{Decoder, Oversized};
pub use event::Event;

/// How a stream of OpenAI's ends.
pub const DONE: &[u8] = b"data: [DONE]\n\n";
/// What stands before the data of an event of ours.
pub const DATA: &str = "data: ";
/// What ends it.
pub const END: &str = "\n\n";

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
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let mut decoder = Decoder::new();
        let mut decoded = |event: Bytes| {
            decoder.push(event);
            decoder.decode().expect("a small event").expect("a whole event").data
        };
        assert_eq!(decoded(data(b"{}")).as_deref(), Some(&b"{}"[..]));
        assert_eq!(decoded(comment("hello")), None);
        assert_eq!(decoded(Bytes::from_static(DONE)).as_deref(), Some(&b"[DONE]"[..]));
    }
}
