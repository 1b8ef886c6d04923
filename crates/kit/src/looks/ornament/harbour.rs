//! Harbour: a horizon, calm water, one sun.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::Seed;

/// Lines of water below a thin sun, as wide as the page.
pub(super) fn sea(mut seed: Seed) -> Markup {
    let sun = seed.between(985.0, 1085.0);
    let lines = waves(&mut seed, 1200.0, 150.0, 16.0, 9);
    html! {
        svg viewBox="0 0 1200 320" preserveAspectRatio="xMaxYMax slice" {
            circle.a cx=(format!("{sun:.0}")) cy="120" r="84" opacity=".16" {}
            circle.l cx=(format!("{sun:.0}")) cy="120" r="84" {}
            path.p d={ (lines[0]) "V320H0Z" } {}
            @for (index, line) in lines.iter().enumerate() {
                path.l d=(line) opacity=(format!("{:.2}", 1.0 - index as f32 * 0.09)) {}
            }
        }
    }
}

/// A shore: the same water, close by.
pub(super) fn shore(mut seed: Seed) -> Markup {
    let (x, y, r) = (seed.between(60.0, 240.0), seed.between(50.0, 110.0), seed.between(24.0, 52.0));
    let lines = waves(&mut seed, 300.0, 130.0, 17.0, 5);
    html! {
        svg viewBox="0 0 300 220" preserveAspectRatio="xMidYMid slice" {
            rect.t width="300" height="220" {}
            circle.a cx=(format!("{x:.0}")) cy=(format!("{y:.0}")) r=(format!("{r:.0}")) opacity=".55" {}
            @for line in lines { path.l d=(line) {} }
        }
    }
}

/// Lines of waves below each other, each from the left edge to the right one.
fn waves(seed: &mut Seed, width: f32, top: f32, gap: f32, count: u8) -> Vec<String> {
    (0..count)
        .map(|row| {
            let row = f32::from(row);
            let y = top + row * (gap + row * 1.1);
            let (length, height) = (seed.between(70.0, 150.0) + row * 12.0, seed.between(1.0, 3.0) + row * 0.8);
            let start = -seed.between(0.0, length);
            let mut path = format!("M{start:.0} {y:.0}q{:.0} {:.1} {length:.0} 0", length / 2.0, -height * 2.0);
            let mut x = start + length;
            while x < width {
                let _ = write!(path, "t{length:.0} 0");
                x += length;
            }
            path
        })
        .collect()
}
