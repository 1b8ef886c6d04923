//! How long a prompt is, without a tokenizer.

use std::ops::Range;

use memchr::memmem;

/// A token of English or code is about four bytes of ASCII; a character beyond ASCII is about one.
const ASCII_BYTES: usize = 4;

/// How far into a data URI its `;base64,` stands at most: behind the media type and its parameters.
const LONGEST_MEDIA_TYPE: usize = 128;

/// A picture of 1,024 by 1,024 at OpenAI (platform.openai.com/docs/guides/images-vision: 85 + 4 × 170). Others count from 258
/// (Gemini) to some 1,600: what it is, only the tier knows.
const PICTURE: usize = 765;

/// An estimate of the tokens in a JSON text, rounded up. A picture counts as [`PICTURE`], wherever it is; a sound or a file
/// that is embedded is no prompt.
pub(crate) fn tokens(json: &[u8]) -> u32 {
    let (mut ascii, mut others, mut from) = (0, 0, 0);
    let mut count = |text: &[u8]| {
        let ascii_bytes = text.iter().filter(|byte| byte.is_ascii()).count();
        ascii += ascii_bytes;
        others += text.iter().filter(|&&byte| byte >= 0xc0).count();
    };
    for embedded in embedded(json) {
        if embedded.start >= from {
            count(&json[from..embedded.start]);
            from = embedded.end;
        }
    }
    count(&json[from..]);
    u32::try_from(ascii.div_ceil(ASCII_BYTES) + others + pictures(json) * PICTURE).unwrap_or(u32::MAX)
}

/// How many picture parts there are: their key, which within a string would stand behind a backslash.
fn pictures(json: &[u8]) -> usize {
    const KEY: &[u8] = b"\"image_url\"";
    let is_key = |at: &usize| json[at + KEY.len()..].trim_ascii_start().starts_with(b":");
    memmem::find_iter(json, KEY).filter(is_key).count()
}

/// What is embedded, in its order: strings that are data URIs, and the objects of OpenAI's `input_audio` parts. A page in
/// a message that holds a picture of its own is prompt: its quotes stand behind backslashes there.
fn embedded(json: &[u8]) -> Vec<Range<usize>> {
    let to = |start: usize, end: u8| start..memchr::memchr(end, &json[start..]).map_or(json.len(), |at| start + at);
    let uris = memmem::find_iter(json, b"\"data:").filter_map(|quote| {
        let escaped = quote > 0 && json[quote - 1] == b'\\';
        let uri = to(quote + 1, b'"');
        let head = &json[uri.start..uri.end.min(uri.start + LONGEST_MEDIA_TYPE)];
        (!escaped && memmem::find(head, b";base64,").is_some()).then_some(uri)
    });
    let mut looked_at = 0;
    // Goes on behind each one: no byte is looked at twice, whatever the caller sends.
    let sounds = std::iter::from_fn(|| {
        let name = looked_at + memmem::find(&json[looked_at..], b"\"input_audio\"")?;
        let sound = to(name, b'}');
        looked_at = sound.end;
        Some(sound)
    });
    let mut all: Vec<_> = uris.chain(sounds).collect();
    all.sort_unstable_by_key(|embedded| embedded.start);
    all
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
    fn an_embedded_picture_or_sound_is_no_prompt() {
        let data = "A".repeat(100_000);
        let picture = format!(r#"{{"url":"data:image/png;base64,{data}","detail":"low"}}"#);
        let sound = format!(r#"{{"type":"input_audio","input_audio":{{"data":"{data}","format":"wav"}}}}"#);
        for json in [&picture, &sound, &format!("[{sound},{picture}]"), &format!("[{picture},{sound}]")] {
            assert!(tokens(json.as_bytes()) < 40, "{}", &json[..40]);
        }
    }

    #[test]
    fn a_picture_within_a_page_is_prompt() {
        let data = "A".repeat(4_000);
        assert!(tokens(format!(r#"{{"content":"<img src=\"data:image/png;base64,{data}\">"}}"#).as_bytes()) > 1_000);
        assert!(tokens(format!(r#"{{"content":"data: {data}"}}"#).as_bytes()) > 1_000);
    }
}
