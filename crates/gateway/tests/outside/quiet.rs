//! A quiet stream: it is kept alive by comments, and its head does not wait for ever.

use std::time::Duration;

use serde_json::json;

use crate::caller::{Answer, chat};
use crate::play::play;
use crate::stand::{SPACE, Stand};

/// A tier that is silent for longer than the keep-alive, many times over.
const KEEP_ALIVE: Duration = Duration::from_millis(40);

fn stand(models: &[&str]) -> Stand {
    Stand::with(models, |settings| settings.keep_alive = KEEP_ALIVE)
}

fn assert_early(answer: &Answer) {
    assert!(answer.status == 200 && answer.is_stream(), "{answer:?}");
    assert_eq!((answer.header("x-tierfall-tier"), answer.attempts().as_str()), (Some("1"), "1=trying"));
    assert!(answer.comments().iter().filter(|comment| **comment == ": tierfall waiting").count() > 1, "{answer:?}");
}

#[tokio::test]
async fn a_stream_whose_first_token_is_late_begins_early_and_says_that_it_waits() {
    for tier in ["slow-first-2s", "slow-head-2s", "whole-only+slow-head-2s"] {
        let answer = chat("auto").streamed().of(&stand(&[tier])).await;
        assert_early(&answer);
        answer.assert_whole(tier);
        assert!(answer.body.starts_with(':'), "no proxy waits for the first token: {}", answer.body);
    }
}

#[tokio::test]
async fn a_pause_between_tokens_is_filled_and_the_text_stays_whole() {
    let answer = chat("auto").streamed().of(&stand(&["trickle-1s+ok-5"])).await;
    assert_eq!((answer.text().as_str(), answer.dones()), ("w1 w2 w3 w4 w5", 1));
    assert!(answer.comments().len() > 4, "{answer:?}");
}

#[tokio::test]
async fn a_stream_that_is_never_quiet_has_no_comment() {
    let answer = chat("auto").streamed().of(&Stand::new(&["ok"])).await;
    assert!(answer.comments().is_empty(), "{answer:?}");
}

#[tokio::test]
async fn a_whole_answer_is_never_commented() {
    chat("auto").of(&stand(&["slow-first-300ms"])).await.assert_whole("whole");
}

#[tokio::test]
async fn a_tier_that_answers_after_the_head_named_another_is_named_in_a_comment() {
    let answer = chat("auto").streamed().of(&stand(&["slow-head-2s+500", "ok"])).await;
    assert_early(&answer);
    answer.assert_whole("second");
    let named = answer.body.find(": tierfall tier=2 seam=0\n\n").expect("a comment");
    assert!(named < answer.body.find("data: ").unwrap(), "{}", answer.body);
}

#[tokio::test]
async fn when_all_fail_after_the_head_the_stream_says_so_and_is_not_done() {
    let answer = chat("auto").streamed().of(&stand(&["slow-head-2s+500"])).await;
    assert_early(&answer);
    let [error] = &answer.chunks()[..] else { panic!("{answer:?}") };
    assert_eq!((&error["error"]["code"], answer.dones()), (&json!("all_tiers_failed"), 0));
    let attempt = &error["error"]["attempts"][0];
    assert_eq!((&attempt["name"], &attempt["reason"]), (&json!(SPACE), &json!("500 Internal Server Error")));
}

#[tokio::test]
async fn a_refusal_after_the_head_is_one_event_however_the_provider_indents_it() {
    let refusal = "{\n  \"error\": {\n    \"message\": \"No.\",\n\n    \"code\": \"content_filter\"\n  }\n}\n";
    let head = format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\n\r\n", refusal.len());
    let base_url = play(vec![(Duration::from_secs(2), head + refusal)]).await;
    let stand = Stand::with(&["played", "ok"], |settings| {
        settings.keep_alive = KEEP_ALIVE;
        settings.tiers[0].target.base_url = base_url.parse().unwrap();
    });
    let answer = chat("auto").streamed().of(&stand).await;
    assert_early(&answer);
    assert_eq!(answer.chunks(), [json!({ "error": { "message": "No.", "code": "content_filter" } })]);
    assert_eq!(answer.dones(), 0);
    assert!(stand.asked().is_empty(), "it is not tried elsewhere");
}
