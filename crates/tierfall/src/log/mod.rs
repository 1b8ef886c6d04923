//! What Tierfall prints while it runs: DESIGN.md's lines, plain or as JSON, written by a thread of its own so that no request
//! waits for a terminal or a full pipe.

mod line;
mod observer;
mod writer;

pub use line::{Form, Line};
pub use writer::Log;
