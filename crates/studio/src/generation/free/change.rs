//! A change of a free page: a model writes what is to be replaced, and by what. Where the wish is not granted by that, it is
//! asked for once more, then one element is written again, then the whole page, then the next tier is asked.

use wire::Finish;

use super::{LONGEST, made, prompt};
use crate::edit::answer::elements_in;
use crate::edit::blocks::{Changed, Wrong};
use crate::edit::element::{ElementRef, Elements};
use crate::edit::ladder::{Ask, Ladder, Part};
use crate::edit::wish::file_named;
use crate::generation::exchange::{Scribe, Turn, TurnEnd};
use crate::generation::plan::Wanted;
use crate::generation::save::{NOT_GRANTED, Outcome};
use crate::model_client::{Asked, Pages};
use crate::pages::place;
use crate::project::Page;

const TEMPERATURE: f32 = 0.2;
/// A token of HTML is three bytes or four. What would be longer than an answer may be is not asked for.
const LONGEST_WHOLE: usize = LONGEST as usize * 4;

/// What is changed, and how.
struct Wish<'a> {
    text: &'a str,
    files: &'a [Page],
    /// The file that is meant.
    at: usize,
    html: &'a str,
    elements: &'a Elements<'a>,
    clicked: Option<ElementRef>,
    /// What is written where an element is: the clicked one, or the one that an answer was about.
    element: Option<ElementRef>,
}

/// Grants a wish on one of these files: the page in sight, or the one that is named.
pub(in crate::generation) async fn grant(scribe: &mut Scribe<'_>, wanted: &Wanted, files: &[Page]) -> Outcome {
    let at = meant(wanted, files);
    let html = files.get(at).map_or("", |page| &page.html);
    let elements = Elements::of(html);
    let clicked = wanted.at.as_deref().and_then(|clicked| clicked.parse().ok());
    let clicked = clicked.filter(|clicked| elements.source_of(*clicked).is_some());
    let mut wish = Wish { text: &wanted.prompt, files, at, html, elements: &elements, clicked, element: clicked };
    let mut ladder = Ladder::of_page();
    let mut wrong = None;
    while let Some(ask) = ladder.next(wrong.as_ref()) {
        let Some(messages) = wish.messages(&ask) else { continue };
        let Some(route) = scribe.route(Pages::Html, ask.of_next_tier) else { continue };
        let asked = Asked { route, messages, grammar: None, max_tokens: LONGEST, temperature: TEMPERATURE };
        // The page stays as it is until it is known what it becomes.
        let Turn { text, ended } = scribe.ask(&asked).await;
        let changed = match ended {
            TurnEnd::Stopped => return Outcome::Nothing("Stopped. Nothing was changed.".into()),
            TurnEnd::Failed(failure) => return Outcome::Failed(failure),
            TurnEnd::Complete(Finish::Stop) => wish.changed(&text, ask.what, ask.wrong),
            // What is cut off is no answer.
            TurnEnd::Complete(_) => Err(Wrong::CutOff),
        };
        match changed {
            Ok(changed) => {
                let (path, summary) = (shown(wanted, files, &changed, at), granted(wanted, files, &changed));
                return made(changed, path, summary, TurnEnd::Complete(Finish::Stop));
            }
            Err(new) => {
                wish.learn(&new);
                wrong = Some(new);
            }
        }
    }
    Outcome::Nothing(NOT_GRANTED.into())
}

/// Which file a wish is about: the page that the clicked element is on, else the one that it names, else the one in sight.
fn meant(wanted: &Wanted, files: &[Page]) -> usize {
    let named = if wanted.at.is_none() { file_named(&wanted.prompt, files) } else { None };
    let in_sight = || place(files, wanted.path.as_deref()).or_else(|| place(files, None));
    named.or_else(in_sight).unwrap_or_default()
}

/// What is different in `after`.
fn differing<'a>(before: &'a [Page], after: &'a [Page]) -> impl Iterator<Item = &'a Page> + Clone {
    after.iter().filter(|page| !before.contains(page))
}

/// The page that is shown then: the one that the wish was about, unless another one was changed in its place. What pages load is
/// seen on the one in sight.
fn shown(wanted: &Wanted, before: &[Page], after: &[Page], at: usize) -> Option<String> {
    let mut changed = differing(before, after).filter(|page| page.is_html());
    let meant = before.get(at).filter(|page| page.is_html());
    let path = match meant {
        Some(meant) if changed.clone().any(|page| page.path == meant.path) => Some(&meant.path),
        _ => changed.next().map(|page| &page.path),
    };
    path.cloned().or_else(|| wanted.path.clone())
}

/// What is said then: with the files that were changed, where there are several.
fn granted(wanted: &Wanted, before: &[Page], after: &[Page]) -> String {
    let granted = wanted.granted();
    if after.len() < 2 {
        return granted;
    }
    let paths: Vec<&str> = differing(before, after).map(|page| page.path.as_str()).collect();
    format!("{granted} ({})", paths.join(", "))
}

impl Wish<'_> {
    /// What is asked. `None` where there is nothing of that kind to ask for.
    fn messages(&self, ask: &Ask<'_, Part, Wrong>) -> Option<Vec<kit::Message>> {
        let source = |at: Option<ElementRef>| at.and_then(|at| self.elements.source_of(at));
        match ask.what {
            Part::Blocks => Some(prompt::blocks(self.files, self.at, self.text, source(self.clicked), ask.wrong)),
            Part::Element => source(self.element).map(|source| prompt::element(source, self.text)),
            Part::Whole if self.html.len() > LONGEST_WHOLE || !self.is_html() => None,
            Part::Whole => Some(prompt::whole(self.html, self.text)),
        }
    }

    fn is_html(&self) -> bool {
        self.files.get(self.at).is_none_or(Page::is_html)
    }

    /// The files as an answer will have them.
    fn changed(&self, answer: &str, part: Part, before: Option<&Wrong>) -> Result<Vec<Page>, Wrong> {
        match part {
            // Whoever is asked for the one may answer with the other.
            Part::Blocks | Part::Whole => Changed::by(answer, self.files, self.at, before),
            Part::Element => {
                let written = self.element.and_then(|at| self.elements.with_written(at, elements_in(answer)));
                let html = written.filter(|page| page != self.html).ok_or(Wrong::Nothing)?;
                let mut files = self.files.to_vec();
                files[self.at].html = html;
                Ok(files)
            }
        }
    }

    /// Where something was not found, the element that holds what comes nearest is the one that it is about.
    fn learn(&mut self, wrong: &Wrong) {
        if let (None, Wrong::Lost { so_far, .. }) = (self.clicked, wrong) {
            let near = so_far.near(self.html);
            self.element = near.and_then(|near| self.elements.holding(near));
        }
    }
}
