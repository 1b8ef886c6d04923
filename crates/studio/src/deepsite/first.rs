//! A new page: its blocks go on as they come; a page without them is put into them, and so is one that the kit makes of words.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use kit::{Look, Marks, Style, Words};
use wire::Finish;

use super::files::{Files, Piece};
use super::prompt;
use super::request::{Request, Wishes};
use super::shape::{Part, Reader};
use super::teller::Teller;
use super::work::{Next, Way, Work};
use crate::edit::wish;
use crate::generation::{Event, is_interactive};
use crate::model_client::{Asked, Failure};
use crate::pages::INDEX;
use crate::project::Page;
use crate::{diff, facts};

const LONGEST_HTML: u32 = 12_000;
/// A page's words are 130 tokens in the middle; the grammar ends them long before this.
const LONGEST_WORDS: u32 = 1_200;
/// A page is shown as often as this at most while it is written.
const SHOWN_EVERY: Duration = Duration::from_millis(120);
/// A page's title stands in so much of it, or it has none.
const TITLE_WITHIN: usize = 2_048;
/// The longest name that is made of a prompt, in words.
const NAME: usize = 5;

/// Makes a new page, and says it all.
pub(super) async fn make(work: &mut Work) {
    let mut failure = None;
    for way in work.ways(is_interactive(&work.request.prompt)) {
        let asked = asked(&work.request, way);
        match write(work, &asked).await {
            Ok(()) => return work.done().await,
            Err(why) if work.teller.has_said() => return work.teller.failed(&why).await,
            // Why the first way failed says more than that there is no other.
            Err(why) => failure = failure.or(Some(why)),
        }
    }
    let failure = failure.unwrap_or_else(Failure::broken_off);
    work.teller.failed(&failure).await;
}

fn asked(request: &Request, way: Way) -> Asked {
    match way {
        Way::Html(route) => Asked {
            route,
            messages: prompt::messages(request),
            grammar: None,
            max_tokens: LONGEST_HTML,
            temperature: 0.5,
        },
        Way::Words(route) => {
            let wanted = wanted(request);
            Asked {
                route,
                messages: kit::messages(&wanted),
                grammar: Some(kit::grammar_for(&wanted).into()),
                max_tokens: LONGEST_WORDS,
                temperature: 0.3,
            }
        }
    }
}

/// What the words are to be of.
fn wanted(request: &Request) -> String {
    let old = request.redesign.as_deref().unwrap_or_default();
    [request.prompt.as_str(), old].join("\n\n").trim().to_owned()
}

async fn write(work: &mut Work, asked: &Asked) -> Result<(), Failure> {
    let mut writing = Writing::new(&work.request);
    let mut answer = work.ask(asked);
    let ended = loop {
        match work.next(&mut answer).await {
            Next::Text(text) => writing.push(&mut work.teller, &text).await,
            Next::End(ended) => break ended,
        }
    };
    writing.end(&mut work.teller).await;
    if !writing.words.is_empty() {
        return make_page(work, &writing, ended).await;
    }
    ended?;
    if !work.teller.has_said() {
        return Err(nothing_made());
    }
    for page in writing.pages() {
        work.shows(&page, true).await;
        let lines = diff::lines("", &page.html);
        let summary = match page.path.as_str() {
            INDEX => format!("Made the page “{}”.", writing.name),
            path => format!("Made {path}."),
        };
        work.teller.tell(Event::Patch { version: 0, lines, summary }).await;
    }
    Ok(())
}

fn nothing_made() -> Failure {
    let message = "The answer held no page. Ask again, perhaps in other words";
    Failure { code: "no_page".to_owned(), message: message.to_owned(), status: None }
}

/// Makes the page of the words that have come.
async fn make_page(work: &mut Work, writing: &Writing, ended: Result<Finish, Failure>) -> Result<(), Failure> {
    let request = wanted(&work.request);
    let mut words = Words::parse(&writing.words);
    if words.name.is_empty() && words.sections.is_empty() {
        return ended.and(Err(nothing_made()));
    }
    let sure = match ended {
        Ok(_) => facts::see_to(&mut words, &request),
        // What was cut off is no place to put facts in.
        Err(_) => {
            facts::conceal(&mut words, &request);
            facts::Sure::default()
        }
    };
    let style = styled(kit::suits(&request), work.request.wishes.as_ref());
    let page = Page { path: INDEX.to_owned(), html: page_of(&words, style) };
    work.studio.made.remember(&page.html, &words, style);
    if !writing.named {
        work.teller.name(if words.name.is_empty() { &writing.name } else { &words.name }).await;
    }
    work.teller.file(&page).await;
    work.shows(&page, true).await;
    let (made_up, whole) = (facts::made_up(&words, &request, &HashSet::new()), matches!(ended, Ok(Finish::Stop)));
    let checks = sure.checks(&words, whole);
    let (lines, summary) = (diff::lines("", &words.to_string()), format!("Made the page “{}”.", words.name));
    work.teller.tell(Event::Patch { version: 0, lines, summary }).await;
    let check =
        Event::Check { facts_kept: sure.kept, facts_put_in: sure.put_in, facts_missing: sure.missing, made_up, checks };
    work.teller.tell(check).await;
    ended.map(|_| ())
}

/// The kit's page, fit to stand in a fence.
pub(super) fn page_of(words: &Words, style: Style) -> String {
    kit::page(words, &style, Marks::None).replace("```", "&#96;&#96;&#96;").trim().to_owned()
}

/// The style that suits the request, as far as its caller has not chosen another.
fn styled(style: Style, wishes: Option<&Wishes>) -> Style {
    let Some(wishes) = wishes else { return style };
    let colour = wishes.primary.as_deref().and_then(wish::colour_named);
    let look = match wishes.theme.as_deref() {
        Some("dark") => Look::Midnight,
        // The one look that is dark in the light.
        Some("light") if style.look == Look::Midnight => Look::Harbour,
        _ => style.look,
    };
    Style { look, colour: colour.or(style.colour), ..style }
}

/// An answer as it is written.
struct Writing {
    reader: Reader,
    /// What the project is called, as far as it is known.
    name: String,
    /// Whether that was said.
    named: bool,
    words: String,
    /// Files in their blocks.
    files: Files,
    made: Vec<Page>,
    /// A page that came without blocks.
    html: String,
    begun: bool,
    shown: Option<Instant>,
}

impl Writing {
    fn new(request: &Request) -> Self {
        Self {
            reader: Reader::default(),
            name: called(&request.prompt),
            named: false,
            words: String::new(),
            files: Files::default(),
            made: Vec::new(),
            html: String::new(),
            begun: false,
            shown: None,
        }
    }

    /// What was made, file by file.
    fn pages(&self) -> Vec<Page> {
        let html = self.html.trim();
        let without_blocks = (!html.is_empty()).then(|| Page { path: INDEX.to_owned(), html: html.to_owned() });
        self.made.iter().cloned().chain(without_blocks).collect()
    }

    async fn push(&mut self, teller: &mut Teller, text: &str) {
        for part in self.reader.push(text) {
            self.part(teller, part).await;
        }
    }

    async fn end(&mut self, teller: &mut Teller) {
        for part in self.reader.end() {
            self.part(teller, part).await;
        }
        for piece in self.files.end() {
            self.piece(teller, piece).await;
        }
    }

    async fn part(&mut self, teller: &mut Teller, part: Part) {
        match part {
            Part::Thought(thought) => teller.thought(&thought).await,
            Part::Said(text) => {
                for piece in self.files.push(&text) {
                    self.piece(teller, piece).await;
                }
            }
            Part::Page(text) => {
                // What may have been the beginning of a mark was none.
                for piece in self.files.end() {
                    self.piece(teller, piece).await;
                }
                self.html += &text;
                if self.begun {
                    teller.say(&text).await;
                } else if let Some(title) = title(&self.html) {
                    self.begin(teller, title.map(str::to_owned)).await;
                }
                show(&mut self.shown, teller, INDEX, &self.html).await;
            }
            Part::PageEnd => {
                if !self.begun {
                    self.begin(teller, None).await;
                }
                teller.file_ends().await;
            }
            Part::Words(text) => {
                self.words += &text;
                let first = self.words.split_once('\n').map(|(first, _)| Words::parse(first).name);
                if let Some(name) = first.filter(|name| !self.named && !name.is_empty()) {
                    self.named = true;
                    teller.name(&name).await;
                    self.name = name;
                }
            }
        }
    }

    /// A page in its blocks begins.
    async fn begin(&mut self, teller: &mut Teller, title: Option<String>) {
        self.begun = true;
        self.name = title.unwrap_or_else(|| self.name.clone());
        teller.name(&self.name).await;
        teller.file_starts(INDEX).await;
        teller.say(self.html.trim_start()).await;
    }

    async fn piece(&mut self, teller: &mut Teller, piece: Piece) {
        match piece {
            Piece::Said(text) => teller.say(&text).await,
            Piece::Name(name) => {
                teller.name(&name).await;
                self.name = name;
            }
            Piece::Start(path) => {
                teller.file_starts(&path).await;
                self.made.push(Page { path, html: String::new() });
            }
            Piece::Content(text) => {
                teller.say(&text).await;
                if let Some(page) = self.made.last_mut() {
                    page.html += &text;
                }
                if let Some(page) = self.made.last() {
                    show(&mut self.shown, teller, &page.path, &page.html).await;
                }
            }
            Piece::End => teller.file_ends().await,
        }
    }
}

/// Shows a page that is being written, if one was not shown just now.
async fn show(shown: &mut Option<Instant>, teller: &mut Teller, path: &str, html: &str) {
    if html.contains("<body") && shown.is_none_or(|shown| shown.elapsed() >= SHOWN_EVERY) {
        *shown = Some(Instant::now());
        teller.shows(&Page { path: path.to_owned(), html: html.to_owned() }, false).await;
    }
}

/// What a project is called whose page has no title.
pub(super) fn called(prompt: &str) -> String {
    let name: Vec<&str> = prompt.split_whitespace().take(NAME).collect();
    if name.is_empty() { "Website".to_owned() } else { name.join(" ") }
}

/// A page's title: `Some(None)` where it has none that could still come.
pub(super) fn title(html: &str) -> Option<Option<&str>> {
    let lower = html.to_ascii_lowercase();
    let found = lower.find("<title>").map(|at| at + "<title>".len());
    if let Some((start, end)) = found.and_then(|start| Some((start, start + lower[start..].find("</title>")?))) {
        let title = html[start..end].trim();
        return Some(Some(title).filter(|title| !title.is_empty()));
    }
    (lower.contains("<body") || html.len() > TITLE_WITHIN).then_some(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_waited_for_as_long_as_it_may_come() {
        assert_eq!(title("<html><head><TITLE> Nord </TITLE>"), Some(Some("Nord")));
        assert_eq!(title("<html><head><title>No"), None);
        assert_eq!(title("<html><body>"), Some(None));
        assert_eq!(title("<html><title></title>"), Some(None));
        assert_eq!(title(&"x".repeat(TITLE_WITHIN + 1)), Some(None));
    }
}
