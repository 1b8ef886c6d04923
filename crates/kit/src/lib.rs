//! The kit: a small model writes only the words of a page, and this makes the page of them.
//!
//! Data runs one way, and nothing here waits, connects or draws lots: a request becomes the messages that ask for words,
//! what comes back becomes [`Words`], and words with a [`Style`] become a page of HTML that needs nothing else.

#![forbid(unsafe_code)]

pub mod facts;
mod kinds;
mod language;
mod looks;
mod page;
mod prompt;
mod review;
mod style;
mod suits;
mod words;

pub use kinds::Kind;
pub use language::language_of;
pub use looks::{restyled, style_of};
pub use page::{Marks, page};
pub use prompt::{Message, Role, grammar, messages, rewritten, warm_starts, wish_grammar, wish_messages};
pub use review::leave_out;
pub use style::{Colour, Fonts, Look, NotAColour, Style};
pub use suits::suits;
pub use words::{CannotChange, Line, NotASpot, Section, Spot, Words};
