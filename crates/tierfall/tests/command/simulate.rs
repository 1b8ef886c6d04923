use super::{folder, tierfall};

/// A box of one's own, and a cloud behind it.
const FILE: &str = r#"
expect = [90, 10]

[traffic]
requests_a_day = 400
prompt_tokens = { median = 200, p95 = 900 }
answer_tokens = { median = 100, p95 = 400 }
max_tokens = 1000

[[tier]]
type = "local"
prompt_tokens_per_s = 100
answer_tokens_per_s = 25

[[tier]]
type = "groq"
name = "The cloud"
prompt_tokens_per_s = 5000
answer_tokens_per_s = 300
tpm = 6000
"#;

#[test]
fn a_day_is_told_as_a_table_that_says_whether_what_is_expected_holds() {
    let folder = folder();
    std::fs::write(folder.path().join("day.toml"), FILE).expect("written");
    let said = tierfall(folder.path(), &[], &["simulate", "day.toml"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.out);
    let lines: Vec<_> = said.out.lines().collect();
    assert!(
        lines[0]
            .ends_with("half of the prompts are over 200 tokens and one in 20 over 900, of the answers 100 and 400")
    );
    assert!(lines[2].starts_with("TIER ") && lines[2].ends_with("END p50/95/99"));
    assert!(lines[3].starts_with("Tier 1: This machine ") && lines[4].starts_with("The cloud "), "{}", said.out);
    assert!(said.out.contains("\nTier 2: at the peak "), "{}", said.out);
    assert!(said.out.contains("; at least 90 % expected: yes\n"), "{}", said.out);
    assert!(said.out.ends_with("What is expected holds at this traffic.\n"), "{}", said.out);
    let again = tierfall(folder.path(), &[], &["simulate", "--seed", "1", "day.toml"]);
    assert_eq!(again.out, said.out, "the seed is 1 unless one is given");
    assert_ne!(tierfall(folder.path(), &[], &["simulate", "--seed", "2", "day.toml"]).out, said.out);
}

#[test]
fn where_what_is_expected_does_not_hold_the_traffic_is_named_at_which_it_does() {
    let folder = folder();
    std::fs::write(folder.path().join("day.toml"), FILE.replace("= 400\nprompt", "= 20000\nprompt")).expect("written");
    let said = tierfall(folder.path(), &[], &["simulate", "day.toml"]);
    assert_eq!((said.code, said.err.as_str()), (1, ""), "{}", said.out);
    assert!(said.out.contains("; at least 90 % expected: no\n"), "{}", said.out);
    assert!(said.out.contains("What is expected does not hold at this traffic. It holds at "), "{}", said.out);
}

#[test]
fn json_has_the_whole_report() {
    let folder = folder();
    std::fs::write(folder.path().join("day.toml"), FILE).expect("written");
    let said = tierfall(folder.path(), &[], &["simulate", "--json", "--runs", "3", "day.toml"]);
    let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let count = |value: &serde_json::Value| value.as_u64().expect("a count");
    assert_eq!(report["runs"], 3);
    assert!((1_000..1_400).contains(&count(&report["requests"])), "{report}");
    let tiers = report["tiers"].as_array().expect("tiers");
    assert_eq!(tiers.iter().map(|tier| count(&tier["answered"])).sum::<u64>(), count(&report["answered"]));
    assert_eq!(tiers[1]["quota"]["tpm"]["allowed"], 6_000);
    assert_eq!(tiers[1]["quota"]["rpm"]["allowed"], 30, "as in the configuration, where the file says nothing");
    assert!(report["expected"][0]["holds"].is_boolean());
}

#[test]
fn the_example_can_be_simulated_and_holds_what_it_expects() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/four-tiers.toml");
    let said = tierfall(folder().path(), &[], &["simulate", example]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("Tier 4 answers 0.00 %"), "{}", said.out);
}

#[test]
fn a_file_that_cannot_be_simulated_is_one_line_and_code_2() {
    let folder = folder();
    std::fs::write(folder.path().join("day.toml"), FILE.replace("\"groq\"", "\"grok\"")).expect("written");
    let said = tierfall(folder.path(), &[], &["simulate", "day.toml"]);
    let expected = "error: day.toml:15: tier 2: type: takes one of space, local, ollama, zerogpu, groq, openrouter, gemini, mistral, cloudflare, zai, sambanova, cohere, cerebras, serverless, openai, commercial; did you mean groq?\n";
    assert_eq!((said.code, said.err.as_str(), said.out.as_str()), (2, expected, ""));
    std::fs::write(folder.path().join("day.toml"), "traffic = \"gone.jsonl\"\n").expect("written");
    let said = tierfall(folder.path(), &[], &["simulate", "day.toml"]);
    assert_eq!(said.code, 2);
    assert!(said.err.starts_with("error: day.toml:1: traffic: gone.jsonl cannot be read: "), "{}", said.err);
}

#[test]
fn a_file_that_is_not_there_is_one_line() {
    let said = tierfall(folder().path(), &[], &["simulate", "gone.toml"]);
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with("error: gone.toml cannot be read: ") && said.err.lines().count() == 1, "{}", said.err);
}

#[test]
fn the_free_plans_can_be_simulated_and_no_provider_is_asked_for_more_than_it_allows() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/free-plans.toml");
    let said = tierfall(folder().path(), &[], &["simulate", example]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("Tier 4: Gemini ") && said.out.contains(" of 200,000 tokens a day"), "{}", said.out);
    assert!(!said.out.contains("for more than its provider allows"), "{}", said.out);
}
