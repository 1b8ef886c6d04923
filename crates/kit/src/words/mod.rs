//! The words of a page: what a model writes, and all that a user changes of a page that the kit has made.

mod change;
mod parse;
mod spot;

use std::fmt;

pub use change::CannotChange;
pub use spot::{NotASpot, Spot};

/// A page's words. As text they are short Markdown: `# name`, `> sentence`, `## heading` with its lines, `[button]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// What the page is of: `Nord`.
    pub name: String,
    /// What it is, in one sentence; empty where there is none.
    pub sentence: String,
    /// What it says, part by part.
    pub sections: Vec<Section>,
    /// What a visitor is asked to do; empty where nothing.
    pub button: String,
}

/// A part of a page under its heading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Without the `##`.
    pub heading: String,
    /// In their order.
    pub lines: Vec<Line>,
}

/// A line of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Running text.
    Paragraph(String),
    /// An entry of a list: `- **name**: detail`. Either may be empty, not both.
    Item {
        /// What it is: `Espresso`.
        name: String,
        /// What is said of it: `2.50 €`.
        detail: String,
    },
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {}", self.name)?;
        if !self.sentence.is_empty() {
            writeln!(f, "> {}", self.sentence)?;
        }
        self.sections.iter().try_for_each(|section| section.fmt(f))?;
        if !self.button.is_empty() {
            writeln!(f, "[{}]", self.button)?;
        }
        Ok(())
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}", self.heading)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What would be taken for a mark is not: Markdown's own escape.
            Self::Paragraph(text) if text.starts_with(['#', '>', '[', '-', '*', '\\']) => write!(f, "\\{text}"),
            Self::Paragraph(text) => f.write_str(text),
            Self::Item { name, detail } if name.is_empty() => write!(f, "- {detail}"),
            Self::Item { name, detail } if detail.is_empty() => write!(f, "- **{name}**"),
            Self::Item { name, detail } => write!(f, "- **{name}**: {detail}"),
        }
    }
}
