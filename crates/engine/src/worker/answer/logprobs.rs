//! How likely tokens were, in OpenAI's two forms.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use wire::Form;

use crate::model::Logprob;

/// What stands for a token that cannot come: JSON has no infinity. (OpenAI's reference says so of `logprob`.)
const NEVER: f32 = -9999.0;

/// Writes the tokens of one choice, a stretch after the other.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Where the next token's text begins in that of the choice, in characters.
    offset: usize,
}

impl Written {
    /// The value of `logprobs` for these tokens.
    pub(super) fn write(&mut self, form: Form, tokens: &[Logprob]) -> Value {
        match form {
            Form::Chat => json!({"content": tokens.iter().map(of_chat).collect::<Vec<_>>(), "refusal": null}),
            Form::Text => self.text(tokens),
        }
    }

    fn text(&mut self, tokens: &[Logprob]) -> Value {
        let offsets: Vec<_> = tokens.iter().map(|token| self.place(token)).collect();
        let top = |token: &Logprob| {
            let own = (&token.bytes, token.logprob?);
            let all = token.top.iter().map(|(bytes, logprob)| (bytes, *logprob)).chain([own]);
            Some(all.map(|(bytes, logprob)| (name_in_text(bytes), number(logprob))).collect::<Map<_, _>>())
        };
        json!({
            "tokens": tokens.iter().map(|token| name_in_text(&token.bytes)).collect::<Vec<_>>(),
            "token_logprobs": tokens.iter().map(|token| token.logprob.map(number)).collect::<Vec<_>>(),
            "top_logprobs": tokens.iter().map(top).collect::<Vec<_>>(),
            "text_offset": offsets,
        })
    }

    /// Where a token's text begins; a character belongs to the token that has its first byte.
    fn place(&mut self, token: &Logprob) -> usize {
        let shown = if token.shown == 0 { &[][..] } else { &token.bytes };
        let begun = shown.iter().filter(|&&byte| byte & 0b1100_0000 != 0b1000_0000).count();
        let place = self.offset;
        self.offset += begun;
        place
    }
}

fn of_chat(token: &Logprob) -> Value {
    let entry = |bytes: &[u8], logprob: f32| json!({"token": name(bytes), "logprob": number(logprob), "bytes": bytes});
    let mut written = entry(&token.bytes, token.logprob.unwrap_or(NEVER));
    written["top_logprobs"] = token.top.iter().map(|(bytes, logprob)| entry(bytes, *logprob)).collect();
    written
}

fn number(logprob: f32) -> Value {
    json!(logprob.max(NEVER))
}

/// A token as text; one that is a part of a character by its bytes, as OpenAI writes it.
fn name(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| escaped(bytes), str::to_owned)
}

/// As [`name`]; the text form says beside that what it means.
fn name_in_text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| format!("bytes:{}", escaped(bytes)), str::to_owned)
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\x{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(bytes: &[u8], logprob: Option<f32>, top: &[(&str, f32)]) -> Logprob {
        let top = top.iter().map(|&(word, logprob)| (word.as_bytes().to_vec(), logprob)).collect();
        Logprob { bytes: bytes.to_vec(), logprob, top, shown: bytes.len() }
    }

    #[test]
    fn a_chat_has_an_entry_a_token_with_its_bytes() {
        let tokens = [
            token("é".as_bytes(), Some(-0.5), &[("é", -0.5), ("e", -1.0)]),
            token(b"\xf0\x9f", Some(f32::NEG_INFINITY), &[]),
        ];
        let expected = json!({"refusal": null, "content": [
            {"token": "é", "logprob": -0.5, "bytes": [195, 169], "top_logprobs": [
                {"token": "é", "logprob": -0.5, "bytes": [195, 169]}, {"token": "e", "logprob": -1.0, "bytes": [101]}]},
            {"token": "\\xf0\\x9f", "logprob": -9999.0, "bytes": [240, 159], "top_logprobs": []},
        ]});
        assert_eq!(Written::default().write(Form::Chat, &tokens), expected);
    }

    #[test]
    fn a_text_has_four_lists_that_go_on_in_the_next_stretch() {
        let mut written = Written::default();
        let sign = Logprob { shown: 0, ..token(b"<|sep|>", Some(-4.0), &[]) };
        let tokens = [token("aé".as_bytes(), None, &[]), token(b"\xf0\x9f", Some(-1.0), &[("b", -0.25)]), sign];
        let expected = json!({
            "tokens": ["aé", "bytes:\\xf0\\x9f", "<|sep|>"], "token_logprobs": [null, -1.0, -4.0],
            "top_logprobs": [null, {"b": -0.25, "bytes:\\xf0\\x9f": -1.0}, {"<|sep|>": -4.0}], "text_offset": [0, 2, 3],
        });
        assert_eq!(written.write(Form::Text, &tokens), expected);
        let next = [token(b"\x9a\x80", Some(-0.5), &[]), token(b"c", Some(-0.5), &[])];
        assert_eq!(written.write(Form::Text, &next)["text_offset"], json!([3, 3]));
    }
}
