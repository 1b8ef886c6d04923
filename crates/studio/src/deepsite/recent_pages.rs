//! Pages that the kit has made, so that one of them is known again when it comes back to be changed: then its words are
//! changed, and not its HTML.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::{Mutex, PoisonError};

use kit::{Style, Words};

/// So many pages are remembered.
const REMEMBERED: usize = 256;

/// The latest pages of the kit, by what their HTML hashes to.
#[derive(Debug, Default)]
pub(crate) struct Made(Mutex<VecDeque<(u64, Words, Style)>>);

impl Made {
    pub(super) fn remember(&self, html: &str, words: &Words, style: Style) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == REMEMBERED {
            all.pop_front();
        }
        all.push_back((hash(html), words.clone(), style));
    }

    /// The words of a page that stands as the kit has made it.
    pub(super) fn words_of(&self, html: &str) -> Option<(Words, Style)> {
        let (all, wanted) = (self.0.lock().unwrap_or_else(PoisonError::into_inner), hash(html));
        all.iter().rev().find(|(hash, ..)| *hash == wanted).map(|(_, words, style)| (words.clone(), *style))
    }
}

/// Of all but the white space: DeepSite's front end takes it away round a page, and loses or adds some at each change.
fn hash(html: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    html.split_whitespace().for_each(|word| hasher.write(word.as_bytes()));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_pages_are_known_again() {
        let (made, style) = (Made::default(), Style::default());
        for number in 0..=REMEMBERED {
            made.remember(&format!("<p>{number}</p>\n"), &Words::parse(&format!("# {number}\n")), style);
        }
        assert_eq!(made.words_of("\n<p> 7</p>").map(|(words, _)| words.name).as_deref(), Some("7"));
        assert_eq!(made.words_of("<p>0</p>"), None);
        assert_eq!(made.words_of("<p>7!</p>"), None);
    }
}
