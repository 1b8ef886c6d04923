//! What an answer cost.

use serde::{Deserialize, Deserializer};

/// OpenAI's `usage`, in tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Usage {
    /// What was read.
    #[serde(default, deserialize_with = "whole_number")]
    pub prompt_tokens: u32,
    /// What was written.
    #[serde(default, deserialize_with = "whole_number")]
    pub completion_tokens: u32,
    /// Both.
    #[serde(default, deserialize_with = "whole_number")]
    pub total_tokens: u32,
}

/// Some providers send `null`, and some a float: neither makes an answer worthless.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = Option::<f64>::deserialize(deserializer)?.unwrap_or_default();
    // Saturates at both ends, and is zero for what is no number.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float to u32 saturates")]
    Ok(number as u32)
}
