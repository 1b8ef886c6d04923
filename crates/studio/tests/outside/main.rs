//! The Studio from outside: a browser's calls over loopback, scripted tiers behind a real gateway, projects in a real file.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

mod ask;
mod bad_input;
mod climbing;
mod files;
mod foreign;
mod front_end;
mod generating;
mod granted;
mod hand;
mod intent;
mod panicking;
mod shown;
mod spoken;
mod stand;
