//! The wall from outside: what goes over its sockets for each name.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod answers;
mod breaks;
mod client;
mod field;
mod log;
mod refusals;
mod voices;
