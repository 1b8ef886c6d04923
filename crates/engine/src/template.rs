//! The model's own chat template.

/// Why a chat could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It took more steps than any honest template needs.
    #[error("the chat template did not come to an end")]
    OutOfFuel,
    /// The template itself refused the messages, in its own words.
    #[error("{0}")]
    Raised(String),
    /// The messages are not what the form says.
    #[error("{0}")]
    Messages(String),
    /// The template is broken.
    #[error("the chat template is broken: {0}")]
    Broken(String),
}
