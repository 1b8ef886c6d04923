//! The five scenarios of the contract, each whole and streamed, with every line that is logged.

use serde_json::json;
use wall::ClosedPort;

use crate::answer::{Answer, without_the_time_of_ok};
use crate::served::{Served, chat};
use crate::{four_tiers, wall};

/// What a scenario must come to.
struct Outcome<'a> {
    tier: &'a str,
    attempts: &'a str,
    /// The model that answers: `ok-N`.
    model: &'a str,
    log: &'a [&'a str],
}

impl Outcome<'_> {
    fn assert(&self, keys: &str) {
        let words: Vec<_> = (1..=self.words()).map(|word| format!("w{word}")).collect();
        let words = words.join(" ");

        let served = Served::start(keys);
        let answer = served.chat("auto");
        assert_eq!((answer.status, answer.text()), (200, words.clone()), "{}", answer.body);
        assert_eq!(answer.json()["model"], self.model);
        self.assert_headers(|name| answer.header(name));
        assert_eq!(served.end(), self.log);

        let served = Served::start(keys);
        let stream = served.stream("auto");
        assert_eq!(stream.status, 200);
        self.assert_headers(|name| stream.header(name));
        let spoken = stream.rest();
        assert_eq!((spoken.text(), spoken.finishes()), (words, vec!["stop"]));
        assert!(spoken.comments.is_empty(), "{:?}", spoken.comments);
        assert_eq!(served.end(), self.log);
    }

    fn assert_headers<'a>(&self, header: impl Fn(&'static str) -> &'a str) {
        assert_eq!(header("x-tierfall-tier"), self.tier);
        assert_eq!(without_the_time_of_ok(header("x-tierfall-attempts")), self.attempts);
        assert!(!header("x-request-id").is_empty());
    }

    fn words(&self) -> u32 {
        self.model.strip_prefix("ok-").and_then(|words| words.parse().ok()).expect("a healthy model")
    }
}

#[test]
fn with_all_tiers_up_tier_1_answers() {
    let wall = wall();
    let log = ["→ Trying: Tier 1: Your HF Space", "✓ Success: Tier 1: Your HF Space (Nms, total: Nms)"];
    let outcome = Outcome { tier: "1", attempts: "1=ok@Nms", model: "ok-5", log: &log };
    outcome.assert(&four_tiers(&wall, ["ok-5", "ok-6", "ok-7", "ok-8"]));
    assert!(wall.log().iter().all(|seen| seen.model == "ok-5" && seen.has_key("one-hunter2")));
}

#[test]
fn with_tier_1_over_its_limit_tier_2_answers() {
    let wall = wall();
    let log = [
        "→ Trying: Tier 1: Your HF Space",
        "✗ Failed: Tier 1: Your HF Space (timeout after 300ms)",
        "→ Trying: Tier 2: Ultra-Fast Fallback",
        "✓ Success: Tier 2: Ultra-Fast Fallback (Nms, total: Nms)",
    ];
    let outcome = Outcome { tier: "2", attempts: "1=timeout@300ms,2=ok@Nms", model: "ok-6", log: &log };
    outcome.assert(&(four_tiers(&wall, ["hang", "ok-6", "ok-7", "ok-8"]) + "TIER1_TIMEOUT=300\n"));
}

#[test]
fn with_tiers_1_and_2_off_tier_3_answers() {
    let wall = wall();
    let log = ["→ Trying: Tier 3: Groq Cloud API", "✓ Success: Tier 3: Groq Cloud API (Nms, total: Nms)"];
    let outcome = Outcome { tier: "3", attempts: "3=ok@Nms", model: "ok-7", log: &log };
    outcome
        .assert(&(four_tiers(&wall, ["ok-5", "ok-6", "ok-7", "ok-8"]) + "TIER1_ENABLED=false\nTIER2_ENABLED=false\n"));
    let keys = format!("GROQ_API_KEY=gsk_hunter2\nGROQ_BASE_URL={}\nTIER3_MODEL=ok-7\n", wall.base_url());
    outcome.assert(&keys);
    assert!(wall.log().iter().all(|seen| seen.model == "ok-7" && seen.has_key("gsk_hunter2")));
}

#[test]
fn with_tier_4_alone_tier_4_answers() {
    let wall = wall();
    let log = ["→ Trying: Tier 4: HF Serverless", "✓ Success: Tier 4: HF Serverless (Nms, total: Nms)"];
    let outcome = Outcome { tier: "4", attempts: "4=ok@Nms", model: "ok-8", log: &log };
    outcome.assert(&format!("HF_TOKEN=hf_hunter2\nHF_BASE_URL={}\nTIER4_MODEL=ok-8\n", wall.base_url()));
    assert!(wall.log().iter().all(|seen| seen.model == "ok-8" && seen.has_key("hf_hunter2")));
}

#[test]
fn with_all_tiers_failing_each_reason_is_told() {
    let (wall, closed) = (wall(), ClosedPort::take().expect("a port"));
    let keys = four_tiers(&wall, ["hang", "ok", "status-401", "404-model"])
        + &format!(
            "TIER1_TIMEOUT=300\nTIER2_BASE_URL=http://{}/v1\nTIER2_RETRIES=0\nTIER4_MEND=false\n",
            closed.address()
        );
    for streamed in [false, true] {
        let served = Served::start(&keys);
        let mut body = chat("auto");
        body["stream"] = json!(streamed);
        let answer = served.ask(&body);
        assert_eq!(answer.status, 503);
        let attempts = answer.header("x-tierfall-attempts");
        let codes: Vec<_> = attempts.split(',').filter_map(|attempt| attempt.split('@').next()).collect();
        assert_eq!(codes, ["1=timeout", "2=refused", "3=401", "4=model-not-found"]);
        assert!(attempts.starts_with("1=timeout@300ms,"), "{attempts}");
        assert_all_failed(
            &answer,
            &json!([
                {"tier": 1, "name": "Tier 1: Your HF Space", "reason": "timeout", "status": null},
                {"tier": 2, "name": "Tier 2: Ultra-Fast Fallback", "reason": "connection refused", "status": null},
                {"tier": 3, "name": "Tier 3: Groq Cloud API", "reason": "401 Unauthorized", "status": 401},
                {"tier": 4, "name": "Tier 4: HF Serverless", "reason": "model not found", "status": 404},
            ]),
        );
        let log = [
            "→ Trying: Tier 1: Your HF Space",
            "✗ Failed: Tier 1: Your HF Space (timeout after 300ms)",
            "→ Trying: Tier 2: Ultra-Fast Fallback",
            "✗ Failed: Tier 2: Ultra-Fast Fallback (connection refused)",
            "→ Trying: Tier 3: Groq Cloud API",
            "✗ Failed: Tier 3: Groq Cloud API (401 Unauthorized)",
            "→ Trying: Tier 4: HF Serverless",
            "✗ Failed: Tier 4: HF Serverless (model not found)",
            "Error: All LLM tiers failed",
        ];
        assert_eq!(served.end(), log);
    }
}

#[test]
fn with_all_tiers_off_nothing_is_tried() {
    let wall = wall();
    let off: String = (1..=4).map(|tier| format!("TIER{tier}_ENABLED=false\n")).collect();
    let served = Served::start(&(four_tiers(&wall, ["ok"; 4]) + &off));
    let answer = served.chat("auto");
    assert_eq!(answer.status, 503);
    assert_all_failed(&answer, &json!([]));
    assert_eq!(served.end(), ["Error: All LLM tiers failed"]);
    assert!(wall.log().is_empty());
}

/// The body is the contract's, with these attempts and a time for each.
fn assert_all_failed(answer: &Answer, attempts: &serde_json::Value) {
    let mut body = answer.json();
    for attempt in body["error"]["attempts"].as_array_mut().expect("a list") {
        let ms = attempt.as_object_mut().and_then(|attempt| attempt.remove("ms")).expect("a time");
        assert!(ms.is_u64(), "{ms}");
        assert!(attempt["reason"] != "timeout" || ms == 300, "{ms}");
    }
    let error = json!({
        "message": "All LLM tiers failed", "type": "all_tiers_failed", "code": "all_tiers_failed", "attempts": attempts
    });
    assert_eq!(body, json!({ "error": error }));
}

#[test]
fn the_start_says_of_each_tier_what_it_is() {
    let wall = wall();
    let base = wall.base_url();
    let served = Served::start(&format!("TIER2_BASE_URL={base}\nTIER2_MODEL=ok\nTIER2_TIMEOUT=5000\n"));
    assert_eq!(
        served.out()[..4],
        [
            "Tier 1: Your HF Space [space, auto] off: no CUSTOM_LLM_BASE_URL".to_owned(),
            format!(
                "Tier 2: Ultra-Fast Fallback [space, ok, {base}] on: total 5000ms, connect 5000ms, first token grows with the prompt, idle 20000ms"
            ),
            "Tier 3: Groq Cloud API [groq, openai/gpt-oss-120b, https://api.groq.com/openai/v1] off: no GROQ_API_KEY".to_owned(),
            "Tier 4: HF Serverless [serverless, openai/gpt-oss-120b, https://router.huggingface.co/v1] off: no HF_TOKEN".to_owned(),
        ]
    );
    assert_eq!(
        served.out()[4..8],
        ["Route auto: tier 2", "Route private: tier 2", "Route free: tier 2", "Route no-training: tier 2"]
    );
    assert_eq!(served.out()[8], format!("Studio: http://{}/", served.address()));
    assert_eq!(served.out()[9], format!("Listening on http://{}", served.address()));
}
