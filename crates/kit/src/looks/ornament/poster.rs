//! Poster: quarters, halves and wholes of circles in a grid.

use maud::{Markup, html};

use super::Seed;

/// A grid of flat shapes.
pub(super) fn blocks(mut seed: Seed, columns: u32, rows: u32) -> Markup {
    html! {
        svg viewBox={ "0 0 " (columns * 60) " " (rows * 60) } {
            @for cell in 0..columns * rows {
                (block(&mut seed, cell % columns * 60, cell / columns * 60))
            }
        }
    }
}

/// One shape on its ground; the two are never of the same colour.
fn block(seed: &mut Seed, x: u32, y: u32) -> Markup {
    const INKS: [&str; 4] = ["a", "b", "i", "p"];
    let ground = seed.below(4) as usize;
    let shape = (ground + 1 + seed.below(3) as usize) % 4;
    let turn = seed.below(4) * 90;
    let path = match seed.below(6) {
        0 => "M0 0h60a60 60 0 0 1-60 60z",
        1 => "M0 30a30 30 0 0 1 60 0z M0 60a30 30 0 0 1 60 0z",
        2 => "M30 4a26 26 0 1 1 0 52a26 26 0 1 1 0-52z",
        3 => "M0 0h60l-60 60z",
        4 => "M0 0h60v20h-60z M0 40h60v20h-60z",
        _ => "M0 60a60 60 0 0 1 60-60v30a30 30 0 0 0-30 30z",
    };
    html! {
        g transform={ "translate(" (x) " " (y) ")" } {
            rect.(INKS[ground]) width="60.4" height="60.4" {}
            path.(INKS[shape]) d=(path) transform={ "rotate(" (turn) " 30 30)" } {}
        }
    }
}
