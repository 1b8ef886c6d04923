//! A change of a page's words: a model writes them again, those at the clicked spot alone where one was clicked. Where the
//! wish is not granted by that, it is asked for differently, then of the next tier.

use std::borrow::Cow;

use kit::{Spot, Style, Words};
use wire::Finish;

use super::plan::Wanted;
use super::put_back::put_back;
use super::save::{Made, NOT_GRANTED, Outcome};
use super::turn::{Scribe, Turn, TurnEnd};
use crate::asking::{Asked, Pages};
use crate::edit::ladder::{self, Ladder};
use crate::edit::wish;
use crate::facts::{self, Sure};
use crate::project::Content;

type Ask<'a> = ladder::Ask<'a, Option<Spot>, String>;

const LONGEST: u32 = 1_200;
const TEMPERATURE: f32 = 0.2;

pub(super) async fn grant(
    scribe: &mut Scribe<'_>,
    wanted: &Wanted,
    words: &Words,
    style: Style,
    spot: Option<Spot>,
) -> Outcome {
    let mut ladder = Ladder::of_words(spot, wish::named(&wanted.prompt, words));
    let mut wrong = None;
    while let Some(ask) = ladder.next(wrong.as_ref()) {
        let Some(route) = scribe.route(Pages::Words, ask.of_next_tier) else { continue };
        // The page stays as it is until it is known what it becomes.
        let Turn { text, ended } = scribe.turn(&asked(words, &wanted.prompt, &ask, route), |_| None).await;
        match ended {
            TurnEnd::Stopped => return Outcome::Nothing("Stopped. Nothing was changed."),
            TurnEnd::Failed(failure) => return Outcome::Failed(failure),
            TurnEnd::Complete(Finish::Stop) => {}
            // What is cut off is no answer.
            TurnEnd::Complete(_) => continue,
        }
        let Some((changed, put_in)) = changed(words, &text, &wanted.prompt, ask.what) else { continue };
        wrong = wish::wrong_with(words, &changed, &wanted.prompt, spot);
        if wrong.is_none() {
            return made(changed, put_in, style, wanted);
        }
    }
    Outcome::Nothing(NOT_GRANTED)
}

fn asked(words: &Words, wish: &str, ask: &Ask<'_>, route: Cow<'static, str>) -> Asked {
    let wish = match &ask.wrong {
        Some(wrong) => format!("{wish} ({wrong}: change it now)"),
        None => wish.to_owned(),
    };
    Asked {
        route,
        messages: kit::wish_messages(words, &wish, ask.what),
        grammar: Some(kit::wish_grammar(words, ask.what)),
        max_tokens: LONGEST,
        temperature: TEMPERATURE,
    }
}

/// The page's words with what came, and what the wish states that had to be put in. `None` where it cannot stand there.
fn changed(words: &Words, text: &str, wish: &str, spot: Option<Spot>) -> Option<(Words, Vec<String>)> {
    let mut changed = match spot {
        None => put_back(words, &Words::parse(text), wish),
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
    let summary = wanted.granted();
    let ended = TurnEnd::Complete(Finish::Stop);
    Outcome::Made(Box::new(Made { content: Content::Words(changed, style), path: None, summary, sure, checks, ended }))
}
