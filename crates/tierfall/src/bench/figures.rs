//! What was measured of one model, as it is printed with `--json`. Times are in seconds, speeds in tokens a second.

use std::time::Duration;

use serde::Serialize;
use wire::Finish;

use super::asking::Timed;

/// All of one model.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    /// As a user would type it.
    pub(super) model: String,
    pub(super) file_bytes: u64,
    /// The context in tokens.
    pub(super) context: u32,
    /// Threads that compute.
    pub(super) threads: usize,
    /// From the start of the worker until it takes requests.
    pub(super) load_seconds: f64,
    pub(super) prompt: Reading,
    pub(super) known_prefix: Reading,
    pub(super) decode: Writing,
    pub(super) page: Page,
    pub(super) edit: Edit,
    pub(super) callers: Together,
    pub(super) roofline: Roofline,
}

/// A prompt, until the first token of its answer.
#[derive(Debug, Serialize)]
pub(super) struct Reading {
    pub(super) tokens: u32,
    /// How many of them were known already.
    pub(super) cached_tokens: u32,
    pub(super) first_token_seconds: f64,
    /// Of those that were not known.
    pub(super) tokens_per_second: f64,
}

/// An answer, from its first token on.
#[derive(Debug, Serialize)]
pub(super) struct Writing {
    pub(super) tokens: u32,
    pub(super) tokens_per_second: f64,
}

/// A page described in words, from the request on.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    pub(super) prompt_tokens: u32,
    pub(super) tokens: u32,
    pub(super) seconds: f64,
    /// From its first token on.
    pub(super) tokens_per_second: f64,
    /// False where it was cut off at the most that is asked for.
    pub(super) ended: bool,
}

/// A page written again with one change.
#[derive(Debug, Serialize)]
pub(super) struct Edit {
    #[serde(flatten)]
    pub(super) page: Page,
    /// Tokens that were guessed, and how many of them were right.
    pub(super) draft_tokens: u32,
    pub(super) draft_accepted: u32,
}

/// Several callers at the same moment.
#[derive(Debug, Serialize)]
pub(super) struct Together {
    pub(super) callers: u32,
    /// Of all of them.
    pub(super) tokens: u32,
    /// Until the last has its answer.
    pub(super) seconds: f64,
    pub(super) tokens_per_second: f64,
}

/// What the memory allows, and how near the answer comes to it.
#[derive(Debug, Serialize)]
pub(super) struct Roofline {
    /// Measured, with as many threads as compute.
    pub(super) memory_bytes_per_second: f64,
    /// What one token takes from the memory: the model's file.
    pub(super) bytes_per_token: u64,
    /// What the two allow.
    pub(super) tokens_per_second: f64,
    /// The answer's speed by that: above 1 where caches hold a part of the model.
    pub(super) decode_share: f64,
}

impl Reading {
    pub(super) fn of(timed: &Timed) -> Self {
        let (tokens, cached_tokens) = (timed.usage.prompt_tokens, timed.usage.prompt.cached_tokens);
        let read = tokens.saturating_sub(cached_tokens);
        let tokens_per_second = f64::from(read) / timed.first.as_secs_f64();
        Self { tokens, cached_tokens, first_token_seconds: timed.first.as_secs_f64(), tokens_per_second }
    }
}

impl Writing {
    pub(super) fn of(timed: &Timed) -> Self {
        Self { tokens: timed.usage.completion_tokens, tokens_per_second: speed(timed) }
    }
}

impl Page {
    pub(super) fn of(timed: &Timed) -> Self {
        let (prompt_tokens, tokens) = (timed.usage.prompt_tokens, timed.usage.completion_tokens);
        let ended = timed.finish == Some(Finish::Stop);
        Self { prompt_tokens, tokens, seconds: timed.whole.as_secs_f64(), tokens_per_second: speed(timed), ended }
    }
}

impl Edit {
    pub(super) fn of(timed: &Timed) -> Self {
        let details = timed.usage.completion;
        let (draft_tokens, draft_accepted) = (details.draft_tokens, details.draft_accepted);
        Self { page: Page::of(timed), draft_tokens, draft_accepted }
    }
}

impl Together {
    /// All of them began at the same moment.
    pub(super) fn of(all: &[Timed]) -> Self {
        let tokens = all.iter().map(|timed| timed.usage.completion_tokens).sum();
        let seconds = all.iter().map(|timed| timed.whole).max().unwrap_or_default().as_secs_f64();
        let callers = u32::try_from(all.len()).unwrap_or(u32::MAX);
        Self { callers, tokens, seconds, tokens_per_second: f64::from(tokens) / seconds }
    }
}

impl Roofline {
    pub(super) fn new(memory_bytes_per_second: f64, bytes_per_token: u64, decode: &Writing) -> Self {
        let tokens_per_second = memory_bytes_per_second / bytes_per_token as f64;
        let decode_share = decode.tokens_per_second / tokens_per_second;
        Self { memory_bytes_per_second, bytes_per_token, tokens_per_second, decode_share }
    }
}

/// Of all tokens but the first, which ends the reading of the prompt; none where there is but one.
fn speed(timed: &Timed) -> f64 {
    let (tokens, took) = (timed.usage.completion_tokens.saturating_sub(1), timed.writing());
    if took == Duration::ZERO { 0.0 } else { f64::from(tokens) / took.as_secs_f64() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::asking::{CompletionDetails, PromptDetails, Usage};

    fn timed(first: u64, whole: u64) -> Timed {
        let usage = Usage {
            prompt_tokens: 500,
            completion_tokens: 41,
            prompt: PromptDetails { cached_tokens: 100 },
            completion: CompletionDetails { draft_tokens: 16, draft_accepted: 9 },
        };
        let (first, whole) = (Duration::from_secs(first), Duration::from_secs(whole));
        Timed { usage, first, whole, finish: Some(Finish::Length) }
    }

    #[test]
    fn what_was_known_already_was_not_read() {
        let reading = Reading::of(&timed(4, 5));
        assert_eq!((reading.tokens_per_second, reading.first_token_seconds), (100.0, 4.0));
    }

    #[test]
    fn an_answer_is_as_fast_as_its_tokens_after_the_first() {
        assert_eq!(Writing::of(&timed(4, 8)).tokens_per_second, 10.0);
        assert_eq!(Writing::of(&timed(4, 4)).tokens_per_second, 0.0, "one token alone says nothing");
    }

    #[test]
    fn callers_together_take_as_long_as_the_last_of_them() {
        let together = Together::of(&[timed(1, 5), timed(1, 10)]);
        assert_eq!((together.callers, together.tokens, together.tokens_per_second), (2, 82, 8.2));
    }

    #[test]
    fn a_page_that_was_cut_off_says_so_and_an_edit_what_was_guessed() {
        let edit = Edit::of(&timed(1, 5));
        assert_eq!((edit.page.ended, edit.draft_tokens, edit.draft_accepted), (false, 16, 9));
        assert!(Page::of(&Timed { finish: Some(Finish::Stop), ..timed(1, 5) }).ended);
    }

    #[test]
    fn the_roofline_is_the_memory_by_the_models_size() {
        let decode = Writing { tokens: 96, tokens_per_second: 15.0 };
        let roofline = Roofline::new(20e9, 1_000_000_000, &decode);
        assert_eq!((roofline.tokens_per_second, roofline.decode_share), (20.0, 0.75));
    }
}
