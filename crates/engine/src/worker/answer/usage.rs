//! What an answer has cost, in OpenAI's form.

use serde::Serialize;

use crate::model::{Done, Drafted};

/// The sum over all choices: a prompt counts once, however many answers it has.
#[derive(Debug, Default, Serialize)]
pub(super) struct Usage {
    prompt_tokens: u32,
    completion_tokens: u32,
    total_tokens: u32,
    prompt_tokens_details: PromptDetails,
    /// Absent where nothing was guessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Debug, Default, Serialize)]
struct PromptDetails {
    cached_tokens: u32,
}

/// How much was guessed; the members are this engine's own.
#[derive(Debug, Default, Serialize)]
struct CompletionDetails {
    draft_tokens: u32,
    draft_accepted: u32,
    near_ties: u32,
}

impl Usage {
    /// Counts an answer, and its prompt where it is the first to that.
    pub(super) fn count(&mut self, done: &Done, first: bool) {
        if first {
            self.prompt_tokens = self.prompt_tokens.saturating_add(done.prompt_tokens);
            let cached = &mut self.prompt_tokens_details.cached_tokens;
            *cached = cached.saturating_add(done.cached_tokens);
        }
        self.completion_tokens = self.completion_tokens.saturating_add(done.completion_tokens);
        self.total_tokens = self.prompt_tokens.saturating_add(self.completion_tokens);
        let Drafted { tokens, accepted, near_ties } = done.drafts;
        if tokens > 0 {
            let details = self.completion_tokens_details.get_or_insert_default();
            details.draft_tokens = details.draft_tokens.saturating_add(tokens);
            details.draft_accepted = details.draft_accepted.saturating_add(accepted);
            details.near_ties = details.near_ties.saturating_add(near_ties);
        }
    }
}
