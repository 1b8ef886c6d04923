//! A change of a page's words: a model writes them again, those at the clicked spot alone where one was clicked.

use kit::{Spot, Style, Words};
use wire::Finish;

use super::plan::Wanted;
use super::put_back::put_back;
use super::save::{Made, Outcome};
use super::turn::{Scribe, Turn, TurnEnd};
use crate::ROUTE;
use crate::asking::Asked;
use crate::facts;
use crate::project::Content;

const LONGEST: u32 = 1_200;
const TEMPERATURE: f32 = 0.2;

pub(super) async fn grant(
    scribe: &mut Scribe<'_>,
    wanted: &Wanted,
    words: &Words,
    style: Style,
    spot: Option<Spot>,
) -> Outcome {
    let asked = Asked {
        route: ROUTE.into(),
        messages: kit::wish_messages(words, &wanted.prompt, spot),
        grammar: Some(kit::wish_grammar(words, spot)),
        max_tokens: LONGEST,
        temperature: TEMPERATURE,
    };
    // The page stays as it is until it is known what it becomes.
    let Turn { text, ended } = scribe.turn(&asked, |_| None).await;
    match ended {
        TurnEnd::Complete(Finish::Stop) => {}
        TurnEnd::Complete(_) => {
            return Outcome::Nothing("The answer was too long to be the page's words. Nothing was changed.");
        }
        TurnEnd::Stopped => return Outcome::Nothing("Stopped. Nothing was changed."),
        TurnEnd::Failed(failure) => return Outcome::Failed(failure),
    }
    let mut changed = match spot {
        None => put_back(words, &Words::parse(&text), &wanted.prompt),
        Some(spot) => {
            let mut changed = words.clone();
            if changed.set(kit::rewritten(spot), text.trim()).is_err() {
                return Outcome::Nothing("What was to be changed is not there any more. Nothing was changed.");
            }
            changed
        }
    };
    let put_in = facts::put_in_what_is_new(&mut changed, words, &wanted.prompt);
    // Whatever stands there now was stated, or is marked already.
    facts::conceal(&mut changed, &format!("{}\n{words}", wanted.prompt));
    if changed == *words {
        return Outcome::Nothing("Nothing was changed. Say it in other words, or change the text by hand.");
    }
    let sure = facts::Sure { put_in, ..facts::Sure::default() };
    let checks = sure.checks(&changed, true);
    let summary = format!("Changed: {}", wanted.prompt.lines().next().unwrap_or_default());
    Outcome::Made(Box::new(Made {
        content: Content::Words(changed, style),
        summary,
        sure,
        checks,
        ended: TurnEnd::Complete(Finish::Stop),
    }))
}
