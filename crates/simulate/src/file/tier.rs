//! What the file says of one tier: what `tierfall.toml` would, and what kind of server stands behind it.

use std::collections::BTreeMap;
use std::time::Duration;

use cascade::{FirstToken, Hosting, Moment};
use serde::Deserialize;

use super::values::{Count, Millis, Percent, Rate, TimeOfDay};
use crate::learned::LearnedTier;
use crate::profile::{Kind, Profile, Sleep, Speed};
use crate::sizes::Sizes;
use crate::trouble::{self, Outage, Rates, Trouble};

/// How many requests a server of the user's own works on at once: llama.cpp's server and the engine both take four.
const OWN_SLOTS: usize = 4;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TierSection {
    pub(super) number: Option<u32>,
    pub(super) r#type: Option<String>,
    name: Option<String>,
    timeout_ms: Option<Millis>,
    connect_timeout_ms: Option<Millis>,
    first_token_timeout_ms: Option<Millis>,
    idle_timeout_ms: Option<Millis>,
    retries: Option<u32>,
    rpm: Option<Count>,
    rpd: Option<Count>,
    tpm: Option<Count>,
    tpd: Option<Count>,
    day_ends: Option<TimeOfDay>,
    gpu_seconds: Option<Count>,
    concurrency: Option<Count>,
    queue: Option<u32>,
    first_byte_ms: Option<Sizes>,
    prompt_tokens_per_s: Option<Rate>,
    answer_tokens_per_s: Option<Rate>,
    answer_tokens_per_s_in_all: Option<Rate>,
    slots: Option<Count>,
    context: Option<Count>,
    prefill: Option<bool>,
    reports_progress: Option<bool>,
    sleeps_after_ms: Option<Millis>,
    wakes_in_ms: Option<Millis>,
    failures: Option<BTreeMap<String, Percent>>,
    #[serde(default)]
    outage: Vec<OutageSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutageSection {
    from: TimeOfDay,
    to: TimeOfDay,
    fails: String,
    percent: Option<Percent>,
    retry_after_ms: Option<Millis>,
}

impl TierSection {
    /// The tier, with what is not said taken from its kind and from what was `learned` of it.
    ///
    /// # Errors
    ///
    /// What is missing or contradicts itself, as one line.
    pub(super) fn build(self, kind: Kind, learned: Option<&LearnedTier>) -> Result<Profile, String> {
        let mut settings = kind.settings;
        let set = |value: Option<Millis>, limit: &mut Duration| *limit = value.map_or(*limit, Duration::from);
        set(self.timeout_ms, &mut settings.limits.total);
        set(self.connect_timeout_ms, &mut settings.limits.connect);
        set(self.idle_timeout_ms, &mut settings.limits.idle);
        if let Some(limit) = self.first_token_timeout_ms {
            settings.limits.first_token = FirstToken::Fixed(limit.into());
        }
        settings.retries = self.retries.unwrap_or(settings.retries);
        if settings.retries > 10 {
            return Err("retries: takes a whole number, 0 to 10".to_owned());
        }
        let quota = &mut settings.quota;
        for (given, known) in [
            (self.rpm, &mut quota.rpm),
            (self.rpd, &mut quota.rpd),
            (self.tpm, &mut quota.tpm),
            (self.tpd, &mut quota.tpd),
            (self.gpu_seconds, &mut quota.gpu_seconds),
        ] {
            *known = given.map(|Count(count)| count).or(*known);
        }
        settings.day_ends = self.day_ends.map(|TimeOfDay(end)| Moment::after(end)).or(settings.day_ends);
        settings.concurrency = self.concurrency.map(|Count(count)| count).or(settings.concurrency);
        settings.queue = self.queue.unwrap_or(settings.queue);
        settings.prefill = self.prefill.unwrap_or(settings.prefill);
        let own = settings.hosting == Hosting::SelfHosted;
        let speed = self.speed(own, learned)?;
        let sleep = match (self.sleeps_after_ms, self.wakes_in_ms) {
            (Some(after), Some(wakes_in)) => Some(Sleep { after: after.into(), wakes_in: wakes_in.into() }),
            (None, None) => None,
            _ => return Err("takes sleeps_after_ms and wakes_in_ms together".to_owned()),
        };
        let failures = match (self.failures, learned) {
            (Some(given), _) => failures(given)?,
            (None, Some(learned)) => learned.failures.clone(),
            (None, None) => Rates::new(),
        };
        Ok(Profile {
            name: self.name.unwrap_or(kind.name),
            settings,
            reports_progress: self.reports_progress.unwrap_or(kind.reports_progress),
            speed,
            context: self.context.map_or(u32::MAX, |Count(count)| count),
            sleep,
            failures,
            outages: self.outage.into_iter().map(OutageSection::build).collect::<Result<_, _>>()?,
        })
    }

    fn speed(&self, own: bool, learned: Option<&LearnedTier>) -> Result<Speed, String> {
        let learned = learned.and_then(|learned| learned.speed.as_ref());
        let rate = |given: Option<Rate>, learned: Option<f64>, key: &str| {
            given.map(|Rate(rate)| rate).or(learned).ok_or_else(|| {
                format!("{key}: is needed, in tokens a second, where no export has answers enough to learn it from")
            })
        };
        let prompt = rate(self.prompt_tokens_per_s, learned.map(|speed| speed.prompt), "prompt_tokens_per_s")?;
        let answer = rate(self.answer_tokens_per_s, learned.map(|speed| speed.answer), "answer_tokens_per_s")?;
        let slots = self.slots.map(|Count(count)| count as usize);
        let in_all = match self.answer_tokens_per_s_in_all {
            Some(Rate(in_all)) if in_all < answer => {
                return Err("answer_tokens_per_s_in_all: takes no less than answer_tokens_per_s".to_owned());
            }
            Some(Rate(in_all)) => Some(in_all),
            // One machine is what its callers share; a cloud has one for each.
            None => own.then_some(answer),
        };
        Ok(Speed {
            first_byte: self
                .first_byte_ms
                .clone()
                .or_else(|| learned.map(|speed| speed.first_byte.clone()))
                .unwrap_or_else(|| Sizes::fixed(0)),
            prompt,
            answer,
            in_all,
            slots: slots.unwrap_or(if own { OWN_SLOTS } else { usize::MAX }),
        })
    }
}

impl OutageSection {
    fn build(self) -> Result<Outage, String> {
        let (from, to) = (self.from.0, self.to.0);
        if from >= to {
            return Err("outage: takes a `from` that is earlier in the day than its `to`".to_owned());
        }
        Ok(Outage {
            from,
            to,
            trouble: named(&self.fails).map_err(|why| format!("outage: fails: {why}"))?,
            percent: self.percent.map_or(100.0, |Percent(percent)| percent),
            retry_after: self.retry_after_ms.map(Duration::from),
        })
    }
}

fn failures(given: BTreeMap<String, Percent>) -> Result<Rates, String> {
    let rate = |(word, Percent(percent)): (String, Percent)| Ok((named(&word)?, percent));
    let rates: Rates =
        given.into_iter().map(rate).collect::<Result<_, String>>().map_err(|why| format!("failures: {why}"))?;
    if rates.iter().map(|&(_, percent)| percent).sum::<f64>() > 100.0 {
        return Err("failures: take 100 percent in all at most".to_owned());
    }
    Ok(rates)
}

fn named(word: &str) -> Result<Trouble, String> {
    let words = || trouble::WORDS.map(|(word, _)| word).join(", ");
    Trouble::named(word).ok_or_else(|| format!("{}: takes one of {}", word.escape_debug(), words()))
}
