//! The seam of an answer that another tier carries on: where what it says goes on from what the caller has seen.
//!
//! # What counts as a continuation
//!
//! What the tier says must begin inside what was shown: with an end of it, or with its beginning. What it says again is cut
//! out. A tier that was asked to repeat the last words may make a short remark before them. Anything else is no
//! continuation, and none of it reaches the caller.
//!
//! Nothing in a text shows that it stands *directly behind* another: an apology or a new turn reads just as well. Only a
//! tier that is known to go on from an unfinished message ([`ResumeMode::Certain`]) is therefore believed without an overlap:
//! it renders the prompt itself, or has members that say so. A tier that is merely said to take a prefill
//! ([`ResumeMode::Prefill`]) has to begin inside what was shown, as Mistral's `prefix` does, which gives the prefix back.
//!
//! # White space at the seam
//!
//! Most chat templates trim a message, and a tokenizer may add a blank of its own, so that trailing white space would stand
//! twice. The tier is given the text up to its last word ([`resume_point`]), and the white space with which it goes on is held
//! against that which the caller has seen: see [`join`].

mod overlap;

use std::sync::Arc;

use overlap::Overlap;

/// So many bytes tell a repetition from chance: the tags and indents of a page repeat themselves in less.
const TELLING: usize = 24;
/// So many words do too.
const TELLING_WORDS: usize = 4;
/// How far into an answer the words that it was asked to repeat may stand: behind a fence, a quote, a remark.
const PREAMBLE: usize = 200;
/// How many of the last words a tier is asked to repeat.
const REPEATED_WORDS: usize = 8;
/// How many bytes these come to at most: a text may have no white space at all.
const MOST_REPEATED: usize = 200;
/// How much of the end of what was shown is searched, in bytes.
const SEARCHED: usize = 2 * 1024;
/// How many bytes are waited for that are no part of what was shown.
const GIVEN_UP_AFTER: usize = 512;

/// Looks for the seam in what a tier says.
#[derive(Debug)]
pub struct Seam {
    shown: Arc<str>,
    mode: ResumeMode,
    /// What the tier has said.
    answer: String,
    /// How long the white space is that it began with, in bytes.
    indent: usize,
    /// How much of the beginning of what was shown it has begun with; `None` once it differs.
    anew: Option<usize>,
    overlap: Overlap,
    /// Where in the answer the seam is, once that is known: before the white space there.
    at: Option<usize>,
}

/// How a tier was asked to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResumeMode {
    /// From an unfinished message, which it is known to go on from.
    Certain,
    /// From an unfinished message.
    Prefill,
    /// By repeating the last words first, as [`request_to_repeat`] says.
    Repeat,
}

/// What is known of the seam.
#[derive(Debug, PartialEq, Eq)]
pub enum SeamResult {
    /// More has to come.
    Pending,
    /// It was found; this is what stands behind it.
    Resumed(String),
    /// There is none.
    Absent,
}

/// Where the seam is in the answer.
enum Place {
    Pending,
    At(usize),
    Absent,
}

impl Seam {
    /// The seam behind `shown`, the text that the caller has seen.
    #[must_use]
    pub fn new(shown: Arc<str>, mode: ResumeMode) -> Self {
        let text = resume_point(&shown);
        let overlap = Overlap::with(&text[text.ceil_char_boundary(text.len().saturating_sub(SEARCHED))..]);
        Self { shown, mode, answer: String::new(), indent: 0, anew: Some(0), overlap, at: None }
    }

    /// Takes what the tier says next. Not to be called once the seam was found.
    pub fn push(&mut self, text: &str) -> SeamResult {
        let begun = self.answer.len() > self.indent;
        let new = if begun { text } else { text.trim_start() };
        self.answer.push_str(text);
        if !begun {
            self.indent += text.len() - new.len();
        }
        if self.at.is_none() && self.mode != ResumeMode::Certain {
            self.compare_with_beginning(new);
            self.overlap.push(new);
        }
        self.result(false)
    }

    /// Nothing more will come.
    pub fn finish(&mut self) -> SeamResult {
        self.result(true)
    }

    fn result(&mut self, ended: bool) -> SeamResult {
        let at = match self.at {
            Some(at) => at,
            None => match self.place(ended) {
                Place::Pending => return SeamResult::Pending,
                Place::Absent => return SeamResult::Absent,
                Place::At(at) => at,
            },
        };
        self.at = Some(at);
        let blank = &self.shown[resume_point(&self.shown).len()..];
        join(blank, &self.answer[at..], ended).map_or(SeamResult::Pending, |rest| SeamResult::Resumed(rest.to_owned()))
    }

    fn place(&self, ended: bool) -> Place {
        let shown = resume_point(&self.shown);
        let said = &self.answer[self.indent..];
        let nothing_to_add = said.is_empty() && ended && self.mode == ResumeMode::Prefill;
        if self.mode == ResumeMode::Certain || shown.is_empty() || nothing_to_add {
            return Place::At(0);
        }
        match self.anew {
            Some(same) if same == self.beginning().len() => return Place::At(self.indent + same),
            Some(_) if !ended => return Place::Pending,
            _ => {}
        }
        match self.overlap.length() {
            Some(length) if self.is_enough(length) => return Place::At(self.indent + length),
            None if !ended => return Place::Pending,
            _ => {}
        }
        let repeated = if self.mode == ResumeMode::Repeat { self.behind_a_remark(said, ended) } else { Place::Absent };
        match repeated {
            Place::Absent if !ended && said.len() < GIVEN_UP_AFTER => Place::Pending,
            place => place,
        }
    }

    /// Whether an overlap of so many bytes is none by chance.
    fn is_enough(&self, overlap: usize) -> bool {
        // The words are told in quotation marks, and a mark that they begin with gets lost in those.
        let words = last_words(&self.shown).trim_start_matches(|c: char| !c.is_alphanumeric());
        let asked_for = self.mode == ResumeMode::Repeat && overlap >= words.len();
        overlap > 0 && (asked_for || overlap >= TELLING)
    }

    /// What was shown, as an answer begins that is made anew.
    fn beginning(&self) -> &str {
        resume_point(&self.shown).trim_start()
    }

    fn compare_with_beginning(&mut self, new: &str) {
        let Some(same) = self.anew else { return };
        let expected = &self.beginning().as_bytes()[same..];
        let length = expected.len().min(new.len());
        self.anew = (expected[..length] == new.as_bytes()[..length]).then_some(same + length);
    }

    /// Behind the words that it was asked to repeat, where those stand behind a remark. A remark may quote them: that is no
    /// seam, unless the quotation is all that comes before the answer goes on.
    fn behind_a_remark(&self, said: &str, ended: bool) -> Place {
        let words = last_words(&self.shown);
        let telling = words.len() >= TELLING || words.split_whitespace().count() >= TELLING_WORDS;
        let quoted_there = resume_point(&self.shown).strip_suffix(words).and_then(|before| before.chars().next_back());
        let reach = said.floor_char_boundary(PREAMBLE + words.len());
        for (at, _) in said[..reach].match_indices(words) {
            let (remark, end) = (&said[..at], at + words.len());
            let wordless = !remark.contains(char::is_alphanumeric);
            if !wordless && !telling {
                continue;
            }
            let opening = remark.chars().next_back().filter(|&quote| Some(quote) != quoted_there);
            let next = said[end..].chars().next();
            match (opening.and_then(closing_quote), next) {
                (Some(_), None) if !ended => return Place::Pending,
                (Some(closing), Some(next)) if next == closing => {
                    if wordless {
                        return Place::At(self.indent + end + closing.len_utf8());
                    }
                }
                _ => return Place::At(self.indent + end),
            }
        }
        Place::Absent
    }
}

/// What closes a quotation that `opening` opens.
const fn closing_quote(opening: char) -> Option<char> {
    match opening {
        '"' | '\'' | '`' => Some(opening),
        '“' | '„' => Some('”'),
        '«' => Some('»'),
        '‘' => Some('’'),
        _ => None,
    }
}

/// What the caller is given of `rest`, which stands behind the last word that they have seen, where they have seen the white
/// space `blank` too. `None` while more of it has to come.
///
/// A tier that says the same white space has it cut out. One that says less, or none, was given less, and what was seen
/// stands. Where the two differ, that of the tier is left out too, unless it breaks more lines: code would not survive the
/// loss of a line break, and nothing is harmed by a blank before one.
fn join<'a>(blank: &str, rest: &'a str, ended: bool) -> Option<&'a str> {
    let word = rest.trim_start();
    if let Some(more) = rest.strip_prefix(blank) {
        return Some(more);
    }
    if word.is_empty() && !ended {
        return None;
    }
    let lines = |text: &str| text.matches('\n').count();
    let own = &rest[..rest.len() - word.len()];
    Some(if lines(own) > lines(blank) { rest } else { word })
}

/// What of `shown` the next tier is given to go on from: all of it but the white space at its end.
#[must_use]
pub fn resume_point(shown: &str) -> &str {
    shown.trim_end()
}

/// What a tier is told that is to repeat the last words.
#[must_use]
pub fn request_to_repeat(shown: &str) -> String {
    let words = last_words(shown);
    format!(
        "Your answer broke off. Go on exactly where it stopped: first repeat its last words, \"{words}\", and then \
         continue, with no remark before or between."
    )
}

/// The last few words of `shown`, as they stand there.
fn last_words(shown: &str) -> &str {
    let text = resume_point(shown);
    let text = &text[text.ceil_char_boundary(text.len().saturating_sub(MOST_REPEATED))..];
    let first = text.split_whitespace().rev().take(REPEATED_WORDS).last();
    first.map_or("", |first| &text[first.as_ptr().addr() - text.as_ptr().addr()..])
}

#[cfg(test)]
mod tests;
