//! What a Space is called on the Hub.

use std::str::FromStr;

/// The longest name that the Hub gives out, in characters.
const LONGEST: usize = 96;

/// `OWNER/NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpaceName {
    pub(crate) owner: String,
    pub(crate) name: String,
}

/// Text that is no name of a Space.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}`: a Space is written OWNER/NAME, in letters, digits, `-`, `_` and `.`")]
pub struct BadSpaceName(String);

impl SpaceName {
    /// Where the Space is: the Hub makes a host name of the two.
    #[must_use]
    pub fn address(&self) -> String {
        let host = format!("{}-{}", self.owner, self.name).to_ascii_lowercase().replace(['_', '.'], "-");
        format!("https://{host}.hf.space")
    }
}

impl FromStr for SpaceName {
    type Err = BadSpaceName;

    fn from_str(text: &str) -> Result<Self, BadSpaceName> {
        let word = |word: &str| {
            word.starts_with(|first: char| first.is_ascii_alphanumeric())
                && word.len() <= LONGEST
                && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
        };
        match text.split_once('/') {
            Some((owner, name)) if word(owner) && word(name) => {
                Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
            }
            _ => Err(BadSpaceName(text.to_owned())),
        }
    }
}

impl std::fmt::Display for SpaceName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_where_the_space_serves() {
        let name: SpaceName = "You/my_own.Space-1".parse().unwrap();
        assert_eq!(name.address(), "https://you-my-own-space-1.hf.space");
        assert_eq!(name.to_string(), "You/my_own.Space-1");
    }

    #[test]
    fn what_could_be_another_address_or_an_option_is_no_name() {
        for text in ["name", "a/b/c", "/b", "a/", "-a/b", "a/..", "../b", "a/b?c", "a b/c", "a/b@c", "ä/b"] {
            assert!(text.parse::<SpaceName>().is_err(), "{text}");
        }
    }
}
