//! The log as JSON.

use serde_json::{Value, json};

use crate::served::{Served, Setup};
use crate::{four_tiers, until, wall};

#[test]
fn each_line_is_a_json_object_that_says_the_same() {
    let wall = wall();
    let keys = four_tiers(&wall, ["hang", "ok-6", "ok-7", "ok-8"]) + "TIER1_TIMEOUT=300\n";
    let served = Served::with(&Setup { keys: &keys, arguments: &["--log", "json"], ..Setup::default() });
    let answer = served.chat("auto");
    let lines = until("the last line", || Some(served.out()).filter(|lines| lines.len() >= 14));
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(lines.iter().all(|line| line["time"].as_str().is_some_and(|time| time.ends_with('Z'))));
    let events: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap_or_default()).collect();
    let start = [["tier"; 4], ["route"; 4]].concat();
    assert_eq!(events, [&start[..], &["info", "listening", "trying", "failed", "trying", "success"]].concat());
    assert_eq!((&lines[5]["route"], &lines[5]["text"]), (&json!("private"), &json!("Route private: tiers 1, 2")));
    let numbers: Vec<_> = lines[..4].iter().map(|line| line["number"].clone()).collect();
    assert_eq!(numbers, [1, 2, 3, 4].map(|number| json!(number)));
    let (failed, success) = (&lines[11], &lines[13]);
    assert_eq!(failed["tier"], "Tier 1: Your HF Space");
    assert_eq!((&failed["reason"], &failed["code"]), (&json!("timeout after 300ms"), &json!("timeout")));
    assert_eq!(success["tier"], "Tier 2: Ultra-Fast Fallback");
    assert!(success["ms"].is_u64() && success["total_ms"].is_u64());
    assert!(lines[10..].iter().all(|line| line["request"] == answer.header("x-request-id")));
}
