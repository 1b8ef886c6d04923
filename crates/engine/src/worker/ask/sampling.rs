//! How the next token is chosen: OpenAI's parameters, and llama.cpp's own that many clients send.

use std::collections::BTreeMap;

use super::members::Members;
use crate::model::{Sampling, Token};
use crate::worker::refusal::Refusal;

/// More entries than this are no bias but another model. (OpenAI takes 300, llama.cpp any number.)
const MOST_BIASES: usize = 1024;

pub(super) fn read(members: &mut Members<'_>) -> Result<Sampling, Refusal> {
    let default = Sampling::default();
    let repeat_penalty = members.number("repeat_penalty", 0.01, 10.0)?;
    Ok(Sampling {
        temperature: members.number("temperature", 0.0, 2.0)?.unwrap_or(default.temperature),
        top_p: members.number("top_p", 0.0, 1.0)?.unwrap_or(default.top_p),
        top_k: members.take("top_k", super::COUNT)?.unwrap_or(default.top_k),
        min_p: members.number("min_p", 0.0, 1.0)?.unwrap_or(default.min_p),
        presence_penalty: members.number("presence_penalty", -2.0, 2.0)?.unwrap_or(default.presence_penalty),
        frequency_penalty: members.number("frequency_penalty", -2.0, 2.0)?.unwrap_or(default.frequency_penalty),
        repeat_penalty: repeat_penalty.unwrap_or(default.repeat_penalty),
        seed: members.take("seed", "a whole number")?.map(seed),
        logit_bias: logit_bias(members)?,
    })
}

/// OpenAI's seed has 64 bits and llama.cpp's 32; both halves of it count.
fn seed(seed: i64) -> u32 {
    let seed = seed.cast_unsigned();
    (seed ^ (seed >> 32)) as u32
}

/// An object from token numbers, as strings, to -100 (never) … 100 (always).
fn logit_bias(members: &mut Members<'_>) -> Result<Vec<(Token, f32)>, Refusal> {
    const NAME: &str = "logit_bias";
    const TAKES: &str = "an object from token numbers to numbers from -100 to 100, 1024 at most";
    let biases: BTreeMap<String, f32> = members.take(NAME, TAKES)?.unwrap_or_default();
    let read = |(token, bias): (String, f32)| {
        let token = token.parse().ok()?;
        (-100.0..=100.0).contains(&bias).then_some((token, bias))
    };
    let count = biases.len();
    let read: Option<Vec<_>> = biases.into_iter().map(read).collect();
    read.filter(|_| count <= MOST_BIASES).ok_or_else(|| Refusal::bad_value(NAME, TAKES))
}
