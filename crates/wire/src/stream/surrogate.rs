//! Escapes of UTF-16 surrogates that a provider has cut in two: `\ud83d` ends one chunk, `\ude00` begins the next.
//!
//! JSON may hold a lone surrogate as an escape (RFC 8259, section 8.2), and no Rust string can.

/// A leading half that ended a string, and waits for the other one.
pub(super) type Half = [u8; 6];

/// What stands for a half that nothing joined.
const REPLACEMENT: &[u8] = b"\\ufffd";

/// `data` with no lone surrogate in it: a trailing half that begins a string is joined to `pending`, a leading one that ends a
/// string becomes the new `pending`, any other is U+FFFD.
pub(super) fn repaired(data: &[u8], pending: &mut Option<Half>) -> Vec<u8> {
    let mut repaired = Vec::with_capacity(data.len() + REPLACEMENT.len());
    let mut at = 0;
    while at < data.len() {
        let Some(unit) = unit_at(data, at) else {
            // An escape is two bytes, so that a backslash which is itself escaped begins none.
            let length = if data[at] == b'\\' { 2 } else { 1 };
            repaired.extend_from_slice(&data[at..(at + length).min(data.len())]);
            at += length;
            continue;
        };
        let escape = &data[at..at + 6];
        match unit {
            0xd800..0xdc00 if unit_at(data, at + 6).is_some_and(|next| (0xdc00..0xe000).contains(&next)) => {
                repaired.extend_from_slice(&data[at..at + 12]);
                at += 6;
            }
            0xd800..0xdc00 if data.get(at + 6) == Some(&b'"') => *pending = escape.try_into().ok(),
            0xdc00..0xe000 if at > 0 && data[at - 1] == b'"' && pending.is_some() => {
                repaired.extend(pending.take().into_iter().flatten());
                repaired.extend_from_slice(escape);
            }
            0xd800..0xe000 => repaired.extend_from_slice(REPLACEMENT),
            _ => repaired.extend_from_slice(escape),
        }
        at += 6;
    }
    repaired
}

/// The UTF-16 unit that an escape at `at` stands for.
fn unit_at(data: &[u8], at: usize) -> Option<u16> {
    let escape = data.get(at..at + 6)?;
    let digits = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repair(chunks: &[&str]) -> (Vec<String>, bool) {
        let mut pending = None;
        let text = |data: Vec<u8>| String::from_utf8(data).expect("text");
        let all = chunks.iter().map(|chunk| text(repaired(chunk.as_bytes(), &mut pending))).collect();
        (all, pending.is_some())
    }

    #[test]
    fn two_halves_in_two_chunks_are_joined() {
        let (chunks, pending) = repair(&[r#"{"a":"ab\ud83d"}"#, r#"{"a":"\ude00cd"}"#]);
        assert_eq!(
            (chunks, pending),
            (vec![r#"{"a":"ab"}"#.to_owned(), r#"{"a":"\ud83d\ude00cd"}"#.to_owned()], false)
        );
    }

    #[test]
    fn a_half_alone_is_replaced_and_costs_no_other_letter() {
        assert_eq!(repair(&[r#"{"a":"\ude00cd"}"#]).0, [r#"{"a":"\ufffdcd"}"#]);
        assert_eq!(repair(&[r#"{"a":"x\ud83dy"}"#]).0, [r#"{"a":"x\ufffdy"}"#]);
        assert_eq!(repair(&[r#"{"a":"x\ud83d"}"#]), (vec![r#"{"a":"x"}"#.to_owned()], true));
    }

    #[test]
    fn whole_pairs_and_escaped_backslashes_stay() {
        for same in [r#"{"a":"\ud83d\ude00 \u00e9 \\ud83d \n"}"#, "{}", r#"{"a":"\"#, r#"\u12"#] {
            assert_eq!(repair(&[same]).0, [same]);
        }
    }
}
