//! The keys that there are, and which one a misspelt key most likely means.

use strsim::osa_distance;

/// Keys that stand for themselves. `TIERFALL_…` and `CUSTOM_LLM_…` are ours altogether: one that is not here is misspelt.
const KEYS: [&str; 18] = [
    "CUSTOM_LLM_BASE_URL",
    "CUSTOM_LLM_API_KEY",
    "CUSTOM_LLM_MODEL",
    "GROQ_API_KEY",
    "GROQ_BASE_URL",
    "HF_TOKEN",
    "HF_BASE_URL",
    "HF_ENDPOINT",
    "MODEL_URL",
    "TIERFALL_LISTEN",
    "TIERFALL_API_KEYS",
    "TIERFALL_OPEN",
    "TIERFALL_ALLOWED_ORIGINS",
    "TIERFALL_CATCH_ALL",
    "TIERFALL_DISCOVER",
    "TIERFALL_DATA_DIR",
    "DATABASE_URL",
    "STATE_URL",
];

/// What follows `TIERn_`.
pub(super) const TIER_KEYS: [&str; 20] = [
    "TYPE",
    "BASE_URL",
    "API_KEY",
    "MODEL",
    "MEND",
    "NAME",
    "ENABLED",
    "TIMEOUT",
    "CONNECT_TIMEOUT",
    "FIRST_TOKEN_TIMEOUT",
    "IDLE_TIMEOUT",
    "RETRIES",
    "RPM",
    "RPD",
    "TPM",
    "TPD",
    "GPU_SECONDS",
    "KEEP_FOR",
    "CONCURRENCY",
    "QUEUE",
];

/// Keys whose values are never shown. An address of a database may hold a password.
const SECRETS: [&str; 6] =
    ["GROQ_API_KEY", "HF_TOKEN", "TIERFALL_API_KEYS", "CUSTOM_LLM_API_KEY", "DATABASE_URL", "STATE_URL"];

/// How many letters a key may be off before another key is no longer taken to be meant.
const FAR: usize = 2;

/// Whether the value of `key` is a secret.
pub(super) fn is_secret(key: &str) -> bool {
    SECRETS.contains(&key) || key.ends_with("_API_KEY") || key.ends_with("_API_TOKEN")
}

/// Whether Tierfall reads `key`.
pub(super) fn is_known(key: &str) -> bool {
    KEYS.contains(&key) || tier_key(key).is_some_and(|(_, rest)| TIER_KEYS.contains(&rest))
}

/// A key of the form `TIERn_REST`, with n counted from 1 and written without leading zeros.
pub(super) fn tier_key(key: &str) -> Option<(u32, &str)> {
    let (digits, rest) = key.strip_prefix("TIER")?.split_once('_')?;
    let number: u32 = digits.parse().ok()?;
    (number > 0 && number.to_string() == digits).then_some((number, rest))
}

/// What an unknown `key` looks like: `None` where it has nothing to do with Tierfall, else the key that was probably meant,
/// where one is near.
pub(super) fn misspelt(key: &str) -> Option<Option<String>> {
    if is_known(key) {
        return None;
    }
    let upper = key.to_ascii_uppercase();
    let ours =
        ["TIERFALL_", "CUSTOM_LLM_"].iter().any(|prefix| upper.starts_with(prefix)) || tier_key(&upper).is_some();
    let far = if ours { FAR + 1 } else { FAR };
    let nearest = candidates(&upper)
        .map(|candidate| (osa_distance(&upper, &candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= far && candidate.len() > 3 * distance)
        .map(|(_, candidate)| candidate);
    (ours || nearest.is_some()).then_some(nearest)
}

/// Every key there is, the tiers' with the number that `upper` holds.
fn candidates(upper: &str) -> impl Iterator<Item = String> {
    let digits: String =
        upper.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).take(9).collect();
    let number = digits.parse().unwrap_or(1).max(1);
    let tiers = TIER_KEYS.iter().map(move |rest| format!("TIER{number}_{rest}"));
    KEYS.iter().map(ToString::to_string).chain(tiers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_names_the_nearest() {
        for (key, nearest) in [
            ("TEIR2_TIMEOUT", "TIER2_TIMEOUT"),
            ("TIER2_TIMEOT", "TIER2_TIMEOUT"),
            ("TIER12_FIRST_TOKEN_TIMOUT", "TIER12_FIRST_TOKEN_TIMEOUT"),
            ("TIER_2_TIMEOUT", "TIER2_TIMEOUT"),
            ("TIER02_TIMEOUT", "TIER2_TIMEOUT"),
            ("GROQ_APIKEY", "GROQ_API_KEY"),
            ("groq_api_key", "GROQ_API_KEY"),
            ("HF_TOKN", "HF_TOKEN"),
            ("CUSTOM_LLM_BASEURL", "CUSTOM_LLM_BASE_URL"),
            ("CUSTOM_LMM_MODEL", "CUSTOM_LLM_MODEL"),
            ("TIERFALL_API_KEY", "TIERFALL_API_KEYS"),
            ("DATABSE_URL", "DATABASE_URL"),
        ] {
            assert_eq!(misspelt(key), Some(Some(nearest.to_owned())), "{key}");
        }
    }

    #[test]
    fn a_key_with_our_prefix_is_told_even_where_nothing_is_near() {
        for key in ["TIER2_COLOUR_OF_THE_SKY", "TIERFALL_COLOUR_OF_THE_SKY"] {
            assert_eq!(misspelt(key), Some(None), "{key}");
        }
    }

    #[test]
    fn foreign_keys_and_right_keys_are_left_alone() {
        for key in [
            "PATH",
            "HOME",
            "HF_HOME",
            "OPENAI_API_KEY",
            "NEXT_PUBLIC_URL",
            "MONGODB_URI",
            "TIER",
            "NODE_ENV",
            "TIER5_TYPE",
            "TIER1_RPM",
            "GROQ_API_KEY",
            "MODEL_URL",
            "USER",
            "TIMEOUT",
            "HF_HUB_CACHE",
            "OUR_TIERFALL_API_KEYS",
            "STATE_DIR",
            "RPM",
            "NAME",
        ] {
            assert_eq!(misspelt(key), None, "{key}");
        }
    }

    #[test]
    fn keys_and_tokens_are_secrets() {
        for key in ["TIER1_API_KEY", "TIER77_API_KEY", "HF_TOKEN", "TIERFALL_API_KEYS", "DATABASE_URL"] {
            assert!(is_secret(key), "{key}");
        }
        assert!(!is_secret("TIER1_MODEL"));
    }
}
