//! The inside of the `tierfall` binary: arguments, configuration, wiring.

pub mod config;
