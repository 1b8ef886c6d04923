//! The cascade's order: which tier answers, what is logged on the way, and what the caller is told of it.

use serde_json::{Value, json};

use crate::caller::{Answer, chat, words};
use crate::stand::{ALL_FAILED, FAST, GROQ, SERVERLESS, SPACE, Stand, failed, succeeded, trying};

/// Asks whole and streamed; each time a stand of its own, so that no breaker remembers the other.
async fn both(models: &[&str], check: impl Fn(&Stand, &Answer)) {
    for streamed in [false, true] {
        let stand = Stand::new(models);
        let ask = if streamed { chat("auto").streamed() } else { chat("auto") };
        let answer = ask.of(&stand).await;
        assert_eq!(answer.is_stream(), streamed && answer.status == 200, "{answer:?}");
        check(&stand, &answer);
    }
}

#[tokio::test]
async fn with_all_tiers_up_the_first_answers_and_no_other_is_asked() {
    both(&["ok", "ok#2", "ok#3", "ok#4"], |stand, answer| {
        answer.assert_whole("all up");
        assert_eq!((answer.header("x-tierfall-tier"), answer.attempts().as_str()), (Some("1"), "1=ok"));
        assert_eq!(stand.log.lines(), [trying(SPACE), succeeded(SPACE)]);
        assert_eq!(stand.asked(), ["ok"]);
    })
    .await;
}

#[tokio::test]
async fn when_the_first_tier_is_over_its_limit_the_second_answers() {
    both(&["rate-limit-1rpd+429", "ok", "ok#3", "ok#4"], |stand, answer| {
        answer.assert_whole("first over its limit");
        assert_eq!((answer.header("x-tierfall-tier"), answer.attempts().as_str()), (Some("2"), "1=429,2=ok"));
        let log = [trying(SPACE), failed(SPACE, "429 Too Many Requests"), trying(FAST), succeeded(FAST)];
        assert_eq!(stand.log.lines(), log);
        assert_eq!(stand.asked().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn when_the_first_two_are_off_the_third_answers() {
    for streamed in [false, true] {
        let stand = Stand::with(&["ok#1", "ok#2", "ok#3", "ok#4"], |settings| drop(settings.tiers.drain(..2)));
        let ask = if streamed { chat("auto").streamed() } else { chat("auto") };
        let answer = ask.of(&stand).await;
        answer.assert_whole("two off");
        assert_eq!((answer.header("x-tierfall-tier"), answer.attempts().as_str()), (Some("3"), "3=ok"));
        assert_eq!(stand.log.lines(), [trying(GROQ), succeeded(GROQ)]);
        assert_eq!(stand.asked(), ["ok#3"]);
    }
}

#[tokio::test]
async fn when_only_the_fourth_is_up_it_answers_after_the_others_failed() {
    both(&["status-500", "404-model", "401", "ok"], |stand, answer| {
        answer.assert_whole("only the fourth");
        assert_eq!(answer.header("x-tierfall-tier"), Some("4"));
        assert_eq!(answer.attempts(), "1=500,2=model-not-found,3=401,4=ok");
        let log = [
            trying(SPACE),
            failed(SPACE, "500 Internal Server Error"),
            trying(FAST),
            failed(FAST, "model not found"),
            trying(GROQ),
            failed(GROQ, "401 Unauthorized"),
            trying(SERVERLESS),
            succeeded(SERVERLESS),
        ];
        assert_eq!(stand.log.lines(), log);
    })
    .await;
}

#[tokio::test]
async fn when_all_fail_the_error_names_every_attempt_with_its_reason() {
    both(&["status-500", "404-model", "401", "garbage"], |stand, answer| {
        assert_eq!((answer.status, answer.header("content-type")), (503, Some("application/json")));
        assert_eq!(answer.header("x-tierfall-tier"), None, "nobody answered");
        assert_eq!(answer.attempts(), "1=500,2=model-not-found,3=401,4=not-json");
        assert_eq!(
            without_times(answer.json()),
            json!({ "error": {
                "message": "All LLM tiers failed",
                "type": "all_tiers_failed",
                "code": "all_tiers_failed",
                "attempts": [
                    { "tier": 1, "name": SPACE, "reason": "500 Internal Server Error", "status": 500 },
                    { "tier": 2, "name": FAST, "reason": "model not found", "status": 404 },
                    { "tier": 3, "name": GROQ, "reason": "401 Unauthorized", "status": 401 },
                    { "tier": 4, "name": SERVERLESS, "reason": "not JSON", "status": 200 },
                ],
            }})
        );
        assert_eq!(stand.log.lines().last().unwrap(), ALL_FAILED);
        assert_eq!(stand.log.lines().len(), 9);
    })
    .await;
}

#[tokio::test]
async fn the_error_is_to_the_letter_where_a_limit_was_reached() {
    use std::time::Duration;
    let stand = Stand::with(&["hang"], |settings| {
        settings.tiers[0].limits.first_token = cascade::FirstToken::Fixed(Duration::from_millis(250));
    });
    let answer = chat("auto").of(&stand).await;
    let body = concat!(
        r#"{"error":{"message":"All LLM tiers failed","type":"all_tiers_failed","code":"all_tiers_failed","#,
        r#""attempts":[{"tier":1,"name":"Tier 1: Your HF Space","reason":"timeout","status":null,"ms":250}]}}"#
    );
    assert_eq!((answer.status, answer.body.as_str()), (503, body));
    assert_eq!(answer.header("x-tierfall-attempts"), Some("1=timeout@250ms"));
    assert_eq!(stand.log.lines(), [trying(SPACE), failed(SPACE, "timeout after 250ms"), ALL_FAILED.to_owned()]);
}

#[tokio::test]
async fn with_no_tier_at_all_the_error_says_so_too() {
    let stand = Stand::new(&[]);
    let answer = chat("auto").of(&stand).await;
    assert_eq!((answer.status, &answer.json()["error"]["attempts"]), (503, &json!([])));
    assert_eq!(answer.header("x-tierfall-attempts"), Some(""));
}

#[tokio::test]
async fn a_tier_is_asked_again_as_often_as_its_retries_allow() {
    let stand = Stand::with(&["status-503-2-times", "ok#2"], |settings| settings.tiers[0].retries = 2);
    let answer = chat("auto").of(&stand).await;
    answer.assert_whole("the third time");
    assert_eq!(answer.attempts(), "1=503,1=503,1=ok");
    assert_eq!(stand.asked().len(), 3);
}

#[tokio::test]
async fn a_request_id_is_kept_and_told_to_the_tier_or_else_made() {
    for streamed in [false, true] {
        let stand = Stand::new(&["status-500", "ok"]);
        let ask = |ask: crate::caller::Ask| if streamed { ask.streamed() } else { ask };
        let answer = ask(chat("auto")).header("x-request-id", "mine-1").of(&stand).await;
        assert_eq!(answer.header("x-request-id"), Some("mine-1"));
        let seen = stand.settled().await;
        assert!(seen.len() == 2 && seen.iter().all(|seen| seen.header("x-request-id") == Some("mine-1")));
        let made = [ask(chat("auto")).of(&stand).await, ask(chat("auto")).of(&stand).await];
        let made = made.map(|answer| answer.header("x-request-id").unwrap().to_owned());
        assert!(made[0].len() == 36 && made[0] != made[1], "{made:?}");
    }
}

#[tokio::test]
async fn each_tier_is_sent_its_own_key_and_its_own_model() {
    let stand = Stand::new(&["status-500", "ok"]);
    let answer = chat("auto").header("authorization", "Bearer the-callers").of(&stand).await;
    let seen = stand.settled().await;
    assert!(seen[0].has_key("key-of-tier-1") && seen[1].has_key("key-of-tier-2"));
    assert_eq!(answer.json()["model"], "ok", "the model is the one that answered");
    assert_eq!(answer.text(), words(60));
}

/// Takes the times out of an error's attempts, and asserts that each had one.
fn without_times(mut body: Value) -> Value {
    for attempt in body["error"]["attempts"].as_array_mut().unwrap() {
        assert!(attempt.as_object_mut().unwrap().remove("ms").unwrap().is_u64());
    }
    body
}
