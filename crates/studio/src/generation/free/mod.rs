//! Free pages: a model writes the HTML of a first one whole ([`write`]), and changes it a block at a time ([`change`]).

mod change;
mod prompt;

use super::event::{Checked, Event};
use super::plan::Wanted;
use super::save::{Made, Outcome};
use super::turn::{Scribe, Turn, TurnEnd};
use crate::asking::Asked;
use crate::edit::answer::page_in;
use crate::facts::Sure;
use crate::pages::INDEX;
use crate::project::{Content, Page};
use crate::{HTML_ROUTE, pages};

pub(super) use change::grant;

/// The longest answer, in tokens.
const LONGEST: u32 = 12_000;
const TEMPERATURE: f32 = 0.5;

/// Writes a first page.
pub(super) async fn write(scribe: &mut Scribe<'_>, wanted: &Wanted) -> Outcome {
    let asked = Asked {
        route: HTML_ROUTE.into(),
        messages: prompt::first(&wanted.prompt),
        grammar: None,
        max_tokens: LONGEST,
        temperature: TEMPERATURE,
    };
    let Turn { text, ended } = scribe
        .turn(&asked, |text| {
            let html = page_in(text);
            html.contains("<body").then(|| shown(html))
        })
        .await;
    let html = page_in(&text).to_owned();
    if html.is_empty() {
        return match ended {
            TurnEnd::Failed(failure) => Outcome::Failed(failure),
            TurnEnd::Stopped => Outcome::Nothing("Stopped before anything was written."),
            TurnEnd::Complete(_) => Outcome::Nothing("The answer held no page. Ask again, perhaps in other words."),
        };
    }
    made(vec![Page { path: INDEX.to_owned(), html }], "Made the page.".to_owned(), ended)
}

/// These pages, of which the first one was made or changed.
fn made(pages: Vec<Page>, summary: String, ended: TurnEnd) -> Outcome {
    let html = pages.first().map_or("", |page| &page.html);
    let checks = vec![
        Checked { name: "the page is whole", passed: html.trim_end().ends_with("</html>") },
        Checked { name: "it loads nothing from elsewhere", passed: !loads_from_elsewhere(html) },
    ];
    Outcome::Made(Box::new(Made { content: Content::Html(pages), summary, sure: Sure::default(), checks, ended }))
}

fn shown(html: &str) -> Event {
    let content = Content::Html(vec![Page { path: INDEX.to_owned(), html: html.to_owned() }]);
    let page = pages::preview(&content, &[]);
    Event::File { path: page.path, html: page.html, whole: false }
}

fn loads_from_elsewhere(html: &str) -> bool {
    ["src=\"http", "src='http", "src=\"//", "href=\"http", "@import"].iter().any(|sign| {
        html.match_indices(sign).any(|(at, _)| !html[..at].rsplit('<').next().unwrap_or("").starts_with("a "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_no_load() {
        assert!(!loads_from_elsewhere(r#"<a class="x" href="https://example.org">x</a>"#));
        assert!(loads_from_elsewhere(r#"<script src="https://cdn.example/x.js"></script>"#));
        assert!(loads_from_elsewhere(r#"<link rel="stylesheet" href="https://fonts.example/x">"#));
    }
}
