//! Midnight: a sky with a constellation of its own.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{Seed, polyline};

/// Stars, some of them joined, below two orbits.
pub(super) fn sky(mut seed: Seed) -> Markup {
    let mut dust = String::new();
    for _ in 0..90 {
        let _ = write!(dust, "M{:.0} {:.0}h.01", seed.between(0.0, 1200.0), seed.between(0.0, 700.0));
    }
    let mut bright = String::new();
    for _ in 0..16 {
        let _ = write!(bright, "M{:.0} {:.0}h.01", seed.between(0.0, 1200.0), seed.between(0.0, 700.0));
    }
    let joined: Vec<(f32, f32)> = (0..6).map(|star| (770.0 + star as f32 * 76.0, seed.between(80.0, 330.0))).collect();
    let (orbit, tilt) = (seed.between(210.0, 300.0), seed.between(-28.0, -12.0));
    html! {
        svg viewBox="0 0 1200 700" preserveAspectRatio="xMidYMid slice" {
            path.dust d=(dust) {}
            path.bright d=(bright) {}
            g transform=(format!("rotate({tilt:.0} 980 250)")) {
                ellipse.l cx="980" cy="250" rx=(format!("{:.0}", orbit * 1.6)) ry=(format!("{:.0}", orbit * 0.62)) opacity=".35" {}
                ellipse.l cx="980" cy="250" rx=(format!("{orbit:.0}")) ry=(format!("{:.0}", orbit * 0.36)) opacity=".6" {}
            }
            path.l d=(polyline(joined.iter().copied())) opacity=".55" {}
            @for (x, y) in joined { circle.star cx=(format!("{x:.0}")) cy=(format!("{y:.0}")) r="4" {} }
        }
    }
}

/// A planet, half lit.
pub(super) fn planet(mut seed: Seed) -> Markup {
    let (x, y, r) = (seed.between(110.0, 190.0), seed.between(90.0, 130.0), seed.between(44.0, 74.0));
    let shade = seed.between(0.3, 0.8) * r;
    let mut dust = String::new();
    for _ in 0..24 {
        let _ = write!(dust, "M{:.0} {:.0}h.01", seed.between(0.0, 300.0), seed.between(0.0, 220.0));
    }
    let has_ring = seed.below(2) == 0;
    let (lit, dark) = if seed.below(2) == 0 { ("a", "b") } else { ("b", "a") };
    html! {
        svg viewBox="0 0 300 220" preserveAspectRatio="xMidYMid slice" {
            rect.t width="300" height="220" {}
            path.dust d=(dust) {}
            circle.(lit) cx=(format!("{x:.0}")) cy=(format!("{y:.0}")) r=(format!("{r:.0}")) {}
            path.(dark) opacity=".6" d=(format!("M{x:.0} {:.0}A{r:.0} {r:.0} 0 0 1 {x:.0} {:.0}A{shade:.0} {r:.0} 0 0 0 {x:.0} {:.0}Z", y - r, y + r, y - r)) {}
            @if has_ring {
                ellipse.l cx=(format!("{x:.0}")) cy=(format!("{y:.0}")) rx=(format!("{:.0}", r * 1.6)) ry=(format!("{:.0}", r * 0.35)) {}
            }
        }
    }
}
