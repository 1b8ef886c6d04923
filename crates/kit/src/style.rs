//! How a page looks: one of six looks, and what the user chose to differ from it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a page's words are dressed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Style {
    /// Whose type, rhythm and colours it has.
    pub look: Look,
    /// Another colour than the look's own; light and dark shades are made of it so that text on them stays readable.
    pub colour: Option<Colour>,
    /// Other letters than the look's own.
    pub fonts: Option<Fonts>,
}

/// The six looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Look {
    /// Quiet and spacious: thin lines, much white.
    #[default]
    Harbour,
    /// Warm and printed: a serif, paper, ornaments.
    Almanac,
    /// Loud and flat: very large type, blocks of colour.
    Poster,
    /// Exact and dense: a ruled sheet, numbered parts, one pencil of colour.
    Ledger,
    /// Soft and round: cards, gentle colours.
    Meadow,
    /// Dark by nature: glow and contrast.
    Midnight,
}

impl Look {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [Self::Harbour, Self::Almanac, Self::Poster, Self::Ledger, Self::Meadow, Self::Midnight];

    /// What it is called in JSON and in a page's classes: `harbour`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Harbour => "harbour",
            Self::Almanac => "almanac",
            Self::Poster => "poster",
            Self::Ledger => "ledger",
            Self::Meadow => "meadow",
            Self::Midnight => "midnight",
        }
    }

    /// What people call it: `Harbour`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Harbour => "Harbour",
            Self::Almanac => "Almanac",
            Self::Poster => "Poster",
            Self::Ledger => "Ledger",
            Self::Meadow => "Meadow",
            Self::Midnight => "Midnight",
        }
    }
}

impl Fonts {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Sans, Self::Serif, Self::Round, Self::Mono];

    /// What it is called in JSON: `sans`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Sans => "sans",
            Self::Serif => "serif",
            Self::Round => "round",
            Self::Mono => "mono",
        }
    }
}

/// Families of letters that every machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fonts {
    /// Without serifs.
    Sans,
    /// With serifs.
    Serif,
    /// Round.
    Round,
    /// Of one width.
    Mono,
}

/// A colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour {
    /// From 0 to 255, as the two others.
    pub red: u8,
    /// See `red`.
    pub green: u8,
    /// See `red`.
    pub blue: u8,
}

/// Not a colour as CSS writes one with six digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a colour such as #2e7d32")]
pub struct NotAColour(String);

impl FromStr for Colour {
    type Err = NotAColour;

    fn from_str(text: &str) -> Result<Self, NotAColour> {
        let refused = || NotAColour(text.to_owned());
        let digits = text
            .strip_prefix('#')
            .filter(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .ok_or_else(refused)?;
        let number = u32::from_str_radix(digits, 16).map_err(|_| refused())?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self { red, green, blue })
    }
}

impl TryFrom<String> for Colour {
    type Error = NotAColour;

    fn try_from(text: String) -> Result<Self, NotAColour> {
        text.parse()
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_read_as_it_is_written() {
        assert_eq!("#2e7d32".parse::<Colour>().map(|colour| colour.to_string()), Ok("#2e7d32".to_owned()));
        for text in ["2e7d32", "#2e7d3", "#2e7d3g", "#+12345", "green"] {
            assert_eq!(text.parse::<Colour>(), Err(NotAColour(text.to_owned())));
        }
    }
}
