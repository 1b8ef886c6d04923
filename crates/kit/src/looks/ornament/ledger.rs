//! Ledger: what a plotter draws on squared paper.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::Seed;

/// A profile of fine bars, one of them marked.
pub(super) fn plot(mut seed: Seed) -> Markup {
    const BARS: u8 = 72;
    let marked = seed.below(48) + 12;
    let (slow, fast, shift) = (seed.between(1.0, 2.5), seed.between(4.0, 9.0), seed.between(0.0, 6.0));
    let mut bars = String::new();
    let mut height_of_marked = 0.0;
    for bar in 0..BARS {
        let t = f32::from(bar) / f32::from(BARS) * std::f32::consts::TAU;
        let height = 66.0 + 34.0 * (t * slow + shift).sin() + 16.0 * (t * fast).sin() + seed.between(-8.0, 8.0);
        if u32::from(bar) == marked {
            height_of_marked = height;
        } else {
            let _ = write!(bars, "M{}.5 130v-{height:.0}", bar * 2);
        }
    }
    html! {
        svg viewBox="0 0 144 132" preserveAspectRatio="none" {
            path.k d=(bars) {}
            path.l d={ "M" (marked * 2) ".5 130v-" (format!("{height_of_marked:.0}")) } {}
            path.k d="M0 130.5h144" {}
        }
    }
}

/// Diagonals that meet or do not (Truchet's tiles).
pub(super) fn weave(mut seed: Seed) -> Markup {
    let mut lines = String::new();
    for cell in 0..96u32 {
        let (x, y) = (cell % 12 * 10, cell / 12 * 10);
        let _ =
            if seed.below(2) == 0 { write!(lines, "M{x} {y}l10 10") } else { write!(lines, "M{x} {}l10-10", y + 10) };
    }
    let (x, y) = (seed.below(12) * 10, seed.below(8) * 10);
    html! {
        svg viewBox="0 0 120 80" preserveAspectRatio="xMidYMid slice" {
            rect.t width="120" height="80" {}
            path.k d=(lines) {}
            rect.a x=(x) y=(y) width="10" height="10" {}
        }
    }
}

/// A few squares of a field of five by five, the same on both sides.
pub(super) fn glyph(mut seed: Seed) -> Markup {
    let mut squares = String::from("M8 8h8v8h-8z");
    for cell in 0..15u32 {
        if seed.below(2) == 0 {
            let (x, y) = (cell % 3 * 8, cell / 3 * 8);
            let _ = write!(squares, "M{x} {y}h8v8h-8zM{} {y}h8v8h-8z", 32 - x);
        }
    }
    html! { svg viewBox="0 0 40 40" { path.a d=(squares) {} } }
}
