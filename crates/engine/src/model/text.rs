//! From tokens' bytes to text that may be shown: whole characters only, and nothing of a stop string.

/// The part of an answer that has been sampled but not yet shown.
#[derive(Debug)]
pub(crate) struct Unshown {
    /// The first bytes of a character whose last ones have not come.
    bytes: Vec<u8>,
    /// Text that may still become a stop string.
    held: String,
    stop: Vec<String>,
    /// Bytes that a stop string has taken away, its own and those behind it.
    cut: usize,
}

impl Unshown {
    pub(crate) fn new(stop: Vec<String>) -> Self {
        Self {
            bytes: Vec::new(),
            held: String::new(),
            stop: stop.into_iter().filter(|stop| !stop.is_empty()).collect(),
            cut: 0,
        }
    }

    /// Takes a token's bytes; gives what may be shown now, and whether a stop string has ended the answer.
    pub(crate) fn push(&mut self, piece: &[u8]) -> (String, bool) {
        self.bytes.extend_from_slice(piece);
        self.decode();
        if let Some(at) = self.stop.iter().filter_map(|stop| self.held.find(stop)).min() {
            self.cut = self.held_back() - at;
            self.held.truncate(at);
            return (std::mem::take(&mut self.held), true);
        }
        let shown = self.held.len() - self.possible_stop();
        let rest = self.held.split_off(shown);
        (std::mem::replace(&mut self.held, rest), false)
    }

    /// How many bytes have come and are not shown.
    pub(super) fn held_back(&self) -> usize {
        self.held.len() + self.bytes.len()
    }

    /// How many of the last bytes will never be shown, because a stop string begins with them.
    pub(super) fn cut(&self) -> usize {
        self.cut
    }

    /// What was held back and turned out to be no stop string. A character that never became whole is left out: it
    /// would be shown as damage, and whoever carries the answer on can write it anew.
    pub(super) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// Moves whole characters from `bytes` to `held`; bytes that can never become one turn into U+FFFD.
    fn decode(&mut self) {
        let mut unfinished = 0;
        let mut chunks = self.bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.held.push_str(chunk.valid());
            let invalid = chunk.invalid();
            if chunks.peek().is_none() && is_unfinished(invalid) {
                unfinished = invalid.len();
            } else if !invalid.is_empty() {
                self.held.push(char::REPLACEMENT_CHARACTER);
            }
        }
        let done = self.bytes.len() - unfinished;
        self.bytes.drain(..done);
    }

    /// The length of the longest end of the text with which a stop string begins.
    fn possible_stop(&self) -> usize {
        let longest = |stop: &String| {
            let most = stop.len().saturating_sub(1).min(self.held.len());
            (1..=most).rev().find(|&length| self.held.as_bytes().ends_with(&stop.as_bytes()[..length]))
        };
        self.stop.iter().filter_map(longest).max().unwrap_or(0)
    }
}

/// True for bytes with which a character begins, but that are not all of it.
fn is_unfinished(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unshown(stop: &[&str]) -> Unshown {
        Unshown::new(stop.iter().map(|&stop| stop.to_owned()).collect())
    }

    #[test]
    fn a_character_is_shown_once_its_last_byte_has_come() {
        let mut text = unshown(&[]);
        let (rocket, mut shown) = ("🚀é".as_bytes(), Vec::new());
        for byte in rocket {
            shown.push(text.push(&[*byte]).0);
        }
        assert_eq!(shown, ["", "", "", "🚀", "", "é"]);
    }

    #[test]
    fn bytes_that_are_no_character_become_a_replacement() {
        let mut text = unshown(&[]);
        assert_eq!(text.push(b"a\xffb\xe2\x82").0, "a\u{fffd}b");
        assert_eq!(text.push(b"z").0, "\u{fffd}z");
    }

    #[test]
    fn an_unfinished_character_is_left_out_at_the_end() {
        let mut text = unshown(&[]);
        assert_eq!(text.push(b"ab\xf0\x9f").0, "ab");
        assert_eq!(text.finish(), "");
    }

    #[test]
    fn a_stop_string_spread_over_pieces_never_leaks() {
        let mut text = unshown(&["</html>", "###"]);
        assert_eq!(text.push(b"<p></"), ("<p>".to_owned(), false));
        assert_eq!(text.push(b"ht"), (String::new(), false));
        assert_eq!(text.push(b"ml> and more"), (String::new(), true));
        assert_eq!(text.cut(), "</html> and more".len());
    }

    #[test]
    fn what_only_looked_like_a_stop_string_is_shown_after_all() {
        let mut text = unshown(&["</html>"]);
        assert_eq!(text.push(b"a</h").0, "a");
        assert_eq!(text.push(b"1>").0, "</h1>");
        assert_eq!(text.push(b"<").0, "");
        assert_eq!(text.finish(), "<");
    }

    #[test]
    fn the_earliest_of_several_stop_strings_ends_the_answer() {
        let mut text = unshown(&["world", "lo"]);
        assert_eq!(text.push(b"hello world"), ("hel".to_owned(), true));
    }

    #[test]
    fn a_stop_string_of_several_bytes_a_character_is_held_back_at_a_character() {
        let mut text = unshown(&["é!"]);
        assert_eq!(text.push("caf\u{e9}".as_bytes()).0, "caf");
        assert_eq!(text.push(b"?").0, "é?");
    }
}
