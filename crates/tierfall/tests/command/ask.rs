use serde_json::{Value, json};
use wall::Wall;

use super::{Said, folder, tierfall};

const PROMPT: &str = "Say a few words about xylophones";

/// Tiers 1 and 2 at a wall, and nothing else.
fn keys(wall: &Wall, first: &str, second: &str) -> Vec<(&'static str, String)> {
    let base = wall.base_url();
    vec![
        ("CUSTOM_LLM_BASE_URL", base.clone()),
        ("CUSTOM_LLM_API_KEY", "one-hunter2".to_owned()),
        ("CUSTOM_LLM_MODEL", first.to_owned()),
        ("TIER2_BASE_URL", base),
        ("TIER2_MODEL", second.to_owned()),
        ("TIER2_MEND", "false".to_owned()),
    ]
}

fn ask(keys: &[(&'static str, String)], arguments: &[&str]) -> Said {
    let keys: Vec<_> = keys.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let said = tierfall(folder().path(), &keys, &[&["ask"], arguments].concat());
    assert!(!said.err.contains("hunter2") && !said.err.contains("xylophones"), "{}", said.err);
    said
}

fn wall() -> Wall {
    Wall::start("127.0.0.1:0").expect("a port")
}

#[test]
fn the_answer_is_on_the_standard_output_and_the_decision_on_the_standard_error() {
    let wall = wall();
    let said = ask(&keys(&wall, "html", "ok-5"), &[PROMPT, "--system", "Be brief"]);
    assert_eq!((said.code, said.out.as_str()), (0, "w1 w2 w3 w4 w5\n"), "{}", said.err);
    let lines: Vec<_> = said.err.lines().collect();
    assert_eq!(lines.len(), 4, "{}", said.err);
    assert_eq!(lines[0], "→ Trying: Tier 1: Your HF Space");
    assert!(lines[1].starts_with("✗ Failed: Tier 1: Your HF Space ("), "{}", said.err);
    assert_eq!(lines[2], "→ Trying: Tier 2: Ultra-Fast Fallback");
    assert!(lines[3].starts_with("✓ Success: Tier 2: Ultra-Fast Fallback ("), "{}", said.err);
    let seen = wall.calls("html").remove(0);
    assert!(seen.has_key("one-hunter2"));
    let sent: Value = serde_json::from_slice(&seen.body).expect("JSON");
    let messages = json!([{"role": "system", "content": "Be brief"}, {"role": "user", "content": PROMPT}]);
    assert_eq!(sent["messages"], messages);
    assert!(!wall.calls("ok-5")[0].authorized(), "tier 2 has no key");
}

#[test]
fn where_all_tiers_fail_the_code_is_1() {
    let wall = wall();
    for arguments in [&[PROMPT][..], &[PROMPT, "--json"]] {
        let said = ask(&keys(&wall, "status-401", "404-model"), arguments);
        assert_eq!((said.code, said.out.as_str()), (1, ""));
        assert_eq!(
            said.err,
            "→ Trying: Tier 1: Your HF Space\n\
             ✗ Failed: Tier 1: Your HF Space (401 Unauthorized)\n\
             → Trying: Tier 2: Ultra-Fast Fallback\n\
             ✗ Failed: Tier 2: Ultra-Fast Fallback (model not found)\n\
             Error: All LLM tiers failed\n"
        );
    }
}

#[test]
fn json_is_the_whole_answer() {
    let wall = wall();
    let said = ask(&keys(&wall, "ok-5", "ok"), &["--json", PROMPT]);
    assert_eq!(said.code, 0, "{}", said.err);
    let answer: Value = serde_json::from_str(&said.out).expect("JSON alone");
    assert_eq!(answer["choices"][0]["message"]["content"], "w1 w2 w3 w4 w5");
    assert_eq!((&answer["model"], &answer["usage"]["completion_tokens"]), (&json!("ok-5"), &json!(5)));
}

#[test]
fn an_answer_that_breaks_off_is_carried_on() {
    let wall = wall();
    let said = ask(&keys(&wall, "cut-after-20", "ok"), &[PROMPT]);
    let words: Vec<_> = (1..=60).map(|word| format!("w{word}")).collect();
    assert_eq!((said.code, said.out), (0, words.join(" ") + "\n"), "{}", said.err);
    assert!(said.err.contains("\n↳ Carried on: Tier 2: Ultra-Fast Fallback (after "), "{}", said.err);
}

#[test]
fn what_a_provider_refuses_is_said_in_one_line() {
    let wall = wall();
    let said = ask(&keys(&wall, "content-filter", "ok"), &[PROMPT]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    let last = said.err.lines().last().unwrap_or_default();
    assert!(last.starts_with("error: ") && last.contains("content filter"), "{}", said.err);
    assert!(wall.calls("ok").is_empty());
}
