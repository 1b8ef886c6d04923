//! How long a prompt is, without a tokenizer.

use memchr::memmem;

/// A token of English or code is about four bytes of ASCII; a character beyond ASCII is about one.
const ASCII_BYTES: usize = 4;

/// An estimate of the tokens in a JSON text, rounded up. Data that is embedded in it (`;base64,…`) is no prompt.
pub(crate) fn tokens(json: &[u8]) -> u32 {
    let (mut ascii, mut others, mut from) = (0, 0, 0);
    let mut count = |text: &[u8]| {
        let ascii_bytes = text.iter().filter(|byte| byte.is_ascii()).count();
        ascii += ascii_bytes;
        others += text.iter().filter(|&&byte| byte >= 0xc0).count();
    };
    for embedded in memmem::find_iter(json, b";base64,") {
        if embedded < from {
            continue;
        }
        count(&json[from..embedded]);
        from = memchr::memchr(b'"', &json[embedded..]).map_or(json.len(), |quote| embedded + quote);
    }
    count(&json[from..]);
    u32::try_from(ascii.div_ceil(ASCII_BYTES) + others).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_bytes_of_english_or_one_other_character_are_a_token() {
        assert_eq!(tokens(b""), 0);
        assert_eq!(tokens(b"hello"), 2);
        assert_eq!(tokens("日本語".as_bytes()), 3);
    }

    #[test]
    fn an_embedded_picture_is_no_prompt() {
        let picture = format!(r#"{{"url":"data:image/png;base64,{}","detail":"low"}}"#, "A".repeat(100_000));
        assert!(tokens(picture.as_bytes()) < 20);
    }
}
