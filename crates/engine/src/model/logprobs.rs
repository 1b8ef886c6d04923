//! How likely each token was: the log-softmax of the model's own logits, which no bias, penalty, temperature or grammar
//! has changed. Computed only where it was asked for: it goes through the whole vocabulary once a token.

use std::collections::VecDeque;

use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::vocab::LlamaVocab;

use super::job::Token;

/// What is told of the tokens' likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logprobs {
    /// So many of the likeliest tokens are told beside each token.
    pub top: usize,
    /// The prompt's tokens are weighed too. They are then all read anew: what the cache holds has no logits.
    pub prompt: bool,
}

/// How likely one token was, and what else it could have been.
#[derive(Debug, Clone, PartialEq)]
pub struct Logprob {
    /// The token, spelled out.
    pub bytes: Vec<u8>,
    /// Its natural logarithm; `None` for a prompt's first token, which nothing foretells.
    pub logprob: Option<f32>,
    /// The likeliest tokens, the likeliest first.
    pub top: Vec<(Vec<u8>, f32)>,
    /// How many of its bytes are the answer's: none, where the token is a sign to the model.
    pub shown: usize,
}

/// What has been weighed of one job.
#[derive(Debug)]
pub(super) struct Weighing {
    asked: Logprobs,
    /// The prompt's tokens; empty once they have been told.
    prompt: Vec<Logprob>,
    /// How many of the prompt's tokens have been weighed.
    read: usize,
    /// The answer's tokens whose text is not shown yet.
    waiting: VecDeque<Logprob>,
}

impl Weighing {
    pub(super) fn new(asked: Logprobs) -> Self {
        Self { asked, prompt: Vec::new(), read: 0, waiting: VecDeque::new() }
    }

    /// How many of the prompt's tokens have been weighed, where that is asked for.
    pub(super) fn of_prompt(&self) -> Option<usize> {
        self.asked.prompt.then_some(self.read)
    }

    /// Takes the prompt's next token, which these logits have foretold.
    pub(super) fn read(&mut self, vocab: &LlamaVocab<'_>, token: Token, logits: Option<&[f32]>) {
        self.read += 1;
        let bytes = spelled(vocab, token);
        let shown = bytes.len();
        let (logprob, top) = logits.map_or((None, Vec::new()), |logits| {
            let scale = log_sum(logits);
            (Some(logprob(logits, token, scale)), self.top(vocab, logits, scale))
        });
        self.prompt.push(Logprob { bytes, logprob, top, shown });
    }

    /// The prompt's tokens, once.
    pub(super) fn take_prompt(&mut self) -> Vec<Logprob> {
        std::mem::take(&mut self.prompt)
    }

    /// Takes the answer's next token, of which so many bytes will be shown.
    pub(super) fn write(&mut self, vocab: &LlamaVocab<'_>, token: Token, logits: &[f32], shown: usize) {
        let scale = log_sum(logits);
        let (logprob, top) = (Some(logprob(logits, token, scale)), self.top(vocab, logits, scale));
        self.waiting.push_back(Logprob { bytes: spelled(vocab, token), logprob, top, shown });
    }

    /// The tokens whose text has been shown, where the last `held` bytes are held back.
    pub(super) fn release(&mut self, held: usize) -> Vec<Logprob> {
        let mut behind = 0;
        let kept = self.waiting.iter().rev().take_while(|token| {
            let is_held = behind < held;
            behind += token.shown;
            is_held
        });
        let kept = kept.count();
        self.waiting.drain(..self.waiting.len() - kept).collect()
    }

    /// The tokens that are left where the last `cut` bytes were taken away: those that have said something before them.
    pub(super) fn release_before(&mut self, mut cut: usize) -> Vec<Logprob> {
        while let Some(last) = self.waiting.back().filter(|last| cut > 0 && last.shown <= cut) {
            cut -= last.shown;
            self.waiting.pop_back();
        }
        self.release(0)
    }

    fn top(&self, vocab: &LlamaVocab<'_>, logits: &[f32], scale: f64) -> Vec<(Vec<u8>, f32)> {
        let tokens = likeliest(logits, self.asked.top);
        tokens.into_iter().map(|token| (spelled(vocab, token), logprob(logits, token, scale))).collect()
    }
}

fn spelled(vocab: &LlamaVocab<'_>, token: Token) -> Vec<u8> {
    let mut bytes = Vec::new();
    vocab.token_to_piece_into(LlamaToken(token), &mut bytes, true, None);
    bytes
}

/// The logarithm of what all tokens together weigh, by which a logit becomes a log-probability.
fn log_sum(logits: &[f32]) -> f64 {
    let most = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    most + logits.iter().map(|&logit| (f64::from(logit) - most).exp()).sum::<f64>().ln()
}

fn logprob(logits: &[f32], token: Token, scale: f64) -> f32 {
    let logit = usize::try_from(token).ok().and_then(|token| logits.get(token));
    (f64::from(logit.copied().unwrap_or(f32::NEG_INFINITY)) - scale) as f32
}

/// The likeliest tokens, the likeliest first; of two alike the lower number.
fn likeliest(logits: &[f32], count: usize) -> Vec<Token> {
    let mut best: Vec<(f32, Token)> = Vec::with_capacity(count + 1);
    for (&logit, token) in logits.iter().zip(0..) {
        if best.len() == count && best.last().is_none_or(|&(least, _)| logit <= least) {
            continue;
        }
        let place = best.partition_point(|&(better, _)| better >= logit);
        best.insert(place, (logit, token));
        best.truncate(count);
    }
    best.into_iter().map(|(_, token)| token).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probabilities_of_all_tokens_add_up_to_one() {
        let logits = [1.5, -2.0, 900.0, 899.0, f32::NEG_INFINITY];
        let scale = log_sum(&logits);
        let all: Vec<f32> = (0..5).map(|token| logprob(&logits, token, scale)).collect();
        assert!((all.iter().map(|logprob| logprob.exp()).sum::<f32>() - 1.0).abs() < 1e-6, "{all:?}");
        assert!((all[2] - all[3] - 1.0).abs() < 1e-4 && all[4] == f32::NEG_INFINITY, "{all:?}");
    }

    #[test]
    fn the_likeliest_come_first() {
        let logits = [0.0, 3.0, -1.0, 3.0, 2.0];
        assert_eq!(likeliest(&logits, 3), [1, 3, 4]);
        assert_eq!(likeliest(&logits, 9), [1, 3, 4, 0, 2]);
        assert_eq!(likeliest(&logits, 0), Vec::<Token>::new());
    }

    /// A weighing whose answer's tokens have these lengths.
    fn weighing(shown: &[usize]) -> Weighing {
        let mut weighing = Weighing::new(Logprobs { top: 0, prompt: false });
        let token = |&shown| Logprob { bytes: Vec::new(), logprob: None, top: Vec::new(), shown };
        weighing.waiting = shown.iter().map(token).collect();
        weighing
    }

    fn lengths(released: &[Logprob]) -> Vec<usize> {
        released.iter().map(|token| token.shown).collect()
    }

    #[test]
    fn a_token_is_told_once_all_of_its_text_is_shown() {
        let mut tokens = weighing(&[3, 2, 0, 4]);
        assert_eq!(lengths(&tokens.release(5)), [3]);
        assert_eq!(lengths(&tokens.release(4)), [2, 0]);
        assert_eq!(lengths(&tokens.release(4)), Vec::<usize>::new());
        assert_eq!(lengths(&tokens.release(0)), [4]);
    }

    #[test]
    fn the_tokens_of_a_stop_string_are_not_told() {
        assert_eq!(lengths(&weighing(&[3, 2, 4]).release_before(6)), [3]);
        assert_eq!(lengths(&weighing(&[3, 2, 4]).release_before(5)), [3, 2]);
        assert_eq!(lengths(&weighing(&[3, 2, 4]).release_before(0)), [3, 2, 4]);
    }
}
