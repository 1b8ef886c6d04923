//! What the colours of each look are made of.

use super::colour::{Recipe, Shade};
use crate::{Colour, Look};

/// A look's own colour, and what it makes of a colour in light and in dark.
pub(super) struct Recipes {
    pub own: Colour,
    pub light: Recipe,
    pub dark: Recipe,
}

const fn rgb(rgb: u32) -> Colour {
    let [_, red, green, blue] = rgb.to_be_bytes();
    Colour { red, green, blue }
}

impl Look {
    pub(super) fn recipes(self) -> &'static Recipes {
        match self {
            Self::Harbour => &HARBOUR,
            Self::Almanac => &ALMANAC,
            Self::Poster => &POSTER,
            Self::Ledger => &LEDGER,
            Self::Meadow => &MEADOW,
            Self::Midnight => &MIDNIGHT,
        }
    }
}

/// Fog, slate and the blue of deep water.
const HARBOUR: Recipes = Recipes {
    own: rgb(0x1f_5f_8b),
    light: Recipe {
        paper: Shade(0.985, 0.003),
        tint: Shade(0.957, 0.009),
        ink: Shade(0.26, 0.03),
        soft: Shade(0.49, 0.025),
        line: Shade(0.87, 0.012),
        hue: None,
        accent: (0.30, 0.80),
        turn: 40.0,
        second: None,
    },
    dark: Recipe {
        paper: Shade(0.205, 0.014),
        tint: Shade(0.25, 0.018),
        ink: Shade(0.93, 0.008),
        soft: Shade(0.73, 0.016),
        line: Shade(0.36, 0.02),
        hue: None,
        accent: (0.62, 0.86),
        turn: 40.0,
        second: None,
    },
};

/// Laid paper, brown ink, oxblood.
const ALMANAC: Recipes = Recipes {
    own: rgb(0x8c_2f_23),
    light: Recipe {
        paper: Shade(0.958, 0.021),
        tint: Shade(0.928, 0.03),
        ink: Shade(0.27, 0.03),
        soft: Shade(0.47, 0.04),
        line: Shade(0.78, 0.045),
        hue: Some(82.0),
        accent: (0.30, 0.66),
        turn: 60.0,
        second: None,
    },
    dark: Recipe {
        paper: Shade(0.225, 0.017),
        tint: Shade(0.265, 0.021),
        ink: Shade(0.91, 0.025),
        soft: Shade(0.74, 0.03),
        line: Shade(0.41, 0.03),
        hue: Some(72.0),
        accent: (0.60, 0.84),
        turn: 60.0,
        second: None,
    },
};

/// Two flat inks that shout at each other.
const POSTER: Recipes = Recipes {
    own: rgb(0xff_4b_1f),
    light: Recipe {
        paper: Shade(0.97, 0.012),
        tint: Shade(0.93, 0.03),
        ink: Shade(0.17, 0.01),
        soft: Shade(0.38, 0.012),
        line: Shade(0.17, 0.01),
        hue: None,
        accent: (0.35, 0.88),
        turn: -135.0,
        second: Some(0.74),
    },
    dark: Recipe {
        paper: Shade(0.17, 0.006),
        tint: Shade(0.225, 0.012),
        ink: Shade(0.97, 0.008),
        soft: Shade(0.78, 0.012),
        line: Shade(0.97, 0.008),
        hue: None,
        accent: (0.55, 0.88),
        turn: -135.0,
        second: Some(0.74),
    },
};

/// White, black, and one red pencil.
const LEDGER: Recipes = Recipes {
    own: rgb(0xd3_22_2b),
    light: Recipe {
        paper: Shade(0.993, 0.0),
        tint: Shade(0.962, 0.002),
        ink: Shade(0.19, 0.0),
        soft: Shade(0.47, 0.0),
        line: Shade(0.80, 0.0),
        hue: None,
        accent: (0.35, 0.75),
        turn: 180.0,
        second: None,
    },
    dark: Recipe {
        paper: Shade(0.19, 0.0),
        tint: Shade(0.235, 0.002),
        ink: Shade(0.95, 0.0),
        soft: Shade(0.72, 0.0),
        line: Shade(0.38, 0.0),
        hue: None,
        accent: (0.60, 0.85),
        turn: 180.0,
        second: None,
    },
};

/// Grass, milk and apricots.
const MEADOW: Recipes = Recipes {
    own: rgb(0x2f_7d_4f),
    light: Recipe {
        paper: Shade(0.965, 0.018),
        tint: Shade(0.995, 0.005),
        ink: Shade(0.30, 0.045),
        soft: Shade(0.48, 0.04),
        line: Shade(0.90, 0.03),
        hue: None,
        accent: (0.40, 0.82),
        turn: -80.0,
        second: Some(0.82),
    },
    dark: Recipe {
        paper: Shade(0.225, 0.022),
        tint: Shade(0.275, 0.028),
        ink: Shade(0.94, 0.018),
        soft: Shade(0.78, 0.03),
        line: Shade(0.36, 0.035),
        hue: None,
        accent: (0.66, 0.86),
        turn: -80.0,
        second: Some(0.82),
    },
};

/// The hour after sunset, whatever the reader's machine prefers: a night club has no daylight edition.
const MIDNIGHT: Recipes = Recipes { own: rgb(0x8b_7c_ff), light: NIGHT, dark: NIGHT };

const NIGHT: Recipe = Recipe {
    paper: Shade(0.165, 0.03),
    tint: Shade(0.215, 0.038),
    ink: Shade(0.955, 0.012),
    soft: Shade(0.77, 0.03),
    line: Shade(0.34, 0.045),
    hue: None,
    accent: (0.62, 0.85),
    turn: 75.0,
    second: None,
};
