//! The blocks of an answer, read while they come: files, changes of files, and what is said between them.

use std::ops::Range;

use super::Place;
use super::marks::{self, FENCE, FILE_END, FILE_START, NAME_END, NAME_START, UPDATE_START};

/// A block, or what stands between two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// Text between the blocks.
    Said(String),
    /// What the project is called.
    Name(String),
    /// A file, whole.
    File { path: String, content: String },
    /// What stands in a file, and what is to stand there instead.
    Change(Change),
}

/// A change of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Change {
    pub(crate) path: Option<String>,
    /// What stands between the marks.
    body: String,
    /// Where in it the lines stand that may divide it.
    dividers: Vec<Range<usize>>,
}

/// What a change may say: what is replaced, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) search: String,
    pub(crate) replace: String,
}

impl Change {
    /// Each line that may divide it makes a reading: a page may itself hold such lines.
    pub(crate) fn readings(&self) -> impl DoubleEndedIterator<Item = Reading> {
        self.dividers.iter().map(|divider| Reading {
            search: unfenced(&self.body[..divider.start]),
            replace: unfenced(&self.body[divider.end..]),
        })
    }

    /// The reading that `file` bears out: the one that replaces most of what stands there letter by letter, else the first one
    /// that has a place there.
    pub(crate) fn reading_in(&self, file: &str) -> Reading {
        let place = |reading: &Reading| Place::of(&reading.search, &reading.replace, file);
        let exact = |reading: &Reading| place(reading).is_some_and(|place| place.is_exact);
        let borne_out = if self.dividers.len() > 1 {
            self.readings().rfind(exact).or_else(|| self.readings().find(|reading| place(reading).is_some()))
        } else {
            None
        };
        borne_out.or_else(|| self.readings().next()).expect("a change has a line that divides it")
    }
}

/// Reads blocks of either form, line by line.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    rest: String,
    state: State,
    /// The file that changes are of.
    updated: Option<String>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Between,
    Name(String),
    File {
        path: String,
        content: String,
        fence: Fence,
        has_end: bool,
    },
    Change(Change),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fence {
    Awaited,
    Open,
    Closed,
}

impl Blocks {
    pub(crate) fn push(&mut self, text: &str) -> Vec<Block> {
        self.rest += text;
        let mut blocks = Vec::new();
        while let Some(end) = self.rest.find('\n') {
            let line: String = self.rest.drain(..=end).collect();
            self.line(&line, &mut blocks);
        }
        blocks
    }

    /// Nothing follows. A block that is not at its end is no block.
    pub(crate) fn end(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let line = std::mem::take(&mut self.rest);
        if !line.is_empty() {
            self.line(&line, &mut blocks);
        }
        if matches!(&self.state, State::File { has_end: false, fence: Fence::Awaited, .. }) {
            self.file_ends(&mut blocks);
        }
        blocks
    }

    /// The file that has begun and is not at its end: its path, and so much of it as has come.
    pub(crate) fn open_file(&self) -> Option<(&str, &str)> {
        match &self.state {
            State::File { path, content, .. } => Some((path, content.trim())),
            _ => None,
        }
    }

    /// Whether a block had begun and was not at its end. To be asked after [`Blocks::end`].
    pub(crate) fn broke_off(&self) -> bool {
        !matches!(self.state, State::Between)
    }

    fn line(&mut self, line: &str, blocks: &mut Vec<Block>) {
        let bare = line.trim();
        match &mut self.state {
            State::Between => self.between(line, blocks),
            State::Name(name) => {
                let end = NAME_END.iter().find_map(|end| bare.strip_suffix(end));
                *name = format!("{name} {}", end.unwrap_or(bare).trim_end()).trim().to_owned();
                if end.is_some() {
                    blocks.push(Block::Name(std::mem::take(name)));
                    self.state = State::Between;
                }
            }
            State::File { has_end: true, .. } if bare == FILE_END => self.file_ends(blocks),
            State::File { has_end: false, fence: Fence::Awaited, content, .. }
                if bare.starts_with("<<<<<<< ") && !content.trim().is_empty() =>
            {
                // A file without a fence ends where the next block begins.
                self.file_ends(blocks);
                self.line(line, blocks);
            }
            State::File { content, fence, has_end, .. } => {
                *fence = match *fence {
                    Fence::Awaited if bare.starts_with(FENCE) && content.trim().is_empty() => Fence::Open,
                    Fence::Open if bare == FENCE => Fence::Closed,
                    same => {
                        if same != Fence::Closed {
                            content.push_str(line);
                        }
                        same
                    }
                };
                if *fence == Fence::Closed && !*has_end {
                    self.file_ends(blocks);
                }
            }
            State::Change(change) if !change.dividers.is_empty() && marks::is_replace(bare) => {
                blocks.push(Block::Change(std::mem::take(change)));
                self.state = State::Between;
            }
            State::Change(change) => {
                let start = change.body.len();
                change.body.push_str(line);
                if marks::is_divider(bare) {
                    change.dividers.push(start..change.body.len());
                }
            }
        }
    }

    fn between(&mut self, line: &str, blocks: &mut Vec<Block>) {
        let bare = line.trim();
        let name = |start: &str| {
            let rest = bare.strip_prefix(start)?;
            let path = rest.split(ENDS).next().unwrap_or(rest).trim();
            Some(path.to_owned())
        };
        if let Some(said) = name(NAME_START[0]) {
            match bare.ends_with(NAME_END[0]) {
                true => blocks.push(Block::Name(said)),
                false => self.state = State::Name(said),
            }
        } else if bare == NAME_START[1] {
            self.state = State::Name(String::new());
        } else if let Some(path) = name(FILE_START[0]) {
            self.state = State::File { path, content: String::new(), fence: Fence::Awaited, has_end: false };
        } else if let Some(path) = name(FILE_START[1]) {
            self.state = State::File { path, content: String::new(), fence: Fence::Awaited, has_end: true };
        } else if let Some(path) = name(UPDATE_START) {
            self.updated = Some(path);
        } else if let Some(path) = marks::search(bare) {
            self.state = State::Change(Change { path: path.or_else(|| self.updated.clone()), ..Change::default() });
        } else if !(self.updated.is_some() && bare.starts_with(FENCE)) {
            // A fence round the changes of a file says nothing.
            blocks.push(Block::Said(line.to_owned()));
        }
    }

    fn file_ends(&mut self, blocks: &mut Vec<Block>) {
        if let State::File { path, content, .. } = std::mem::take(&mut self.state) {
            blocks.push(Block::File { path, content: content.trim().to_owned() });
        }
    }
}

/// What ends a mark that says something, in the third form.
const ENDS: &str = ">>>>>>>";

/// Text without the fence round it.
fn unfenced(text: &str) -> String {
    let fenced = || {
        let (first, rest) = text.trim_start().split_once('\n')?;
        let inner = rest.trim_end().strip_suffix(FENCE)?;
        first.starts_with(FENCE).then(|| inner.to_owned())
    };
    fenced().unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cut::however_cut;

    fn read(answer: &str) -> Vec<Block> {
        however_cut(answer, |texts| {
            let mut blocks = Blocks::default();
            let mut read: Vec<Block> = texts.iter().flat_map(|text| blocks.push(text)).collect();
            read.extend(blocks.end());
            read
        })
    }

    fn changes(answer: &str) -> Vec<(Option<String>, String, String)> {
        let change = |block| match block {
            Block::Change(change) => {
                let Reading { search, replace } = change.readings().next()?;
                Some((change.path, search, replace))
            }
            _ => None,
        };
        read(answer).into_iter().filter_map(change).collect()
    }

    const TWO: &str = "<<<<<<< UPDATE_FILE_START index.html >>>>>>> UPDATE_FILE_END\n<<<<<<< SEARCH\n<p>a</p>\n=======\n<p>$&\
                       </p>\n>>>>>>> REPLACE\n<<<<<<< SEARCH\n  b\n=======\n>>>>>>> REPLACE\n";

    #[test]
    fn changes_are_read_with_the_file_that_they_are_of() {
        let index = || Some("index.html".to_owned());
        let two = [
            (index(), "<p>a</p>\n".to_owned(), "<p>$&</p>\n".to_owned()),
            (index(), "  b\n".to_owned(), String::new()),
        ];
        assert_eq!(changes(TWO), two);
        let fenced = TWO.replace("UPDATE_FILE_END\n", "UPDATE_FILE_END\n```html\n") + "```\n";
        assert_eq!(changes(&fenced), two);
        assert!(read(&fenced).iter().all(|block| matches!(block, Block::Change(_))));
        let v4 = "=== SEARCH index.html\n```html\n<p>a</p>\n```\n=======\n```html\n<p>$&</p>\n```\n=== REPLACE\n\
                  === SEARCH index.html\n```html\n  b\n```\n=======\n```html\n```\n=== REPLACE\n";
        assert_eq!(changes(v4), two);
    }

    #[test]
    fn marks_are_read_as_models_write_them() {
        for (start, middle, end) in [
            ("<<<<<<< SEARCH>", "=======", ">>>>>>> REPLACE"),
            ("<<<<<< SEARCH", "======", ">>>>>> REPLACE"),
            ("<<<<<<<< SEARCH", "========", ">>>>>>>> REPLACE"),
            ("<<<<< SEARCH", "=====", ">>>>> REPLACE"),
            ("<<<<<<<SEARCH", "=======", ">>>>>>>REPLACE"),
            ("<<<<<<< SEARCH <<<<<<<", "=======", ">>>>>>> REPLACE <<<<<<<"),
        ] {
            let answer = format!("Sure:\n{start}\na\n{middle}\nb\n{end}\n");
            assert_eq!(changes(&answer), [(None, "a\n".to_owned(), "b\n".to_owned())], "{start}");
        }
        let named = changes("<<<<<<< SEARCH about.html\na\n=======\nb\n>>>>>>> REPLACE\n");
        assert_eq!(named, [(Some("about.html".to_owned()), "a\n".to_owned(), "b\n".to_owned())]);
        for none in ["<<<< SEARCH", "<<<<<<<<<< SEARCH", "<<<<<<< SEARCHED", "<<<<<<< SEARCH for this in it"] {
            assert!(changes(&format!("{none}\na\n=======\nb\n>>>>>>> REPLACE\n")).is_empty(), "{none}");
        }
    }

    #[test]
    fn of_two_readings_the_file_bears_one_out() {
        let change = |body: &str| {
            let answer = format!("<<<<<<< SEARCH\n{body}\n>>>>>>> REPLACE\n");
            let blocks = read(&answer);
            let [Block::Change(change)] = &blocks[..] else { panic!("{blocks:?}") };
            let reading = change.reading_in("<pre>\nTitle\n=======\nText\n</pre>\n<p>End</p>\n");
            (reading.search, reading.replace)
        };
        let both = |search: &str, replace: &str| (search.to_owned(), replace.to_owned());
        let in_search = change("Title\n=======\nText\n=======\nTitle\n=======\nWords");
        assert_eq!(in_search, both("Title\n=======\nText\n", "Title\n=======\nWords\n"));
        let in_replace = change("<p>End</p>\n=======\nEnd\n=======");
        assert_eq!(in_replace, both("<p>End</p>\n", "End\n=======\n"));
    }

    #[test]
    fn the_name_is_read_in_either_form() {
        for answer in [
            "<<<<<<< PROJECT_NAME_START Nord ☕ >>>>>>> PROJECT_NAME_END\n",
            "<<<<<<< PROJECT_NAME_START\nNord ☕\n>>>>>>> PROJECT_NAME_END\n",
            "=== START_PROJECT_NAME\nNord ☕\n=== END_PROJECT_NAME\n",
        ] {
            assert_eq!(read(answer), [Block::Name("Nord ☕".to_owned())], "{answer}");
        }
    }

    #[test]
    fn files_are_read_whole() {
        let v3 = "Here.\n<<<<<<< PROJECT_NAME_START N >>>>>>> PROJECT_NAME_END\n<<<<<<< NEW_FILE_START a.css >>>>>>> \
                  NEW_FILE_END\n```css\np {}\n```\nDone.\n";
        let v4 = "Here.\n=== START_PROJECT_NAME\nN\n=== END_PROJECT_NAME\n=== START_FILE_CONTENT a.css\n```css\np {}\n```\n\
                  === END_FILE_CONTENT\nDone.\n";
        let bare = "<<<<<<< NEW_FILE_START a.css >>>>>>> NEW_FILE_END\np {}";
        for answer in [v3, v4, bare] {
            let blocks = read(answer);
            let file = blocks.iter().find_map(|block| match block {
                Block::File { path, content, .. } => Some((path.as_str(), content.as_str())),
                _ => None,
            });
            assert_eq!(file, Some(("a.css", "p {}")), "{answer}");
            let said: Vec<_> = blocks.iter().filter(|block| matches!(block, Block::Said(_))).collect();
            assert_eq!(said.len(), if answer == bare { 0 } else { 2 });
        }
    }

    #[test]
    fn what_is_cut_off_is_no_block() {
        for cut in
            ["<<<<<<< SEARCH\na\n=======\nb\n", "<<<<<<< NEW_FILE_START a.html >>>>>>> NEW_FILE_END\n```html\n<p>"]
        {
            assert!(read(cut).is_empty(), "{cut}");
            let mut blocks = Blocks::default();
            blocks.push(cut);
            blocks.end();
            assert!(blocks.broke_off(), "{cut}");
        }
    }
}
