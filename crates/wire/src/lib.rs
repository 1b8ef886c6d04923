//! OpenAI's wire forms and the server-sent-events codec: parse only what is needed, forward the rest untouched.
//!
//! Nothing in here waits or connects. The forms are those of OpenAI's API reference
//! (<https://platform.openai.com/docs/api-reference>), with what other providers add to them.

#![forbid(unsafe_code)]

mod amendment;
mod assemble;
mod choice_index;
mod chunk;
mod continued;
mod error;
mod estimate;
mod form;
pub mod models;
mod object;
mod presence;
mod request;
mod rewrite;
mod seam;
mod segments;
pub mod sse;
mod stream;
mod unassemble;
mod usage;
mod whole;

pub use amendment::{Amendment, BoundName};
pub use assemble::{Assembler, PartialChoice};
pub use chunk::{Chunk, Finish, Piece};
pub use continued::{Continued, content, reasoning, without_end};
pub use error::{ProviderError, error_body};
pub use form::Form;
pub use request::{Malformed, Request};
pub use rewrite::{CarryOn, CarryOnBy, Rewrite};
pub use seam::{ResumeMode, Seam, SeamResult, request_to_repeat, resume_point};
pub use segments::Segments;
pub use stream::{StreamEvent, StreamReader};
pub use usage::Usage;
pub use whole::{Allowed, NotAnAnswer, Whole};
