//! The colours of a page, made of one: in OKLCH, where a step of lightness is the same step for every hue, and moved
//! until text on them can be read (WCAG 2.2, 1.4.3: 4.5 : 1).

use palette::color_difference::Wcag21RelativeContrast;
use palette::{IntoColor, IsWithinBounds, Oklch, Srgb};

use crate::Colour;

/// The contrast that all text keeps; a little more than 4.5, since the colours are rounded to 8 bits afterwards.
const READABLE: f32 = 4.6;
/// The contrast of running text.
const EASY: f32 = 8.0;

/// A shade: how light (0 to 1) and how colourful (0 to about 0.3) it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shade(pub f32, pub f32);

/// What the colours of a look are made of, for one of light and dark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recipe {
    /// The ground.
    pub paper: Shade,
    /// The second ground, of cards and bands.
    pub tint: Shade,
    /// Running text.
    pub ink: Shade,
    /// Text that stands back.
    pub soft: Shade,
    /// Rules and borders.
    pub line: Shade,
    /// The hue of all these in degrees, where it is not the page's colour's own.
    pub hue: Option<f32>,
    /// How light the page's colour may be where it is a ground of its own: from, to.
    pub accent: (f32, f32),
    /// How far the second colour's hue lies from the first one's, in degrees.
    pub turn: f32,
}

/// The colours of a page in one of light and dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Palette {
    pub(crate) paper: Colour,
    pub(crate) tint: Colour,
    pub(crate) ink: Colour,
    pub(crate) soft: Colour,
    pub(crate) line: Colour,
    pub(crate) accent: Colour,
    pub(crate) on_accent: Colour,
    pub(crate) second: Colour,
    pub(crate) on_second: Colour,
    /// The page's colour as text on `paper` and `tint`.
    pub(crate) link: Colour,
}

impl Palette {
    /// Makes the colours of a page whose own is `seed`.
    pub(super) fn new(recipe: &Recipe, seed: Colour) -> Self {
        let seed = oklch(seed);
        let ground = Oklch { hue: recipe.hue.map_or(seed.hue, Into::into), ..seed };
        // A grey page has no hue to lend.
        let lent = if recipe.hue.is_none() { (seed.chroma / 0.08).min(1.0) } else { 1.0 };
        let shade = |Shade(l, chroma): Shade| Oklch { l, chroma: chroma * lent, ..ground };
        let (paper, tint) = (shade(recipe.paper), shade(recipe.tint));
        let grounds = [paper, tint].map(colour);
        let accent = apart(Oklch { l: seed.l.clamp(recipe.accent.0, recipe.accent.1), ..seed }, paper);
        let second = Oklch { hue: accent.hue + recipe.turn, chroma: accent.chroma * 0.9, ..accent };
        let on = |ground: Oklch| {
            let light = Oklch { l: 0.99, chroma: 0.01, ..ground };
            let dark = Oklch { l: 0.18, chroma: ground.chroma.min(0.04), ..ground };
            let light_first = contrast(colour(light), colour(ground)) >= READABLE;
            colour(if light_first {
                readable(light, &[colour(ground)], READABLE)
            } else {
                readable(dark, &[colour(ground)], READABLE)
            })
        };
        Self {
            paper: grounds[0],
            tint: grounds[1],
            ink: colour(readable(shade(recipe.ink), &grounds, EASY)),
            soft: colour(readable(shade(recipe.soft), &grounds, READABLE)),
            line: colour(shade(recipe.line)),
            accent: colour(accent),
            on_accent: on(accent),
            second: colour(second),
            on_second: on(second),
            link: colour(readable(seed, &grounds, READABLE)),
        }
    }

    /// As CSS: one custom property a colour.
    pub(super) fn css(&self) -> String {
        let named = [
            ("paper", self.paper),
            ("tint", self.tint),
            ("ink", self.ink),
            ("soft", self.soft),
            ("line", self.line),
            ("accent", self.accent),
            ("on-accent", self.on_accent),
            ("second", self.second),
            ("on-second", self.on_second),
            ("link", self.link),
        ];
        named.map(|(name, colour)| format!("--{name}:{colour};")).concat()
    }
}

/// How much two colours differ in lightness, from 1 to 21 (WCAG 2.2).
pub(crate) fn contrast(one: Colour, other: Colour) -> f32 {
    srgb(one).relative_contrast(srgb(other))
}

/// The colour, as much lighter or darker as it must be to be read on all the grounds.
fn readable(text: Oklch, grounds: &[Colour], ratio: f32) -> Oklch {
    let least =
        |text: Oklch| grounds.iter().map(|ground| contrast(colour(text), *ground)).fold(f32::INFINITY, f32::min);
    let lightest = grounds.iter().map(|ground| oklch(*ground).l).fold(0.0, f32::max);
    let (black, white) = (Oklch { l: 0.0, ..text }, Oklch { l: 1.0, ..text });
    let goes_darker = least(black) > least(white);
    let step = if goes_darker { -0.01 } else { 0.01 };
    let mut text = if goes_darker { Oklch { l: text.l.min(lightest), ..text } } else { text };
    while least(text) < ratio && (0.0..=1.0).contains(&text.l) {
        text.l += step;
    }
    Oklch { l: text.l.clamp(0.0, 1.0), ..text }
}

/// The colour, moved away from the ground until the two can be told apart as areas.
fn apart(mut area: Oklch, ground: Oklch) -> Oklch {
    const TOLD_APART: f32 = 0.14;
    let step = if ground.l > 0.5 { -0.01 } else { 0.01 };
    let distance = |area: Oklch| {
        let (a, b) = (palette::Oklab::from_color_unclamped(area), palette::Oklab::from_color_unclamped(ground));
        ((a.l - b.l).powi(2) + (a.a - b.a).powi(2) + (a.b - b.b).powi(2)).sqrt()
    };
    while distance(area) < TOLD_APART && (0.0..=1.0).contains(&area.l) {
        area.l += step;
    }
    area
}

use palette::convert::FromColorUnclamped;

fn srgb(colour: Colour) -> Srgb<f32> {
    Srgb::new(colour.red, colour.green, colour.blue).into_format()
}

fn oklch(colour: Colour) -> Oklch {
    srgb(colour).into_color()
}

/// To 8 bits; what no screen shows loses as much of its colour as it must, never of its lightness.
fn colour(mut wanted: Oklch) -> Colour {
    loop {
        let srgb = Srgb::from_color_unclamped(wanted);
        if srgb.is_within_bounds() || wanted.chroma <= 0.0 {
            let Srgb { red, green, blue, .. } = srgb.into_format::<u8>();
            return Colour { red, green, blue };
        }
        wanted.chroma = (wanted.chroma - 0.004).max(0.0);
    }
}
