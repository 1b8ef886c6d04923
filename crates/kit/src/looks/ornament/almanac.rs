//! Almanac: suns and guilloches, as if cut in wood.

use maud::{Markup, html};

use super::{Seed, polyline, round};

/// A sun with long and short rays round a rosette.
pub(super) fn sun(mut seed: Seed) -> Markup {
    let rays = seed.below(9) + 12;
    let petals = f32::from(u8::try_from(seed.below(5) + 5).unwrap_or(6));
    let depth = seed.between(0.25, 0.6);
    let rosette = polyline((0..=120u8).map(|step| {
        let turns = f32::from(step) / 120.0;
        let swing = (turns * petals * std::f32::consts::TAU).cos();
        round(100.0, turns, 22.0 * (1.0 + depth * swing))
    }));
    html! {
        svg viewBox="0 0 200 200" {
            circle.l cx="100" cy="100" r="45" {}
            circle.l cx="100" cy="100" r="41" {}
            path.a d=(rosette) {}
            path.a d=(rays_of(rays, 50.0, 92.0, 0.30)) {}
            path.l d=(lines_between(rays, 50.0, 74.0)) {}
        }
    }
}

/// A star of eight points.
pub(super) fn star(mut seed: Seed) -> Markup {
    html! {
        svg viewBox="0 0 200 200" { path.a d=(rays_of(seed.below(3) * 2 + 8, 30.0, 96.0, 0.5)) {} circle.a cx="100" cy="100" r="38" {} }
    }
}

/// Narrow triangles round the middle, all in one path.
fn rays_of(count: u32, from: f32, to: f32, width: f32) -> String {
    let step = 1.0 / count as f32;
    (0..count)
        .map(|ray| {
            let turns = ray as f32 * step - 0.25;
            let sides = [turns - step * width / 2.0, turns + step * width / 2.0].map(|turns| round(100.0, turns, from));
            polyline([sides[0], round(100.0, turns, to), sides[1]])
        })
        .collect::<Vec<_>>()
        .join("Z")
}

fn lines_between(count: u32, from: f32, to: f32) -> String {
    let step = 1.0 / count as f32;
    (0..count)
        .map(|ray| {
            let turns = (ray as f32 + 0.5) * step - 0.25;
            polyline([round(100.0, turns, from), round(100.0, turns, to)])
        })
        .collect()
}

/// The curve that a pen in a wheel within a wheel draws, in a frame.
pub(super) fn guilloche(mut seed: Seed) -> Markup {
    let lobes = f32::from(u8::try_from(seed.below(6) + 5).unwrap_or(7));
    let (inner, outer) = (seed.between(14.0, 34.0), seed.between(44.0, 62.0));
    let curve = |shift: f32| {
        polyline((0..=96u8).map(|step| {
            let turns = f32::from(step) / 96.0;
            let swing = ((turns * lobes + shift) * std::f32::consts::TAU).sin();
            let (x, y) = round(0.0, turns, (inner + outer) / 2.0 + swing * (outer - inner) / 2.0);
            (150.0 + x * 1.5, 100.0 + y)
        }))
    };
    html! {
        svg viewBox="0 0 300 200" preserveAspectRatio="xMidYMid slice" {
            rect.t width="300" height="200" {}
            rect.l x="9" y="9" width="282" height="182" {}
            path.l d=(curve(0.0)) {}
            path.l d=(curve(0.5)) {}
        }
    }
}
