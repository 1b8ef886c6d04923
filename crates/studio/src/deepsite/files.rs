//! The files of a new page, read while they come, in whichever form a tier marks them: what its caller gets is marked as that
//! caller reads it.

use crate::edit::blocks::marks::{FENCE, FILE_END, FILE_START, NAME_END, NAME_START, PATH_END};

/// Something of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text between the files.
    Said(String),
    /// What the project is called.
    Name(String),
    /// A file of this path begins.
    Start(String),
    /// It goes on.
    Content(String),
    /// It has ended.
    End,
}

/// Reads the files of an answer as it comes.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// What is not decided yet.
    held: String,
    state: State,
    /// Whether nothing of the file was told yet.
    fresh: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Between,
    /// Behind the mark of the name.
    Name,
    /// Behind the mark of a file: its path.
    Path,
    /// Behind the path: a fence, or the content at once.
    Fence,
    Content,
    /// Behind the fence: the fourth form's mark of its end may come.
    After,
}

const MARKS: [([&str; 2], State); 2] = [(NAME_START, State::Name), (FILE_START, State::Path)];

impl Files {
    /// Takes what has come next.
    pub(super) fn push(&mut self, text: &str) -> Vec<Piece> {
        self.held += text;
        self.read(false)
    }

    /// Nothing follows.
    pub(super) fn end(&mut self) -> Vec<Piece> {
        let mut pieces = self.read(true);
        if matches!(self.state, State::Fence | State::Content) {
            pieces.push(Piece::End);
        }
        *self = Self::default();
        pieces
    }

    fn read(&mut self, ended: bool) -> Vec<Piece> {
        let mut pieces = Vec::new();
        while !self.held.is_empty() && self.step(ended, &mut pieces) {}
        pieces
    }

    /// Takes something of what is held; false where more must come first.
    fn step(&mut self, ended: bool, pieces: &mut Vec<Piece>) -> bool {
        match self.state {
            State::Between => self.between(ended, pieces),
            State::Name => self.name(ended, pieces),
            State::Path => self.path(ended, pieces),
            State::Fence => self.fence(ended),
            State::Content => self.content(ended, pieces),
            State::After => self.after(ended),
        }
    }

    fn between(&mut self, ended: bool, pieces: &mut Vec<Piece>) -> bool {
        let found = marks().filter_map(|(mark, state)| Some((self.held.find(mark)?, mark, state)));
        if let Some((at, mark, state)) = found.min_by_key(|(at, ..)| *at) {
            self.say(at, pieces);
            self.take(mark.len());
            self.state = state;
            return true;
        }
        let kept = if ended { 0 } else { begun(&self.held, marks().map(|(mark, _)| mark)) };
        let end = self.held.len() - kept;
        self.say(end, pieces);
        end > 0
    }

    fn say(&mut self, end: usize, pieces: &mut Vec<Piece>) {
        if end > 0 {
            pieces.push(Piece::Said(self.take(end)));
        }
    }

    fn name(&mut self, ended: bool, pieces: &mut Vec<Piece>) -> bool {
        let end = NAME_END.iter().filter_map(|end| Some((self.held.find(end)?, end.len()))).min();
        let Some((at, length)) = end.or(ended.then_some((self.held.len(), 0))) else { return false };
        if !ended && !self.held[at + length..].contains('\n') {
            return false;
        }
        let name = self.take(at).trim().to_owned();
        self.take(length);
        self.rest_of_line();
        if !name.is_empty() {
            pieces.push(Piece::Name(name));
        }
        self.state = State::Between;
        true
    }

    fn path(&mut self, ended: bool, pieces: &mut Vec<Piece>) -> bool {
        let line = self.held.find('\n').or(ended.then_some(self.held.len()));
        let Some(line) = line else { return false };
        let (end, mark) = match self.held[..line].find(PATH_END) {
            Some(at) => (at, PATH_END.len()),
            None => (line, 0),
        };
        let path = self.take(end).trim().to_owned();
        self.take(mark);
        pieces.push(Piece::Start(path));
        self.state = State::Fence;
        true
    }

    /// Up to the line break before the content.
    fn fence(&mut self, ended: bool) -> bool {
        let content = self.held.trim_start();
        if content.is_empty() || (content.len() < FENCE.len() && FENCE.starts_with(content)) {
            return ended && self.go_over_to(State::Content);
        }
        let before = self.held.len() - content.len();
        if content.starts_with(FENCE) {
            let Some(line) = content.find('\n').or(ended.then_some(content.len())) else { return false };
            self.take(before + line);
        } else {
            self.take(before);
            self.held.insert(0, '\n');
        }
        self.go_over_to(State::Content)
    }

    fn go_over_to(&mut self, state: State) -> bool {
        if state == State::Content && !self.held.starts_with('\n') {
            self.held.insert(0, '\n');
        }
        self.fresh = true;
        self.state = state;
        true
    }

    /// The content, from the line break before it on. A line break is told with what follows it: the last one is the fence's.
    fn content(&mut self, ended: bool, pieces: &mut Vec<Piece>) -> bool {
        let mut from = 0;
        while let Some(at) = self.held[from..].find('\n').map(|at| from + at) {
            let rest = &self.held[at + 1..];
            let line = rest.find('\n').map(|end| &rest[..end]).or(ended.then_some(rest));
            if line.is_some_and(|line| line.trim() == FENCE) {
                self.tell(at, pieces);
                self.take(1);
                self.take(self.held.find('\n').map_or(self.held.len(), |end| end + 1));
                pieces.push(Piece::End);
                return self.go_over_to(State::After);
            }
            if content_ends().any(|end| rest.starts_with(end)) {
                self.tell(at, pieces);
                self.take(1);
                pieces.push(Piece::End);
                return self.go_over_to(State::After);
            }
            let is_open = content_ends().any(|end| end.starts_with(rest)) || "```".starts_with(rest.trim_end());
            if line.is_none() && !ended && is_open {
                self.tell(at, pieces);
                return false;
            }
            from = at + 1;
        }
        let all = if ended { self.held.trim_end().len() } else { self.held.len() };
        self.tell(all, pieces);
        all > 0
    }

    fn tell(&mut self, end: usize, pieces: &mut Vec<Piece>) {
        let text = self.take(end);
        let told = text.strip_prefix('\n').filter(|_| self.fresh).unwrap_or(&text);
        self.fresh &= text.is_empty();
        if !told.is_empty() {
            pieces.push(Piece::Content(told.to_owned()));
        }
    }

    fn after(&mut self, ended: bool) -> bool {
        let rest = self.held.trim_start();
        if rest.starts_with(FILE_END) {
            let before = self.held.len() - rest.len();
            if !ended && !rest.contains('\n') {
                return false;
            }
            self.take(before + FILE_END.len());
            self.rest_of_line();
        } else if !ended && FILE_END.starts_with(rest) {
            return false;
        }
        self.state = State::Between;
        true
    }

    fn take(&mut self, end: usize) -> String {
        self.held.drain(..end).collect()
    }

    /// Passes over the rest of the line, where nothing stands in it.
    fn rest_of_line(&mut self) {
        let end = self.held.find('\n').map_or(self.held.len(), |at| at + 1);
        if self.held[..end].trim().is_empty() {
            self.take(end);
        }
    }
}

fn marks() -> impl Iterator<Item = (&'static str, State)> {
    MARKS.iter().flat_map(|(marks, state)| marks.iter().map(|mark| (*mark, *state)))
}

/// A line that begins so ends the content, whether or not its fence was closed.
fn content_ends() -> impl Iterator<Item = &'static str> {
    marks().map(|(mark, _)| mark).chain([FILE_END])
}

/// How much at the end of a text may be the beginning of a mark.
fn begun<'a>(text: &str, marks: impl Iterator<Item = &'a str>) -> usize {
    let longest = |mark: &str| (1..mark.len()).rev().find(|length| text.ends_with(&mark[..*length]));
    marks.filter_map(longest).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cut::however_cut;

    /// What an answer is read as, pieces of the same kind joined, however it is cut.
    fn read(answer: &str) -> Vec<Piece> {
        however_cut(answer, |texts| {
            let mut files = Files::default();
            let mut pieces: Vec<Piece> = texts.iter().flat_map(|text| files.push(text)).collect();
            pieces.extend(files.end());
            joined(pieces)
        })
    }

    fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
        let mut all: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (all.last_mut(), piece) {
                (Some(Piece::Said(said)), Piece::Said(more)) | (Some(Piece::Content(said)), Piece::Content(more)) => {
                    *said += &more;
                }
                (_, piece) => all.push(piece),
            }
        }
        all
    }

    fn file(path: &str, content: &str) -> [Piece; 3] {
        [Piece::Start(path.to_owned()), Piece::Content(content.to_owned()), Piece::End]
    }

    #[test]
    fn both_forms_are_read_alike_also_where_a_mark_is_left_out() {
        let name = || Piece::Name("Nord ☕".to_owned());
        let expected: Vec<Piece> =
            [vec![name()], file("a.html", "<p>\n\nü</p>").into(), file("b.css", "p {}").into()].concat();
        for answer in [
            "<<<<<<< PROJECT_NAME_START Nord ☕ >>>>>>> PROJECT_NAME_END\n<<<<<<< NEW_FILE_START a.html >>>>>>> NEW_FILE_END\n\
             ```html\n<p>\n\nü</p>\n```\n<<<<<<< NEW_FILE_START b.css >>>>>>> NEW_FILE_END\n```css\np {}\n```\n",
            "=== START_PROJECT_NAME\nNord ☕\n=== END_PROJECT_NAME\n=== START_FILE_CONTENT a.html\n```html\n<p>\n\nü</p>\n```\n\
             === END_FILE_CONTENT\n=== START_FILE_CONTENT b.css\n```css\np {}\n```\n=== END_FILE_CONTENT\n",
            "<<<<<<< PROJECT_NAME_START\nNord ☕\n>>>>>>> PROJECT_NAME_END\n<<<<<<< NEW_FILE_START a.html\n\n```html\n<p>\n\nü</p>\n\
             <<<<<<< NEW_FILE_START b.css >>>>>>> NEW_FILE_END\np {}",
            "=== START_PROJECT_NAME\nNord ☕\n=== END_PROJECT_NAME\n=== START_FILE_CONTENT a.html\n<p>\n\nü</p>\n\
             === END_FILE_CONTENT\n=== START_FILE_CONTENT b.css\n```css\np {}\n```",
        ] {
            assert_eq!(read(answer), expected, "{answer}");
        }
    }

    #[test]
    fn what_is_said_goes_on_letter_by_letter() {
        for said in
            ["w1 w2\n<b>w3</b> w4", "a === b <<<<<<< c", "```css\np {}\n```\n", "=== START_", "<<<<<<< SEARCH\na\n"]
        {
            assert_eq!(read(said), [Piece::Said(said.to_owned())], "{said}");
        }
        let talked = "Here: <<<<<<< NEW_FILE_START a.js >>>>>>> NEW_FILE_END\n```javascript\nx()\n```\nEnjoy.\n";
        let expected = [
            vec![Piece::Said("Here: ".to_owned())],
            file("a.js", "x()").into(),
            vec![Piece::Said("Enjoy.\n".to_owned())],
        ];
        assert_eq!(read(talked), expected.concat());
    }

    #[test]
    fn what_has_come_of_a_file_is_told_at_once() {
        let mut files = Files::default();
        files.push("<<<<<<< NEW_FILE_START a.html >>>>>>> NEW_FILE_END\n```html\n");
        assert_eq!(files.push("<p>half"), [Piece::Content("<p>half".to_owned())]);
        assert_eq!(files.push(" of it\n"), [Piece::Content(" of it".to_owned())]);
        assert_eq!(files.push("=== a"), [Piece::Content("\n=== a".to_owned())]);
        assert_eq!(files.end(), [Piece::End]);
    }

    #[test]
    fn a_fence_within_a_file_that_has_a_language_is_none_of_its_end() {
        let answer = "=== START_FILE_CONTENT a.js\n```javascript\nlet md = `\n```js\n`;\n```\n=== END_FILE_CONTENT\n";
        assert_eq!(read(answer), file("a.js", "let md = `\n```js\n`;"));
    }
}
