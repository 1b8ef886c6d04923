//! A Hugging Face Space: the folder that one is built from, and its way to the Hub.
//!
//! [`init`] writes the folder: a Dockerfile, a README with the front matter that the Hub reads, and the source of this very
//! program, which the Dockerfile builds. It is all text, since the Hub takes binaries, and files over 10 MiB, through Git LFS
//! alone; and it is whole, so that no repository and no published image has to be reached beside Debian's and Rust's. For a lent
//! GPU (ZeroGPU) it is a Gradio program instead, which has nothing to build.
//! <https://huggingface.co/docs/hub/spaces-sdks-docker>, <https://huggingface.co/docs/hub/spaces-config-reference>
//!
//! Everything here blocks; nothing needs an async runtime.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test ends where it fails"))]

mod folder;
mod git;
mod hub;
mod name;
mod push;
mod role;
mod template;

pub use folder::{InitError, Written, init};
pub use hub::{Hub, Sdk, Visibility};
pub use name::{BadSpaceName, SpaceName};
pub use push::{PushError, Pushed, push};
pub use role::Role;

/// The port that a Space serves on.
pub const PORT: u16 = 7860;

/// How many requests the program of a Space with a lent GPU works at, at once.
pub const PARALLEL: u32 = 4;

/// The workspace's own source: path, content.
static SOURCE: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/source.rs"));

/// What a Space is to be.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What it does.
    pub role: Role,
    /// `NAME`, `NAME:QUANT` or `hf:OWNER/REPO:QUANT`; on a lent GPU `OWNER/NAME`. `None`: the role's own.
    pub model: Option<String>,
    /// What its page is called. `None`: after its role.
    pub title: Option<String>,
}
