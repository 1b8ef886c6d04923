//! What an answer's blocks make of a page: all of them are found in it, or it is not yet what was wanted.

use std::ops::Range;

use super::{Block, Blocks, Change, Lost, Place, nearest};
use crate::edit::answer::{page_in, without_thoughts};

/// Why an answer is of no use, or not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Some of what was to be replaced does not stand in the page, or not once.
    Lost { answer: String, so_far: Changed },
    /// All is as it was.
    Nothing,
    /// It was cut off.
    CutOff,
}

/// A page as blocks have changed it so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changed {
    page: String,
    /// What was replaced, and by what.
    done: Vec<(String, String)>,
    /// What is not found.
    lost: Vec<String>,
}

impl Changed {
    /// The page as `answer` will have it. An answer to a second question adds what was lost of the first one.
    ///
    /// # Errors
    /// What is wrong with the answer: the page then is not to be changed.
    pub(crate) fn by(answer: &str, page: &str, before: Option<&Wrong>) -> Result<String, Wrong> {
        let answer = without_thoughts(answer);
        let mut blocks = Blocks::default();
        let mut all = blocks.push(answer);
        all.extend(blocks.end());
        if blocks.broke_off() {
            return Err(Wrong::CutOff);
        }
        let changes: Vec<Change> = all.into_iter().filter_map(change).collect();
        if changes.is_empty() {
            let whole = page_in(answer);
            let is_page = whole.to_ascii_lowercase().ends_with("</html>") && whole != page;
            return if is_page { Ok(whole.to_owned()) } else { Err(before.cloned().unwrap_or(Wrong::Nothing)) };
        }
        let mut changed = Self { page: page.to_owned(), done: Vec::new(), lost: Vec::new() };
        let mut owed = 0;
        if let Some(Wrong::Lost { so_far, .. }) = before {
            changed = Self { lost: Vec::new(), ..so_far.clone() };
            owed = changed.done.len() + so_far.lost.len();
        }
        changes.into_iter().for_each(|change| changed.take(change));
        if !changed.lost.is_empty() || changed.done.len() < owed {
            return Err(Wrong::Lost { answer: answer.to_owned(), so_far: changed });
        }
        if changed.page == page { Err(Wrong::Nothing) } else { Ok(changed.page) }
    }

    fn take(&mut self, change: Change) {
        let Change { search, replace, .. } = change;
        let both = (search, replace);
        if self.done.contains(&both) {
            return;
        }
        match Place::of(&both.0, &both.1, &self.page) {
            Some(Place { at, text, .. }) => {
                if self.page[at.clone()] != text {
                    self.page.replace_range(at, &text);
                    self.done.push(both);
                }
            }
            None => self.lost.push(both.0),
        }
    }

    /// What is not found, to be told to whom wrote it.
    pub(crate) fn lost(&self) -> impl Iterator<Item = Lost<'_>> {
        self.lost.iter().map(|search| Lost::of(search, &self.page))
    }

    /// Where in `page` the lines stand that come nearest to all that is not found.
    pub(crate) fn near(&self, page: &str) -> Option<Range<usize>> {
        let near = self.lost.iter().map(|search| nearest(search, page));
        near.reduce(|all, more| all.start.min(more.start)..all.end.max(more.end))
    }
}

fn change(block: Block) -> Option<Change> {
    match block {
        Block::Change(change) => Some(change),
        Block::Said(_) | Block::Name(_) | Block::File { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html>\n<h1>Nord</h1>\n<p>Espresso 2.50 €</p>\n<p>Tea</p>\n</html>";

    fn block(search: &str, replace: &str) -> String {
        format!("<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n")
    }

    fn by(answer: &str) -> Result<String, Wrong> {
        Changed::by(answer, PAGE, None)
    }

    #[test]
    fn all_blocks_are_found_or_the_page_is_not_changed() {
        let (name, tea) = (block("<h1>Nord</h1>", "<h1>Süd</h1>"), block("<p>Tea</p>", ""));
        let both = PAGE.replace("Nord", "Süd").replace("<p>Tea</p>", "");
        assert_eq!(by(&(name.clone() + &tea)), Ok(both.clone()));
        let fenced = format!("<think>{tea}</think>Here you are:\n```html\n{name}{tea}```\n");
        assert_eq!(by(&fenced), Ok(both));
        let wrong = by(&(name + &block("<p>Mokka</p>", "<p>Mocha</p>"))).expect_err("no mocha stands there");
        let Wrong::Lost { so_far, .. } = wrong else { panic!("{wrong:?}") };
        assert_eq!(so_far.lost, ["<p>Mokka</p>\n"]);
    }

    #[test]
    fn a_second_answer_adds_what_was_lost_of_the_first() {
        let name = block("<h1>Nord</h1>", "<h1>Süd</h1>");
        let wrong = by(&(name.clone() + &block("<p>Espresso</p>", "<p>Espresso 2.80 €</p>"))).err();
        let right = block("<p>Espresso 2.50 €</p>", "<p>Espresso 2.80 €</p>");
        let page = PAGE.replace("Nord", "Süd").replace("2.50", "2.80");
        let again = |answer: &str| Changed::by(answer, PAGE, wrong.as_ref());
        assert_eq!(again(&right), Ok(page.clone()));
        // What was found the first time may be said again.
        assert_eq!(again(&(name.clone() + &right)), Ok(page));
        for short in [&name, "I cannot do that."] {
            assert!(matches!(again(short), Err(Wrong::Lost { .. })), "{short}");
        }
    }

    #[test]
    fn an_answer_that_changes_nothing_is_none() {
        for nothing in ["", "Sure!", &block("<p>Tea</p>", "<p>Tea</p>"), PAGE, "<html><p>half a page"] {
            assert_eq!(by(nothing), Err(Wrong::Nothing), "{nothing}");
        }
        let there_and_back = block("<p>Tea</p>", "<p>Mocha</p>") + &block("<p>Mocha</p>", "<p>Tea</p>");
        assert_eq!(by(&there_and_back), Err(Wrong::Nothing));
    }

    #[test]
    fn a_whole_page_is_an_answer_too_and_a_block_without_its_end_is_none() {
        let page = PAGE.replace("Nord", "Süd");
        assert_eq!(by(&format!("```html\n{page}\n```")), Ok(page));
        let cut = block("<h1>Nord</h1>", "<h1>Süd</h1>") + "<<<<<<< SEARCH\n<p>Tea</p>\n=======\n";
        assert_eq!(by(&cut), Err(Wrong::CutOff));
    }

    #[test]
    fn what_is_near_reaches_from_the_first_to_the_last_that_is_lost() {
        let wrong = by(&(block("<p>Tea 3 €</p>", "x") + &block("<h1>North Nord</h1>", "x")));
        let Err(Wrong::Lost { so_far, .. }) = wrong else { panic!("{wrong:?}") };
        let near = so_far.near(PAGE).expect("something is lost");
        assert_eq!(&PAGE[near], "<h1>Nord</h1>\n<p>Espresso 2.50 €</p>\n<p>Tea</p>");
    }
}
