use std::net::SocketAddr;

use serde_json::Value;

use super::doctor::{LISTED, serve};
use super::{Said, folder, tierfall};

/// Groq at `address`, and nobody else.
fn groq_at(address: SocketAddr, model: &str, arguments: &[&str]) -> Said {
    let base = format!("http://{address}/v1");
    let keys = [("GROQ_API_KEY", "gsk_hunter2"), ("GROQ_BASE_URL", base.as_str()), ("TIER3_MODEL", model)];
    tierfall(folder().path(), &keys, arguments)
}

#[test]
fn each_tiers_facts_are_a_row_a_limit_and_what_is_off_says_why() {
    let keys = [("GROQ_API_KEY", "gsk_hunter2"), ("TIER3_RPD", "77"), ("TIER3_KEEP_FOR", "studio")];
    let said = tierfall(folder().path(), &keys, &["tiers"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.out);
    let mut lines = said.out.lines();
    let head: Vec<_> = lines.next().unwrap_or_default().split_whitespace().collect();
    assert_eq!(head.join(" "), "TIER LIMIT SPENT THERE AGAIN COSTS LEARNS AS OF");
    assert!(said.out.contains("Tier 3: Groq Cloud API  30 requests a minute"), "{}", said.out);
    assert!(said.out.contains(" 77 requests a day "), "the user's own number comes first: {}", said.out);
    assert!(said.out.contains("\nTier 4: HF Serverless is off: no HF_TOKEN\n"), "{}", said.out);
    assert!(said.out.contains("the last fifth of its day is kept for studio and studio-html\n"), "{}", said.out);
    assert!(!said.out.contains("hunter2"));
}

#[test]
fn json_has_the_same_facts() {
    let said = tierfall(folder().path(), &[("GROQ_API_KEY", "gsk_hunter2")], &["tiers", "--json"]);
    let said: Value = serde_json::from_str(&said.out).expect("JSON");
    let tiers = said["tiers"].as_array().expect("tiers");
    assert_eq!((tiers.len(), &tiers[2]["kind"], &tiers[2]["can_bill"]), (4, &"groq".into(), &false.into()));
    assert_eq!(tiers[2]["limits"][0]["source"], "plan");
    assert!(tiers[2].get("off").is_none() && tiers[3]["off"] == "no HF_TOKEN");
    assert!(tiers[2]["as_of"].as_str().is_some_and(|date| date.len() == 10));
}

#[test]
fn a_model_that_the_provider_lists_is_no_drift_and_one_that_it_does_not_is() {
    let address = serve(&[("/models", LISTED)]);
    let good = groq_at(address, "openai/gpt-oss-120b", &["tiers", "check"]);
    let expected = "✓ Tier 3: Groq Cloud API has openai/gpt-oss-120b (2 models)\n";
    assert_eq!((good.code, good.out.as_str()), (0, expected), "{}", good.err);
    let gone = groq_at(address, "llama-3.3-70b-versatile", &["tiers", "check"]);
    let expected = "✗ Tier 3: Groq Cloud API: llama-3.3-70b-versatile is not among its 2 models; openai/gpt-oss-120b takes its place\n";
    assert_eq!((gone.code, gone.out.as_str()), (1, expected), "{}", gone.err);
    let gone = groq_at(address, "llama-3.3-70b-versatile", &["tiers", "check", "--json"]);
    let gone: Value = serde_json::from_str(&gone.out).expect("JSON");
    assert_eq!((gone["tiers"][0]["number"].as_u64(), gone["tiers"][0]["models"].as_u64()), (Some(3), Some(2)));
    assert!(gone["tiers"][0]["drift"][0].as_str().is_some_and(|drift| drift.starts_with("llama-3.3-70b-versatile ")));
}

#[test]
fn a_provider_that_cannot_be_asked_proves_nothing() {
    let said = groq_at(serve(&[]), "openai/gpt-oss-120b", &["tiers", "check"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.starts_with("? Tier 3: Groq Cloud API could not be asked: "), "{}", said.out);
}
