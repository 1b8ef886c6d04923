//! The end of a request: what came of it becomes a version, and whoever listens is told.

use std::borrow::Cow;
use std::collections::HashSet;

use kit::facts::MadeUp;

use super::event::{Checked, Event};
use super::exchange::{Scribe, TurnEnd};
use super::plan::{Plan, Wanted};
use crate::facts::{self, Sure};
use crate::intent::Choice;
use crate::model_client::Failure;
use crate::project::{Content, NewVersion};
use crate::store::Refused;
use crate::{diff, pages};

/// What is said where nothing that was tried granted a wish.
pub(super) const NOT_GRANTED: &str = "Nothing was changed. Say it in other words, or change the text by hand.";

/// What a request came to.
pub(super) enum Outcome {
    Made(Box<Made>),
    /// No tier could.
    Failed(Failure),
    /// Nothing was made or changed, for this reason.
    Nothing(Cow<'static, str>),
    /// Nothing was changed yet: the user chooses.
    Asked {
        question: String,
        choices: Vec<Choice>,
    },
}

/// A page that was made or changed, perhaps in part.
pub(super) struct Made {
    pub(super) content: Content,
    /// The page that is shown; the first one without it.
    pub(super) path: Option<String>,
    pub(super) summary: String,
    pub(super) sure: Sure,
    pub(super) checks: Vec<Checked>,
    pub(super) ended: TurnEnd,
}

/// Saves what was made, and tells how it ended.
pub(super) async fn end(scribe: &Scribe<'_>, outcome: Outcome, plan: &Plan, wanted: &Wanted) {
    let (code, message) = match outcome {
        Outcome::Made(made) => return save(scribe, *made, plan, wanted).await,
        Outcome::Failed(failure) => (failure.code, failure.message),
        Outcome::Nothing(why) => ("changed_nothing".to_owned(), why.into_owned()),
        Outcome::Asked { question, choices } => {
            scribe.told.tell(&Event::Choices { question: question.clone(), choices });
            ("asked_back".to_owned(), question)
        }
    };
    // Where this cannot be written either, the next start finds it cut off.
    let _ = scribe.store.give_up(scribe.project, &message).await;
    scribe.told.tell(&Event::Error { code, message });
}

async fn save(scribe: &Scribe<'_>, made: Made, plan: &Plan, wanted: &Wanted) {
    let Made { content, path, mut summary, sure, checks, ended } = made;
    let partial = !matches!(ended, TurnEnd::Complete(_));
    if matches!(ended, TurnEnd::Stopped) {
        summary = "Stopped. What had come by then is here.".to_owned();
    }
    let stated = match scribe.store.stated(scribe.project, wanted.base).await {
        Ok(mut all) => {
            all.push(wanted.prompt.clone());
            all.join("\n")
        }
        Err(_) => wanted.prompt.clone(),
    };
    let confirmed = scribe.store.confirmed(scribe.project).await.unwrap_or_default();
    let lines = diff::between(&plan.before(), &content);
    let made_up = seen(&content, &stated, &confirmed);
    let page = pages::preview_at(&content, &made_up, path.as_deref());
    let page = page.unwrap_or_else(|| pages::preview(&content, &made_up));
    let making = scribe.making();
    let version = NewVersion {
        base: wanted.base,
        cause: plan.cause(),
        prompt: wanted.prompt.clone(),
        summary: summary.clone(),
        content,
        making: making.clone(),
        partial,
    };
    let number = match scribe.store.finish(scribe.project, &version).await {
        Ok(number) => number,
        Err(refused) => return scribe.told.tell(&unsaved(&refused)),
    };
    scribe.told.tell(&Event::File { path: page.path, html: page.html, whole: true });
    scribe.told.tell(&Event::Patch { version: number, lines, summary });
    scribe.told.tell(&Event::Check {
        facts_kept: sure.kept,
        facts_put_in: sure.put_in,
        facts_missing: sure.missing,
        made_up,
        checks,
    });
    scribe.told.tell(&match ended {
        TurnEnd::Failed(failure) => {
            let message = format!("{}. What had come by then is kept as version {number}", failure.message);
            Event::Error { code: failure.code, message }
        }
        TurnEnd::Complete(_) | TurnEnd::Stopped => Event::Done(scribe.done(number, &making)),
    });
}

/// What of a page was made up. Of free HTML that is not known.
fn seen(content: &Content, stated: &str, confirmed: &HashSet<String>) -> Vec<MadeUp> {
    match content {
        Content::Words(words, _) => facts::made_up(words, stated, confirmed),
        Content::Html(_) => Vec::new(),
    }
}

fn unsaved(refused: &Refused) -> Event {
    Event::Error { code: refused.code().to_owned(), message: refused.to_string() }
}
