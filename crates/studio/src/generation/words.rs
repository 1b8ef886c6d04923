//! A first page: a model writes its words, and the kit lays it out line by line while they come.

use std::collections::HashSet;

use kit::{Style, Words};
use wire::Finish;

use super::event::Event;
use super::exchange::{Scribe, Turn, TurnEnd};
use super::plan::Wanted;
use super::save::{Made, Outcome};
use crate::facts;
use crate::intent;
use crate::model_client::Asked;
use crate::project::Content;
use crate::{ROUTE, pages};

/// A page's words are 130 tokens in the middle; the grammar ends them long before this.
const LONGEST: u32 = 1_200;
const TEMPERATURE: f32 = 0.3;

const INSTEAD: &str = " It is a page of words: no tier here writes pages that one can play or reckon with.";

pub(super) async fn write(scribe: &mut Scribe<'_>, wanted: &Wanted, style: Style, instead: bool) -> Outcome {
    if let Some((question, choices)) = intent::asked_back(&wanted.prompt) {
        return Outcome::Asked { question, choices };
    }
    let asked = Asked {
        route: ROUTE.into(),
        messages: kit::messages(&wanted.prompt),
        grammar: Some(kit::grammar_for(&wanted.prompt).into()),
        max_tokens: LONGEST,
        temperature: TEMPERATURE,
    };
    let mut lines = 0;
    let Turn { text, ended } = scribe
        .turn(&asked, |text| {
            let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
            let more = whole.lines().count() > std::mem::replace(&mut lines, whole.lines().count());
            more.then(|| while_written(whole, style, &wanted.prompt))
        })
        .await;
    let mut words = Words::parse(&text);
    if words.name.is_empty() && words.sections.is_empty() {
        return match ended {
            TurnEnd::Failed(failure) => Outcome::Failed(failure),
            TurnEnd::Stopped => Outcome::Nothing("Stopped before anything was written.".into()),
            TurnEnd::Complete(_) => {
                Outcome::Nothing("The answer held no page. Ask again, perhaps in other words.".into())
            }
        };
    }
    let sure = match ended {
        TurnEnd::Complete(_) => facts::see_to(&mut words, &wanted.prompt),
        // What was cut off is no place to put facts in: it is shown as it came.
        TurnEnd::Stopped | TurnEnd::Failed(_) => {
            facts::conceal(&mut words, &wanted.prompt);
            facts::Sure::default()
        }
    };
    let mut summary = match words.name.as_str() {
        "" => "Made the page.".to_owned(),
        name => format!("Made the page “{name}”."),
    };
    if instead {
        summary += INSTEAD;
    }
    for said in intent::not_had(&wanted.prompt) {
        summary = format!("{summary} {said}");
    }
    let checks = sure.checks(&words, matches!(ended, TurnEnd::Complete(Finish::Stop)));
    Outcome::Made(Box::new(Made { content: Content::Words(words, style), path: None, summary, sure, checks, ended }))
}

/// The page of the lines that are whole. What was made up is never shown as true, not even for a moment.
fn while_written(text: &str, style: Style, request: &str) -> Event {
    let mut words = Words::parse(text);
    kit::leave_out(&mut words, request);
    facts::conceal(&mut words, request);
    let made_up = facts::made_up(&words, request, &HashSet::new());
    let page = pages::preview(&Content::Words(words, style), &made_up);
    Event::File { path: page.path, html: page.html, whole: false }
}
