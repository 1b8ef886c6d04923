//! What can be wrong with a GGUF, in words for the person who has to replace it.

/// A file that llama.cpp must not see.
#[derive(Debug, thiserror::Error)]
#[error("{file} {fault}")]
pub struct GgufError {
    /// The file's name, without its folder.
    pub file: String,
    /// What is wrong with it.
    #[source]
    pub fault: Fault,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The system would not give it.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// It begins otherwise than a GGUF does.
    #[error("is not a GGUF file")]
    NotGguf,
    /// A version that llama.cpp does not read, or one written for the other byte order.
    #[error("is a GGUF of version {0}, which cannot be read (2 and 3 can, little-endian)")]
    Version(u32),
    /// It ends before something that it says it holds.
    #[error("is truncated: {what} ends at byte {end}, the file has {length}")]
    Truncated {
        /// The field or tensor.
        what: String,
        /// Where it would end; the largest number there is where even that cannot be said.
        end: u64,
        /// The file's length.
        length: u64,
    },
    /// A field holds what it must not.
    #[error("is damaged: {what} {why}")]
    Damaged {
        /// The field, key or tensor.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// A key that every model has is absent.
    #[error("is damaged: it has no {0}")]
    Missing(String),
    /// One file of several; the others would be opened unchecked.
    #[error("is one of {0} parts of a split model; it has to be one file")]
    Split(u64),
}

impl Fault {
    pub(super) fn damaged(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Damaged { what: what.into(), why: why.into() }
    }
}
