//! The six looks: a page's style sheet, and the ornament that is drawn for its name.

mod colour;
mod ornament;
mod recipes;
mod restyle;
mod seed;

use std::fmt::Write as _;

use crate::{Colour, Fonts, Look, Style};
use colour::Palette;

pub(crate) use ornament::{mark, ornament, tile};
pub use restyle::{restyled, style_of};
pub(crate) use seed::Seed;

const BASE: &str = include_str!("base.css");

impl Look {
    fn css(self) -> &'static str {
        match self {
            Self::Harbour => include_str!("harbour.css"),
            Self::Almanac => include_str!("almanac.css"),
            Self::Poster => include_str!("poster.css"),
            Self::Ledger => include_str!("ledger.css"),
            Self::Meadow => include_str!("meadow.css"),
            Self::Midnight => include_str!("midnight.css"),
        }
    }

    /// Its own colour, which [`Style::colour`] stands in for.
    #[must_use]
    pub fn colour(self) -> Colour {
        self.recipes().own
    }
}

impl Fonts {
    /// What machines have of that kind, as CSS names it; the best first.
    fn families(self) -> &'static str {
        match self {
            Self::Sans => "'Avenir Next',Inter,'Segoe UI','Helvetica Neue',Roboto,'Liberation Sans',Arial,sans-serif",
            Self::Serif => {
                "'Iowan Old Style',Charter,'Palatino Linotype',P052,Cambria,Georgia,'Liberation Serif',serif"
            }
            Self::Round => {
                "ui-rounded,'SF Pro Rounded',Nunito,Quicksand,'Hiragino Maru Gothic ProN','Trebuchet MS','DejaVu Sans',sans-serif"
            }
            Self::Mono => "ui-monospace,'SF Mono','Cascadia Code',Menlo,Consolas,'DejaVu Sans Mono',monospace",
        }
    }
}

/// The colours of a page: in light, in dark.
pub(crate) fn palettes(style: &Style) -> (Palette, Palette) {
    let recipes = style.look.recipes();
    let seed = style.colour.unwrap_or(recipes.own);
    (Palette::new(&recipes.light, seed), Palette::new(&recipes.dark, seed))
}

/// The whole style sheet of a page.
pub(crate) fn sheet(style: &Style) -> String {
    [&roots(style), BASE, style.look.css()].concat()
}

/// What differs between two pages of one look: the colours in light and in dark, and the letters.
fn roots(style: &Style) -> String {
    let (light, dark) = palettes(style);
    let mut root = light.css();
    if let Some(fonts) = style.fonts {
        let _ = write!(root, "--chosen-text:{0};--chosen-head:{0};--chosen-wide:.68;", fonts.families());
    }
    format!("\n:root{{{root}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}\n", dark.css())
}
