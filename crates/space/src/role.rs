//! What a Space does.

/// What a Space does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Tier 1: the model that answers most requests.
    Primary,
    /// Tier 2: a smaller one that is always quick.
    Fast,
    /// No model: it forwards to `MODEL_URL`.
    Proxy,
    /// A model on a GPU that is lent for as long as an answer takes.
    Zerogpu,
}

impl Role {
    /// As it is typed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Primary => "primary",
            Role::Fast => "fast",
            Role::Proxy => "proxy",
            Role::Zerogpu => "zerogpu",
        }
    }

    /// The model that it serves where none is named: of the catalogue, or, on a lent GPU, of the Hub.
    pub(crate) fn default_model(self) -> Option<&'static str> {
        match self {
            Role::Primary => Some("qwen2.5-coder-1.5b-instruct"),
            Role::Fast => Some("smollm2-135m-instruct"),
            Role::Proxy => None,
            Role::Zerogpu => Some("Qwen/Qwen2.5-Coder-7B-Instruct"),
        }
    }
}
