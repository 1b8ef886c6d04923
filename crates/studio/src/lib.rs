//! The Studio: a described page appears, is changed and kept.
//!
//! Data runs one way: the surface reads what a user wants, a generation asks the gateway's own service (never a tier) for
//! words, the [`kit`] makes the page, and the store keeps every version of it from the first token on.

#![forbid(unsafe_code)]
