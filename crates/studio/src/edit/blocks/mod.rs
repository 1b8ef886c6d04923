//! Changes as a model writes them: what stands in a file, and what is to stand there instead. They are read while they come,
//! and what they speak of is looked for in the file itself.

mod anchor;
mod changed;
pub(crate) mod marks;
mod nearest;
mod omission;
mod place;
mod read;

pub(crate) use changed::{Changed, Wrong};
pub(crate) use nearest::{Lost, nearest};
pub(crate) use omission::leaves_out;
pub(crate) use place::Place;
pub(crate) use read::{Block, Blocks, Change, Reading};
