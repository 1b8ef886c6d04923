//! A GGUF's header and tensor table, checked in safe Rust before llama.cpp sees the file.
//!
//! Nothing in the file is believed: each length is held against what is left of the file and against the largest that
//! a real model has, each tensor's end against the file's. What llama.cpp would only find by its own asserts, which
//! end the process, is found here and named.
//!
//! Source: the GGUF specification (ggml, `docs/gguf.md`), and what llama.cpp's own reader asks for beyond it.

mod error;
mod header;
mod kinds;
mod metadata;
mod reader;
mod tensors;
#[cfg(test)]
mod tests;

pub use error::{Fault, GgufError};
pub use header::Header;
