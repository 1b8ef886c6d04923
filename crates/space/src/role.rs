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
}

impl Role {
    /// As it is typed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Primary => "primary",
            Role::Fast => "fast",
            Role::Proxy => "proxy",
        }
    }

    /// The model that it serves where none is named.
    pub(crate) fn default_model(self) -> Option<&'static str> {
        match self {
            Role::Primary => Some("qwen2.5-coder-1.5b-instruct"),
            Role::Fast => Some("smollm2-135m-instruct"),
            Role::Proxy => None,
        }
    }
}
