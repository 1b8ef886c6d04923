//! What to do about each failure.

use std::cmp::Reverse;

use upstream::{Cause, Failure, Ways};

use super::Trouble;
use crate::config::TierConfig;

/// How many of a provider's models are named.
const NAMED: usize = 3;

/// The models of `have` whose names are most like `wanted`, nearest first: before all others those of which one name holds
/// the other, such as `llama-3.3-70b` and `meta/Llama-3.3-70B-Instruct`.
pub(super) fn nearest(wanted: &str, mut have: Vec<String>) -> Vec<String> {
    have.retain(|name| name != wanted);
    let wanted = wanted.to_ascii_lowercase();
    have.sort_by_cached_key(|name| {
        let lower = name.to_ascii_lowercase();
        let holds = lower.contains(&wanted) || wanted.contains(&lower);
        let likeness = (strsim::jaro_winkler(&wanted, &lower) * 1e6) as u64;
        (!holds, Reverse(likeness), name.clone())
    });
    have.truncate(NAMED);
    have
}

/// How to switch `tier` on, which is off for the reason `why`.
pub(super) fn to_switch_on(tier: &TierConfig, why: &str) -> String {
    if let Some(key) = why.strip_suffix("=false") {
        return format!("take {key}=false out of the configuration");
    }
    let key = why.strip_prefix("no ").unwrap_or(why);
    let page = tier.kind.keys_page.as_ref().filter(|_| tier.kind.key.as_deref() == Some(key));
    match page {
        Some(page) => format!("set {key} in .env.local; a key is made at {page}"),
        None if key.ends_with("BASE_URL") => {
            format!("set {key} in .env.local to the tier's address, which ends in /v1")
        }
        None if key.ends_with("MODEL") => format!("set {key} in .env.local to the model that {} is to use", tier.name),
        None => format!("set {key} in .env.local"),
    }
}

/// What to do about `failure` of `tier`, where `models` are the nearest that the provider has.
pub(super) fn of(tier: &TierConfig, failure: &Failure, models: &[String]) -> String {
    let keys = Keys::of(tier);
    let base = &tier.base_url.as_ref().map(ToString::to_string).unwrap_or_default();
    match &failure.cause {
        Cause::Unauthorized | Cause::Forbidden => key(tier, &keys, &failure.cause),
        Cause::ModelNotFound => model(tier, &keys, models),
        Cause::Refused => format!("nothing listens at {base}: start the server, or correct {}", keys.base),
        Cause::Dns => format!("check the spelling of {} ({base}), and that this machine is online", keys.base),
        Cause::ConnectTimeout(_) | Cause::Unreachable(_) => {
            format!("{base} cannot be reached from here: check the address, the network and firewalls")
        }
        Cause::Tls(_) => {
            format!(
                "check that {base} is served over TLS (else write http://), its certificate, and this machine's clock"
            )
        }
        Cause::NotHttp => format!("{base} speaks something else than HTTP: check the port, and http:// or https://"),
        Cause::Timeout(_) => format!(
            "it took the request and did not answer in time: use a smaller model there, or look whether it is busy or stuck at {base}"
        ),
        Cause::Waking { .. } => waking(tier, base),
        Cause::Html | Cause::Status | Cause::Unavailable(_) if asleep(failure) && tier.kind.ways == Ways::Space => {
            waking(tier, base)
        }
        Cause::Html | Cause::NotJson | Cause::NotAnAnswer => {
            format!("{base} is no OpenAI-compatible address: {} ends in /v1 as a rule", keys.base)
        }
        Cause::Status if matches!(failure.status, Some(404 | 405)) => {
            format!("{base} has no /chat/completions: {} ends in /v1 as a rule", keys.base)
        }
        Cause::RateLimited => {
            let wait =
                failure.retry_after.map(|time| format!("wait {} s; ", time.as_secs().max(1))).unwrap_or_default();
            format!("{wait}set {0}_RPM and {0}_TPM to the limits of your plan", keys.tier)
        }
        Cause::QuotaExhausted => {
            "the plan's quota or credit is used up: wait for the next period, or add credit".to_owned()
        }
        Cause::Overloaded | Cause::Unavailable(_) | Cause::Status => {
            "the provider is in trouble or overloaded: try again in a few minutes; the next tier answers meanwhile"
                .to_owned()
        }
        Cause::ContextTooLong { .. } | Cause::Unsupported(_) => {
            format!("this model has no room for any prompt: choose another {}", keys.model)
        }
        Cause::Restricted => format!(
            "the provider has restricted this account: look at its console and its mail, or set another {}",
            keys.key
        ),
        Cause::Blocked => format!(
            "something on the way to {base} blocks this machine (a firewall, or a challenge for browsers): try from another network, or ask the host to let programs in"
        ),
        Cause::Redirected(to) => {
            format!("{base} redirects to {to}: set {} to the address that it means, which ends in /v1", keys.base)
        }
        Cause::OutOfFiles => "raise the limit of open files (ulimit -n) of this process".to_owned(),
        Cause::Rejected | Cause::ContentFilter => {
            format!("it refuses a plain request: check that {} is a chat model", keys.model)
        }
        _ => format!("look at the log of the server at {base}"),
    }
}

/// A free Space answers with a page or a 503 while it sleeps, builds or starts.
fn asleep(failure: &Failure) -> bool {
    matches!(failure.cause, Cause::Html | Cause::Unavailable(_)) || matches!(failure.status, Some(502..=504))
}

fn waking(tier: &TierConfig, base: &str) -> String {
    let page = base.strip_suffix("/v1").unwrap_or(base);
    match tier.kind.ways {
        Ways::Space | Ways::Gradio => {
            format!(
                "the Space sleeps, builds or starts: open {page} in a browser, wait until it runs, and see its logs if it does not"
            )
        }
        _ => "the model is being loaded there: try again in a minute".to_owned(),
    }
}

fn key(tier: &TierConfig, keys: &Keys, cause: &Cause) -> String {
    let state = match (&tier.key, cause) {
        (None, _) => "no key was sent",
        (Some(_), Cause::Forbidden) => "the key may not use this model",
        (Some(_), _) => "the key is wrong or expired",
    };
    match (tier.kind.ways, &tier.kind.keys_page) {
        (Ways::Serverless, Some(page)) => {
            format!("{state}: make a token that may call Inference Providers at {page} and set {}", keys.key)
        }
        (_, Some(page)) => format!("{state}: make one at {page} and set {}", keys.key),
        (Ways::Space | Ways::Gradio, None) => {
            format!("{state}: set {} to the server's key (a private Space takes a Hugging Face token)", keys.key)
        }
        (_, None) => format!("{state}: set {} to a valid one", keys.key),
    }
}

/// Of a tier that answers with `model`, since its own is gone.
pub(super) fn replaced(tier: &TierConfig, model: &str) -> Trouble {
    let cause = format!("{} is gone, {model} answers in its place", tier.model);
    Trouble { cause, fix: format!("set {} to {model}, or to another model that it has", Keys::of(tier).model) }
}

fn model(tier: &TierConfig, keys: &Keys, models: &[String]) -> String {
    match models {
        [] => format!("it does not have {}: set {} to one that it has", tier.model, keys.model),
        _ => format!(
            "it does not have {}: set {} to one that it has, such as {}",
            tier.model,
            keys.model,
            models.join(", ")
        ),
    }
}

/// The keys to set for a tier.
struct Keys {
    tier: String,
    base: String,
    key: String,
    model: String,
}

impl Keys {
    fn of(tier: &TierConfig) -> Self {
        let number = tier.number;
        let prefix = if number == 1 { "CUSTOM_LLM".to_owned() } else { format!("TIER{number}") };
        let key = tier.kind.key.clone().unwrap_or_else(|| format!("{prefix}_API_KEY"));
        let base = tier.kind.base_url_key.clone().unwrap_or_else(|| format!("{prefix}_BASE_URL"));
        Self { tier: format!("TIER{number}"), base, key, model: format!("{prefix}_MODEL") }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::Sources;

    fn tiers() -> Vec<TierConfig> {
        let keys = [
            ("HOME", "/home/me"),
            ("CUSTOM_LLM_BASE_URL", "https://me-space.hf.space/v1"),
            ("GROQ_API_KEY", "gsk_hunter2"),
            ("HF_TOKEN", "hf_hunter2"),
            ("TIER5_TYPE", "commercial"),
            ("TIER5_BASE_URL", "https://api.example.com/v1"),
            ("TIER5_API_KEY", "sk-hunter2"),
            ("TIER5_MODEL", "big"),
        ];
        let environment: BTreeMap<_, _> = keys.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let folder = tempfile::tempdir().expect("a folder");
        let sources =
            Sources { folder: folder.path().to_owned(), env_file: None, config_file: None, listen: None, environment };
        sources.load().expect("good").configuration.tiers
    }

    fn with(cause: Cause, status: u16) -> Failure {
        Failure { status: Some(status), ..Failure::from(cause) }
    }

    #[test]
    fn each_cause_has_a_remedy_that_names_what_to_change() {
        let tiers = tiers();
        for (number, failure, words) in [
            (1, Cause::Refused.into(), "nothing listens at https://me-space.hf.space/v1"),
            (1, Cause::Dns.into(), "spelling of CUSTOM_LLM_BASE_URL"),
            (1, with(Cause::Waking { estimated: None }, 503), "open https://me-space.hf.space in a browser"),
            (1, with(Cause::Status, 503), "the Space sleeps"),
            (1, with(Cause::Status, 500), "in trouble"),
            (1, with(Cause::Unauthorized, 401), "no key was sent: set CUSTOM_LLM_API_KEY"),
            (1, Cause::NotJson.into(), "CUSTOM_LLM_BASE_URL ends in /v1"),
            (3, with(Cause::Unauthorized, 401), "make one at https://console.groq.com/keys and set GROQ_API_KEY"),
            (3, with(Cause::RateLimited, 429), "set TIER3_RPM and TIER3_TPM"),
            (3, Cause::Html.into(), "GROQ_BASE_URL ends in /v1"),
            (3, with(Cause::Status, 503), "in trouble"),
            (4, with(Cause::Forbidden, 403), "may not use this model: make a token that may call Inference Providers"),
            (4, with(Cause::QuotaExhausted, 402), "used up"),
            (5, with(Cause::Unauthorized, 401), "the key is wrong or expired: set TIER5_API_KEY"),
            (5, with(Cause::Rejected, 400), "check that TIER5_MODEL is a chat model"),
            (5, Cause::Tls("expired".into()).into(), "certificate"),
        ] {
            let fix = of(&tiers[number - 1], &failure, &[]);
            assert!(fix.contains(words), "{failure}: {fix}");
            assert!(!fix.contains("hunter2") && !fix.contains('\n'), "{fix}");
        }
    }

    #[test]
    fn the_nearest_names_come_first() {
        let have = ["zephyr", "Qwen3-32B", "llama-3.3-8b", "Llama-3.3-70B-Instruct", "gpt-oss-120b"].map(str::to_owned);
        assert_eq!(nearest("llama-3.3-70b", have.to_vec())[..2], ["Llama-3.3-70B-Instruct", "llama-3.3-8b"]);
        assert!(nearest("x", Vec::new()).is_empty());
    }
}
