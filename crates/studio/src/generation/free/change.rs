//! A change of a free page: a model writes what is to be replaced, and by what. Where the wish is not granted by that, it is
//! asked for once more, then one element is written again, then the whole page, then the next tier is asked.

use wire::Finish;

use super::{LONGEST, made, prompt};
use crate::asking::{Asked, Pages};
use crate::edit::answer::elements_in;
use crate::edit::blocks::{Changed, Wrong};
use crate::edit::element::{ElementRef, Elements};
use crate::edit::ladder::{Ask, Ladder, Part};
use crate::generation::plan::Wanted;
use crate::generation::save::{NOT_GRANTED, Outcome};
use crate::generation::turn::{Scribe, Turn, TurnEnd};
use crate::project::Page;

const TEMPERATURE: f32 = 0.2;
/// A token of HTML is three bytes or four. What would be longer than an answer may be is not asked for.
const LONGEST_WHOLE: usize = LONGEST as usize * 4;

/// What is changed, and how.
struct Wish<'a> {
    text: &'a str,
    html: &'a str,
    elements: &'a Elements<'a>,
    clicked: Option<ElementRef>,
    /// What is written where an element is: the clicked one, or the one that an answer was about.
    element: Option<ElementRef>,
}

/// Grants a wish on the first of these pages.
pub(in crate::generation) async fn grant(scribe: &mut Scribe<'_>, wanted: &Wanted, pages: &[Page]) -> Outcome {
    let html = pages.first().map_or("", |page| &page.html);
    let elements = Elements::of(html);
    let at = wanted.at.as_deref().and_then(|at| at.parse().ok());
    let clicked = at.filter(|at| elements.source_of(*at).is_some());
    let mut wish = Wish { text: &wanted.prompt, html, elements: &elements, clicked, element: clicked };
    let mut ladder = Ladder::of_page();
    let mut wrong = None;
    while let Some(ask) = ladder.next(wrong.as_ref()) {
        let Some(messages) = wish.messages(&ask) else { continue };
        let Some(route) = scribe.route(Pages::Html, ask.of_next_tier) else { continue };
        let asked = Asked { route, messages, grammar: None, max_tokens: LONGEST, temperature: TEMPERATURE };
        // The page stays as it is until it is known what it becomes.
        let Turn { text, ended } = scribe.ask(&asked).await;
        let changed = match ended {
            TurnEnd::Stopped => return Outcome::Nothing("Stopped. Nothing was changed."),
            TurnEnd::Failed(failure) => return Outcome::Failed(failure),
            TurnEnd::Complete(Finish::Stop) => wish.changed(&text, ask.what, ask.wrong),
            // What is cut off is no answer.
            TurnEnd::Complete(_) => Err(Wrong::CutOff),
        };
        match changed {
            Ok(html) => {
                let mut pages = pages.to_vec();
                pages[0].html = html;
                let summary = wanted.granted();
                return made(pages, summary, TurnEnd::Complete(Finish::Stop));
            }
            Err(new) => {
                wish.learn(&new);
                wrong = Some(new);
            }
        }
    }
    Outcome::Nothing(NOT_GRANTED)
}

impl Wish<'_> {
    /// What is asked. `None` where there is nothing of that kind to ask for.
    fn messages(&self, ask: &Ask<'_, Part, Wrong>) -> Option<Vec<kit::Message>> {
        let source = |at: Option<ElementRef>| at.and_then(|at| self.elements.source_of(at));
        match ask.what {
            Part::Blocks => Some(prompt::blocks(self.html, self.text, source(self.clicked), ask.wrong)),
            Part::Element => source(self.element).map(|source| prompt::element(source, self.text)),
            Part::Whole if self.html.len() > LONGEST_WHOLE => None,
            Part::Whole => Some(prompt::whole(self.html, self.text)),
        }
    }

    /// The page as an answer will have it.
    fn changed(&self, answer: &str, part: Part, before: Option<&Wrong>) -> Result<String, Wrong> {
        match part {
            // Whoever is asked for the one may answer with the other.
            Part::Blocks | Part::Whole => Changed::by(answer, self.html, before),
            Part::Element => {
                let written = self.element.and_then(|at| self.elements.with_written(at, elements_in(answer)));
                written.filter(|page| page != self.html).ok_or(Wrong::Nothing)
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
