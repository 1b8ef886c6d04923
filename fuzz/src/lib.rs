//! What must hold of any bytes that come from outside. Each target is a `check` that panics where it does not: libFuzzer calls it
//! (`fuzz_targets/`), and so does the short run over the corpus (`tests/short.rs`).

pub mod request;
pub mod seam;
pub mod sse;
