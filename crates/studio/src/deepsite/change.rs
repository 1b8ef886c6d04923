//! A change of pages. What is to be replaced is looked for here, before the caller is told of it: DeepSite's front end passes
//! over what it does not find, and says that all is well.

use super::request::Form;
use super::shape::{Part, Reader};
use super::work::{Next, Way, Work};
use super::{hunks, in_words, prompt, sure_wish};
use crate::edit::blocks::{Block, Blocks, Change, Lost, Place, Reading, leaves_out};
use crate::generation::Event;
use crate::model_client::{Asked, Failure};
use crate::pages::named;
use crate::project::Page;
use crate::{ROUTE, diff};

const LONGEST_HTML: u32 = 12_000;

/// Changes the pages, and says what was changed, or that nothing was.
pub(super) async fn make(work: &mut Work) {
    let changed = match sure_wish::understand(&work.studio.made, &work.request, work.writes_html()) {
        Some(granted) => Ok(granted.tell(work).await),
        None => match in_words::make(work).await {
            Some(changed) => changed,
            None => by_blocks(work).await,
        },
    };
    match changed {
        Ok(changed) => tell(work, &changed).await,
        Err(failure) => work.teller.failed(&failure).await,
    }
}

/// What became of the pages.
pub(super) struct Changed {
    pub(super) pages: Vec<Page>,
    /// First and last line of each change.
    pub(super) lines: Vec<[usize; 2]>,
    /// In a sentence, where it is known.
    pub(super) summary: Option<String>,
}

async fn tell(work: &mut Work, changed: &Changed) {
    let before = std::mem::take(&mut work.request.pages);
    let old = |page: &Page| before.iter().find(|old| old.path == page.path).map(|old| old.html.as_str());
    let different: Vec<&Page> = changed.pages.iter().filter(|page| old(page) != Some(&page.html)).collect();
    for page in &different {
        work.shows(page, true).await;
        let lines = diff::lines(old(page).unwrap_or_default(), &page.html);
        let summary = changed.summary.clone().unwrap_or_else(|| format!("Changed {}.", page.path));
        work.teller.tell(Event::Patch { version: 0, lines, summary }).await;
    }
    if work.request.form == Form::V3 {
        let paths: Vec<&str> = different.iter().map(|page| page.path.as_str()).collect();
        let project = std::mem::take(&mut work.request.project);
        work.teller.metadata(&project, &paths, &changed.lines).await;
    }
    work.done().await;
}

/// Tells one page that was changed: by what was changed in it, or whole where that cannot be said so. Returns the lines.
pub(super) async fn tell_page(work: &mut Work, before: &str, page: &Page) -> Vec<[usize; 2]> {
    work.tell_name(page).await;
    let Some(hunks) = hunks::between(before, &page.html) else {
        work.teller.file(page).await;
        return Vec::new();
    };
    work.teller.changes(&page.path, &hunks).await;
    hunks.iter().map(|hunk| hunk.lines).collect()
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
    if !changing.lost.is_empty() || changing.left_out {
        let lost = changing.lost();
        asked.messages = prompt::again(asked.messages, &changing.heard, &lost);
        changing.lost.clear();
        changing.left_out = false;
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
    /// Whether something was written that leaves out what is to stay.
    left_out: bool,
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
            left_out: false,
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
        let left_out = if self.left_out { LEFT_OUT } else { "" };
        self.lost.iter().map(lost).chain([left_out.to_owned()]).collect()
    }

    /// Hears an answer, and changes what it says.
    async fn hear(&mut self, work: &mut Work, asked: &Asked) -> Result<(), Failure> {
        let (mut reader, mut blocks, mut html) = (Reader::default(), Blocks::default(), String::new());
        let mut answer = work.ask(asked);
        self.heard.clear();
        let ended = loop {
            let (parts, ended) = match work.next(&mut answer).await {
                Next::Text(text) => {
                    work.teller.token(&text).await;
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
                    Part::Thought(thought) => work.teller.thought(&thought).await,
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
        let html = html.trim();
        let index = main_page(&self.pages);
        if html.to_ascii_lowercase().ends_with("</html>") {
            self.blocks += 1;
            match self.pages.get(index).is_some_and(|page| leaves_out(&page.html, html)) {
                true => self.left_out = true,
                false => self.put(index, html.to_owned()),
            }
        }
        match ended {
            Ok(_) => Ok(()),
            Err(failure) if !self.changed() => Err(failure),
            Err(_) => Ok(()),
        }
    }

    async fn take(&mut self, work: &mut Work, block: Block) {
        match block {
            Block::Said(text) if work.teller.has_said() => work.teller.mark(&text).await,
            Block::Said(text) => self.held += &text,
            Block::Name(name) => work.named(name),
            Block::File { path, content } => {
                self.blocks += 1;
                let index = self.pages.iter().position(|page| page.path == path);
                if index.is_some_and(|index| self.pages[index].html.trim() == content) {
                    return;
                }
                match index {
                    Some(index) if leaves_out(&self.pages[index].html, &content) => return self.left_out = true,
                    Some(index) => self.pages[index].html = content.clone(),
                    None => self.pages.push(Page { path: path.clone(), html: content.clone() }),
                }
                self.any = true;
                self.open = None;
                let page = Page { path, html: content };
                self.say_held(work).await;
                work.tell_name(&page).await;
                work.teller.file(&page).await;
            }
            Block::Change(change) => {
                self.blocks += 1;
                self.change(work, change).await;
            }
        }
    }

    async fn change(&mut self, work: &mut Work, change: Change) {
        let index =
            change.path.as_deref().map_or_else(|| Some(main_page(&self.pages)), |path| named(&self.pages, path));
        let Some(index) = index else {
            let search = change.readings().next().map(|reading| reading.search);
            return self.lost.push((change.path.unwrap_or_default(), search.unwrap_or_default()));
        };
        let page = &self.pages[index];
        let Reading { search, replace } = change.reading_in(&page.html);
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
        if leaves_out(&page.html[at.clone()], &new) {
            return self.left_out = true;
        }
        let first = page.html[..at.start].matches('\n').count() + 1;
        self.lines.push([first, first + new.matches('\n').count()]);
        let as_it_came = is_exact && hunks::is_safe(&page.html, &search, &replace);
        let path = page.path.clone();
        let mut html = page.html.clone();
        html.replace_range(at, &new);
        if as_it_came && !self.whole.contains(&path) {
            self.pages[index].html = html;
            self.any = true;
            self.say_held(work).await;
            work.tell_name(&self.pages[index]).await;
            let is_open = self.open.as_deref() == Some(&path);
            work.teller.change(&path, &search, &replace, is_open).await;
            self.open = Some(path);
        } else {
            self.put(index, html);
        }
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
        work.teller.mark(&held).await;
    }

    async fn finish(mut self, work: &mut Work) -> Result<Changed, Failure> {
        let is_talk = self.blocks == 0 && !self.held.trim().is_empty();
        if !self.changed() && !is_talk {
            return Err(if self.left_out { left_out() } else { nothing_changed() });
        }
        self.say_held(work).await;
        for page in self.pages.iter().filter(|page| self.whole.contains(&page.path)) {
            work.tell_name(page).await;
            work.teller.file(page).await;
        }
        if !self.lost.is_empty() {
            let note = "Not all of it was changed: some of what was to be replaced does not stand there.\n";
            work.teller.mark(note).await;
        }
        Ok(Changed { pages: self.pages, lines: self.lines, summary: None })
    }
}

const LEFT_OUT: &str =
    "What was written leaves out what stays the same, and would delete it: write what is to be replaced alone. ";

fn left_out() -> Failure {
    let message = "Nothing was changed: what was written left out the rest of the page. Ask for a smaller change, or make it by hand";
    Failure { code: "changed_nothing".to_owned(), message: message.to_owned(), status: None }
}

pub(super) fn nothing_changed() -> Failure {
    let message = "Nothing was changed: what was to be replaced does not stand there. Say it in other words, or change it by hand";
    Failure { code: "changed_nothing".to_owned(), message: message.to_owned(), status: None }
}

/// The page that is opened first.
pub(super) fn main_page(pages: &[Page]) -> usize {
    let is_main = |page: &Page| matches!(page.path.trim_start_matches('/'), "" | "index" | "index.html");
    pages.iter().position(is_main).unwrap_or_default()
}
