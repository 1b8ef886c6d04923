//! How a request is carried out: by words or freely, as a first page or as a change.

use kit::{Spot, Style, Words};
use serde::Deserialize;

use super::interactive;
use crate::model_client::Pages;
use crate::project::{Cause, Content, Page};

/// What a user wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) prompt: String,
    /// The version that it is to be made of; 0 for a first page.
    pub(crate) base: u32,
    /// The element that was clicked.
    pub(crate) at: Option<String>,
    /// The page in sight, where there are several; the first one without it.
    pub(crate) path: Option<String>,
    pub(crate) mode: Mode,
}

impl Wanted {
    /// What is said once a model has granted it.
    pub(super) fn granted(&self) -> String {
        format!("Changed: {}", self.prompt.lines().next().unwrap_or_default())
    }
}

/// How a user wants the page to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// As it suits the request and the tiers.
    #[default]
    Auto,
    /// By words that the kit lays out.
    Words,
    /// As HTML that a model writes whole.
    Free,
}

/// How a request is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
    /// A first page, by words.
    Words {
        style: Style,
        /// Whether free HTML would have suited it better, and nobody here writes that.
        instead: bool,
    },
    /// A change of a page's words: of those at the spot, where one was clicked.
    Wish { words: Words, style: Style, spot: Option<Spot> },
    /// A free page: a first one, or what becomes of these.
    Free { pages: Vec<Page> },
}

impl Plan {
    /// `tiers` is the most that any tier may do.
    pub(super) fn of(wanted: &Wanted, base: Option<Content>, tiers: Pages) -> Self {
        let spot = wanted.at.as_ref().and_then(|at| at.parse().ok());
        match (base, wanted.mode) {
            (Some(Content::Html(pages)), _) => Self::Free { pages },
            (Some(content @ Content::Words(..)), Mode::Free) => Self::Free { pages: crate::pages::clean(&content) },
            (Some(Content::Words(words, style)), _) => Self::Wish { words, style, spot },
            (None, Mode::Free) => Self::Free { pages: Vec::new() },
            (None, mode) => {
                let suits_free = mode == Mode::Auto && interactive::is_asked_for(&wanted.prompt);
                if suits_free && tiers == Pages::Html {
                    return Self::Free { pages: Vec::new() };
                }
                Self::Words { style: kit::suits(&wanted.prompt), instead: suits_free }
            }
        }
    }

    pub(super) fn cause(&self) -> Cause {
        match self {
            Self::Words { .. } => Cause::Request,
            Self::Free { pages } if pages.is_empty() => Cause::Request,
            Self::Free { .. } | Self::Wish { .. } => Cause::Wish,
        }
    }

    pub(super) fn style(&self) -> Option<&Style> {
        match self {
            Self::Words { style, .. } | Self::Wish { style, .. } => Some(style),
            Self::Free { .. } => None,
        }
    }

    /// What is changed.
    pub(super) fn before(&self) -> Content {
        match self {
            Self::Words { .. } => Content::nothing(),
            Self::Wish { words, style, .. } => Content::Words(words.clone(), *style),
            Self::Free { pages } => Content::Html(pages.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(prompt: &str, mode: Mode) -> Wanted {
        Wanted { prompt: prompt.to_owned(), base: 0, at: None, path: None, mode }
    }

    #[test]
    fn what_one_interacts_with_is_written_freely_where_somebody_can() {
        let game = |mode, tiers| Plan::of(&wanted("a snake game", mode), None, tiers);
        assert_eq!(game(Mode::Auto, Pages::Html), Plan::Free { pages: Vec::new() });
        assert!(matches!(game(Mode::Auto, Pages::Words), Plan::Words { instead: true, .. }));
        assert!(matches!(game(Mode::Words, Pages::Html), Plan::Words { instead: false, .. }));
        let cafe = Plan::of(&wanted("a page for a café", Mode::Auto), None, Pages::Html);
        assert!(matches!(cafe, Plan::Words { instead: false, .. }));
    }

    #[test]
    fn a_page_of_words_is_changed_in_its_words_unless_free_html_is_asked_for() {
        let content = || Some(Content::Words(Words::parse("# Nord\n"), Style::default()));
        let mut wish = wanted("shorter", Mode::Auto);
        wish.at = Some("sentence".to_owned());
        assert!(matches!(Plan::of(&wish, content(), Pages::Words), Plan::Wish { spot: Some(Spot::Sentence), .. }));
        wish.mode = Mode::Free;
        assert!(matches!(Plan::of(&wish, content(), Pages::Html), Plan::Free { pages } if pages.len() == 1));
    }
}
