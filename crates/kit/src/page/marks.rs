//! What the Studio needs to know of a page's elements, and nobody else.

use crate::Spot;

/// Whether a page's elements say where their texts stand in the words.
#[derive(Debug, Clone, Copy)]
pub enum Marks<'a> {
    /// The page as it is given away.
    None,
    /// The page as the Studio shows it: `data-ref` names an element's [`Spot`], `data-made-up` is on those of the list.
    Studio {
        /// Texts that the request does not hold, and that nobody has looked at yet.
        made_up: &'a [Spot],
    },
}

impl Marks<'_> {
    pub(super) fn spot(self, spot: Spot) -> Option<String> {
        match self {
            Self::None => None,
            Self::Studio { .. } => Some(spot.to_string()),
        }
    }

    pub(super) fn made_up(self, spot: Spot) -> bool {
        match self {
            Self::None => false,
            Self::Studio { made_up } => made_up.contains(&spot),
        }
    }
}
