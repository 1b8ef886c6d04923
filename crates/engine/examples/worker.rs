//! A worker as `tierfall engine` is one, for this crate's tests and for trying the engine by hand:
//!
//! ```text
//! sleep inf | worker engine --socket /tmp/s --model m.gguf --name m &
//! curl --unix-socket /tmp/s http://worker/health
//! ```

use std::process::ExitCode;

fn main() -> ExitCode {
    // After the program's name comes the word `engine`, which chooses the command in the real binary.
    engine::worker::run(std::env::args_os().skip(2))
}
