//! How a job's next token is drawn: llama.cpp's sampler chain, under the job's grammar.

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::logit_bias::LlamaLogitBias;

use super::job::Sampling;
use crate::grammar::{Grammar, Lost};

/// `LLAMA_DEFAULT_SEED`: llama.cpp draws a seed by itself.
const DRAW_A_SEED: u32 = u32::MAX;
/// How far back a repeated token is penalised: llama.cpp's own default.
const REPEAT_WINDOW: i32 = 64;
/// No candidate list is ever cut to nothing.
const MIN_KEEP: usize = 1;

/// Draws one token after another.
#[derive(Debug)]
pub(super) struct Sampler {
    chain: LlamaSampler,
    grammar: Option<Grammar>,
}

impl Sampler {
    pub(super) fn new(sampling: &Sampling, grammar: Option<Grammar>, vocabulary: i32, context: u32) -> Self {
        Self { chain: chain(sampling, vocabulary, context), grammar }
    }

    /// Draws a token from the logits at `index` of the batch just decoded, and takes it. Under a grammar it is drawn as
    /// without one, and again among what the grammar allows only where it refuses that: asking about one token costs
    /// microseconds, about the whole vocabulary up to milliseconds (so does llama.cpp's `common_sampler_sample`).
    pub(super) fn choose(&mut self, context: &LlamaContext<'_>, index: i32) -> Result<LlamaToken, Lost> {
        let Some(grammar) = &mut self.grammar else { return Ok(self.chain.sample(context, index)) };
        let mut candidates = context.token_data_array_ith(index);
        self.chain.apply(&mut candidates);
        let mut token = candidates.selected_token().ok_or(Lost)?;
        if !grammar.allows(token.0)? {
            candidates = context.token_data_array_ith(index);
            grammar.forbid(&mut candidates.data)?;
            self.chain.apply(&mut candidates);
            token = candidates.selected_token().ok_or(Lost)?;
        }
        self.chain.accept(token);
        grammar.accept(token.0)?;
        Ok(token)
    }

    /// True where the grammar lets nothing follow.
    pub(super) fn is_complete(&self) -> bool {
        self.grammar.as_ref().is_some_and(Grammar::is_complete)
    }
}

/// The chain: what changes logits first, then what cuts the candidates (`top_k` before all, so that the others never
/// sort the whole vocabulary), then the draw.
fn chain(sampling: &Sampling, vocabulary: i32, context: u32) -> LlamaSampler {
    let mut chain = Vec::new();
    if !sampling.logit_bias.is_empty() {
        let biases: Vec<_> =
            sampling.logit_bias.iter().map(|&(token, bias)| LlamaLogitBias::new(LlamaToken(token), bias)).collect();
        chain.push(LlamaSampler::logit_bias(vocabulary, &biases));
    }
    if sampling.repeat_penalty != 1.0 {
        chain.push(LlamaSampler::penalties(vocabulary, REPEAT_WINDOW, sampling.repeat_penalty, 0.0, 0.0));
    }
    if sampling.presence_penalty != 0.0 || sampling.frequency_penalty != 0.0 {
        let whole_answer = i32::try_from(context).unwrap_or(i32::MAX);
        let (frequency, presence) = (sampling.frequency_penalty, sampling.presence_penalty);
        chain.push(LlamaSampler::penalties(vocabulary, whole_answer, 1.0, frequency, presence));
    }
    if sampling.temperature <= 0.0 {
        chain.push(LlamaSampler::greedy());
        return LlamaSampler::chain(chain, true);
    }
    if sampling.top_k > 0 {
        chain.push(LlamaSampler::top_k(i32::try_from(sampling.top_k).unwrap_or(i32::MAX)));
    }
    if sampling.top_p < 1.0 {
        chain.push(LlamaSampler::top_p(sampling.top_p, MIN_KEEP));
    }
    if sampling.min_p > 0.0 {
        chain.push(LlamaSampler::min_p(sampling.min_p, MIN_KEEP));
    }
    chain.push(LlamaSampler::temp(sampling.temperature));
    chain.push(LlamaSampler::dist(sampling.seed.unwrap_or(DRAW_A_SEED)));
    LlamaSampler::chain(chain, true)
}
