//! A free page: a model writes its HTML whole.

use kit::{Message, Role};
use wire::Finish;

use super::event::{Checked, Event};
use super::plan::Wanted;
use super::save::{Made, Outcome};
use super::turn::{Scribe, Turn, TurnEnd};
use crate::asking::Asked;
use crate::facts::Sure;
use crate::pages::INDEX;
use crate::project::{Content, Page};
use crate::{HTML_ROUTE, pages};

const LONGEST: u32 = 12_000;
const TEMPERATURE: f32 = 0.5;

const SYSTEM: &str = "You write one web page as one HTML file with its CSS and JavaScript inside. It loads nothing from \
    elsewhere: no CDN, no web fonts, no pictures but inline SVG. It works on a phone and with the keyboard, and its texts are \
    in the language of the request. Answer with the file alone, from <!doctype html> to </html>.";

pub(super) async fn write(scribe: &mut Scribe<'_>, wanted: &Wanted, before: &[Page]) -> Outcome {
    let asked = Asked {
        route: HTML_ROUTE.into(),
        messages: messages(&wanted.prompt, before),
        grammar: None,
        max_tokens: LONGEST,
        temperature: TEMPERATURE,
    };
    let first = before.is_empty();
    let Turn { text, ended } = scribe
        .turn(&asked, |text| {
            let html = page_in(text);
            // A page that is changed stays until it is known what it becomes.
            (first && html.contains("<body")).then(|| shown(html))
        })
        .await;
    let html = page_in(&text).to_owned();
    if html.is_empty() || (!first && !matches!(ended, TurnEnd::Complete(Finish::Stop))) {
        return match ended {
            TurnEnd::Failed(failure) => Outcome::Failed(failure),
            TurnEnd::Stopped => Outcome::Nothing("Stopped. Nothing was changed."),
            TurnEnd::Complete(_) => Outcome::Nothing("The answer held no whole page. Nothing was changed."),
        };
    }
    let mut all = before.to_vec();
    match all.first_mut() {
        Some(page) if page.html == html => {
            return Outcome::Nothing("Nothing was changed. Say it in other words, or change the text by hand.");
        }
        Some(page) => page.html.clone_from(&html),
        None => all.push(Page { path: INDEX.to_owned(), html: html.clone() }),
    }
    let checks = vec![
        Checked { name: "the page is whole", passed: html.trim_end().ends_with("</html>") },
        Checked { name: "it loads nothing from elsewhere", passed: !loads_from_elsewhere(&html) },
    ];
    let summary = if first { "Made the page.".to_owned() } else { format!("Changed: {}", wanted.prompt) };
    Outcome::Made(Box::new(Made { content: Content::Html(all), summary, sure: Sure::default(), checks, ended }))
}

fn messages(prompt: &str, before: &[Page]) -> Vec<Message> {
    let message = |role, content: String| Message { role, content: content.into() };
    let mut messages = vec![message(Role::System, SYSTEM.to_owned())];
    if let Some(page) = before.first() {
        messages.push(message(Role::User, "Write the page.".to_owned()));
        messages.push(message(Role::Assistant, page.html.clone()));
    }
    messages.push(message(Role::User, prompt.to_owned()));
    messages
}

/// The page within an answer: without thoughts, fences and what is said round it. Empty until it begins.
fn page_in(answer: &str) -> &str {
    let answer = answer.rsplit_once("</think>").map_or(answer, |(_, answer)| answer);
    let lower = answer.to_ascii_lowercase();
    let Some(start) = ["<!doctype", "<html"].iter().find_map(|start| lower.find(start)) else { return "" };
    let end = lower.rfind("</html>").map_or(answer.len(), |end| end + "</html>".len());
    answer[start..end.max(start)].trim_end().trim_end_matches("```").trim_end()
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
    fn the_page_is_taken_out_of_what_is_said_round_it() {
        for (answer, page) in [
            (
                "<think>hm <html></think>Here:\n```html\n<!DOCTYPE html><p>x</html>\n```\nEnjoy",
                "<!DOCTYPE html><p>x</html>",
            ),
            ("```html\n<html><body>half", "<html><body>half"),
            ("I cannot do that", ""),
            ("", ""),
        ] {
            assert_eq!(page_in(answer), page);
        }
    }

    #[test]
    fn a_link_is_no_load() {
        assert!(!loads_from_elsewhere(r#"<a class="x" href="https://example.org">x</a>"#));
        assert!(loads_from_elsewhere(r#"<script src="https://cdn.example/x.js"></script>"#));
        assert!(loads_from_elsewhere(r#"<link rel="stylesheet" href="https://fonts.example/x">"#));
    }
}
