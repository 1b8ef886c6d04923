//! Why there is no answer, or no more of it, in words for whoever asked.

use serde::Deserialize;
use wire::ProviderError;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    /// For programs: `all_tiers_failed`, `answer_broke_off`, or what a tier itself said.
    pub(crate) code: String,
    /// In one line.
    pub(crate) message: String,
    /// The status that a caller of the gateway would have got, where one says more than the code.
    pub(crate) status: Option<u16>,
}

#[derive(Deserialize)]
struct Body {
    error: All,
}

#[derive(Deserialize)]
struct All {
    #[serde(default)]
    attempts: Vec<Tier>,
    #[serde(default)]
    skipped: Vec<Tier>,
}

#[derive(Deserialize)]
struct Tier {
    name: String,
    reason: String,
    #[serde(default)]
    status: Option<u16>,
}

impl Failure {
    /// Nobody's but the Studio's own: its log says why.
    pub(crate) fn of_our_own() -> Self {
        let message = "The Studio itself failed at this, and its log says why: ask again".to_owned();
        Self { code: "internal".to_owned(), message, status: None }
    }

    pub(crate) fn broken_off() -> Self {
        let message = "The answer broke off, and no other tier could carry it on".to_owned();
        Self { code: "answer_broke_off".to_owned(), message, status: None }
    }

    /// Reads an error's body.
    pub(super) fn read(body: &[u8]) -> Self {
        let error = ProviderError::read(body).unwrap_or_default();
        let code = error.code.or(error.kind).unwrap_or_else(|| "no_answer".to_owned());
        if code == "answer_broke_off" {
            return Self::broken_off();
        }
        if code != "all_tiers_failed" {
            let message = if error.message.is_empty() { "No answer came".to_owned() } else { error.message };
            return Self { code, message, status: error.status };
        }
        let all = serde_json::from_slice::<Body>(body)
            .map_or_else(|_| Vec::new(), |body| body.error.attempts.into_iter().chain(body.error.skipped).collect());
        let status = all.iter().rev().find_map(|tier| tier.status);
        let reasons: Vec<_> = all.iter().map(|Tier { name, reason, .. }| format!("{name} ({reason})")).collect();
        let message = match reasons.is_empty() {
            true => "There is no tier that may write a page: `tierfall doctor` says why".to_owned(),
            false => format!("No tier could answer: {}", reasons.join(", ")),
        };
        Self { code, message, status }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_each_tier_and_its_reason() {
        let body = br#"{"error":{"message":"All LLM tiers failed","type":"all_tiers_failed","code":"all_tiers_failed",
            "attempts":[{"tier":1,"name":"One","reason":"timeout","status":null,"ms":5}],
            "skipped":[{"tier":2,"name":"Two","reason":"unavailable (loading 43 %)"}]}}"#;
        let failure = Failure::read(body);
        assert_eq!(failure.message, "No tier could answer: One (timeout), Two (unavailable (loading 43 %))");
        assert_eq!(failure.code, "all_tiers_failed");
    }

    #[test]
    fn where_no_tier_may_write_pages_it_says_so() {
        let body = br#"{"error":{"message":"All LLM tiers failed","code":"all_tiers_failed","attempts":[]}}"#;
        assert!(Failure::read(body).message.contains("tierfall doctor"));
    }

    #[test]
    fn another_refusal_keeps_its_own_words() {
        let failure = Failure::read(br#"{"error":{"message":"flagged","code":"content_filter"}}"#);
        assert_eq!((failure.code.as_str(), failure.message.as_str()), ("content_filter", "flagged"));
        assert_eq!(Failure::read(b"<html>").message, "No answer came");
    }
}
