//! What an answer's blocks make of a version's files: all of them are found there, or it is not yet what was wanted.

use std::ops::Range;

use super::omission::{is_emptied, leaves_out};
use super::{Block, Blocks, Change, Lost, Place, Reading, nearest};
use crate::edit::answer::{page_in, without_thoughts};
use crate::pages::named;
use crate::project::Page;

/// Why an answer is of no use, or not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Some of what was to be replaced does not stand there, or not once.
    Lost { answer: String, so_far: Box<Changed> },
    /// All is as it was.
    Nothing,
    /// It was cut off.
    CutOff,
    /// It writes of a file a part, and says that the rest stays.
    LeftOut,
}

/// Files as blocks have changed them so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changed {
    files: Vec<Page>,
    /// The file that is meant where none is named.
    at: usize,
    /// What was replaced, and by what.
    done: Vec<Reading>,
    /// What is not found, and in which file.
    lost: Vec<(usize, String)>,
    /// The file whose name stands above what comes next: so models write it that were taught aider's form.
    above: Option<usize>,
    /// Whether something was written that leaves out what is to stay.
    left_out: bool,
}

impl Changed {
    /// The files as `answer` will have them; the one at `at` is meant where it names none. An answer to a second question adds
    /// what was lost of the first one.
    ///
    /// # Errors
    /// What is wrong with the answer: then nothing is to be changed.
    pub(crate) fn by(answer: &str, files: &[Page], at: usize, before: Option<&Wrong>) -> Result<Vec<Page>, Wrong> {
        let answer = without_thoughts(answer);
        let mut blocks = Blocks::default();
        let mut all = blocks.push(answer);
        all.extend(blocks.end());
        if blocks.broke_off() {
            return Err(Wrong::CutOff);
        }
        if !all.iter().any(|block| matches!(block, Block::Change(_) | Block::File { .. })) {
            return whole(answer, files, at).unwrap_or_else(|| Err(before.cloned().unwrap_or(Wrong::Nothing)));
        }
        let mut changed =
            Self { files: files.to_vec(), at, done: Vec::new(), lost: Vec::new(), above: None, left_out: false };
        let mut owed = 0;
        if let Some(Wrong::Lost { so_far, .. }) = before {
            changed = Self { lost: Vec::new(), above: None, ..(**so_far).clone() };
            owed = changed.done.len() + so_far.lost.len();
        }
        all.into_iter().for_each(|block| changed.take(block));
        if changed.left_out {
            return Err(Wrong::LeftOut);
        }
        if !changed.lost.is_empty() || changed.done.len() < owed {
            return Err(Wrong::Lost { answer: answer.to_owned(), so_far: Box::new(changed) });
        }
        if changed.files == files { Err(Wrong::Nothing) } else { Ok(changed.files) }
    }

    fn take(&mut self, block: Block) {
        match block {
            Block::Change(change) => self.change(&change),
            Block::File { path, content } => self.put(&path, content),
            Block::Said(text) if text.trim().is_empty() || text.trim_start().starts_with("```") => {}
            Block::Said(text) => self.above = named(&self.files, text.trim().trim_matches(['*', '`', '#', ':', ' '])),
            Block::Name(_) => {}
        }
    }

    fn change(&mut self, change: &Change) {
        if change.readings().any(|reading| self.done.contains(&reading)) {
            return;
        }
        let named = change.path.as_deref().and_then(|path| named(&self.files, path)).or(self.above);
        let place = |at: usize| {
            let reading = change.reading_in(&self.files[at].html);
            Some((at, Place::of(&reading.search, &reading.replace, &self.files[at].html)?, reading))
        };
        let found = match named {
            Some(at) => place(at),
            None => place(self.at).or_else(|| self.elsewhere(change).and_then(place)),
        };
        let Some((file, Place { at, text, .. }, reading)) = found else {
            let at = named.unwrap_or(self.at);
            return self.lost.push((at, change.reading_in(&self.files[at].html).search));
        };
        let html = &mut self.files[file].html;
        self.left_out |= leaves_out(&html[at.clone()], &text);
        if html[at.clone()] != text {
            html.replace_range(at, &text);
            self.done.push(reading);
        }
    }

    /// The one other file in which a text stands letter by letter: a model may forget to say which one it changes.
    fn elsewhere(&self, change: &Change) -> Option<usize> {
        let holds =
            |file: &Page| change.readings().any(|reading| file.html.contains(reading.search.trim_matches('\n')));
        let mut holding = (0..self.files.len()).filter(|at| holds(&self.files[*at]));
        holding.next().filter(|_| holding.next().is_none())
    }

    /// A file as it is written whole: a new one, or in the place of the one that is called so. Half a page takes no page's place.
    fn put(&mut self, path: &str, content: String) {
        match named(&self.files, path) {
            Some(at) if self.files[at].is_html() && !is_whole(&content) => {}
            Some(at) => {
                let file = &mut self.files[at];
                self.left_out |= leaves_out(&file.html, &content) || is_emptied(&file.html, &content);
                file.html = content;
            }
            None => self.files.extend(Page::written(path, content)),
        }
    }

    /// What is not found, to be told to whom wrote it.
    pub(crate) fn lost(&self) -> impl Iterator<Item = Lost<'_>> {
        let name = |file: &usize| (self.files.len() > 1).then(|| self.files[*file].path.as_str());
        self.lost.iter().map(move |(file, search)| Lost::of(search, &self.files[*file].html).in_file(name(file)))
    }

    /// Where in the page that is meant, as it was, the lines stand that come nearest to all that is not found there.
    pub(crate) fn near(&self, page: &str) -> Option<Range<usize>> {
        let here = self.lost.iter().filter(|(file, _)| *file == self.at);
        let near = here.map(|(_, search)| nearest(search, page));
        near.reduce(|all, more| all.start.min(more.start)..all.end.max(more.end))
    }
}

/// The files with the page that an answer holds in the place of the one that is meant. `None` where it holds no other one.
fn whole(answer: &str, files: &[Page], at: usize) -> Option<Result<Vec<Page>, Wrong>> {
    let page = page_in(answer);
    let old = files.get(at).filter(|old| old.is_html() && is_whole(page) && old.html != page)?;
    if leaves_out(&old.html, page) || is_emptied(&old.html, page) {
        return Some(Err(Wrong::LeftOut));
    }
    let new = |file: &Page| if file == old { Page { html: page.to_owned(), ..file.clone() } } else { file.clone() };
    Some(Ok(files.iter().map(new).collect()))
}

fn is_whole(page: &str) -> bool {
    page.trim_end().to_ascii_lowercase().ends_with("</html>")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html>\n<h1>Nord</h1>\n<p>Espresso 2.50 €</p>\n<p>Tea</p>\n</html>";
    const ABOUT: &str = "<html>\n<h1>About</h1>\n<p>Tea</p>\n</html>";
    const CSS: &str = "h1 { color: red }\n";

    fn block(search: &str, replace: &str) -> String {
        format!("<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n")
    }

    fn of_file(path: &str, search: &str, replace: &str) -> String {
        format!("<<<<<<< UPDATE_FILE_START {path} >>>>>>> UPDATE_FILE_END\n{}", block(search, replace))
    }

    fn new_file(path: &str, content: &str) -> String {
        format!("<<<<<<< NEW_FILE_START {path} >>>>>>> NEW_FILE_END\n```\n{content}\n```\n")
    }

    fn page(path: &str, html: &str) -> Page {
        Page { path: path.to_owned(), html: html.to_owned() }
    }

    fn by_after(answer: &str, before: Option<&Wrong>) -> Result<String, Wrong> {
        let files = Changed::by(answer, &[page("index.html", PAGE)], 0, before)?;
        assert_eq!(files.len(), 1);
        Ok(files[0].html.clone())
    }

    fn by(answer: &str) -> Result<String, Wrong> {
        by_after(answer, None)
    }

    /// Three files as an answer about the second one will have them.
    fn three(answer: &str) -> Result<[String; 3], Wrong> {
        let files = [page("index.html", PAGE), page("about.html", ABOUT), page("style.css", CSS)];
        let files = Changed::by(answer, &files, 1, None)?.into_iter().map(|file| file.html).collect::<Vec<_>>();
        Ok(files.try_into().expect("three files"))
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
        assert_eq!(so_far.lost, [(0, "<p>Mokka</p>\n".to_owned())]);
    }

    #[test]
    fn a_second_answer_adds_what_was_lost_of_the_first() {
        let name = block("<h1>Nord</h1>", "<h1>Süd</h1>");
        let wrong = by(&(name.clone() + &block("<p>Espresso</p>", "<p>Espresso 2.80 €</p>"))).err();
        let right = block("<p>Espresso 2.50 €</p>", "<p>Espresso 2.80 €</p>");
        let page = PAGE.replace("Nord", "Süd").replace("2.50", "2.80");
        let again = |answer: &str| by_after(answer, wrong.as_ref());
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
        assert_eq!(by(&new_file("index.html", "<html><p>half a page")), Err(Wrong::Nothing));
    }

    #[test]
    fn a_whole_page_is_an_answer_too_and_a_block_without_its_end_is_none() {
        let page = PAGE.replace("Nord", "Süd");
        assert_eq!(by(&format!("```html\n{page}\n```")), Ok(page.clone()));
        assert_eq!(by(&new_file("/index.html", &page)), Ok(page));
        let cut = block("<h1>Nord</h1>", "<h1>Süd</h1>") + "<<<<<<< SEARCH\n<p>Tea</p>\n=======\n";
        assert_eq!(by(&cut), Err(Wrong::CutOff));
    }

    #[test]
    fn an_answer_that_leaves_out_what_is_to_stay_is_refused() {
        let page = PAGE.replace("Nord", "Süd").replace("<p>Tea</p>", "<!-- the rest stays the same -->");
        let part = block("<h1>Nord</h1>\n<p>Espresso 2.50 €</p>", "<h1>Süd</h1>\n<!-- ... existing content ... -->");
        for answer in [format!("```html\n{page}\n```"), new_file("index.html", &page), part] {
            assert_eq!(by(&answer), Err(Wrong::LeftOut), "{answer}");
        }
        assert_eq!(three(&new_file("style.css", "")), Err(Wrong::LeftOut));
    }

    #[test]
    fn a_page_with_a_line_that_looks_like_a_mark_is_changed_where_it_is_meant() {
        let lined = "<html>\n<pre>\nNord\n=======\nCoffee\n</pre>\n</html>";
        let answer = block("Nord\n=======\nCoffee", "Nord\n=======\nTea");
        let files = Changed::by(&answer, &[page("index.html", lined)], 0, None).expect("it is changed");
        assert_eq!(files[0].html, lined.replace("Coffee", "Tea"));
    }

    #[test]
    fn a_file_name_above_a_block_says_where_it_belongs() {
        let answer = format!("index.html\n```html\n{}```\n", block("<p>Tea</p>", "<p>Mocha</p>"));
        assert_eq!(three(&answer), Ok([PAGE.replace("Tea", "Mocha"), ABOUT.to_owned(), CSS.to_owned()]));
    }

    #[test]
    fn of_several_files_the_one_that_is_meant_or_named_changes_and_the_others_stay() {
        let [index, about, css] = [PAGE, ABOUT, CSS].map(str::to_owned);
        let tea = ABOUT.replace("Tea", "Mocha");
        assert_eq!(three(&block("<p>Tea</p>", "<p>Mocha</p>")), Ok([index.clone(), tea.clone(), css.clone()]));
        let whole = format!("```html\n{tea}\n```");
        assert_eq!(three(&whole), Ok([index.clone(), tea.clone(), css.clone()]));
        for path in ["index.html", "./index.html"] {
            let answer = of_file(path, "<p>Tea</p>", "<p>Mocha</p>");
            assert_eq!(three(&answer), Ok([PAGE.replace("Tea", "Mocha"), about.clone(), css.clone()]), "{path}");
        }
        let green = CSS.replace("red", "green");
        // Its file is not said, or there is none of that name; and it stands in one alone.
        for answer in [block(CSS, &green), of_file("styles.css", CSS, &green), of_file("style.css", CSS, &green)] {
            assert_eq!(three(&answer), Ok([index.clone(), about.clone(), green.clone()]), "{answer}");
        }
        let both = of_file("style.css", CSS, &green) + &of_file("about.html", "<p>Tea</p>", "<p>Mocha</p>");
        assert_eq!(three(&both), Ok([index, tea, green]));
    }

    #[test]
    fn what_is_lost_in_another_file_is_looked_for_there_and_told_with_its_name() {
        let Err(Wrong::Lost { so_far, .. }) = three(&of_file("style.css", "h2 { color: red }", "x")) else { panic!() };
        let lost: String = so_far.lost().map(|lost| lost.to_string()).collect();
        assert!(lost.starts_with("This does not stand in style.css, or not once:") && lost.contains("h1 {"), "{lost}");
        assert_eq!(so_far.near(ABOUT), None);
    }

    #[test]
    fn a_file_that_is_new_comes_beside_the_others() {
        let answer = new_file("./menu.html", ABOUT) + &block("<p>Tea</p>", "<p><a href=menu.html>Menu</a></p>");
        let files = Changed::by(&answer, &[page("index.html", PAGE)], 0, None).expect("it is changed");
        assert_eq!(files[0].html, PAGE.replace("Tea", "<a href=menu.html>Menu</a>"));
        assert_eq!(files[1..], [page("menu.html", ABOUT)]);
    }

    #[test]
    fn what_is_near_reaches_from_the_first_to_the_last_that_is_lost() {
        let wrong = by(&(block("<p>Tea 3 €</p>", "x") + &block("<h1>North Nord</h1>", "x")));
        let Err(Wrong::Lost { so_far, .. }) = wrong else { panic!("{wrong:?}") };
        let near = so_far.near(PAGE).expect("something is lost");
        assert_eq!(&PAGE[near], "<h1>Nord</h1>\n<p>Espresso 2.50 €</p>\n<p>Tea</p>");
    }
}
