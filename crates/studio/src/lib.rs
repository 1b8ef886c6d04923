//! The Studio: a described page appears, is changed and kept.
//!
//! Data runs one way: the surface ([`http`]) reads what a user wants, a [`generation`] asks ([`model_client`]) the gateway's own
//! service (never a tier) for words, the [`kit`] makes the page ([`pages`]), and the [`store`] keeps every version of it
//! from the first token on. What a hand changes ([`manual_edit`]) takes the same way without a model.

#![forbid(unsafe_code)]

#[cfg(test)]
mod cut;
mod deepsite;
mod diff;
pub mod edit;
mod export;
mod facts;
mod generation;
mod http;
mod intent;
mod manual_edit;
mod model_client;
mod pages;
mod project;
mod store;
mod studio;

pub use http::has_front_end;
pub use store::{Projects, StoreError, look};
pub use studio::Studio;

use serde_json::value::RawValue;

/// How many starts of new pages a worker is told of: half of 8,192 tokens, which is what it keeps for them, has room for these
/// and for that of a wish. One with a smaller context leaves out the first ones told.
const PAGES: usize = 4;
/// So many of them are told after that of a wish, and so read before it: no wish comes before a page.
const BEFORE_A_WISH: usize = 2;

/// The likeliest starts of what a model is asked for, as `messages` of a chat: those of a new page's words, and that of a wish.
/// The likeliest is the last one, as what is told last is read first.
#[must_use]
pub fn warm_starts() -> Vec<Box<RawValue>> {
    let mut starts = kit::warm_starts();
    let rewriting = starts.pop();
    starts.truncate(PAGES);
    let rarer = starts.split_off(BEFORE_A_WISH);
    let likeliest = starts.into_iter().chain([intent::start()]).chain(rewriting).chain(rarer);
    likeliest.rev().filter_map(|start| serde_json::value::to_raw_value(&start).ok()).collect()
}

/// The route through the tiers that may write a page's words.
pub const ROUTE: &str = "studio";
/// The route through those that may write whole pages.
pub const HTML_ROUTE: &str = "studio-html";
