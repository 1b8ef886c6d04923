//! Wishes that are understood without a model, as the Studio understands them: no tier is asked.

use kit::Words;

use super::change::{Changed, main_page, tell_page};
use super::first::page_of;
use super::in_words::spot_of;
use super::recent_pages::Made;
use super::request::{Form, Request};
use super::work::Work;
use crate::edit::element::Elements;
use crate::edit::wish;
use crate::manual_edit;
use crate::project::{Content, Page};

/// What a wish comes to: another page in the place of this one.
#[derive(Debug, PartialEq)]
pub(super) struct Granted {
    index: usize,
    html: String,
    summary: String,
}

/// Understands the wish. `None` where it is not sure. `writes_html` is whether a tier may write HTML, who could give one element
/// a colour of its own.
pub(super) fn understand(made: &Made, request: &Request, writes_html: bool) -> Option<Granted> {
    if request.redesign.is_some() {
        return None;
    }
    let index = page_of_wish(request);
    let html = &request.pages.get(index)?.html;
    let wish = &request.prompt;
    let of_one_element = request.selected.is_some() && writes_html;
    let (html, summary) = if let Some((words, style)) = made.words_of(html) {
        let spot = request.selected.as_deref().and_then(|element| spot_of(&words, style, element));
        let understood = wish::understand(wish, &words, style, spot)?;
        if of_one_element && understood.style != style {
            return None;
        }
        let html = page_of(&understood.words, understood.style);
        made.remember(&html, &understood.words, understood.style);
        (html, understood.summary)
    } else if let Some(restyled) = restyled(html, wish) {
        if of_one_element {
            return None;
        }
        restyled
    } else {
        let at = request.selected.as_deref().and_then(|element| Elements::of(html).find(element));
        let page = Content::Html(vec![Page { path: String::new(), html: html.clone() }]);
        let changed = manual_edit::understand(&page, wish, at.map(|at| at.to_string()).as_deref(), None)?;
        let Content::Html(pages) = changed.content else { return None };
        (pages.into_iter().next()?.html, changed.summary)
    };
    Some(Granted { index, html, summary })
}

/// The page that holds the element that was clicked, else the one that is opened first.
fn page_of_wish(request: &Request) -> usize {
    let holds = |element: &str| {
        let mut pages = request.pages.iter().enumerate();
        let mut holding = pages.by_ref().filter(|(_, page)| Elements::of(&page.html).find(element).is_some());
        holding.next().filter(|_| holding.next().is_none()).map(|(index, _)| index)
    };
    request.selected.as_deref().and_then(holds).unwrap_or_else(|| main_page(&request.pages))
}

/// A page of the kit whose words are not at hand any more, in another colour or other letters.
fn restyled(html: &str, wish: &str) -> Option<(String, String)> {
    let no_words = Words::default();
    let understood = wish::understand(wish, &no_words, kit::style_of(html)?, None)?;
    let html = kit::restyled(html, &understood.style).filter(|_| understood.words == no_words)?;
    Some((html, understood.summary))
}

impl Granted {
    /// Tells the caller what was changed.
    pub(super) async fn tell(self, work: &mut Work) -> Changed {
        let mut pages = work.request.pages.clone();
        let before = std::mem::replace(&mut pages[self.index].html, self.html);
        if work.request.form == Form::V4 {
            work.teller.mark(&format!("{}\n", self.summary)).await;
        }
        let lines = tell_page(work, &before, &pages[self.index]).await;
        Changed { pages, lines, summary: Some(self.summary) }
    }
}
