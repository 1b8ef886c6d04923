//! What an answer is, seen while it comes: text in the blocks, a whole page without them, a page's words, or plain talk.

use crate::edit::answer::page_end;

/// Something that has come of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Text that goes on as it is.
    Said(String),
    /// A page that stands in no block begins; so much of it is there.
    Page(String),
    /// That page has ended.
    PageEnd,
    /// A page's words.
    Words(String),
    /// What the model thinks before it answers.
    Thought(String),
}

/// Reads an answer as it comes.
#[derive(Debug, Default)]
pub(super) struct Reader {
    state: State,
    /// What is not decided yet.
    held: String,
    /// Blank lines and a fence that have come before, and belong to what follows.
    lead: String,
    /// The line that is being said, up to here.
    line: String,
    /// The page that stands in no block, as far as it was given on.
    page: String,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing has come yet but what may come before anything.
    #[default]
    Start,
    /// Plain talk; a block or a page may still follow.
    Talk,
    /// Thoughts in the text itself.
    Thinking,
    /// A block has begun: all is as it is to be.
    Blocks,
    Page {
        fenced: bool,
    },
    /// Behind a page, where its fence is closed.
    PageOver,
    Words,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beginning {
    Block,
    Page,
    Fence,
    Thought,
    Words,
}

const BEGINNINGS: [(&str, Beginning); 8] = [
    ("<<<<<", Beginning::Block),
    ("=== start_", Beginning::Block),
    ("=== search", Beginning::Block),
    ("<!doctype", Beginning::Page),
    ("<html", Beginning::Page),
    ("```", Beginning::Fence),
    (THOUGHT, Beginning::Thought),
    ("# ", Beginning::Words),
];
const PAGE_END: &str = "</html>";
const FENCE: &str = "\n```";
const THOUGHT: &str = "<think>";
const THOUGHT_END: &str = "</think>";

/// What the beginning of a line may be.
enum Guess {
    Is(Beginning),
    /// More of it must come.
    Open,
    Nothing,
}

impl Reader {
    /// Takes what has come next.
    pub(super) fn push(&mut self, text: &str) -> Vec<Part> {
        self.held += text;
        self.read(false)
    }

    /// Nothing follows.
    pub(super) fn end(&mut self) -> Vec<Part> {
        let mut parts = self.read(true);
        if matches!(self.state, State::Page { .. }) {
            parts.push(Part::PageEnd);
        }
        let rest = std::mem::take(&mut self.lead);
        if !rest.is_empty() && self.state == State::Talk {
            parts.push(Part::Said(rest));
        }
        parts
    }

    fn read(&mut self, ended: bool) -> Vec<Part> {
        let mut parts = Vec::new();
        while !self.held.is_empty() && self.step(ended, &mut parts) {}
        parts
    }

    /// Takes something of what is held; false where more must come first.
    fn step(&mut self, ended: bool, parts: &mut Vec<Part>) -> bool {
        match self.state {
            State::Start => self.begin_line(ended, parts),
            State::Talk if self.line.is_empty() => self.begin_line(ended, parts),
            State::Talk => {
                self.talk(parts);
                true
            }
            State::Thinking => self.think(ended, parts),
            State::Blocks => {
                parts.push(Part::Said(std::mem::take(&mut self.held)));
                true
            }
            State::Words => {
                parts.push(Part::Words(std::mem::take(&mut self.held)));
                true
            }
            State::Page { fenced } => self.page(fenced, ended, parts),
            State::PageOver => self.after_page(ended),
        }
    }

    fn begin_line(&mut self, ended: bool, parts: &mut Vec<Part>) -> bool {
        let end = self.held.find('\n').map(|at| at + 1);
        let line = &self.held[..end.unwrap_or(self.held.len())];
        let whole = ended || end.is_some();
        if line.trim().is_empty() {
            if whole {
                self.lead_on(end);
            }
            return whole;
        }
        match guess(line.trim_start(), whole) {
            Guess::Open => return false,
            Guess::Is(Beginning::Fence) if !whole => return false,
            Guess::Is(Beginning::Fence) if !self.lead.contains("```") => self.lead_on(end),
            Guess::Is(Beginning::Block) => {
                self.state = State::Blocks;
                self.held.insert_str(0, &std::mem::take(&mut self.lead));
            }
            Guess::Is(Beginning::Page) => {
                let fenced = std::mem::take(&mut self.lead).contains("```");
                self.state = State::Page { fenced };
            }
            Guess::Is(Beginning::Thought) if self.state == State::Start => {
                self.lead.clear();
                let start = self.held.len() - self.held.trim_start().len();
                self.held.replace_range(..start + THOUGHT.len(), "");
                self.state = State::Thinking;
            }
            Guess::Is(Beginning::Words) if self.state == State::Start => {
                self.lead.clear();
                self.state = State::Words;
            }
            _ => {
                self.state = State::Talk;
                let lead = std::mem::take(&mut self.lead);
                if !lead.is_empty() {
                    parts.push(Part::Said(lead));
                }
                self.talk(parts);
            }
        }
        true
    }

    /// Keeps a line for what follows.
    fn lead_on(&mut self, end: Option<usize>) {
        let end = end.unwrap_or(self.held.len());
        self.lead.extend(self.held.drain(..end));
    }

    /// Says the line, as far as it has come.
    fn talk(&mut self, parts: &mut Vec<Part>) {
        let end = self.held.find('\n').map_or(self.held.len(), |at| at + 1);
        let said: String = self.held.drain(..end).collect();
        self.line += &said;
        // A block that does not begin its line.
        if self.line.contains("<<<<<") || self.line.contains("=== START_") {
            self.state = State::Blocks;
        }
        if said.ends_with('\n') {
            self.line.clear();
        }
        parts.push(Part::Said(said));
    }

    fn page(&mut self, fenced: bool, ended: bool, parts: &mut Vec<Part>) -> bool {
        let lower = self.held.to_ascii_lowercase();
        let html = lower.match_indices(PAGE_END).map(|(at, end)| (at, at + end.len()));
        let fence = lower.match_indices(FENCE).filter(|_| fenced).map(|(at, _)| (at, at));
        let mut ends: Vec<(usize, usize)> = html.chain(fence).collect();
        ends.sort_unstable();
        if let Some((_, end)) = ends.into_iter().find(|(at, _)| self.is_in_markup(*at)) {
            parts.push(Part::Page(self.held.drain(..end).collect()));
            parts.push(Part::PageEnd);
            self.page.clear();
            self.state = State::PageOver;
            return true;
        }
        let told = parts.len();
        let goes_on = self.all_but(PAGE_END.len() - 1, ended, parts, Part::Page);
        if let Some(Part::Page(more)) = parts.get(told) {
            self.page += more;
        }
        goes_on
    }

    /// Whether the page's markup goes on at this place of what is held, and not a script, a comment or an attribute.
    fn is_in_markup(&self, at: usize) -> bool {
        let page = format!("{}{}{PAGE_END}", self.page, &self.held[..at]);
        page_end(&page) == Some(page.len())
    }

    /// Behind a page, what closes its fence is passed over.
    fn after_page(&mut self, ended: bool) -> bool {
        let end = self.held.find('\n').map(|at| at + 1);
        if end.is_none() && !ended {
            return false;
        }
        let line = self.held[..end.unwrap_or(self.held.len())].trim().to_owned();
        if line.is_empty() || line == "```" {
            self.held.replace_range(..end.unwrap_or(self.held.len()), "");
        } else {
            self.state = State::Talk;
            self.lead = "\n".to_owned();
        }
        true
    }

    fn think(&mut self, ended: bool, parts: &mut Vec<Part>) -> bool {
        let Some(end) = self.held.find(THOUGHT_END) else {
            return self.all_but(THOUGHT_END.len() - 1, ended, parts, Part::Thought);
        };
        let thought: String = self.held.drain(..end).collect();
        self.held.drain(..THOUGHT_END.len());
        if !thought.is_empty() {
            parts.push(Part::Thought(thought));
        }
        self.state = State::Start;
        true
    }

    /// Gives on all but the last `kept` bytes, which may be the beginning of a mark.
    fn all_but(&mut self, kept: usize, ended: bool, parts: &mut Vec<Part>, part: fn(String) -> Part) -> bool {
        let mut end = if ended { self.held.len() } else { self.held.len().saturating_sub(kept) };
        while !self.held.is_char_boundary(end) {
            end -= 1;
        }
        if end == 0 {
            return false;
        }
        parts.push(part(self.held.drain(..end).collect()));
        true
    }
}

fn guess(line: &str, whole: bool) -> Guess {
    let lower: String = line.chars().take(12).collect::<String>().to_ascii_lowercase();
    if let Some((_, is)) = BEGINNINGS.iter().find(|(beginning, _)| lower.starts_with(beginning)) {
        return Guess::Is(*is);
    }
    let open = !whole && BEGINNINGS.iter().any(|(beginning, _)| beginning.starts_with(&lower));
    if open { Guess::Open } else { Guess::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cut::however_cut;

    /// What an answer is read as, pieces of the same kind joined, however it is cut.
    fn read(answer: &str) -> Vec<Part> {
        however_cut(answer, |texts| {
            let mut reader = Reader::default();
            let mut parts: Vec<Part> = texts.iter().flat_map(|text| reader.push(text)).collect();
            parts.extend(reader.end());
            joined(parts)
        })
    }

    fn joined(parts: Vec<Part>) -> Vec<Part> {
        let mut all: Vec<Part> = Vec::new();
        for part in parts {
            match (all.last_mut(), part) {
                (Some(Part::Said(said)), Part::Said(more))
                | (Some(Part::Page(said)), Part::Page(more))
                | (Some(Part::Words(said)), Part::Words(more))
                | (Some(Part::Thought(said)), Part::Thought(more)) => *said += &more,
                (_, part) => all.push(part),
            }
        }
        all
    }

    fn said(text: &str) -> Part {
        Part::Said(text.to_owned())
    }

    fn page(text: &str) -> [Part; 2] {
        [Part::Page(text.to_owned()), Part::PageEnd]
    }

    #[test]
    fn what_stands_in_blocks_or_is_talk_goes_on_letter_by_letter() {
        for answer in [
            "<<<<<<< PROJECT_NAME_START N >>>>>>> PROJECT_NAME_END\n<<<<<<< NEW_FILE_START index.html >>>>>>> \
             NEW_FILE_END\n```html\n<!DOCTYPE html>\n<html></html>\n```\n",
            "\n\nHere it is: <<<<<<< NEW_FILE_START index.html >>>>>>> NEW_FILE_END\n```html\n<html></html>\n```",
            "```\n<<<<<<< UPDATE_FILE_START a.html >>>>>>> UPDATE_FILE_END\n```",
            "Sure!\n=== START_FILE_CONTENT index.html\n```html\n<html></html>\n```\n=== END_FILE_CONTENT\n",
            "=== SEARCH index.html\n```html\na\n```\n=======\n```html\n# b\n```\n=== REPLACE",
            "w1 w2 w3",
            "What page?\n# Not words\n<b>x</b>\n```css\np {}\n```\n",
            "<",
            "",
        ] {
            let expected = if answer.is_empty() { vec![] } else { vec![said(answer)] };
            assert_eq!(read(answer), expected, "{answer:?}");
        }
    }

    #[test]
    fn a_page_without_blocks_is_found_in_what_is_said_round_it() {
        let html = "<!DOCTYPE html>\n<html>\n<p>ü</p>\n</html>";
        assert_eq!(read(html), page(html));
        assert_eq!(read(&format!("```html\n{html}\n```\n")), page(html));
        assert_eq!(read(&format!("\n```html\n{html}")), page(html));
        let [start, end] = page(html);
        let talked = read(&format!("Here:\n\n```html\n{html}\n```\n\nEnjoy *it*."));
        assert_eq!(talked, [said("Here:\n"), start.clone(), end.clone(), said("\nEnjoy *it*.")]);
    }

    #[test]
    fn what_is_thought_is_told_apart_from_what_is_said() {
        let thought = |text: &str| Part::Thought(text.to_owned());
        let html = "<html><p>x</p></html>";
        let [start, end] = page(html);
        assert_eq!(read(&format!("<think>hm <html></think>\n{html}")), [thought("hm <html>"), start, end]);
        let named = "<<<<<<< PROJECT_NAME_START N >>>>>>> PROJECT_NAME_END";
        assert_eq!(read(&format!("\n<think>a page</think>{named}")), [thought("a page"), said(named)]);
        assert_eq!(read("<think>without an end"), [thought("without an end")]);
        assert_eq!(read("<think></think>w1"), [said("w1")]);
    }

    #[test]
    fn a_page_that_does_not_end_is_a_page_too() {
        assert_eq!(read("<html><p>half"), page("<html><p>half"));
        assert_eq!(read("```html\n<html><p>half\n```\nand so on"), {
            let [start, end] = page("<html><p>half");
            vec![start, end, said("\nand so on")]
        });
    }

    #[test]
    fn what_a_script_holds_ends_no_page() {
        let html = "<html><script>\nf(`\n```\n`, \"<html><b>x</b></html>\")\n</script><p>whole</p></html>";
        assert_eq!(read(html), page(html));
        let fenced = read(&format!("```html\n{html}\n```\nEnjoy"));
        assert_eq!(fenced, [&page(html)[..], &[said("\nEnjoy")]].concat());
    }

    #[test]
    fn words_are_words() {
        let words = "# Nord\n> Coffee.\n## Menu\n- **Espresso**: 2.50 €\n[See it]\n";
        assert_eq!(read(words), [Part::Words(words.to_owned())]);
        assert_eq!(read(&format!("\n{words}")), [Part::Words(words.to_owned())]);
        assert_eq!(read("#Nord"), [said("#Nord")]);
    }
}
