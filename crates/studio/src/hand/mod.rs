//! What a user changes by hand: no model is asked.

use kit::{Colour, Fonts, Look, Style, Words};
use serde::{Deserialize, Deserializer};

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

/// Makes the change. A confirmation changes no page, and is none for here.
pub(crate) fn apply(content: &Content, edit: &HandEdit) -> Result<Changed, ChangedNothing> {
    let changed = match content {
        Content::Words(words, style) => of_words(words, *style, edit)?,
        Content::Html(pages) => of_html(pages, edit)?,
    };
    if changed.content == *content {
        return Err(ChangedNothing("That is how the page is already.".to_owned()));
    }
    Ok(changed)
}

fn of_words(words: &Words, mut style: Style, edit: &HandEdit) -> Result<Changed, ChangedNothing> {
    let mut words = words.clone();
    let mut typed = String::new();
    let summary = match edit {
        HandEdit::Text { .. } | HandEdit::Delete { .. } | HandEdit::Move { .. } | HandEdit::Double { .. } => {
            return Err(ChangedNothing("Change it in the page's words.".to_owned()));
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

fn of_html(pages: &[Page], edit: &HandEdit) -> Result<Changed, ChangedNothing> {
    let HandEdit::Source { path, content } = edit else {
        return Err(ChangedNothing("This page is free HTML: change it in its text.".to_owned()));
    };
    let mut pages = pages.to_vec();
    match pages.iter_mut().find(|page| page.path == *path) {
        Some(page) => page.html.clone_from(content),
        None => return Err(ChangedNothing(format!("There is no file {path} in this page."))),
    }
    let summary = format!("Changed {path}.");
    Ok(Changed { content: Content::Html(pages), summary, typed: String::new() })
}
