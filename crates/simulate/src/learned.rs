//! What an export tells of the tiers that answered its requests.

use std::collections::BTreeMap;

use crate::export::{Attempt, Export};
use crate::sizes::Sizes;
use crate::trouble::{Rates, Trouble};

/// From fewer answers nothing is learned.
const LEAST: usize = 20;
/// What an export cannot tell: reading was too fast to be seen.
const FASTEST: f64 = 1e6;

/// By the tier's number.
#[derive(Debug, Default)]
pub(crate) struct Learned(BTreeMap<u32, LearnedTier>);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct LearnedTier {
    /// `None` where it gave too few answers.
    pub(crate) speed: Option<LearnedSpeed>,
    pub(crate) failures: Rates,
}

/// See [`crate::profile::Speed`].
#[derive(Debug)]
pub(crate) struct LearnedSpeed {
    pub(crate) first_byte: Sizes,
    pub(crate) prompt: f64,
    pub(crate) answer: f64,
}

impl Learned {
    pub(crate) fn of(export: &Export) -> Self {
        let mut by_tier: BTreeMap<u32, Vec<&Attempt>> = BTreeMap::new();
        for attempt in &export.attempts {
            by_tier.entry(attempt.tier).or_default().push(attempt);
        }
        Self(by_tier.into_iter().map(|(number, attempts)| (number, LearnedTier::of(&attempts))).collect())
    }

    /// Their numbers, in order.
    pub(crate) fn tiers(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.keys().copied()
    }

    pub(crate) fn tier(&self, number: u32) -> Option<&LearnedTier> {
        self.0.get(&number)
    }
}

impl LearnedTier {
    fn of(attempts: &[&Attempt]) -> Self {
        Self { speed: LearnedSpeed::of(attempts), failures: failures(attempts) }
    }
}

impl LearnedSpeed {
    fn of(attempts: &[&Attempt]) -> Option<Self> {
        let answered: Vec<_> = attempts.iter().filter(|attempt| attempt.outcome == "ok").collect();
        let mut answers: Vec<f64> = answered.iter().filter_map(|attempt| tokens_a_second(attempt)).collect();
        let mut firsts: Vec<(f64, f64)> = answered
            .iter()
            .filter_map(|attempt| Some((f64::from(attempt.prompt_tokens), f64::from(attempt.first_token_ms?))))
            .collect();
        if answers.len() < LEAST || firsts.len() < LEAST {
            return None;
        }
        let answer = median(&mut answers);
        let a_token = reading_ms(&mut firsts);
        let rest = |(tokens, ms): &(f64, f64)| (ms - a_token * tokens - 1_000.0 / answer).max(0.0);
        let mut rests: Vec<f64> = firsts.iter().map(rest).collect();
        let (half, p95) = (median(&mut rests), rests[rests.len() * 95 / 100]);
        // The slower ones have waited in the tier's own queue as well, and that is simulated: so this errs to the slow side.
        let first_byte = if half < 1.0 { Sizes::fixed(0) } else { Sizes::log_normal(half as u32, p95 as u32) };
        Some(Self { first_byte, prompt: (1_000.0 / a_token).min(FASTEST), answer })
    }
}

/// How fast an answer was said from its first token on.
fn tokens_a_second(attempt: &Attempt) -> Option<f64> {
    let after_the_first = attempt.tokens?.checked_sub(1).filter(|&tokens| tokens > 0)?;
    let ms = attempt.ms.checked_sub(attempt.first_token_ms?).filter(|&ms| ms > 0)?;
    Some(f64::from(after_the_first) * 1_000.0 / f64::from(ms))
}

/// The milliseconds that a token of a prompt takes: by how much later the first token comes of the longer half of the
/// prompts than of the shorter one. Medians, as one request that waited says nothing of the reading.
fn reading_ms(firsts: &mut [(f64, f64)]) -> f64 {
    firsts.sort_by(|one, other| one.partial_cmp(other).expect("both are numbers"));
    let (shorter, longer) = firsts.split_at(firsts.len() / 2);
    let middle = |half: &[(f64, f64)]| {
        let mut tokens: Vec<f64> = half.iter().map(|first| first.0).collect();
        let mut ms: Vec<f64> = half.iter().map(|first| first.1).collect();
        (median(&mut tokens), median(&mut ms))
    };
    let (shorter, longer) = (middle(shorter), middle(longer));
    let tokens = longer.0 - shorter.0;
    if tokens < 1.0 { 1_000.0 / FASTEST } else { ((longer.1 - shorter.1) / tokens).max(1_000.0 / FASTEST) }
}

fn failures(attempts: &[&Attempt]) -> Rates {
    let mut counts: BTreeMap<&str, (Trouble, u32)> = BTreeMap::new();
    for attempt in attempts {
        if let Some((word, trouble)) = trouble(attempt) {
            counts.entry(word).or_insert((trouble, 0)).1 += 1;
        }
    }
    let all = attempts.len() as f64;
    counts.into_values().map(|(trouble, count)| (trouble, f64::from(count) * 100.0 / all)).collect()
}

/// What went wrong with the tier itself. A limit that was reached after a first token may have been the length of the answer,
/// and what lies in the request lies in it again.
fn trouble(attempt: &Attempt) -> Option<(&str, Trouble)> {
    let trouble = match attempt.outcome.as_str() {
        "refused" | "reset" => Trouble::Connection,
        "dns" | "tls" | "unreachable" => Trouble::Unreachable,
        "timeout" if attempt.first_token_ms.is_none() => Trouble::Silent,
        "429" | "402" => Trouble::RateLimited,
        "500" | "502" | "503" | "529" => Trouble::Overloaded,
        "401" | "403" | "404" | "model-not-found" => Trouble::Misconfigured,
        "unavailable" | "waking" => Trouble::Unavailable,
        "not-http" | "not-json" | "html" | "not-an-answer" | "empty" | "oversized" => Trouble::Nonsense,
        "cut" | "error" => Trouble::Cut,
        _ => return None,
    };
    Some((&attempt.outcome, trouble))
}

/// Sorts `numbers`.
fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
