//! Which tokens said a message's words, where the answer has calls beside them: only these are told.

use std::collections::VecDeque;

use crate::model::{Logprob, Unshown};

/// Tokens of one answer that are to be told, with the places in its text that each has: bytes from the beginning.
#[derive(Debug)]
pub(super) struct Among {
    waiting: VecDeque<Placed>,
    text: Unshown,
    /// The text that all tokens have said.
    said: usize,
    /// Where the last words end that were passed on.
    end: usize,
}

#[derive(Debug)]
struct Placed {
    token: Logprob,
    start: usize,
    end: usize,
}

impl Default for Among {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), text: Unshown::new(Vec::new()), said: 0, end: 0 }
    }
}

impl Among {
    pub(super) fn hold(&mut self, tokens: Vec<Logprob>) {
        for token in tokens {
            let shown = if token.shown == 0 { &[][..] } else { &token.bytes };
            let start = self.said;
            self.said += self.text.push(shown).0.len();
            self.waiting.push_back(Placed { token, start, end: self.said });
        }
    }

    /// All that wait.
    pub(super) fn all(&mut self) -> Vec<Logprob> {
        self.waiting.drain(..).map(|placed| placed.token).collect()
    }

    /// Those of the words that begin at `at`, which are passed on now; those before them are none of a message's words.
    pub(super) fn of_words(&mut self, at: usize, length: usize) -> Vec<Logprob> {
        let before = std::mem::replace(&mut self.end, at + length);
        let ready = self.waiting.iter().take_while(|placed| placed.start < self.end).count();
        // One that also begins what follows its words comes only with that.
        let is_of_words = |placed: &Placed| placed.start < before || placed.start >= at || placed.end > at;
        self.waiting.drain(..ready).filter(is_of_words).map(|placed| placed.token).collect()
    }

    /// Those behind the last words, where nothing but them ends the answer.
    pub(super) fn rest(&mut self) -> Vec<Logprob> {
        let (end, said) = (self.end, self.said);
        let is_of_words = |placed: &Placed| placed.start < end || (end == said && placed.start == said);
        self.waiting.drain(..).filter(is_of_words).map(|placed| placed.token).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(pieces: &[&[u8]]) -> Vec<Logprob> {
        let token = |piece: &&[u8]| Logprob {
            bytes: if piece.is_empty() { b"<|sign|>".to_vec() } else { piece.to_vec() },
            logprob: Some(-1.0),
            top: Vec::new(),
            shown: piece.len(),
        };
        pieces.iter().map(token).collect()
    }

    fn spelled(tokens: Vec<Logprob>) -> Vec<Vec<u8>> {
        tokens.into_iter().map(|token| token.bytes).collect()
    }

    #[test]
    fn what_a_call_is_made_of_is_left_out() {
        let mut among = Among::default();
        among.hold(tokens(&[b"Let", b" me.\n", b"<tool", b"_call>x", b"</tool_call>", b"\n", b"Done", b"!", b""]));
        assert_eq!(spelled(among.of_words(0, 7)), [&b"Let"[..], b" me.\n"]);
        let second = "Let me.\n<tool_call>x</tool_call>\n".len();
        assert_eq!(spelled(among.of_words(second, 5)), [&b"Done"[..], b"!"]);
        assert_eq!(spelled(among.rest()), [b"<|sign|>"]);
    }

    #[test]
    fn a_token_that_ends_words_and_begins_a_call_is_told() {
        let mut among = Among::default();
        among.hold(tokens(&[b"a", b".<tool", b"_call>x</tool_call>b"]));
        assert_eq!(spelled(among.of_words(0, 2)), [&b"a"[..], b".<tool"]);
        assert_eq!(spelled(among.of_words(26, 1)), [b"_call>x</tool_call>b"]);
        among.hold(tokens(&[b"<tool_call>y", b""]));
        assert!(among.rest().is_empty(), "a call ends it");
    }

    #[test]
    fn parts_of_characters_and_what_is_none_have_their_place() {
        let mut among = Among::default();
        // é, cut in two; a byte that is no character, which is shown as one of three bytes.
        among.hold(tokens(&[b"a\xc3"]));
        assert_eq!(spelled(among.of_words(0, 1)), [b"a\xc3"]);
        among.hold(tokens(&[b"\xa9", b"\xff", b"b", b"<tool_call>y"]));
        assert_eq!(spelled(among.of_words(1, 6)), [&b"\xa9"[..], b"\xff", b"b"]);
        assert!(among.rest().is_empty());
        among.hold(tokens(&[b"late"]));
        assert_eq!(spelled(among.all()), [b"late"]);
    }

    #[test]
    fn a_token_that_is_told_after_its_words_is_told_all_the_same() {
        let mut among = Among::default();
        assert!(among.of_words(0, 1).is_empty());
        among.hold(tokens(&[b"a\xc3", b"\xa9"]));
        assert_eq!(spelled(among.of_words(1, 2)), [&b"a\xc3"[..], b"\xa9"]);
    }
}
