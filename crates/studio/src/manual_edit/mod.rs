//! What a user changes by hand: no model is asked.

use kit::{Colour, Fonts, Look, Spot, Style, Words};
use serde::{Deserialize, Deserializer};

use crate::edit::element::{CannotChange, ElementRef, Elements};
use crate::edit::wish;
use crate::pages::place;
use crate::project::{Content, Page};

/// A change by hand.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum HandEdit {
    /// Another text at an element.
    Text {
        #[serde(rename = "ref")]
        at: String,
        text: String,
    },
    /// An element goes.
    Delete {
        #[serde(rename = "ref")]
        at: String,
    },
    /// An element goes past so many of its siblings.
    Move {
        #[serde(rename = "ref")]
        at: String,
        by: i32,
    },
    /// An element comes a second time, behind itself.
    Double {
        #[serde(rename = "ref")]
        at: String,
    },
    /// Another look. What is absent stays, and `null` is the look's own.
    Style {
        look: Option<Look>,
        #[serde(default, deserialize_with = "told")]
        colour: Option<Option<Colour>>,
        #[serde(default, deserialize_with = "told")]
        fonts: Option<Option<Fonts>>,
    },
    /// Another content of a file.
    Source { path: String, content: String },
    /// Other words.
    Words { text: String },
    /// A made-up text was looked at, and holds.
    Confirm {
        #[serde(rename = "ref")]
        at: String,
    },
}

/// `null` is told too; only what is absent is not.
fn told<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What came of a change by hand.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Changed {
    pub(crate) content: Content,
    /// In one line.
    pub(crate) summary: String,
    /// What the user typed: it is stated from now on.
    pub(crate) typed: String,
}

/// Why nothing came of it, in a sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ChangedNothing(pub(crate) String);

/// Makes the change, on the page at this path or on the first one. A confirmation changes no page, and is none for here.
pub(crate) fn apply(content: &Content, edit: &HandEdit, path: Option<&str>) -> Result<Changed, ChangedNothing> {
    let changed = match content {
        Content::Words(words, style) => of_words(words, *style, edit)?,
        Content::Html(pages) => of_html(pages, edit, path)?,
    };
    if changed.content == *content {
        return Err(ChangedNothing("That is how the page is already.".to_owned()));
    }
    Ok(changed)
}

/// Understands a wish without a model. `None` where it is not sure.
pub(crate) fn understand(content: &Content, wish: &str, at: Option<&str>, path: Option<&str>) -> Option<Changed> {
    let (content, summary) = match content {
        Content::Words(words, style) => {
            let understood = wish::understand(wish, words, *style, at.and_then(|at| at.parse().ok()))?;
            (Content::Words(understood.words, understood.style), understood.summary)
        }
        // Where a page is named, the rest of the wish is not all of it.
        Content::Html(pages) if at.is_none() && wish::file_named(wish, pages).is_some() => return None,
        Content::Html(pages) => {
            let mut pages = pages.clone();
            let page = place(&pages, path).and_then(|place| pages.get_mut(place))?;
            let (html, summary) = wish::understand_on_page(wish, &page.html, at.and_then(|at| at.parse().ok()))?;
            page.html = html;
            (Content::Html(pages), summary)
        }
    };
    Some(Changed { content, summary, typed: wish.to_owned() })
}

fn of_words(words: &Words, mut style: Style, edit: &HandEdit) -> Result<Changed, ChangedNothing> {
    let mut words = words.clone();
    let (mut typed, spot) = (String::new(), |at: &str| at.parse::<Spot>().map_err(nothing));
    let summary = match edit {
        HandEdit::Text { at, text } => {
            words.set(spot(at)?, text).map_err(nothing)?;
            typed.clone_from(text);
            format!("Changed a text to “{}”.", short(text))
        }
        HandEdit::Delete { at } => {
            let text = words.text(spot(at)?).unwrap_or_default();
            words.remove(spot(at)?).map_err(nothing)?;
            format!("Deleted “{}”.", short(&text))
        }
        HandEdit::Move { at, by } => {
            let text = words.text(spot(at)?).unwrap_or_default();
            words.shift(spot(at)?, isize::try_from(*by).unwrap_or_default()).map_err(nothing)?;
            format!("Moved “{}” {}.", short(&text), if *by < 0 { "up" } else { "down" })
        }
        HandEdit::Double { at } => {
            let text = words.text(spot(at)?).unwrap_or_default();
            words.double(spot(at)?).map_err(nothing)?;
            format!("Doubled “{}”.", short(&text))
        }
        HandEdit::Style { look, colour, fonts } => {
            style.look = look.unwrap_or(style.look);
            style.colour = colour.unwrap_or(style.colour);
            style.fonts = fonts.unwrap_or(style.fonts);
            "Changed the look.".to_owned()
        }
        HandEdit::Words { text } => {
            words = Words::parse(text);
            typed.clone_from(text);
            "Changed the words.".to_owned()
        }
        HandEdit::Source { path, content } => {
            let page = Page { path: path.clone(), html: content.clone() };
            let content = Content::Html(vec![page]);
            let summary = "Changed the HTML: from now on it is a free page.".to_owned();
            return Ok(Changed { content, summary, typed: String::new() });
        }
        HandEdit::Confirm { .. } => return Err(ChangedNothing("There is nothing to change.".to_owned())),
    };
    Ok(Changed { content: Content::Words(words, style), summary, typed })
}

fn of_html(pages: &[Page], edit: &HandEdit, path: Option<&str>) -> Result<Changed, ChangedNothing> {
    if let HandEdit::Source { path, content } = edit {
        let mut pages = pages.to_vec();
        match pages.iter_mut().find(|page| page.path == *path) {
            Some(page) => page.html.clone_from(content),
            None => return Err(ChangedNothing(format!("There is no file {path} in this page."))),
        }
        return Ok(Changed {
            content: Content::Html(pages),
            summary: format!("Changed {path}."),
            typed: String::new(),
        });
    }
    let mut pages = pages.to_vec();
    let page = place(&pages, path).and_then(|place| pages.get_mut(place));
    let page = page.ok_or_else(|| ChangedNothing("There is no such page in this version.".to_owned()))?;
    let (html, summary) = of_element(&Elements::of(&page.html), edit)?;
    page.html = html;
    Ok(Changed { content: Content::Html(pages), summary: summary.to_owned(), typed: String::new() })
}

fn of_element(elements: &Elements<'_>, edit: &HandEdit) -> Result<(String, &'static str), ChangedNothing> {
    let named = |at: &str| at.parse::<ElementRef>().map_err(|_| CannotChange::NothingThere);
    let changed = match edit {
        HandEdit::Text { at, text } => {
            named(at).and_then(|at| elements.with_text(at, text)).map(|html| (html, "Changed a text."))
        }
        HandEdit::Delete { at } => {
            named(at).and_then(|at| elements.without(at)).map(|html| (html, "Deleted an element."))
        }
        HandEdit::Move { at, by } => {
            let by = isize::try_from(*by).map_err(|_| CannotChange::NoFurther);
            named(at).and_then(|at| elements.shifted(at, by?)).map(|html| (html, "Moved an element."))
        }
        HandEdit::Double { at } => {
            named(at).and_then(|at| elements.doubled(at)).map(|html| (html, "Doubled an element."))
        }
        _ => return Err(ChangedNothing("This page is free HTML: change it in its text.".to_owned())),
    };
    changed.map_err(|why| ChangedNothing(sentence(&why.to_string())))
}

/// An error's line as the user reads it.
fn sentence(line: &str) -> String {
    let mut letters = line.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn nothing(why: impl std::fmt::Display) -> ChangedNothing {
    ChangedNothing(why.to_string())
}

/// The beginning of a text, on one line.
fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim_start_matches(['#', '>', '-', ' ']).replace("**", "");
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_of_a_free_page_is_changed_where_it_stands() {
        let page = |html: &str| Content::Html(vec![Page { path: "index.html".to_owned(), html: html.to_owned() }]);
        let before = page("<p>a</p><p>b</p>");
        let at = "e1".to_owned();
        for (edit, after) in [
            (HandEdit::Text { at: at.clone(), text: "<c>".to_owned() }, "<p>a</p><p>&lt;c&gt;</p>"),
            (HandEdit::Delete { at: at.clone() }, "<p>a</p>"),
            (HandEdit::Move { at: at.clone(), by: -1 }, "<p>b</p><p>a</p>"),
            (HandEdit::Double { at: at.clone() }, "<p>a</p><p>b</p><p>b</p>"),
        ] {
            assert_eq!(apply(&before, &edit, None).map(|changed| changed.content), Ok(page(after)));
        }
        let refused = apply(&before, &HandEdit::Move { at, by: 1 }, None).map_err(|why| why.to_string());
        assert_eq!(refused, Err("It cannot go any further that way.".to_owned()));
        assert!(apply(&before, &HandEdit::Text { at: "e0".to_owned(), text: "a".to_owned() }, None).is_err());
    }

    #[test]
    fn of_several_pages_only_the_one_that_is_named_changes() {
        let page = |path: &str, html: &str| Page { path: path.to_owned(), html: html.to_owned() };
        let before = Content::Html(vec![page("index.html", "<p>one</p>"), page("about.html", "<p>two</p>")]);
        let edit = HandEdit::Text { at: "e0".to_owned(), text: "new".to_owned() };
        let after = |path| apply(&before, &edit, path).map(|changed| changed.content).ok();
        let pages = |one: &str, two: &str| Content::Html(vec![page("index.html", one), page("about.html", two)]);
        assert_eq!(after(Some("about.html")), Some(pages("<p>one</p>", "<p>new</p>")));
        assert_eq!(after(None), Some(pages("<p>new</p>", "<p>two</p>")));
        assert_eq!(after(Some("gone.html")), None);
    }

    #[test]
    fn where_a_wish_names_a_page_a_model_is_asked() {
        let page = |path: &str, html: &str| Page { path: path.to_owned(), html: html.to_owned() };
        let pages = Content::Html(vec![page("index.html", "<p>one</p>"), page("about.html", "<p>two</p>")]);
        let understood = |wish: &str| understand(&pages, wish, None, Some("about.html")).map(|changed| changed.content);
        let three = Content::Html(vec![page("index.html", "<p>one</p>"), page("about.html", "<p>three</p>")]);
        assert_eq!(understood("change \"two\" to \"three\""), Some(three));
        assert_eq!(understood("change \"two\" to \"three\" on the about page"), None);
    }
}
