//! The two forms that a completion is asked for in.

/// Which of OpenAI's completion forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `POST /v1/chat/completions`
    Chat,
    /// `POST /v1/completions`
    Text,
}

impl Form {
    /// The path below `/v1/`.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Chat => "chat/completions",
            Self::Text => "completions",
        }
    }

    /// The `object` of a whole answer.
    pub(crate) const fn whole(self) -> &'static str {
        match self {
            Self::Chat => "chat.completion",
            Self::Text => "text_completion",
        }
    }

    /// The `object` of a streamed chunk.
    pub(crate) const fn chunk(self) -> &'static str {
        match self {
            Self::Chat => "chat.completion.chunk",
            Self::Text => "text_completion",
        }
    }
}
