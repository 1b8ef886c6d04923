//! The gateway from outside: callers over loopback, tiers that fail by script, and the log as people read it.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

mod bad_input;
mod beside;
mod breakers;
mod caller;
mod choices;
mod continuation;
mod decided;
mod facts;
mod faults;
mod field;
mod finished;
mod forwarding;
mod gates;
mod hedging;
mod leaving;
mod limits;
mod memory;
mod order;
mod play;
mod progress;
mod queue;
mod quiet;
mod reload;
mod replacement;
mod routes;
mod stand;
mod stop;
mod tiers;
mod voices;
mod waking;
