//! What a body is, by its first bytes: content types lie (JSON as `text/event-stream`, a stream as JSON, none at all).

/// What the first bytes of a body say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sniffed {
    /// JSON: an object or an array.
    Json,
    /// Server-sent events.
    Events,
    /// An HTML page (or other markup).
    Html,
    /// None of them.
    Other,
    /// Too few bytes to say.
    Undecided,
}

/// The fields of an event (WHATWG HTML, section 9.2.6); a comment begins with the colon itself.
const FIELDS: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Looks at the first bytes that are not blank.
pub(crate) fn sniff(start: &[u8]) -> Sniffed {
    let start = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start).trim_ascii_start();
    match start.first() {
        None => Sniffed::Undecided,
        Some(b'{' | b'[') => Sniffed::Json,
        Some(b'<') => Sniffed::Html,
        Some(b':') => Sniffed::Events,
        Some(_) => {
            FIELDS.iter().map(|field| is_field(start, field)).find(|it| *it != Sniffed::Other).unwrap_or(Sniffed::Other)
        }
    }
}

fn is_field(start: &[u8], field: &[u8]) -> Sniffed {
    match start.strip_prefix(field) {
        Some([b':' | b'\r' | b'\n', ..]) => Sniffed::Events,
        Some([]) => Sniffed::Undecided,
        Some(_) => Sniffed::Other,
        None if field.starts_with(start) => Sniffed::Undecided,
        None => Sniffed::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_that_are_not_blank_decide() {
        let table: [(&[u8], Sniffed); 14] = [
            (b"{\"id\":1}", Sniffed::Json),
            (b"\xef\xbb\xbf \r\n[", Sniffed::Json),
            (b"\n\n<!DOCTYPE html>", Sniffed::Html),
            (b"data: {}", Sniffed::Events),
            (b": ping", Sniffed::Events),
            (b"event: error\n", Sniffed::Events),
            (b"id\n", Sniffed::Events),
            (b"retry:5", Sniffed::Events),
            (b"", Sniffed::Undecided),
            (b" \n", Sniffed::Undecided),
            (b"dat", Sniffed::Undecided),
            (b"event", Sniffed::Undecided),
            (b"database is down", Sniffed::Other),
            (b"Bad Gateway", Sniffed::Other),
        ];
        for (start, sniffed) in table {
            assert_eq!(sniff(start), sniffed, "{:?}", String::from_utf8_lossy(start));
        }
    }
}
