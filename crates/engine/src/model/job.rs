//! What the engine is asked for and what it answers: a [`Job`] goes in, a [`Generation`] comes out.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::logprobs::{Logprob, Logprobs};
use super::mailbox::Mailbox;
use crate::grammar::Grammar;

/// A token's number in the model's vocabulary.
pub type Token = i32;

/// One prompt to carry on.
#[derive(Debug, Clone, Default)]
pub struct Job {
    /// The prompt, as [`Model::tokenize`](super::Model::tokenize) or
    /// [`Model::render_chat`](super::Model::render_chat) gave it.
    pub prompt: Vec<Token>,
    /// The most tokens to answer with. Lowered to the room that the prompt leaves; all of it where it is `None`. With
    /// 0 the prompt is only read, so that a later one with the same start finds it in the cache.
    pub max_tokens: Option<u32>,
    /// The answer ends before the first of these; none of it, not even a part, is ever given out.
    pub stop: Vec<String>,
    /// How the next token is chosen.
    pub sampling: Sampling,
    /// What the answer must fit, as [`Model::grammar`](super::Model::grammar) gave it.
    pub grammar: Option<Grammar>,
    /// Whether tokens are guessed.
    pub drafting: Drafting,
    /// What is told of how likely each token was.
    pub logprobs: Option<Logprobs>,
    /// Whether it is a further answer to a prompt of the same request: its start is then used no more than before.
    pub again: bool,
}

/// Whether what an answer may say next is guessed from what its prompt and itself have said, and checked in one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Drafting {
    /// Where that is faster, by the times that batches were measured to take.
    #[default]
    WhereItPays,
    /// Wherever there is anything to guess from.
    Always,
    /// Every token takes a step of its own.
    Never,
}

/// How the next token is chosen. Defaults are those of OpenAI's form, and llama.cpp's own for what that form has not.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    /// 0 always takes the likeliest token.
    pub temperature: f32,
    /// The likeliest tokens that together have this probability; 1 keeps all.
    pub top_p: f32,
    /// The so many likeliest tokens; 0 keeps all, at the price of sorting the vocabulary for each token.
    pub top_k: u32,
    /// Tokens at least so likely, relative to the likeliest; 0 keeps all.
    pub min_p: f32,
    /// Taken once from the logit of each token that the answer already has.
    pub presence_penalty: f32,
    /// Taken from a token's logit for each time that the answer already has it.
    pub frequency_penalty: f32,
    /// Divides the logit of each of the latest tokens; 1 changes nothing.
    pub repeat_penalty: f32,
    /// The same seed draws the same answer from the same logits; `None` draws a new one.
    pub seed: Option<u32>,
    /// Added to the logits of these tokens.
    pub logit_bias: Vec<(Token, f32)>,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 1.0,
            top_p: 1.0,
            top_k: 40,
            min_p: 0.05,
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
            repeat_penalty: 1.0,
            seed: None,
            logit_bias: Vec::new(),
        }
    }
}

/// Why a job was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The prompt leaves no room for even one token.
    #[error("prompt too long: {prompt} tokens, {context} fit")]
    TooLong {
        /// The prompt's tokens.
        prompt: u32,
        /// The most tokens that a prompt may have here: the context less the one that answers.
        context: u32,
    },
    /// There is nothing to carry on.
    #[error("the prompt is empty")]
    Empty,
    /// The prompt or `logit_bias` names a token that the vocabulary does not have.
    #[error("token {token} is not in the vocabulary of {vocabulary}")]
    UnknownToken {
        /// The token.
        token: Token,
        /// How many tokens the vocabulary has.
        vocabulary: u32,
    },
    /// So many requests already wait that one more would wait too long.
    #[error("busy: {waiting} requests are waiting")]
    Busy {
        /// How many wait.
        waiting: u32,
    },
    /// The engine's thread has ended.
    #[error("the engine has stopped")]
    Stopped,
}

/// One thing that the engine has to say about a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// The prompt is still being read; said once a second, or after each batch where one takes longer.
    Reading {
        /// Tokens read, those found in the cache included.
        done: u32,
        /// The prompt's tokens.
        total: u32,
    },
    /// How likely the prompt's tokens were, all at once, before anything of the answer.
    Prompt(Vec<Logprob>),
    /// How likely those tokens were whose last bytes come with the next text, or, behind the last one, that said nothing.
    Logprobs(Vec<Logprob>),
    /// More of the answer: whole characters, and nothing of a stop string.
    Text(String),
    /// The answer has ended; nothing follows.
    Done(Done),
    /// The answer cannot be carried on; nothing follows.
    Failed(String),
}

/// How an answer ended, and what it took.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// Why it ended.
    pub finish: Finish,
    /// The prompt's tokens.
    pub prompt_tokens: u32,
    /// How many of them were in the cache and not read again.
    pub cached_tokens: u32,
    /// The answer's tokens, the one that ended it included.
    pub completion_tokens: u32,
    /// How long each part took.
    pub timings: Timings,
    /// What was guessed of it.
    pub drafts: Drafted,
    /// The batch that ended it, as [`Model::batches`](super::Model::batches) counts.
    pub batch: u64,
}

/// How much of an answer was guessed, and checked in fewer steps than it has tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drafted {
    /// Tokens that were guessed.
    pub tokens: u32,
    /// How many of them were what the sampler drew.
    pub accepted: u32,
    /// Tokens that were drawn at temperature 0 where another one's logit lay within rounding of theirs. A batch that is made
    /// up otherwise sums in another order, and may take the other one: with a draft or without, beside other answers, by
    /// fewer threads, from a cache that was filled in another order.
    pub near_ties: u32,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model said that it has ended, a stop string came, or the grammar lets nothing follow.
    Stop,
    /// `max_tokens` or the context was used up.
    Length,
}

/// How long each part of a job took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timings {
    /// From the job's coming to the first token of its prompt being read.
    pub queued: Duration,
    /// From then to the first token of the answer.
    pub prompt: Duration,
    /// From then to the end.
    pub answer: Duration,
}

/// An answer as it comes. Dropping it cancels the job within one batch and frees its sequence.
///
/// Nothing waits for its reader: text that is not fetched is put together, and is bounded by the job's `max_tokens`.
#[derive(Debug)]
pub struct Generation {
    mailbox: Arc<Mailbox>,
}

impl Generation {
    pub(super) fn new(mailbox: Arc<Mailbox>) -> Self {
        Self { mailbox }
    }

    /// The next thing that the engine has to say; `None` after [`Output::Done`] or [`Output::Failed`].
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Output>> {
        self.mailbox.poll(cx)
    }

    /// As [`poll_next`](Self::poll_next). Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Output> {
        poll_fn(|cx| self.mailbox.poll(cx)).await
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        self.mailbox.cancel();
    }
}
