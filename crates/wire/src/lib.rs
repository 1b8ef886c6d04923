//! OpenAI's wire forms and the server-sent-events codec: parse only what is needed, forward the rest untouched.
//!
//! Nothing in here waits or connects. The forms are those of OpenAI's API reference
//! (<https://platform.openai.com/docs/api-reference>), with what other providers add to them.

#![forbid(unsafe_code)]

mod assemble;
mod carried;
mod chunk;
mod error;
mod estimate;
mod form;
pub mod models;
mod object;
mod place;
mod request;
mod rewrite;
mod said;
mod seam;
mod segments;
pub mod sse;
mod unassemble;
mod usage;
mod whole;

pub use assemble::{Assembler, ChoiceSoFar};
pub use carried::{Carried, content, reasoning, without_end};
pub use chunk::{Chunk, Finish, Piece};
pub use error::{ProviderError, error_body};
pub use form::Form;
pub use request::{Malformed, Request};
pub use rewrite::{CarryOn, Rewrite};
pub use seam::{Asked, Found, Seam, request_to_repeat};
pub use segments::Segments;
pub use usage::Usage;
pub use whole::{NotAnAnswer, Whole};
