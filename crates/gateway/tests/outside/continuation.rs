//! Answers that break off in sight of the caller, and are carried on.

use std::time::Duration;

use serde_json::{Value, json};

use crate::caller::{Answer, chat, text, words};
use crate::stand::{ALL_FAILED, FAST, SPACE, Stand, failed, succeeded, trying};

/// What tier 1 does in the middle of its answer, and what the log says of it.
const BREAKS: [(&str, &str); 6] = [
    ("cut-after-40", "stream cut off"),
    ("reset-after-40", "stream cut off"),
    ("end-after-40", "stream cut off"),
    ("bad-chunk-after-40", "stream cut off"),
    ("error-frame-after-40", "error in the stream: The wall broke off."),
    ("stall-after-40", "timeout after 300ms"),
];

/// Tiers with these models; the first is given up after 300 ms of silence where it stalls.
fn stand(models: &[&str]) -> Stand {
    Stand::with(models, |settings| {
        if models[0].starts_with("stall") {
            settings.tiers[0].limits.idle = Duration::from_millis(300);
        }
    })
}

fn seams(answer: &Answer) -> Vec<&str> {
    answer.comments().into_iter().filter(|comment| comment.contains("seam=")).collect()
}

/// One stream: each word once, one role, one id, one end.
fn assert_one_stream(answer: &Answer, case: &str) {
    assert_eq!(answer.text(), words(60), "{case}");
    assert_eq!(answer.dones(), 1, "{case}");
    let chunks = answer.chunks();
    assert!(chunks.iter().all(|chunk| chunk["id"] == chunks[0]["id"]), "{case}");
    let deltas = chunks.iter().filter_map(|chunk| chunk.pointer("/choices/0/delta"));
    assert_eq!(deltas.filter(|delta| delta.get("role").is_some()).count(), 1, "{case}");
    let ends = chunks.iter().filter(|chunk| chunk.pointer("/choices/0/finish_reason").is_some_and(Value::is_string));
    assert_eq!(ends.count(), 1, "{case}");
}

#[tokio::test]
async fn the_next_tier_goes_on_where_the_first_broke_off() {
    for (fault, reason) in BREAKS {
        let stand = stand(&[fault, "ok"]);
        let answer = chat("auto").streamed().of(&stand).await;
        assert_one_stream(&answer, fault);
        let seam = words(40).len();
        assert_eq!(seams(&answer), [format!(": tierfall tier=2 seam={seam}")], "{fault}");
        let lines = stand.log.until(&succeeded(FAST)).await;
        assert_eq!(lines[..3], [trying(SPACE), failed(SPACE, reason), trying(FAST)], "{fault}");
        assert_eq!(lines.last(), Some(&succeeded(FAST)), "{fault}");
    }
}

#[tokio::test]
async fn a_tier_that_is_not_known_to_take_prefill_is_asked_to_repeat() {
    let stand = stand(&["cut-after-40", "refuse-prefill"]);
    let answer = chat("auto").streamed().of(&stand).await;
    assert_one_stream(&answer, "refuse-prefill");
    assert_eq!(stand.asked(), ["cut-after-40", "refuse-prefill"]);
}

#[tokio::test]
async fn an_answer_made_anew_serves_where_it_says_the_same_again() {
    let stand = stand(&["cut-after-40", "anew"]);
    assert_one_stream(&chat("auto").streamed().of(&stand).await, "anew");
}

#[tokio::test]
async fn a_tier_that_says_something_else_gives_way_to_the_next() {
    let stand = stand(&["cut-after-40", "other-words+refuse-prefill", "ok"]);
    let answer = chat("auto").streamed().of(&stand).await;
    assert_one_stream(&answer, "other words");
    assert_eq!(seams(&answer).len(), 1);
}

#[tokio::test]
async fn it_is_carried_on_as_often_as_it_breaks() {
    let stand = stand(&["cut-after-20", "cut-after-20", "ok"]);
    let answer = chat("auto").streamed().of(&stand).await;
    assert_one_stream(&answer, "two breaks");
    assert_eq!(seams(&answer).len(), 2);
}

#[tokio::test]
async fn where_no_later_tier_is_left_the_same_one_goes_on() {
    let stand = stand(&["cut-after-40-once"]);
    assert_one_stream(&chat("auto").streamed().of(&stand).await, "the same tier");
}

#[tokio::test]
async fn a_tier_that_only_answers_whole_carries_on_too() {
    let stand = stand(&["cut-after-40", "ok+whole-only"]);
    assert_one_stream(&chat("auto").streamed().of(&stand).await, "whole");
}

#[tokio::test]
async fn a_text_completion_is_carried_on_at_the_end_of_its_prompt() {
    let stand = stand(&["cut-after-40", "ok"]);
    let answer = text("auto").streamed().of(&stand).await;
    assert_eq!((answer.text(), answer.dones()), (words(60), 1));
}

#[tokio::test]
async fn where_nobody_can_go_on_the_stream_says_so_and_has_no_done() {
    let stand = Stand::with(&["cut-after-40"], |settings| settings.tiers[0].retries = 1);
    let answer = chat("auto").with("n", 2).streamed().of(&stand).await;
    assert_eq!(answer.dones(), 0);
    let last: Value = serde_json::from_str(answer.data().last().expect("an event")).expect("JSON");
    assert_eq!(last["error"]["code"], "answer_broke_off");
    let lines = stand.log.until(&format!("✗ Broken off: {SPACE}")).await;
    assert!(!lines.contains(&ALL_FAILED.to_owned()));
}

#[tokio::test]
async fn the_bound_on_the_answer_counts_what_was_said_before() {
    let stand = stand(&["cut-after-40", "ok"]);
    let answer = chat("auto").with("max_tokens", 50).streamed().of(&stand).await;
    assert_eq!(answer.text(), words(50));
    let carried: Value = serde_json::from_slice(&stand.wall.log()[1].body).expect("JSON");
    assert_eq!(carried["max_tokens"], 10 + 64, "the words that are repeated are not the caller's");
    let messages = carried["messages"].as_array().expect("messages");
    assert_eq!(messages[messages.len() - 2], json!({ "role": "assistant", "content": words(40) }));
    assert_eq!(messages[messages.len() - 1]["role"], "user");
}

#[tokio::test]
async fn a_tool_call_is_never_cut() {
    let stand = stand(&["tool-call-cut", "tool-call"]);
    let answer = chat("auto").streamed().of(&stand).await;
    assert_eq!(answer.dones(), 1);
    let pieces = answer.chunks();
    let arguments: String = (pieces.iter())
        .filter_map(|chunk| chunk.pointer("/choices/0/delta/tool_calls/0/function/arguments")?.as_str())
        .collect();
    assert!(serde_json::from_str::<Value>(&arguments).is_ok(), "{arguments}");
    assert_eq!(answer.header("x-tierfall-tier"), Some("2"));
}

#[tokio::test]
async fn reasoning_that_was_shown_is_not_carried_over_as_text() {
    let stand = stand(&["reasoning-20-then-ok+cut-after-10", "ok"]);
    let answer = chat("auto").streamed().of(&stand).await;
    assert_eq!((answer.text(), answer.dones()), (words(60), 1));
    let asked: Value = serde_json::from_slice(&stand.wall.log()[1].body).expect("JSON");
    let roles: Vec<_> = asked["messages"].as_array().expect("messages").iter().map(|m| m["role"].clone()).collect();
    assert!(!roles.contains(&json!("assistant")), "{roles:?}");
}

#[tokio::test]
async fn a_tool_call_that_nobody_makes_whole_is_a_503_as_nothing_of_it_was_shown() {
    let stand = stand(&["tool-call-cut", "401"]);
    let answer = chat("auto").streamed().of(&stand).await;
    assert_eq!((answer.status, answer.attempts().as_str()), (503, "1=cut,2=401"));
}

#[tokio::test]
async fn an_apology_is_never_shown_and_what_it_repeats_is_cut_out() {
    let stand = stand(&["cut-after-4", "apology"]);
    assert_one_stream(&chat("auto").streamed().of(&stand).await, "apology");
    let stand = self::stand(&["cut-after-50", "apology"]);
    assert_one_stream(&chat("auto").streamed().of(&stand).await, "too much stands before what it repeats");
    assert_eq!(stand.asked(), ["cut-after-50", "apology", "cut-after-50"]);
}

#[tokio::test]
async fn white_space_at_the_seam_stands_once_wherever_the_answer_is_cut() {
    let whole = chat("auto").of(&stand(&["page"])).await.text();
    for next in ["page+trim", "page", "page+anew", "page+reads-1ms", "page+trim+reads-1ms"] {
        for cut in 1..20 {
            let stand = stand(&[&format!("page+cut-after-{cut}"), next]);
            // Of a llama.cpp server the name is known by this, and with it that it takes a prefill.
            assert_eq!(chat("tier-2").of(&stand).await.text(), whole);
            let answer = chat("auto").streamed().of(&stand).await;
            assert_eq!((answer.text().as_str(), answer.dones()), (whole.as_str(), 1), "{next}, cut after {cut}");
        }
    }
}

#[tokio::test]
async fn json_that_breaks_off_is_made_anew_where_nobody_has_seen_it_and_broken_off_where_somebody_has() {
    let format = json!({ "type": "json_object" });
    let stand = stand(&["json+cut-after-3", "json"]);
    let whole = chat("auto").with("response_format", format.clone()).of(&stand).await;
    assert!(serde_json::from_str::<Value>(&whole.text()).is_ok(), "{}", whole.text());
    let answer = chat("auto").with("response_format", format).streamed().of(&stand).await;
    let last: Value = serde_json::from_str(answer.data().last().expect("an event")).expect("JSON");
    assert_eq!((answer.dones(), &last["error"]["code"]), (0, &json!("answer_broke_off")));
}

#[tokio::test]
async fn the_thoughts_of_two_models_are_not_put_together() {
    let stand = stand(&["reasoning-20-then-ok+cut-after-10", "reasoning-20-then-ok"]);
    let answer = chat("auto").streamed().of(&stand).await;
    assert_eq!((answer.text(), answer.dones()), (words(60), 1));
    let thoughts = answer.chunks().iter().filter(|chunk| chunk.to_string().contains("\"reasoning_content\"")).count();
    assert_eq!(thoughts, 10, "those of the first");
}
