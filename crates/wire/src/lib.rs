//! OpenAI's wire forms and the server-sent-events codec: parse only what is needed, forward the rest untouched.
//!
//! Nothing in here waits or connects. The forms are those of OpenAI's API reference
//! (<https://platform.openai.com/docs/api-reference>), with what other providers add to them.

#![forbid(unsafe_code)]

mod assemble;
mod chunk;
mod error;
mod form;
pub mod models;
mod object;
mod request;
mod seam;
pub mod sse;
mod stream;
mod whole;

pub use assemble::{Assembler, PartialChoice};
pub use chunk::{Chunk, Finish, Piece, Usage};
pub use error::{ProviderError, error_body};
pub use form::Form;
pub use request::{Amendment, BoundName, CarryOn, CarryOnBy, Malformed, Request, Rewrite, Segments};
pub use seam::{ResumeMode, Seam, SeamResult, request_to_repeat, resume_point};
pub use stream::{Continued, StreamEvent, StreamReader, content, reasoning, without_end};
pub use whole::{Allowed, NotAnAnswer, Whole};
