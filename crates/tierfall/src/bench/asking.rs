//! One streamed request to a worker, timed from outside; what it cost in tokens, the worker says.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Deserialize;
use upstream::{AnswerBody, Outgoing, Upstream};
use wire::{Allowed, Finish, Piece};

use super::requests::Ask;

/// What an answer cost and how long it took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timed {
    pub(super) usage: Usage,
    /// From the request to the first token.
    pub(super) first: Duration,
    /// From the request to the end.
    pub(super) whole: Duration,
    pub(super) finish: Option<Finish>,
}

/// A worker's own count.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Usage {
    pub(super) prompt_tokens: u32,
    pub(super) completion_tokens: u32,
    #[serde(default, rename = "prompt_tokens_details")]
    pub(super) prompt: PromptDetails,
    #[serde(default, rename = "completion_tokens_details")]
    pub(super) completion: CompletionDetails,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct PromptDetails {
    pub(super) cached_tokens: u32,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct CompletionDetails {
    pub(super) draft_tokens: u32,
    pub(super) draft_accepted: u32,
}

impl Timed {
    /// From the first token to the end: the time of all tokens but one.
    pub(super) fn writing(&self) -> Duration {
        self.whole.saturating_sub(self.first)
    }
}

#[derive(Deserialize)]
struct Chunk {
    usage: Option<Usage>,
}

/// Asks, and reads to the end.
///
/// # Errors
/// The worker refused it or died, or the model said nothing.
pub(super) async fn ask(worker: &Upstream, ask: Ask) -> anyhow::Result<Timed> {
    let Ask { form, body } = ask;
    let request_id = "tierfall-bench".to_owned();
    let outgoing =
        Outgoing { form, body: body.into(), streamed: true, allowed: Allowed::default(), request_id, deadline: None };
    let begun = Instant::now();
    let AnswerBody::Stream(mut events) = worker.send(outgoing).await?.body else {
        anyhow::bail!("the worker gave no stream");
    };
    let (mut first, mut usage, mut finish) = (None, None, None);
    while let Some(event) = events.next().await {
        let event = event?;
        if let Some(Piece::Chunk(chunk)) = event.piece {
            if chunk.token {
                first.get_or_insert_with(|| begun.elapsed());
            }
            finish = chunk.finish.or(finish);
            if chunk.usage.is_some() {
                let told = event.data.and_then(|data| serde_json::from_slice::<Chunk>(&data).ok());
                usage = told.and_then(|chunk| chunk.usage);
            }
        }
    }
    let whole = begun.elapsed();
    let usage = usage.context("the worker did not say what the answer cost")?;
    Ok(Timed { usage, first: first.unwrap_or(whole), whole, finish })
}
