//! What a model is asked where words are to be changed: the text that is to be written again, and the wish.

use super::{Message, beginning};
use crate::words::{Spot, Words};

const SYSTEM: &str = include_str!("wishes/system.md");

macro_rules! grammar {
    ($name:literal) => {
        concat!(include_str!(concat!("grammar/", $name, ".gbnf")), include_str!("grammar/parts.gbnf"))
    };
}

/// What is written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// All words.
    Words,
    /// A section.
    Section,
    /// An item of a list.
    Item,
    /// A text of one line.
    Text,
}

impl Form {
    fn of(words: &Words, spot: Option<Spot>) -> Self {
        match spot.map(rewritten) {
            None => Self::Words,
            Some(Spot::Section(_)) => Self::Section,
            Some(spot @ Spot::Line(..)) if words.text(spot).is_some_and(|text| text.starts_with("- ")) => Self::Item,
            Some(_) => Self::Text,
        }
    }

    const fn shown(self) -> [&'static str; 2] {
        match self {
            Self::Words => [include_str!("wishes/whole-1.md"), include_str!("wishes/whole-2.md")],
            Self::Section => [include_str!("wishes/section-1.md"), include_str!("wishes/section-2.md")],
            Self::Item => [include_str!("wishes/line-1.md"), include_str!("wishes/line-2.md")],
            Self::Text => [include_str!("wishes/text-1.md"), include_str!("wishes/text-2.md")],
        }
    }

    const fn grammar(self) -> &'static str {
        match self {
            Self::Words => grammar!("changed"),
            Self::Section => grammar!("section"),
            Self::Item => grammar!("line"),
            Self::Text => grammar!("text"),
        }
    }
}

/// The place whose text is written again where this one was clicked: of an item always the whole, as its parts say
/// little alone.
#[must_use]
pub fn rewritten(spot: Spot) -> Spot {
    match spot {
        Spot::ItemName(section, line) | Spot::ItemDetail(section, line) => Spot::Line(section, line),
        spot => spot,
    }
}

/// The messages that ask for a text again as a wish will have it: for what stands at the spot, or for all words where
/// none is given. What comes back is put there by [`Words::set`], or read by [`Words::parse`].
#[must_use]
pub fn wish_messages(words: &Words, wish: &str, spot: Option<Spot>) -> Vec<Message> {
    let there = spot.map(rewritten).and_then(|spot| words.text(spot)).unwrap_or_else(|| words.to_string());
    let mut messages = start(Form::of(words, spot));
    messages.push(Message::user(format!("{}\n\nChange: {}", there.trim_end(), wish.trim())));
    messages
}

/// The grammar for what [`wish_messages`] asks for with the same words and spot.
#[must_use]
pub fn wish_grammar(words: &Words, spot: Option<Spot>) -> &'static str {
    Form::of(words, spot).grammar()
}

pub(super) fn start(form: Form) -> Vec<Message> {
    const FORM: &str = "an example of a wish ends with a blank line and the changed text";
    let shown = form.shown().map(|example| {
        let change = example.find("\n\nChange: ").expect(FORM) + 2;
        let end = change + example[change..].find("\n\n").expect(FORM);
        (&example[..end], example[end..].trim())
    });
    beginning(SYSTEM, shown.into_iter())
}
