//! The ornaments of the looks: inline SVG whose shapes come from a name, in the colours of the page.
//!
//! The classes of their shapes: `a` and `b` are filled with the page's colour and its second one, `i` with ink, `t` with
//! tint, `p` with paper; `l` is a line in the page's colour, `k` one in ink.

mod almanac;
mod harbour;
mod ledger;
mod meadow;
mod midnight;
mod poster;

use std::fmt::Write as _;

use maud::{Markup, html};

use super::Seed;
use crate::Look;

/// The large drawing of a page's hero.
pub(crate) fn ornament(look: Look, seed: Seed) -> Markup {
    match look {
        Look::Harbour => harbour::sea(seed),
        Look::Almanac => almanac::sun(seed),
        Look::Poster => poster::blocks(seed, 4, 4),
        Look::Ledger => ledger::plot(seed),
        Look::Meadow => meadow::hills(seed),
        Look::Midnight => midnight::sky(seed),
    }
}

/// The picture of one work.
pub(crate) fn tile(look: Look, seed: Seed) -> Markup {
    match look {
        Look::Harbour => harbour::shore(seed),
        Look::Almanac => almanac::guilloche(seed),
        Look::Poster => poster::blocks(seed, 4, 3),
        Look::Ledger => ledger::weave(seed),
        Look::Meadow => meadow::flower(seed),
        Look::Midnight => midnight::planet(seed),
    }
}

/// The small sign beside a page's name.
pub(crate) fn mark(look: Look, mut seed: Seed) -> Markup {
    match look {
        Look::Harbour => html! {
            svg viewBox="0 0 24 24" { circle.l cx="12" cy="12" r="11" {} path.l d="M1.5 14q5-4 10.5 0t10.5 0" {} }
        },
        Look::Almanac => almanac::star(seed),
        Look::Poster => poster::blocks(seed, 2, 2),
        Look::Ledger => ledger::glyph(seed),
        Look::Meadow => meadow::petals(seed.below(4) + 5),
        Look::Midnight => html! {
            svg viewBox="0 0 24 24" { circle.l cx="12" cy="12" r="10.5" {} circle.a cx=(seed.below(10) + 7) cy=(seed.below(8) + 6) r="4" {} }
        },
    }
}

/// The points of a path, joined by straight lines.
fn polyline(points: impl IntoIterator<Item = (f32, f32)>) -> String {
    let mut path = String::new();
    for (x, y) in points {
        let _ = write!(path, "{}{x:.1} {y:.1}", if path.is_empty() { 'M' } else { 'L' });
    }
    path
}

/// The point at an angle (in turns) and a distance round a middle.
fn round(middle: f32, turns: f32, distance: f32) -> (f32, f32) {
    let (sin, cos) = (turns * std::f32::consts::TAU).sin_cos();
    (middle + cos * distance, middle + sin * distance)
}
