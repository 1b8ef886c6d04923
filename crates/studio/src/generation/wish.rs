//! A change of a page's words. What a wish means is asked first, and code carries that out; where a model has to write, it writes
//! again what is meant, or the clicked spot. Where the wish is not granted by that, it is asked for differently, then of the next
//! tier.

use std::borrow::Cow;

use kit::{Spot, Style, Words};
use wire::Finish;

use super::event::Checked;
use super::exchange::{Scribe, Turn, TurnEnd};
use super::plan::Wanted;
use super::preserve::put_back;
use super::save::{Made, NOT_GRANTED, Outcome};
use crate::ROUTE;
use crate::edit::ladder::{self, Ladder};
use crate::edit::wish;
use crate::facts::{self, Sure};
use crate::intent::{self, Intent, Meaning};
use crate::model_client::{Asked, Pages};
use crate::project::Content;

type Ask<'a> = ladder::Ask<'a, Option<Spot>, String>;

const STOPPED: &str = "Stopped. Nothing was changed.";
const LONGEST: u32 = 1_200;
const TEMPERATURE: f32 = 0.2;

pub(super) async fn grant(
    scribe: &mut Scribe<'_>,
    wanted: &Wanted,
    words: &Words,
    style: Style,
    spot: Option<Spot>,
) -> Outcome {
    let intended = match spot {
        // What was clicked is what is meant.
        Some(_) => Intended::Unread,
        None => intended(scribe, wanted, words, style).await,
    };
    let (mut ladder, whole): (_, Whole) = match intended {
        Intended::Ended(outcome) => return outcome,
        // Those lines and no others come, and all of them are meant: nothing has to be put back.
        Intended::Write(spot) => (Ladder::of_lines(spot), |_, written, _| written.clone()),
        Intended::Unread => (Ladder::of_words(spot, wish::named(&wanted.prompt, words)), put_back),
    };
    let mut wrong = None;
    while let Some(ask) = ladder.next(wrong.as_ref()) {
        let Some(route) = scribe.route(Pages::Words, ask.of_next_tier) else { continue };
        // The page stays as it is until it is known what it becomes.
        let Turn { text, ended } = scribe.turn(&asked(words, &wanted.prompt, &ask, route), |_| None).await;
        match ended {
            TurnEnd::Stopped => return Outcome::Nothing(STOPPED.into()),
            TurnEnd::Failed(failure) => return Outcome::Failed(failure),
            TurnEnd::Complete(Finish::Stop) => {}
            // What is cut off is no answer.
            TurnEnd::Complete(_) => continue,
        }
        let Some((changed, put_in)) = changed(words, &text, &wanted.prompt, ask.what, whole) else { continue };
        wrong = wish::wrong_with(words, &changed, &wanted.prompt, ask.what);
        if wrong.is_none() {
            return made(changed, put_in, style, wanted);
        }
    }
    Outcome::Nothing(NOT_GRANTED.into())
}

/// What becomes of a page that was written whole, beside what it was and the wish.
type Whole = fn(&Words, &Words, &str) -> Words;

/// What is to be done about a wish.
enum Intended {
    Ended(Outcome),
    /// A model writes this again: the whole page where no spot is given.
    Write(Option<Spot>),
    /// The tier writes no commands. It may still write the page.
    Unread,
}

/// Asks what a wish means, once more where the answer is not what the wish says, and does it.
async fn intended(scribe: &mut Scribe<'_>, wanted: &Wanted, words: &Words, style: Style) -> Intended {
    if intent::is_undo(&wanted.prompt) {
        return Intended::Ended(undone(scribe, wanted).await);
    }
    let intent = Intent::new(&wanted.prompt, words, style);
    let mut wrong: Option<String> = None;
    for _ in 0..2 {
        let asked = Asked {
            route: ROUTE.into(),
            messages: intent.messages(wrong.as_deref()),
            grammar: Some(intent.grammar().into()),
            max_tokens: intent::LONGEST,
            temperature: 0.0,
        };
        let Turn { text, ended } = scribe.read(&asked).await;
        match ended {
            TurnEnd::Stopped => return Intended::Ended(Outcome::Nothing(STOPPED.into())),
            TurnEnd::Failed(failure) => return Intended::Ended(Outcome::Failed(failure)),
            TurnEnd::Complete(_) => {}
        }
        let outcome = match intent.meaning(&text) {
            Meaning::Done { words, style, summary } => {
                let checks = Sure::default().checks(&words, true);
                made_of(Content::Words(words, style), summary, Sure::default(), checks)
            }
            Meaning::Rewrite(spot) => return Intended::Write(spot),
            Meaning::Unread => return Intended::Unread,
            Meaning::Undo => undone(scribe, wanted).await,
            Meaning::Unsure { question, choices } => Outcome::Asked { question, choices },
            Meaning::Cannot(said) => Outcome::Nothing(said.into()),
            Meaning::Wrong(why) => {
                wrong = Some(why);
                continue;
            }
        };
        return Intended::Ended(outcome);
    }
    Intended::Ended(Outcome::Nothing(intent::not_understood(&wanted.prompt).into()))
}

/// The page of the version before, as a new one: nothing is lost by undoing.
async fn undone(scribe: &Scribe<'_>, wanted: &Wanted) -> Outcome {
    const NOTHING: &str = "There is nothing to undo: this is the first version.";
    let version = async |number| scribe.store.version(scribe.project, number).await;
    let Ok(now) = version(wanted.base).await else { return Outcome::Nothing(NOTHING.into()) };
    let Ok(before) = version(now.head.parent).await else { return Outcome::Nothing(NOTHING.into()) };
    made_of(before.content, format!("Undone: this is version {} again.", now.head.parent), Sure::default(), Vec::new())
}

fn asked(words: &Words, wish: &str, ask: &Ask<'_>, route: Cow<'static, str>) -> Asked {
    let wish = match &ask.wrong {
        Some(wrong) => format!("{wish} ({wrong}: change it now)"),
        None => wish.to_owned(),
    };
    Asked {
        route,
        messages: kit::wish_messages(words, &wish, ask.what),
        grammar: Some(kit::wish_grammar(words, ask.what).into()),
        max_tokens: LONGEST,
        temperature: TEMPERATURE,
    }
}

/// The page's words with what came, and what the wish states that had to be put in. `None` where it cannot stand there.
fn changed(words: &Words, text: &str, wish: &str, spot: Option<Spot>, whole: Whole) -> Option<(Words, Vec<String>)> {
    let mut changed = match spot {
        None => {
            let written = Words::parse(text);
            if written.name.is_empty() && written.sections.is_empty() {
                return None;
            }
            whole(words, &written, wish)
        }
        Some(spot) => {
            let mut changed = words.clone();
            changed.set(kit::rewritten(spot), text.trim()).ok()?;
            changed
        }
    };
    let put_in = facts::put_in_what_is_new(&mut changed, words, wish);
    // Whatever stands there now was stated, or is marked already.
    facts::conceal(&mut changed, &format!("{wish}\n{words}"));
    Some((changed, put_in))
}

fn made(changed: Words, put_in: Vec<String>, style: Style, wanted: &Wanted) -> Outcome {
    let sure = Sure { put_in, ..Sure::default() };
    let checks = sure.checks(&changed, true);
    made_of(Content::Words(changed, style), wanted.granted(), sure, checks)
}

fn made_of(content: Content, summary: String, sure: Sure, checks: Vec<Checked>) -> Outcome {
    Outcome::Made(Box::new(Made { content, path: None, summary, sure, checks, ended: TurnEnd::Complete(Finish::Stop) }))
}
