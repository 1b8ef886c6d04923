//! The worker: llama.cpp behind OpenAI's form on a Unix socket, and its supervisor.

pub mod confine;
pub mod gguf;
pub mod grammar;
pub mod model;
pub mod supervisor;
pub mod template;
pub mod worker;
