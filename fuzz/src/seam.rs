//! The overlap finder: what was said and what is found behind the seam are together one text, in which nothing that the tier
//! said anew is lost, and nothing that was said stands twice.

use wire::{Asked, Found, Seam};

/// What parts the texts of an input: what was said, and what the tier then says.
const BREAK: &str = "\n====\n";
/// As in `wire::Seam`: fewer bytes than these tell no repetition from chance.
const TELLING: usize = 24;
/// How many of the last words a tier is asked to repeat.
const REPEATED_WORDS: usize = 8;

/// Takes `data` as two texts with a break between them.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((said, heard)) = text.split_once(BREAK).filter(|(said, _)| !said.is_empty()) else { return };
    for asked in [Asked::Prefill { sure: false }, Asked::Prefill { sure: true }, Asked::Repeat] {
        let rest = rest(said, asked, heard, usize::MAX);
        for size in [1, 2, 7] {
            assert_eq!(self::rest(said, asked, heard, size), rest, "{asked:?}, in pieces of {size}");
        }
        if let Some(rest) = &rest {
            check_seam(said, asked, heard, rest);
        }
    }
}

/// What is found behind the seam when `heard` comes in pieces of `size` characters; `None` where there is no seam.
fn rest(said: &str, asked: Asked, heard: &str, size: usize) -> Option<String> {
    let mut seam = Seam::new(said.to_owned(), asked);
    let characters: Vec<char> = heard.chars().collect();
    let mut pieces = characters.chunks(size.min(characters.len().max(1))).map(String::from_iter);
    let found = pieces.by_ref().map(|piece| seam.hear(&piece)).find(|found| *found != Found::NotYet);
    match found.unwrap_or_else(|| seam.end()) {
        Found::Rest(rest) => Some(rest + &pieces.collect::<String>()),
        Found::Nowhere => None,
        Found::NotYet => panic!("an end is a decision"),
    }
}

fn check_seam(said: &str, asked: Asked, heard: &str, rest: &str) {
    let cut = heard.strip_suffix(rest).expect("the rest is the end of what was heard");
    match asked {
        Asked::Prefill { sure: true } => assert!(cut.is_empty(), "{cut:?} was lost"),
        _ if cut == said => {}
        Asked::Prefill { sure: false } => {
            assert!(said.ends_with(cut), "{cut:?} was lost");
            let longer = said.char_indices().map(|(at, _)| &said[at..]).find(|end| heard.starts_with(end));
            let twice = longer.filter(|end| end.len() >= TELLING && end.len() > cut.len());
            assert_eq!(twice, None, "stands twice");
        }
        Asked::Repeat => {
            // Before the words that it was asked to repeat, a tier may make a remark.
            assert!(cut.trim_end().ends_with(last_words(said)), "{cut:?} was lost");
            let (before, again) = (blank_end(said), blank_end(cut));
            assert!(before.starts_with(again), "the blank {again:?} was lost");
            let missing = before.strip_prefix(again).and_then(|missing| missing.chars().next());
            assert!(missing.is_none_or(|blank| !rest.starts_with(blank)), "a blank of {before:?} stands twice");
        }
    }
}

/// The last eight words of `said`, with what stands between them.
fn last_words(said: &str) -> &str {
    let text = said.trim_end();
    let first = text.split_whitespace().rev().take(REPEATED_WORDS).last();
    first.map_or("", |first| &text[first.as_ptr().addr() - text.as_ptr().addr()..])
}

fn blank_end(text: &str) -> &str {
    &text[text.trim_end().len()..]
}
