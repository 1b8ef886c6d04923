//! What is kept: a project has versions, and a version is words in a style or free pages.

use jiff::Timestamp;
use kit::{Style, Words};
use serde::{Serialize, Serializer};

/// A project: one page, or several that belong together, and how they came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Project {
    /// Names it for programs.
    pub(crate) id: String,
    /// Names it in the address of its page.
    pub(crate) slug: String,
    /// What people call it.
    pub(crate) name: String,
    /// The version that is shown; 0 where there is none yet.
    pub(crate) head: u32,
    /// The version that was made last; 0 where there is none yet.
    pub(crate) newest: u32,
    /// Whether its pages may load from other hosts.
    pub(crate) network: bool,
    /// When it was last changed.
    pub(crate) updated_at: Timestamp,
}

/// A version without what it holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct VersionHead {
    /// Counted from 1 within its project.
    pub(crate) number: u32,
    /// The version that it was made of; 0 where there was none.
    pub(crate) parent: u32,
    /// When it was made.
    pub(crate) at: Timestamp,
    /// What made it.
    pub(crate) cause: Cause,
    /// What the user asked for, or typed.
    pub(crate) prompt: String,
    /// What came of it, in one line.
    pub(crate) summary: String,
    /// Whether it was cut off.
    pub(crate) partial: bool,
    /// How a model made it; nothing where none was asked.
    #[serde(flatten)]
    pub(crate) making: Making,
}

/// How a model made a version.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Making {
    /// Who answered.
    pub(crate) tier: Option<TierMark>,
    /// From the request to the end.
    pub(crate) ms: Option<u64>,
    /// From the request to the first page that could be seen.
    pub(crate) first_paint_ms: Option<u64>,
    /// The answer's length in tokens.
    pub(crate) tokens: Option<u32>,
    /// Nothing on the user's own machines; what a cloud asks for it is not known here.
    pub(crate) cost_usd: Option<f64>,
}

/// A tier, as a version remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct TierMark {
    /// The `n` of `TIERn_…`.
    pub(crate) number: u32,
    /// What people call it.
    pub(crate) name: String,
}

/// What made a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cause {
    /// A page was described.
    Request,
    /// A change was asked for.
    Wish,
    /// The user's own hand.
    Hand,
}

/// What a version holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// Words in a style, of which the kit makes the page.
    Words(Words, Style),
    /// Pages as they stand; the first is the one that is opened.
    Html(Vec<Page>),
}

/// A file of a free page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Page {
    /// `index.html`
    pub(crate) path: String,
    /// What is in it; of HTML in the main, else CSS or a script.
    pub(crate) html: String,
}

impl Page {
    /// A file as a model names and writes it. `None` where that is none.
    #[must_use]
    pub(crate) fn written(path: &str, content: String) -> Option<Self> {
        let path = bare(path);
        (!path.is_empty() && !content.trim().is_empty()).then(|| Self { path: path.to_owned(), html: content })
    }

    /// Whether it is a page, and not what one loads.
    #[must_use]
    pub(crate) fn is_html(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').is_none_or(|(_, end)| matches!(end.to_ascii_lowercase().as_str(), "html" | "htm"))
    }

    /// Whether this path means it.
    #[must_use]
    pub(crate) fn is_called(&self, path: &str) -> bool {
        bare(&self.path) == bare(path)
    }
}

/// A path from the folder that all files lie in.
fn bare(path: &str) -> &str {
    path.trim().trim_start_matches("./").trim_start_matches('/')
}

/// A whole version.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Version {
    /// What is said of it.
    pub(crate) head: VersionHead,
    /// What it holds.
    pub(crate) content: Content,
}

/// A version that is to be added to a project.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewVersion {
    /// The version that it is made of: the project's head, or it is a conflict.
    pub(crate) base: u32,
    /// What made it.
    pub(crate) cause: Cause,
    /// What the user asked for, or typed.
    pub(crate) prompt: String,
    /// What came of it, in one line.
    pub(crate) summary: String,
    /// What it holds.
    pub(crate) content: Content,
    /// How a model made it.
    pub(crate) making: Making,
    /// Whether it was cut off.
    pub(crate) partial: bool,
}

/// Something that was said in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Said {
    /// Who says it.
    pub(crate) role: Role,
    /// In plain words.
    pub(crate) text: String,
    /// The version that it is about.
    pub(crate) version: Option<u32>,
}

/// Who talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// Who uses the Studio.
    User,
    /// The Studio itself.
    Studio,
}

/// The two kinds of page, by their word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Made by the kit, of words.
    Words,
    /// Free HTML.
    Html,
}

impl Content {
    /// Of which kind it is.
    #[must_use]
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Words(..) => Kind::Words,
            Self::Html(_) => Kind::Html,
        }
    }

    /// Nothing yet.
    #[must_use]
    pub(crate) fn nothing() -> Self {
        Self::Html(Vec::new())
    }

    /// It as text that can be compared: words as they are written, else the first page.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Words(words, _) => words.to_string(),
            Self::Html(pages) => first(pages).map(|page| page.html.clone()).unwrap_or_default(),
        }
    }

    /// What the page calls itself, where it does.
    #[must_use]
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Words(words, _) => Some(words.name.trim()),
            Self::Html(pages) => first(pages).and_then(|page| title(&page.html)),
        }
        .filter(|name| !name.is_empty())
    }
}

/// The page that is opened first.
#[must_use]
pub(crate) fn first(pages: &[Page]) -> Option<&Page> {
    pages.iter().find(|page| page.is_html()).or(pages.first())
}

pub(crate) fn title(html: &str) -> Option<&str> {
    let start = html.find("<title>")? + "<title>".len();
    let title = &html[start..];
    Some(title[..title.find('<')?].trim())
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Words => "words",
            Self::Html => "html",
        })
    }
}

impl Cause {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Wish => "wish",
            Self::Hand => "hand",
        }
    }

    pub(crate) fn read(word: &str) -> Self {
        match word {
            "wish" => Self::Wish,
            "hand" => Self::Hand,
            _ => Self::Request,
        }
    }
}

impl Role {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Studio => "studio",
        }
    }

    pub(crate) fn read(word: &str) -> Self {
        if word == "user" { Self::User } else { Self::Studio }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_page_is_called_what_its_title_says() {
        let of = |html: &str| Content::Html(vec![Page { path: "index.html".to_owned(), html: html.to_owned() }]);
        assert_eq!(of("<html><title> Nord </title>").name(), Some("Nord"));
        assert_eq!(of("<title></title>").name(), None);
        assert_eq!(of("<title>Nord").name(), None);
    }
}
