//! What the start says of each tier: its kind, model and limits, and why it is off where it is.

use std::fmt::Write as _;

use cascade::Quota;

use crate::config::{RouteConfig, State, TierConfig};

/// One line for `tier`, without a line break.
#[must_use]
pub fn line(tier: &TierConfig) -> String {
    let TierConfig { name, kind, model, limits, .. } = tier;
    let model = if model.is_empty() { "no model" } else { model };
    let mut line = format!("{name} [{}, {model}", kind.as_str());
    for model in &tier.alternatives {
        let _ = write!(line, ", else {model}");
    }
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
    for (limit, word) in quotas(&tier.quota, &tier.plan) {
        let _ = write!(line, ", {limit} {word}");
    }
    if !tier.keep_for.is_empty() {
        let _ = write!(line, ", the last fifth of a day for {}", tier.keep_for.join(" and "));
    }
    if let Some(places) = tier.concurrency {
        let _ = write!(line, ", {places} at once, {} may wait", tier.queue);
    }
    if let Some(key) = tier.by_key {
        let _ = write!(line, ", by {key} alone");
    }
    line
}

/// One line for `route`: those of its tiers that are on.
#[must_use]
pub fn route_line(route: &RouteConfig, tiers: &[TierConfig]) -> String {
    let is_on = |number: &&u32| tiers.iter().any(|tier| tier.number == **number && tier.is_on());
    let numbers: Vec<_> = route.tiers.iter().filter(is_on).map(ToString::to_string).collect();
    match &numbers[..] {
        [] => format!("Route {}: no tier", route.name),
        [one] => format!("Route {}: tier {one}", route.name),
        _ => format!("Route {}: tiers {}", route.name, numbers.join(", ")),
    }
}

fn quotas(quota: &Quota, plan: &Quota) -> impl Iterator<Item = (u32, &'static str)> {
    let limits = [
        (quota.rpm.or(plan.rpm), "rpm"),
        (quota.rpd.or(plan.rpd), "rpd"),
        (quota.tpm.or(plan.tpm), "tpm"),
        (quota.tpd.or(plan.tpd), "tpd"),
        (quota.gpu_seconds.or(plan.gpu_seconds), "GPU seconds a day"),
    ];
    limits.into_iter().filter_map(|(limit, word)| limit.map(|limit| (limit, word)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::config::{Configuration, Sources};

    fn configured(keys: &[(&str, &str)]) -> Configuration {
        let environment = keys.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let environment: BTreeMap<_, _> = environment.chain([("HOME".to_owned(), "/home/me".to_owned())]).collect();
        let folder = tempfile::tempdir().expect("a folder");
        let sources =
            Sources { folder: folder.path().to_owned(), env_file: None, config_file: None, listen: None, environment };
        sources.load().expect("good").configuration
    }

    #[test]
    fn each_route_says_which_of_its_tiers_are_on() {
        let keys = [
            ("CUSTOM_LLM_BASE_URL", "https://me-space.hf.space/v1"),
            ("GEMINI_API_KEY", "hunter2"),
            ("HF_TOKEN", "hf_hunter2"),
        ];
        let configuration = configured(&keys);
        let lines: Vec<_> =
            configuration.routes.iter().map(|route| super::route_line(route, &configuration.tiers)).collect();
        assert_eq!(
            lines,
            [
                "Route auto: tiers 1, 4, 5",
                "Route private: tier 1",
                "Route free: tiers 1, 5",
                "Route no-training: tier 1"
            ]
        );
        assert!(super::line(&configuration.tiers[4]).ends_with(", by GEMINI_API_KEY alone"));
    }

    #[test]
    fn each_tier_has_its_line() {
        let keys = [
            ("CUSTOM_LLM_BASE_URL", "https://me-space.hf.space/v1"),
            ("TIER1_TIMEOUT", "5000"),
            ("TIER1_CONCURRENCY", "2"),
            ("GROQ_API_KEY", "gsk_hunter2"),
        ];
        let tiers = configured(&keys).tiers;
        let lines: Vec<_> = tiers.iter().map(super::line).collect();
        assert_eq!(
            lines,
            [
                "Tier 1: Your HF Space [space, auto, https://me-space.hf.space/v1] on: total 5000ms, connect 5000ms, first token grows with the prompt, idle 20000ms, 2 at once, 64 may wait",
                "Tier 2: Ultra-Fast Fallback [space, auto] off: no TIER2_BASE_URL",
                "Tier 3: Groq Cloud API [groq, openai/gpt-oss-120b, https://api.groq.com/openai/v1] on: total 30000ms, connect 3000ms, first token 10000ms, idle 10000ms, 30 rpm, 1000 rpd, 8000 tpm, 200000 tpd",
                "Tier 4: HF Serverless [serverless, openai/gpt-oss-120b, https://router.huggingface.co/v1] off: no HF_TOKEN",
            ]
        );
    }
}
