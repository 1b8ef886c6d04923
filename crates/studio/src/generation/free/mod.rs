//! Free pages: a model writes the HTML of a first one whole ([`write`]), and changes it a block at a time ([`change`]).

mod change;
mod prompt;

use super::event::{Checked, Event};
use super::exchange::{Scribe, Turn, TurnEnd};
use super::plan::Wanted;
use super::save::{Made, Outcome};
use crate::edit::answer::files_in;
use crate::facts::Sure;
use crate::model_client::Asked;
use crate::project::{Content, Page, first};
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
            let files = files_in(text);
            let begins = first(&files).is_some_and(|page| page.html.contains("<body"));
            begins.then(|| shown(files))
        })
        .await;
    let files = files_in(&text);
    if !files.iter().any(Page::is_html) {
        return match ended {
            TurnEnd::Failed(failure) => Outcome::Failed(failure),
            TurnEnd::Stopped => Outcome::Nothing("Stopped before anything was written.".into()),
            TurnEnd::Complete(_) => {
                Outcome::Nothing("The answer held no page. Ask again, perhaps in other words.".into())
            }
        };
    }
    made(files, None, "Made the page.".to_owned(), ended)
}

/// These files, which were made or changed; the one at `path` is shown.
fn made(files: Vec<Page>, path: Option<String>, summary: String, ended: TurnEnd) -> Outcome {
    let is_whole = |page: &Page| !page.is_html() || page.html.trim_end().ends_with("</html>");
    let checks = vec![
        Checked { name: "the page is whole", passed: files.iter().all(is_whole) },
        Checked {
            name: "it loads nothing from elsewhere",
            passed: !files.iter().any(|page| loads_from_elsewhere(&page.html)),
        },
    ];
    let (content, sure) = (Content::Html(files), Sure::default());
    Outcome::Made(Box::new(Made { content, path, summary, sure, checks, ended }))
}

fn shown(files: Vec<Page>) -> Event {
    let page = pages::preview(&Content::Html(files), &[]);
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
