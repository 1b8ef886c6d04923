//! How a tier is asked to go on from an unfinished message, where it is known to do so.

use serde::Deserialize;

/// What shows a tier that the last message is unfinished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prefill {
    /// The role of the last message: the embedded engine and llama.cpp's server.
    Plain,
    /// `continue_final_message` with `add_generation_prompt: false`: vLLM and `SGLang`
    /// (<https://docs.vllm.ai/en/stable/serving/openai_compatible_server.html>).
    ContinueFinalMessage,
    /// `prefix` in the message. The answer begins with the message itself: Mistral
    /// (<https://docs.mistral.ai/capabilities/completion/prefix/>).
    Prefix,
}

impl Prefill {
    /// Whether the answer goes on directly behind the message.
    #[must_use]
    pub const fn is_certain(self) -> bool {
        !matches!(self, Self::Prefix)
    }

    /// What a self-hosted server's list of models shows: who owns them (`owned_by`).
    pub(crate) fn of_owner(owner: &str) -> Option<Self> {
        match owner {
            "vllm" | "sglang" => Some(Self::ContinueFinalMessage),
            "llamacpp" => Some(Self::Plain),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_owners_that_are_known_to_take_a_prefill_are_given_one() {
        assert_eq!(Prefill::of_owner("vllm"), Some(Prefill::ContinueFinalMessage));
        assert_eq!(Prefill::of_owner("organization-owner"), None);
    }
}
