//! A change of pages. What is to be replaced is looked for here, before the caller is told of it: DeepSite's front end passes
//! over what it does not find, and says that all is well.

use kit::{Spot, Words};
use wire::Finish;

use super::first::page_of;
use super::prompt;
use super::request::Form;
use super::shape::{Part, Reader};
use super::work::{Next, Way, Work};
use crate::asking::{Asked, Failure};
use crate::edit::blocks::{Block, Blocks, Change, Lost, Place};
use crate::generation::{Event, put_back};
use crate::project::Page;
use crate::{ROUTE, diff, facts};

const LONGEST_HTML: u32 = 12_000;
const LONGEST_WORDS: u32 = 1_200;

/// Changes the pages, and says what was changed, or that nothing was.
pub(super) async fn make(work: &mut Work) {
    let changed = match by_words(work).await {
        Some(changed) => changed,
        None => by_blocks(work).await,
    };
    match changed {
        Ok(changed) => tell(work, &changed).await,
        Err(failure) => work.teller.failed(&failure).await,
    }
}

/// What became of the pages.
struct Changed {
    pages: Vec<Page>,
    /// First and last line of each change.
    lines: Vec<[usize; 2]>,
}

async fn tell(work: &mut Work, changed: &Changed) {
    let before = std::mem::take(&mut work.request.pages);
    let old = |page: &Page| before.iter().find(|old| old.path == page.path).map(|old| old.html.as_str());
    let different: Vec<&Page> = changed.pages.iter().filter(|page| old(page) != Some(&page.html)).collect();
    for page in &different {
        work.shows(page, true).await;
        let lines = diff::lines(old(page).unwrap_or_default(), &page.html);
        let summary = format!("Changed {}.", page.path);
        work.teller.tell(Event::Patch { version: 0, lines, summary }).await;
    }
    if work.request.form == Form::V3 {
        let paths: Vec<&str> = different.iter().map(|page| page.path.as_str()).collect();
        let project = std::mem::take(&mut work.request.project);
        work.teller.metadata(&project, &paths, &changed.lines).await;
    }
    work.done().await;
}

/// Changes the words of a page that the kit has made here, where no tier may write HTML. `None` where that is not so.
async fn by_words(work: &mut Work) -> Option<Result<Changed, Failure>> {
    let Some(Way::Words(route)) = work.ways(false).into_iter().next() else { return None };
    let made = &work.studio.made;
    let (index, (words, style)) =
        work.request.pages.iter().enumerate().find_map(|(index, page)| Some((index, made.words_of(&page.html)?)))?;
    let spot = work.request.selected.as_deref().and_then(|element| spot_of(&words, element));
    let wish = &work.request.prompt;
    let asked = Asked {
        route,
        messages: kit::wish_messages(&words, wish, spot),
        grammar: Some(kit::wish_grammar(&words, spot)),
        max_tokens: LONGEST_WORDS,
        temperature: 0.2,
    };
    let text = match whole(work, &asked).await {
        Ok(text) => text,
        Err(failure) => return Some(Err(failure)),
    };
    let wish = &work.request.prompt;
    let mut changed = match spot {
        None => put_back(&words, &Words::parse(&text), wish),
        Some(spot) => {
            let mut changed = words.clone();
            // A text that fits nowhere leaves the words as they are, which is told below.
            let _ = changed.set(kit::rewritten(spot), text.trim());
            changed
        }
    };
    facts::put_in_what_is_new(&mut changed, &words, wish);
    facts::conceal(&mut changed, &format!("{wish}\n{words}"));
    if changed == words || changed.sections.is_empty() {
        return Some(Err(nothing_changed()));
    }
    let mut pages = work.request.pages.clone();
    pages[index].html = page_of(&changed, style);
    work.studio.made.remember(&pages[index].html, &changed, style);
    work.teller.file(&pages[index]).await;
    Some(Ok(Changed { pages, lines: Vec::new() }))
}

/// An answer that is of use only when it is whole.
async fn whole(work: &mut Work, asked: &Asked) -> Result<String, Failure> {
    let (mut text, mut answer) = (String::new(), work.ask(asked));
    loop {
        match work.next(&mut answer).await {
            Next::Text(more) => text += &more,
            Next::End(ended) => return if ended? == Finish::Stop { Ok(text) } else { Err(nothing_changed()) },
        }
    }
}

/// The one place in the words whose text an element shows.
fn spot_of(words: &Words, element: &str) -> Option<Spot> {
    let shown: String = element.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text)).collect();
    let shown = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    let mut found = words.texts().filter(|(_, text)| *text == shown.trim());
    found.next().filter(|_| found.next().is_none()).map(|(spot, _)| spot)
}

/// Has a model write the changes.
async fn by_blocks(work: &mut Work) -> Result<Changed, Failure> {
    let route = match work.ways(false).into_iter().next() {
        Some(Way::Html(route) | Way::Words(route)) => route,
        None => ROUTE.into(),
    };
    let messages = prompt::messages(&work.request);
    let mut asked = Asked { route, messages, grammar: None, max_tokens: LONGEST_HTML, temperature: 0.2 };
    let mut changing = Changing::new(work);
    changing.hear(work, &asked).await?;
    if !changing.lost.is_empty() {
        let lost = changing.lost();
        asked.messages = prompt::again(asked.messages, &changing.heard, &lost);
        changing.lost.clear();
        // What could be changed is, whatever comes of the rest.
        let again = changing.hear(work, &asked).await;
        if !changing.changed() {
            again?;
        }
    }
    changing.finish(work).await
}

/// Pages that are being changed.
struct Changing {
    pages: Vec<Page>,
    lines: Vec<[usize; 2]>,
    /// The paths of pages that the caller is given whole: what was changed there could not be said as it came.
    whole: Vec<String>,
    /// What stands in no file, or not once: the file, and the text.
    lost: Vec<(String, String)>,
    /// Text that is said once something is sure to be changed.
    held: String,
    /// The file whose changes are being said.
    open: Option<String>,
    /// The answer so far.
    heard: String,
    blocks: usize,
    /// Whether some of what came is told.
    any: bool,
}

impl Changing {
    fn new(work: &Work) -> Self {
        Self {
            pages: work.request.pages.clone(),
            lines: Vec::new(),
            whole: Vec::new(),
            lost: Vec::new(),
            held: String::new(),
            open: None,
            heard: String::new(),
            blocks: 0,
            any: false,
        }
    }

    fn changed(&self) -> bool {
        self.any || !self.whole.is_empty()
    }

    /// What is not found, with the lines that come nearest.
    fn lost(&self) -> String {
        let lost = |(path, search): &(String, String)| {
            let file = self.pages.iter().find(|page| page.path == *path).map_or("", |page| &page.html);
            Lost::of(search, file).to_string()
        };
        self.lost.iter().map(lost).collect()
    }

    /// Hears an answer, and changes what it says.
    async fn hear(&mut self, work: &mut Work, asked: &Asked) -> Result<(), Failure> {
        let (mut reader, mut blocks, mut html) = (Reader::default(), Blocks::default(), String::new());
        let mut answer = work.ask(asked);
        self.heard.clear();
        let ended = loop {
            let (parts, ended) = match work.next(&mut answer).await {
                Next::Text(text) => {
                    self.heard += &text;
                    (reader.push(&text), None)
                }
                Next::End(ended) => (reader.end(), Some(ended)),
            };
            for part in parts {
                match part {
                    Part::Said(text) | Part::Words(text) => {
                        for block in blocks.push(&text) {
                            self.take(work, block).await;
                        }
                    }
                    Part::Page(text) => html += &text,
                    Part::PageEnd => {}
                }
            }
            if let Some(ended) = ended {
                break ended;
            }
        };
        for block in blocks.end() {
            self.take(work, block).await;
        }
        // A whole page without blocks: only where it is at its end does it take the place of what is there.
        if html.trim_end().to_ascii_lowercase().ends_with("</html>") {
            self.blocks += 1;
            self.put(main_page(&self.pages), html.trim().to_owned());
        }
        match ended {
            Ok(_) => Ok(()),
            Err(failure) if !self.changed() => Err(failure),
            Err(_) => Ok(()),
        }
    }

    async fn take(&mut self, work: &mut Work, block: Block) {
        match block {
            Block::Said(text) | Block::Name(text) if work.teller.has_said() => work.teller.say(&text).await,
            Block::Said(text) | Block::Name(text) => self.held += &text,
            Block::File { path, content, raw } => {
                self.blocks += 1;
                let index = self.pages.iter().position(|page| page.path == path);
                if index.is_some_and(|index| self.pages[index].html.trim() == content) {
                    return;
                }
                match index {
                    Some(index) => self.pages[index].html = content.clone(),
                    None => self.pages.push(Page { path: path.clone(), html: content.clone() }),
                }
                self.any = true;
                self.open = None;
                let is_own = is_of(work.teller.form(), &raw) && raw.contains("```");
                self.say_held(work).await;
                match is_own {
                    true => work.teller.say(&raw).await,
                    false => work.teller.file(&Page { path, html: content }).await,
                }
            }
            Block::Change(change) => {
                self.blocks += 1;
                self.change(work, change).await;
            }
        }
    }

    async fn change(&mut self, work: &mut Work, change: Change) {
        let Change { path, search, replace, raw, heading } = change;
        let index = path.as_deref().map_or_else(|| Some(main_page(&self.pages)), |path| page_named(&self.pages, path));
        let Some(index) = index else {
            return self.lost.push((path.unwrap_or_default(), search));
        };
        let page = &self.pages[index];
        let as_named = path.as_deref() == Some(page.path.as_str());
        if search.trim().is_empty() {
            let html = format!("{}\n{}", replace.trim_end_matches('\n'), page.html);
            return self.put(index, html);
        }
        let Some(Place { at, text: new, is_exact }) = Place::of(&search, &replace, &page.html) else {
            return self.lost.push((page.path.clone(), search));
        };
        if page.html[at.clone()] == *new {
            return;
        }
        let first = page.html[..at.start].matches('\n').count() + 1;
        self.lines.push([first, first + new.matches('\n').count()]);
        // DeepSite's front end reads `$&` and its like in what is to stand there as more than letters.
        let as_it_came = is_exact && as_named && !new.contains('$') && is_of(work.teller.form(), &raw);
        let path = page.path.clone();
        let mut html = page.html.clone();
        html.replace_range(at, &new);
        if as_it_came && !self.whole.contains(&path) {
            self.pages[index].html = html;
            self.any = true;
            self.say_held(work).await;
            self.say_change(work, path, heading, &raw, &search, &replace).await;
        } else {
            self.put(index, html);
        }
    }

    async fn say_change(
        &mut self,
        work: &mut Work,
        path: String,
        heading: Option<String>,
        raw: &str,
        search: &str,
        replace: &str,
    ) {
        let form = work.teller.form();
        let is_headed = heading.is_some() || self.open.as_deref() == Some(&path) || form == Form::V4;
        match is_headed {
            true => work.teller.say(&[heading.as_deref().unwrap_or_default(), raw].concat()).await,
            false => work.teller.say(&super::marks::change(form, &path, search, replace)).await,
        }
        self.open = Some(path);
    }

    /// Makes a page what it is to be; the caller is given it whole.
    fn put(&mut self, index: usize, html: String) {
        let page = &mut self.pages[index];
        if page.html == html {
            return;
        }
        page.html = html;
        if !self.whole.contains(&page.path) {
            self.whole.push(page.path.clone());
        }
    }

    async fn say_held(&mut self, work: &mut Work) {
        let held = std::mem::take(&mut self.held);
        work.teller.say(&held).await;
    }

    async fn finish(mut self, work: &mut Work) -> Result<Changed, Failure> {
        if !self.changed() && self.blocks > 0 {
            return Err(nothing_changed());
        }
        self.say_held(work).await;
        for page in self.pages.iter().filter(|page| self.whole.contains(&page.path)) {
            work.teller.file(page).await;
        }
        if !self.lost.is_empty() {
            let note = "Not all of it was changed: some of what was to be replaced does not stand there.\n";
            work.teller.say(note).await;
        }
        Ok(Changed { pages: self.pages, lines: self.lines })
    }
}

fn nothing_changed() -> Failure {
    let message = "Nothing was changed: what was to be replaced does not stand there. Say it in other words, or change it by hand";
    Failure { code: "changed_nothing".to_owned(), message: message.to_owned(), status: None }
}

/// Whether a block is marked as callers of this form expect it.
fn is_of(form: Form, raw: &str) -> bool {
    raw.starts_with("=== ") == (form == Form::V4)
}

/// The page that is opened first.
fn main_page(pages: &[Page]) -> usize {
    let is_main = |page: &Page| matches!(page.path.trim_start_matches('/'), "" | "index" | "index.html");
    pages.iter().position(is_main).unwrap_or_default()
}

fn page_named(pages: &[Page], path: &str) -> Option<usize> {
    let bare = |path: &str| path.trim_start_matches("./").trim_start_matches('/').to_owned();
    let named = pages.iter().position(|page| page.path == path);
    named.or_else(|| pages.iter().position(|page| bare(&page.path) == bare(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_known_by_the_text_that_it_shows() {
        let words = Words::parse("# Nord & Co\n## Menu\n- **Tea**: 3 €\n- **Cocoa**: 3 €\n");
        let spot = |element: &str| spot_of(&words, element).map(|spot| spot.to_string());
        assert_eq!(spot("<h1 class=\"x\">Nord <b>&amp; Co</b></h1>").as_deref(), Some("name"));
        assert_eq!(spot("<dt>\n  Tea\n</dt>").as_deref(), Some("s0.0.name"));
        // Two prices alike; nothing of that kind.
        assert_eq!(spot("<dd>3 €</dd>"), None);
        assert_eq!(spot("<dd>Coffee</dd>"), None);
    }
}
