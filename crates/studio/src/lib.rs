//! The Studio: a described page appears, is changed and kept.
//!
//! Data runs one way: the surface ([`http`]) reads what a user wants, a [`generation`] asks ([`asking`]) the gateway's own
//! service (never a tier) for words, the [`kit`] makes the page ([`pages`]), and the [`store`] keeps every version of it
//! from the first token on. What a hand changes ([`hand`]) takes the same way without a model.

#![forbid(unsafe_code)]

mod asking;
mod diff;
pub mod edit;
mod export;
mod facts;
mod generation;
mod hand;
mod http;
mod pages;
mod project;
mod store;
mod studio;

pub use store::StoreError;
pub use studio::{Hosts, Studio};

/// The route through the tiers that may write a page's words.
pub const ROUTE: &str = "studio";
/// The route through those that may write whole pages.
pub const HTML_ROUTE: &str = "studio-html";
