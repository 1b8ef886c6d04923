//! The colours of a page, made of one: in OKLCH, where a step of lightness is the same step for every hue, and moved
//! until text on them can be read (WCAG 2.2, 1.4.3: 4.5 : 1).

use palette::color_difference::Wcag21RelativeContrast;
use palette::convert::FromColorUnclamped;
use palette::{IntoColor, IsWithinBounds, Mix, Oklab, Oklch, Srgb};

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
    /// How light the second colour is, where not as light as the first.
    pub second: Option<f32>,
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
    /// The second ground in the light of the page's colour.
    pub(crate) glow: Colour,
    /// The page's colour as text on `paper`, `tint` and `glow`.
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
        let accent = apart(Oklch { l: seed.l.clamp(recipe.accent.0, recipe.accent.1), ..seed }, paper);
        let grounds = [paper, tint, glow(tint, accent)].map(colour);
        let second = Oklch {
            hue: accent.hue + recipe.turn,
            chroma: if accent.chroma > 0.04 { accent.chroma.clamp(0.12, 0.17) } else { accent.chroma },
            l: recipe.second.unwrap_or(accent.l),
        };
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
            glow: grounds[2],
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
            ("glow", self.glow),
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
        let (a, b) = (Oklab::from_color_unclamped(area), Oklab::from_color_unclamped(ground));
        ((a.l - b.l).powi(2) + (a.a - b.a).powi(2) + (a.b - b.b).powi(2)).sqrt()
    };
    while distance(area) < TOLD_APART && (0.0..=1.0).contains(&area.l) {
        area.l += step;
    }
    area
}

/// A ground with a little of the page's colour in it.
fn glow(ground: Oklch, light: Oklch) -> Oklch {
    let [ground, light] = [ground, light].map(Oklab::from_color_unclamped);
    ground.mix(light, 0.14).into_color()
}

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::looks::palettes;
    use crate::{Look, Style};

    /// As a browser mixes them in OKLab.
    fn mixed(part: f32, area: Colour, ground: Colour) -> Colour {
        let [a, b] = [area, ground].map(|colour| Oklab::from_color_unclamped(srgb(colour)));
        let mix = |a: f32, b: f32| a * part + b * (1.0 - part);
        colour(Oklab::new(mix(a.l, b.l), mix(a.a, b.a), mix(a.b, b.b)).into_color())
    }

    fn check(style: Style) -> Result<(), TestCaseError> {
        let (light, dark) = palettes(&style);
        for colours in [light, dark] {
            let Palette { paper, tint, glow, ink, soft, link, .. } = colours;
            for ground in [paper, tint, glow] {
                for text in [ink, soft, link] {
                    prop_assert!(contrast(text, ground) >= 4.5, "{text} on {ground} in {style:?}");
                }
                prop_assert!(contrast(ink, ground) >= 7.0, "{ink} on {ground} in {style:?}");
            }
            for (text, ground) in [(colours.on_accent, colours.accent), (colours.on_second, colours.second)] {
                prop_assert!(contrast(text, ground) >= 4.5, "{text} on {ground} in {style:?}");
            }
            if style.look == Look::Midnight {
                let lit = mixed(0.26, colours.accent, paper);
                prop_assert!(
                    contrast(soft, lit) >= 4.5 && contrast(ink, lit) >= 4.5,
                    "{soft} or {ink} on {lit} in {style:?}"
                );
            }
        }
        Ok(())
    }

    #[test]
    fn the_looks_own_colours_can_be_read() {
        for look in Look::ALL {
            check(Style { look, ..Style::default() }).unwrap_or_else(|failure| panic!("{failure}"));
        }
    }

    proptest! {
        #[test]
        fn whatever_colour_is_chosen_all_text_can_be_read(rgb in any::<[u8; 3]>(), look in 0..6usize) {
            let [red, green, blue] = rgb;
            check(Style { look: Look::ALL[look], colour: Some(Colour { red, green, blue }), fonts: None })?;
        }
    }

    #[test]
    fn a_chosen_colour_is_the_colour_of_the_button() {
        let green = Colour { red: 46, green: 125, blue: 50 };
        for look in Look::ALL {
            let (light, _) = palettes(&Style { look, colour: Some(green), fonts: None });
            let (got, chosen) = (oklch(light.accent), oklch(green));
            assert!(
                (got.hue - chosen.hue).into_degrees().abs() < 3.0 && got.chroma > 0.08,
                "{look:?}: {}",
                light.accent
            );
        }
    }
}
