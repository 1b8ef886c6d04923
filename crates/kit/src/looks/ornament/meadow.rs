//! Meadow: hills one behind the other, a sun, flowers.

use maud::{Markup, html};

use super::{Seed, round};

/// Three hills below a sun, with flowers on the first.
pub(super) fn hills(mut seed: Seed) -> Markup {
    let sun = (seed.between(500.0, 700.0), seed.between(98.0, 125.0));
    let flowers: Vec<_> = (0..10)
        .map(|flower| {
            let (x, y) = (60.0 + flower as f32 * 120.0 + seed.between(-35.0, 35.0), seed.between(318.0, 362.0));
            (x, y, seed.between(0.5, 0.95), seed.below(3) + 5)
        })
        .collect();
    html! {
        svg viewBox="0 0 1200 400" preserveAspectRatio="xMidYMax slice" {
            circle.b cx=(format!("{:.0}", sun.0)) cy=(format!("{:.0}", sun.1)) r="54" {}
            path.a d=(hill(&mut seed, 170.0)) opacity=".22" {}
            path.a d=(hill(&mut seed, 220.0)) opacity=".45" {}
            path.a d=(hill(&mut seed, 285.0)) {}
            @for (x, y, scale, count) in flowers {
                g transform={ "translate(" (format!("{x:.0} {y:.0}")) ") scale(" (format!("{scale:.2}")) ")" } {
                    path.k d="M0 0q4 20 0 60" {}
                    (bloom(count))
                }
            }
        }
    }
}

fn hill(seed: &mut Seed, top: f32) -> String {
    let (a, b, c) = (top + seed.between(-30.0, 30.0), top + seed.between(-60.0, 10.0), top + seed.between(-10.0, 50.0));
    format!("M0 {a:.0}C240 {b:.0} 420 {b:.0} 630 {top:.0}S990 {c:.0} 1200 {b:.0}V400H0Z")
}

/// Petals round a middle, drawn round the origin.
fn bloom(count: u32) -> Markup {
    html! {
        @for petal in 0..count {
            @let (x, y) = round(0.0, petal as f32 / count as f32, 15.0);
            circle.petal cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="9.5" {}
        }
        circle.b r="9" {}
    }
}

/// A flower alone, on its ground.
pub(super) fn flower(mut seed: Seed) -> Markup {
    let (count, turn) = (seed.below(5) + 5, seed.below(70));
    let size = seed.between(2.6, 3.8);
    html! {
        svg viewBox="0 0 300 220" preserveAspectRatio="xMidYMid slice" {
            rect.a width="300" height="220" opacity=(format!("{:.2}", seed.between(0.18, 0.4))) {}
            path.a d=(format!("M0 {:.0}Q150 {:.0} 300 {:.0}V220H0Z", seed.between(130.0, 180.0), seed.between(90.0, 200.0), seed.between(130.0, 180.0))) {}
            g transform={ "translate(150 104) scale(" (format!("{size:.1}")) ") rotate(" (turn) ")" } { (bloom(count)) }
        }
    }
}

/// The small flower beside the name.
pub(super) fn petals(count: u32) -> Markup {
    html! {
        svg viewBox="-30 -30 60 60" {
            @for petal in 0..count {
                @let (x, y) = round(0.0, petal as f32 / count as f32, 17.0);
                circle.a cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="11" {}
            }
            circle.b r="11" {}
        }
    }
}
