//! What runs while a caller is answered: who may be asked, an answer told as it comes, and how it went.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway::Entry;
use wire::Finish;

use super::first::{called, title};
use super::request::Request;
use super::teller::Teller;
use crate::generation::{Done, Event};
use crate::model_client::{Answer, Asked, Failure, Heard, Pages, Tiers, ms};
use crate::project::{Page, TierMark};
use crate::studio::Studio;
use crate::{HTML_ROUTE, ROUTE};

/// One caller's work.
pub(super) struct Work {
    pub(super) studio: Arc<Studio>,
    pub(super) entry: Entry,
    pub(super) request: Request,
    pub(super) teller: Teller,
    began: Instant,
    first_token: Option<Instant>,
    first_paint: Option<Duration>,
    tier: Option<TierMark>,
    tokens: u32,
    name: Name,
}

/// What the project is called, as far as its caller is to be told.
#[derive(Debug, PartialEq, Eq)]
enum Name {
    /// A project that is new gets one, of its page where the model gives none.
    Awaited,
    Given(String),
    /// It has one already, or was told its name.
    Told,
}

/// How the work may be done: by whom, and in what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// HTML that a model writes, through this route.
    Html(Cow<'static, str>),
    /// Words, of which the kit makes the page.
    Words(Cow<'static, str>),
}

/// What comes next of an answer.
pub(super) enum Next {
    Text(String),
    End(Result<Finish, Failure>),
}

impl Work {
    pub(super) fn new(studio: Arc<Studio>, entry: Entry, request: Request, teller: Teller) -> Self {
        let (began, first_token, first_paint) = (Instant::now(), None, None);
        let is_new = request.project.is_new == Some(true.into());
        let name = if is_new { Name::Awaited } else { Name::Told };
        Self { studio, entry, request, teller, began, first_token, first_paint, tier: None, tokens: 0, name }
    }

    /// Whether a tier that may write HTML is asked first.
    pub(super) fn writes_html(&self) -> bool {
        matches!(self.ways(false).first(), Some(Way::Html(_)))
    }

    /// The model has named the project.
    pub(super) fn named(&mut self, name: String) {
        if self.name == Name::Awaited {
            self.name = Name::Given(name);
        }
    }

    /// Tells the name of a project that is new, before its first page.
    pub(super) async fn tell_name(&mut self, page: &Page) {
        let name = match std::mem::replace(&mut self.name, Name::Told) {
            Name::Told => return,
            Name::Given(name) => name,
            Name::Awaited => {
                let title = title(&page.html).flatten().map(str::to_owned);
                title.unwrap_or_else(|| called(&self.request.prompt))
            }
        };
        self.teller.name(&name).await;
    }

    /// The ways there are, the best first. `plays` is whether something to interact with is asked for, which words cannot be.
    pub(super) fn ways(&self, plays: bool) -> Vec<Way> {
        let tiers = Tiers::of(&self.entry);
        let all: Vec<(u32, Pages)> = tiers.iter().map(|(tier, pages)| (tier.number, pages)).collect();
        let named = self.request.model.as_str();
        match self.entry.tiers_of(named).filter(|_| named != "auto") {
            Some(pinned) => {
                let may = |number: u32| all.iter().find(|(tier, _)| *tier == number).map(|(_, pages)| *pages);
                let best = pinned.iter().filter_map(|tier| may(tier.number)).max();
                match best {
                    Some(Pages::Html) => vec![Way::Html(named.to_owned().into())],
                    _ => vec![Way::Words(named.to_owned().into())],
                }
            }
            None => ways(&all.iter().map(|(_, pages)| *pages).collect::<Vec<_>>(), plays),
        }
    }

    /// The next piece of the answer's text, or how it ended; what else is heard is told on the way.
    pub(super) async fn next(&mut self, answer: &mut Answer) -> Next {
        loop {
            match answer.next().await {
                Heard::Tier(news) => self.teller.tier(news).await,
                Heard::Thought(thought) => self.teller.thought(&thought).await,
                Heard::Text(text) => {
                    self.first_token.get_or_insert_with(Instant::now);
                    return Next::Text(text);
                }
                Heard::End(ended) => {
                    self.tokens += ended.tokens;
                    self.tier = answer.tier().or(self.tier.take());
                    return Next::End(ended.how);
                }
            }
        }
    }

    pub(super) fn ask(&self, asked: &Asked) -> Answer {
        Answer::to(&self.entry, asked)
    }

    /// A page can be seen.
    pub(super) async fn shows(&mut self, page: &Page, whole: bool) {
        self.first_paint.get_or_insert_with(|| self.began.elapsed());
        self.teller.shows(page, whole).await;
    }

    /// It is done, for who reads events.
    pub(super) async fn done(&mut self) {
        let own = self.tier.as_ref().is_some_and(|tier| Tiers::of(&self.entry).is_own(tier.number));
        let writing = self.first_token.map(|first| first.elapsed().as_secs_f64()).filter(|&seconds| seconds > 0.0);
        let done = Done {
            version: 0,
            tier: self.tier.as_ref().map(|tier| tier.number),
            name: self.tier.as_ref().map(|tier| tier.name.clone()),
            ms: ms(self.began.elapsed()),
            first_paint_ms: self.first_paint.map(ms),
            tokens: self.tokens,
            tokens_per_second: writing.map(|seconds| (f64::from(self.tokens) / seconds * 10.0).round() / 10.0),
            cost_usd: own.then_some(0.0),
        };
        self.teller.tell(Event::Done(done)).await;
    }
}

/// The ways through tiers that may do so much, in their order.
fn ways(tiers: &[Pages], plays: bool) -> Vec<Way> {
    let (words, html) = (|| Way::Words(ROUTE.into()), || Way::Html(HTML_ROUTE.into()));
    let first = tiers.iter().find(|pages| **pages != Pages::None);
    let (has_words, has_html) = (tiers.contains(&Pages::Words), tiers.contains(&Pages::Html));
    match first {
        Some(Pages::Html) if has_words => vec![html(), words()],
        Some(Pages::Html) => vec![html()],
        Some(Pages::Words) if plays && has_html => vec![html(), words()],
        // Those that may write HTML may write words.
        _ => vec![words()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tier_that_may_write_pages_says_how_they_are_written() {
        let (html, words) = (Way::Html(HTML_ROUTE.into()), Way::Words(ROUTE.into()));
        let both = vec![html.clone(), words.clone()];
        for (tiers, plays, expected) in [
            (&[Pages::Html][..], false, vec![html.clone()]),
            (&[Pages::None, Pages::Html, Pages::Words], false, both.clone()),
            (&[Pages::Words, Pages::Html], false, vec![words.clone()]),
            (&[Pages::Words, Pages::Html], true, both),
            (&[Pages::Words], true, vec![words.clone()]),
            (&[Pages::None], false, vec![words.clone()]),
            (&[], false, vec![words]),
        ] {
            assert_eq!(ways(tiers, plays), expected, "{tiers:?}");
        }
    }
}
