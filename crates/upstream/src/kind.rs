//! The kinds of provider: what is known of each is a row of `providers.toml`; what it says in words of its own is read by one
//! file here.

mod engine;
mod facts;
mod groq;
mod openrouter;
mod prefill;
mod providers;
mod serverless;
mod space;
pub(crate) mod zerogpu;

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use crate::failure::Cause;
use crate::refusal::Refusal;

pub use facts::{Costs, Date, Day, Facts, Hosting, Learns, Limits, Reasoning, Takes, Times, Ways};
pub use prefill::Prefill;
pub use providers::{BadProviders, Providers, Successor, UnknownKind};

/// What kind of provider answers for a tier: the word of `TIERn_TYPE`, with what is known of whoever that is. Two are the
/// same where the word is.
///
/// Facts live as long as the process: there are a few dozen of them, and a row that is read again is the one that is there.
#[derive(Clone, Copy)]
pub struct Kind(&'static Facts);

impl Kind {
    /// Any OpenAI-compatible server of the user's own, such as a Hugging Face Space.
    #[must_use]
    pub fn space() -> Self {
        Self::named("space")
    }

    /// The embedded engine, over its worker's Unix socket.
    #[must_use]
    pub fn local() -> Self {
        Self::named("local")
    }

    /// Any OpenAI-compatible cloud with a key.
    #[must_use]
    pub fn commercial() -> Self {
        Self::named("commercial")
    }

    /// The built-in row of this word.
    ///
    /// # Panics
    ///
    /// There is none: words from outside are read by [`Providers::kind`].
    #[must_use]
    pub fn named(word: &'static str) -> Self {
        word.parse().expect("code names rows that are built in")
    }

    /// The word of `TIERn_TYPE`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        &self.0.kind
    }

    /// What is known of it.
    #[must_use]
    pub fn facts(self) -> &'static Facts {
        self.0
    }

    /// Whether a worker of our own serves it.
    #[must_use]
    pub fn is_engine(self) -> bool {
        self.0.ways == Ways::Engine
    }

    /// Reads a refusal in this provider's own words; `None` leaves it to the rules that hold for all.
    pub(crate) fn cause(self, refusal: &Refusal<'_>) -> Option<Cause> {
        match self.0.ways {
            Ways::OpenAi => None,
            Ways::Engine => engine::cause(refusal),
            Ways::Space => space::cause(refusal),
            Ways::Groq => groq::cause(refusal),
            Ways::Serverless => serverless::cause(refusal),
            Ways::OpenRouter => openrouter::cause(refusal),
            Ways::Gradio => zerogpu::cause(refusal),
        }
    }
}

impl Deref for Kind {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        self.0
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.0.kind == other.0.kind
    }
}

impl Eq for Kind {}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Providers::built_in().kind(word)
    }
}
