//! The seam of an answer that another tier carries on: where what it says goes on from what the caller has seen.
//!
//! A tier that was asked to carry on may do just that; it may repeat the last words first, as one that takes no prefill
//! is asked to; or it may begin its answer anew, which serves as well where it says the same again. Whatever else it
//! says is no continuation, and none of it reaches the caller.

/// So many bytes tell a repetition from chance: the tags and indents of a page repeat themselves in less.
const TELLING: usize = 24;
/// How far into an answer the words that it was asked to repeat may stand: behind a fence, a quote, a remark.
const PREAMBLE: usize = 200;
/// How many of the last words a tier is asked to repeat.
const REPEATED_WORDS: usize = 8;

/// Looks for the seam in what a tier says.
#[derive(Debug)]
pub struct Seam {
    said: String,
    asked: Asked,
    heard: String,
}

/// What the tier was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To go on from what was said, as its own unfinished message.
    Prefill {
        /// It does so for certain: it renders the prompt itself.
        sure: bool,
    },
    /// To repeat the last words first, by [`request_to_repeat`].
    Repeat,
}

/// What is known of the seam.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// More has to be heard.
    NotYet,
    /// It is behind what was heard but for this.
    Rest(String),
    /// There is none.
    Nowhere,
}

impl Seam {
    /// The seam behind `said`, the text that the caller has seen.
    #[must_use]
    pub const fn new(said: String, asked: Asked) -> Self {
        Self { said, asked, heard: String::new() }
    }

    /// Takes in what the tier says next. Not to be called once the seam was found.
    pub fn hear(&mut self, text: &str) -> Found {
        self.heard.push_str(text);
        self.look(false)
    }

    /// Nothing more will be heard.
    pub fn end(&mut self) -> Found {
        self.look(true)
    }

    fn look(&self, ended: bool) -> Found {
        if self.asked == (Asked::Prefill { sure: true }) {
            return Found::Rest(self.heard.clone());
        }
        match self.begun_anew() {
            Anew::Behind(at) => return self.rest(at),
            Anew::Within if !ended => return Found::NotYet,
            Anew::Differs => return Found::Nowhere,
            Anew::Within | Anew::No => {}
        }
        match self.asked {
            Asked::Repeat => self.behind_the_repeated_words(ended),
            Asked::Prefill { .. } => self.behind_an_overlap(ended),
        }
    }

    /// Whether the answer begins as what was said begins.
    fn begun_anew(&self) -> Anew {
        let same = self.heard.bytes().zip(self.said.bytes()).take_while(|(heard, said)| heard == said).count();
        if same == self.said.len() {
            Anew::Behind(same)
        } else if same == self.heard.len() {
            Anew::Within
        } else if same >= TELLING {
            Anew::Differs
        } else {
            Anew::No
        }
    }

    fn behind_the_repeated_words(&self, ended: bool) -> Found {
        let words = last_words(&self.said);
        match self.heard.find(words) {
            Some(at) if at <= PREAMBLE => self.behind_the_blanks(at + words.len(), ended),
            None if !ended && self.heard.len() < PREAMBLE + words.len() => Found::NotYet,
            _ => Found::Nowhere,
        }
    }

    /// Behind what stands from `at` on of the blanks that what was said ends with: the words to repeat are told without them.
    fn behind_the_blanks(&self, at: usize, ended: bool) -> Found {
        let (blanks, heard) = (&self.said[self.said.trim_end().len()..], &self.heard[at..]);
        let same = blanks.chars().zip(heard.chars()).take_while(|(blank, heard)| blank == heard);
        let again: usize = same.map(|(blank, _)| blank.len_utf8()).sum();
        if again == heard.len() && again < blanks.len() && !ended {
            return Found::NotYet;
        }
        self.rest(at + again)
    }

    /// Behind the longest end of what was said that the answer begins with, where that tells anything; else at once.
    fn behind_an_overlap(&self, ended: bool) -> Found {
        let ends = (self.said.char_indices().rev()).map(|(at, _)| &self.said[at..]);
        let mut overlap = 0;
        for end in ends {
            if self.heard.starts_with(end) {
                overlap = end.len();
            } else if !ended && end.starts_with(&self.heard) && end.len() >= TELLING {
                return Found::NotYet;
            }
        }
        self.rest(if overlap >= TELLING { overlap } else { 0 })
    }

    fn rest(&self, at: usize) -> Found {
        Found::Rest(self.heard[at..].to_owned())
    }
}

enum Anew {
    No,
    /// It has said nothing else than what was said, and not all of that.
    Within,
    /// It has said all of that, up to here.
    Behind(usize),
    /// It began with the same, and then said something else.
    Differs,
}

/// What a tier that takes no prefill is told.
#[must_use]
pub fn request_to_repeat(said: &str) -> String {
    let words = last_words(said);
    format!(
        "Your answer broke off. Go on exactly where it stopped: first repeat its last words, \"{words}\", and then \
         continue, with no remark before or between."
    )
}

/// The last few words of `said`, as they stand there.
fn last_words(said: &str) -> &str {
    let text = said.trim_end();
    let first = text.split_whitespace().rev().take(REPEATED_WORDS).last();
    first.map_or("", |first| &text[first.as_ptr().addr() - text.as_ptr().addr()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFILL: Asked = Asked::Prefill { sure: false };
    const SAID: &str = "<h1>Nord</h1>\n<p>Coffee from the north, roasted every morning in the old harbour hall";

    /// The rest that follows on `said` when `answer` comes in pieces of `size` characters.
    fn heard(said: &str, asked: Asked, answer: &str, size: usize) -> Option<String> {
        let mut seam = Seam::new(said.to_owned(), asked);
        let characters: Vec<char> = answer.chars().collect();
        let mut pieces = characters.chunks(size).map(|piece| piece.iter().collect::<String>());
        let found = pieces.by_ref().map(|piece| seam.hear(&piece)).find(|found| *found != Found::NotYet);
        match found.unwrap_or_else(|| seam.end()) {
            Found::Rest(rest) => Some(rest + &pieces.collect::<String>()),
            Found::Nowhere => None,
            Found::NotYet => panic!("an end is a decision"),
        }
    }

    fn each_size(asked: Asked, answer: &str, expected: Option<&str>) {
        for size in [1, 2, 7, 1_000] {
            assert_eq!(
                heard(SAID, asked, answer, size).as_deref(),
                expected,
                "{asked:?} {answer:?} in pieces of {size}"
            );
        }
    }

    #[test]
    fn an_answer_that_goes_on_goes_on_at_once() {
        each_size(PREFILL, " since 1998.</p>", Some(" since 1998.</p>"));
        let mut seam = Seam::new(SAID.to_owned(), PREFILL);
        assert_eq!(seam.hear(" s"), Found::Rest(" s".to_owned()));
    }

    #[test]
    fn what_is_repeated_is_cut_out() {
        each_size(PREFILL, "every morning in the old harbour hall since 1998.", Some(" since 1998."));
        each_size(Asked::Repeat, "roasted every morning in the old harbour hall since 1998.", Some(" since 1998."));
        let remark = "Sure:\n```html\nroasted every morning in the old harbour hall since 1998.";
        each_size(Asked::Repeat, remark, Some(" since 1998."));
    }

    #[test]
    fn the_blanks_behind_the_repeated_words_stand_once() {
        for (ends_with, answer, expected) in [
            ("\n", "old harbour hall\n since", " since"),
            ("\n\n", "old harbour hall\n since", " since"),
            ("\n", "old harbour hall since", " since"),
            (" ", "old harbour hall", ""),
        ] {
            for size in [1, 2, 7, 1_000] {
                let said = format!("the old harbour hall{ends_with}");
                let found = heard(&said, Asked::Repeat, &format!("So: the {answer}"), size);
                assert_eq!(found.as_deref(), Some(expected), "{said:?} {answer:?} in pieces of {size}");
            }
        }
    }

    #[test]
    fn an_answer_made_anew_serves_where_it_says_the_same_again() {
        let anew = format!("{SAID} since 1998.");
        each_size(PREFILL, &anew, Some(" since 1998."));
        each_size(Asked::Repeat, &anew, Some(" since 1998."));
    }

    #[test]
    fn an_answer_that_says_something_else_is_no_continuation() {
        each_size(PREFILL, "<h1>Nord</h1>\n<p>Coffee from the south of the old town", None);
        each_size(Asked::Repeat, "I am sorry, but I cannot go on with that.", None);
        each_size(Asked::Repeat, &"Something else entirely. ".repeat(30), None);
    }

    #[test]
    fn chance_is_no_repetition() {
        let mut seam = Seam::new("<ul>\n<li>tea</li>\n<li>".to_owned(), PREFILL);
        assert_eq!(seam.hear("<li>"), Found::Rest("<li>".to_owned()));
    }

    #[test]
    fn an_answer_that_was_all_but_whole_ends_with_what_is_heard() {
        each_size(PREFILL, "</p>", Some("</p>"));
    }

    #[test]
    fn a_tier_that_is_sure_to_carry_on_is_not_searched() {
        let mut seam = Seam::new(SAID.to_owned(), Asked::Prefill { sure: true });
        assert_eq!(seam.hear("<h1>"), Found::Rest("<h1>".to_owned()));
    }

    #[test]
    fn the_last_words_are_few_and_stand_in_what_was_said() {
        assert_eq!(last_words(SAID), "roasted every morning in the old harbour hall");
        assert_eq!(last_words("one two "), "one two");
        assert_eq!(last_words(" \n"), "");
        let indented = "<ul>\n            <li>one</li>\n            <li>two</li>\n            <li>three";
        assert_eq!(last_words(indented), indented, "blanks are no words");
        assert!(request_to_repeat("one two").contains("repeat its last words, \"one two\""));
    }
}
