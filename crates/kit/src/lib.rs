//! The kit: a small model writes only the words of a page, and this makes the page of them.
//!
//! Data runs one way, and nothing here waits, connects or draws lots: a request becomes the messages that ask for words,
//! what comes back becomes [`Words`], and words with a [`Style`] become a page of HTML that needs nothing else.

#![forbid(unsafe_code)]

mod choose_look;
pub mod facts;
mod language;
mod looks;
mod page;
mod prompt;
mod review;
mod section_kind;
mod style;
mod words;

pub use choose_look::suits;
pub use language::language_of;
pub use looks::{restyled, style_of};
pub use page::{Marks, page};
pub use prompt::{Message, Role, grammar, grammar_for, messages, rewritten, warm_starts, wish_grammar, wish_messages};
pub use review::leave_out;
pub use section_kind::Kind;
pub use style::{Colour, Fonts, Look, NotAColour, Style};
pub use words::{CannotChange, Line, NotASpot, Section, Spot, Words};
