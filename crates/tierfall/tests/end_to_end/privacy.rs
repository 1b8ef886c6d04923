//! What stays on the user's own machines.

use serde_json::json;

use crate::served::{Served, chat};
use crate::{four_tiers, wall};

#[test]
fn private_never_reaches_a_cloud() {
    let wall = wall();
    let keys = four_tiers(&wall, ["html", "garbage", "ok-7", "ok-8"]);
    let served = Served::start(&keys);
    for streamed in [false, true] {
        let mut body = chat("private");
        body["stream"] = json!(streamed);
        let answer = served.ask(&body);
        assert_eq!(answer.status, 503, "{}", answer.body);
        let attempts = answer.json()["error"]["attempts"].clone();
        let tiers: Vec<_> =
            attempts.as_array().expect("a list").iter().map(|attempt| attempt["tier"].clone()).collect();
        assert_eq!(tiers, [1, 2]);
    }
    assert!(wall.log().iter().all(|seen| ["html", "garbage"].contains(&seen.model.as_str())), "{:?}", wall.log());
    assert!(!served.log().iter().any(|line| line.contains("Tier 3") || line.contains("Tier 4")));
    assert_eq!(served.chat("auto").header("x-tierfall-tier"), "3", "the cloud was there to be asked");
}

#[test]
fn a_pinned_tier_alone_is_asked() {
    let wall = wall();
    let served = Served::start(&four_tiers(&wall, ["ok-5", "ok-6", "html", "ok-8"]));
    let answer = served.chat("tier-2");
    assert_eq!((answer.status, answer.header("x-tierfall-tier")), (200, "2"));
    assert_eq!(answer.json()["model"], "ok-6");
    assert_eq!(served.chat("tier-3").status, 503);
    let asked: Vec<_> = wall.log().into_iter().map(|seen| seen.model).collect();
    assert_eq!(asked, ["ok-6", "html"]);
}

#[test]
fn what_is_wrong_with_a_request_is_said_and_nothing_is_sent() {
    let wall = wall();
    let served = Served::start(&four_tiers(&wall, ["ok"; 4]));
    for body in [json!({"model": "auto"}), chat("gpt-9"), json!("xylophones")] {
        let answer = served.ask(&body);
        assert!((400..500).contains(&answer.status), "{} {}", answer.status, answer.body);
        let error = &answer.json()["error"];
        assert_eq!(error["type"], "invalid_request_error", "{}", answer.body);
        assert!(!error["message"].as_str().unwrap_or_default().is_empty());
    }
    assert!(wall.log().is_empty());
    assert!(served.end().is_empty());
}

#[test]
fn a_key_that_a_provider_echoes_is_not_told() {
    // Each refusal is read for its cause; none of its words may bring the key or the prompt into a log line or an answer.
    let wall = wall();
    for fault in ["status-401", "status-403", "status-429", "status-500", "error-frame-after-0", "loading"] {
        let served = Served::start(&four_tiers(&wall, [fault; 4]));
        let answer = served.chat("auto");
        assert!(answer.status >= 400, "{fault}");
        assert!(!answer.body.contains("hunter2") && !answer.body.contains("xylophones"), "{fault}: {}", answer.body);
    }
}
