//! The kinds of provider, and what is peculiar to each: one file a kind, all of one shape.

use std::fmt;
use std::str::FromStr;

use crate::failure::Cause;
use crate::quota::Window;
use crate::refusal::Refusal;

mod commercial;
mod groq;
mod local;
mod serverless;
mod space;

/// What kind of provider answers for a tier: the word of `TIERn_TYPE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Any OpenAI-compatible server of the user's own, such as a Hugging Face Space.
    Space,
    /// The embedded engine, over its worker's Unix socket.
    Local,
    /// Groq's cloud.
    Groq,
    /// Hugging Face's serverless inference router.
    Serverless,
    /// Any OpenAI-compatible cloud with a key.
    Commercial,
}

/// Whose machines a tier's prompts go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hosting {
    /// The user's own: the route `private` may use it.
    SelfHosted,
    /// Somebody else's.
    Cloud,
}

/// What is peculiar to one kind of provider.
pub(crate) struct Profile {
    /// The word of `TIERn_TYPE`.
    pub(crate) name: &'static str,
    pub(crate) hosting: Hosting,
    /// The address where the user names none.
    pub(crate) base_url: Option<&'static str>,
    /// Which window `x-ratelimit-*-requests` is about, where the header does not say.
    pub(crate) request_window: Option<Window>,
    /// Which window `x-ratelimit-*-tokens` is about, where the header does not say.
    pub(crate) token_window: Option<Window>,
    /// Reads a refusal in this provider's own words; `None` leaves it to the rules that hold for all.
    pub(crate) cause: fn(&Refusal<'_>) -> Option<Cause>,
}

impl Kind {
    /// Every kind, in the order in which messages list them.
    pub const ALL: [Kind; 5] = [Kind::Space, Kind::Local, Kind::Groq, Kind::Serverless, Kind::Commercial];

    pub(crate) fn profile(self) -> &'static Profile {
        match self {
            Kind::Space => &space::PROFILE,
            Kind::Local => &local::PROFILE,
            Kind::Groq => &groq::PROFILE,
            Kind::Serverless => &serverless::PROFILE,
            Kind::Commercial => &commercial::PROFILE,
        }
    }

    /// The word of `TIERn_TYPE`.
    pub fn as_str(self) -> &'static str {
        self.profile().name
    }

    /// Whether prompts stay on the user's own machines.
    pub fn hosting(self) -> Hosting {
        self.profile().hosting
    }

    /// The address of the kind where the user names none; ends in `/v1`.
    pub fn default_base_url(self) -> Option<&'static str> {
        self.profile().base_url
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no kind of provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("takes space, local, groq, serverless or commercial")]
pub struct UnknownKind;

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word)).ok_or(UnknownKind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_from_its_own_word() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert_eq!("openai".parse::<Kind>(), Err(UnknownKind));
    }

    #[test]
    fn only_a_space_and_the_engine_are_the_users_own() {
        let own: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| kind.hosting() == Hosting::SelfHosted).collect();
        assert_eq!(own, [Kind::Space, Kind::Local]);
    }
}
