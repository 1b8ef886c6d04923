//! What the start says of each tier: its kind, model and limits, and why it is off where it is.

use std::fmt::Write as _;

use cascade::Quota;

use crate::config::{State, TierConfig};

/// One line for `tier`, without a line break.
#[must_use]
pub fn line(tier: &TierConfig) -> String {
    let TierConfig { name, kind, model, limits, .. } = tier;
    let model = if model.is_empty() { "no model" } else { model };
    let mut line = format!("{name} [{}, {model}", kind.as_str());
    if let Some(base) = &tier.base_url {
        let _ = write!(line, ", {base}");
    }
    line.push(']');
    if let State::Off { why } = &tier.state {
        let _ = write!(line, " off: {why}");
        return line;
    }
    let first_token = match limits.first_token {
        Some(time) => format!("{}ms", time.as_millis()),
        None => "grows with the prompt".to_owned(),
    };
    let _ = write!(
        line,
        " on: total {}ms, connect {}ms, first token {first_token}, idle {}ms",
        limits.total.as_millis(),
        limits.connect.as_millis(),
        limits.idle.as_millis()
    );
    for (limit, word) in quotas(&tier.quota) {
        let _ = write!(line, ", {limit} {word}");
    }
    if let Some(places) = tier.concurrency {
        let _ = write!(line, ", {places} at once, {} may wait", tier.queue);
    }
    line
}

fn quotas(quota: &Quota) -> impl Iterator<Item = (u32, &'static str)> {
    [(quota.rpm, "rpm"), (quota.rpd, "rpd"), (quota.tpm, "tpm"), (quota.tpd, "tpd")]
        .into_iter()
        .filter_map(|(limit, word)| limit.map(|limit| (limit, word)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::config::Sources;

    #[test]
    fn each_tier_has_its_line() {
        let keys = [
            ("HOME", "/home/me"),
            ("CUSTOM_LLM_BASE_URL", "https://me-space.hf.space/v1"),
            ("TIER1_TIMEOUT", "5000"),
            ("TIER1_CONCURRENCY", "2"),
            ("GROQ_API_KEY", "gsk_hunter2"),
        ];
        let environment: BTreeMap<_, _> = keys.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let folder = tempfile::tempdir().expect("a folder");
        let sources =
            Sources { folder: folder.path().to_owned(), env_file: None, config_file: None, listen: None, environment };
        let tiers = sources.load().expect("good").configuration.tiers;
        let lines: Vec<_> = tiers.iter().map(super::line).collect();
        assert_eq!(
            lines,
            [
                "Tier 1: Your HF Space [space, auto, https://me-space.hf.space/v1] on: total 5000ms, connect 5000ms, first token grows with the prompt, idle 20000ms, 2 at once, 64 may wait",
                "Tier 2: Ultra-Fast Fallback [space, auto] off: no TIER2_BASE_URL",
                "Tier 3: Groq Cloud API [groq, llama-3.3-70b-versatile, https://api.groq.com/openai/v1] on: total 30000ms, connect 3000ms, first token 10000ms, idle 10000ms, 30 rpm",
                "Tier 4: HF Serverless [serverless, openai/gpt-oss-120b, https://router.huggingface.co/v1] off: no HF_TOKEN",
            ]
        );
    }
}
