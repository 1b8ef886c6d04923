//! Changes of a page, as they are thought of without a socket, a clock or a model: by hand, by a wish that is understood
//! at once, and by what a model wrote, which is never taken on trust.

pub(crate) mod answer;
pub(crate) mod blocks;
pub mod element;
pub(crate) mod ladder;
pub(crate) mod wish;
