//! How a tier is asked to go on from an unfinished message, where it is known to do so.

use crate::kind::Kind;
use crate::target::{Address, Target};

/// What shows a tier that the last message is unfinished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

    /// What is known of a tier before it has answered.
    pub(crate) fn of(target: &Target) -> Option<Self> {
        let host = match &target.base_url {
            Address::Http(uri) => uri.host(),
            Address::Unix(_) => None,
        };
        match (target.kind, host) {
            (Kind::Local, _) => Some(Self::Plain),
            (Kind::Commercial, Some("api.mistral.ai")) => Some(Self::Prefix),
            _ => None,
        }
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
#[allow(clippy::unwrap_used, reason = "a test ends where it fails")]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_those_that_are_known_to_take_a_prefill_are_given_one() {
        let of = |kind, address: &str| {
            let (base_url, connect) = (address.parse().unwrap(), Duration::ZERO);
            Prefill::of(&Target { kind, base_url, key: None, model: String::new(), connect })
        };
        assert_eq!(of(Kind::Local, "unix:/run/worker"), Some(Prefill::Plain));
        assert_eq!(of(Kind::Commercial, "https://api.mistral.ai/v1"), Some(Prefill::Prefix));
        for kind in [Kind::Space, Kind::Groq, Kind::Serverless, Kind::Commercial] {
            assert_eq!(of(kind, "https://host/v1"), None);
        }
        assert_eq!(Prefill::of_owner("vllm"), Some(Prefill::ContinueFinalMessage));
        assert_eq!(Prefill::of_owner("organization-owner"), None);
    }
}
