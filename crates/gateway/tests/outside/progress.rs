//! A llama.cpp server that reads a long prompt says how far it is, where it is asked to: that is life, and no answer.

use std::time::Duration;

use cascade::FirstToken;
use serde_json::Value;
use wall::{Fault, Script};

use crate::caller::{Ask, chat, text};
use crate::stand::{SPACE, Stand, failed};

/// What the tier was asked for: `return_progress` of its last call.
fn asked_for(stand: &Stand) -> Value {
    let body: Value = serde_json::from_slice(&stand.wall.log().last().unwrap().body).unwrap();
    body["return_progress"].clone()
}

#[tokio::test]
async fn a_tier_that_says_it_is_llama_cpp_is_asked_to_report_and_its_reports_are_not_shown() {
    for ask in [chat("auto"), chat("auto").streamed(), text("auto"), text("auto").streamed()] {
        let stand = Stand::new(&["reads-150ms"]);
        ask.clone().of(&stand).await.assert_whole("unknown yet");
        assert_eq!(asked_for(&stand), Value::Null, "an unknown member may be refused elsewhere");
        let answer = ask.of(&stand).await;
        answer.assert_whole("reporting");
        assert_eq!(asked_for(&stand), true);
        assert!(!answer.body.contains("prompt_progress"), "{}", answer.body);
        let roles = answer.body.matches(r#""role":"assistant""#).count();
        assert!(roles < 2, "{}", answer.body);
    }
}

#[tokio::test]
async fn any_other_tier_is_not_asked_to_report() {
    let stand = Stand::new(&["ok"]);
    for _ in 0..2 {
        chat("auto").of(&stand).await.assert_whole("not llama.cpp");
        assert_eq!(asked_for(&stand), Value::Null);
    }
}

#[tokio::test]
async fn a_caller_who_asks_for_reports_gets_them() {
    let stand = Stand::new(&["reads-150ms"]);
    let answer = chat("auto").with("return_progress", true).streamed().of(&stand).await;
    answer.assert_whole("the caller's own");
    assert_eq!(answer.body.matches("prompt_progress").count(), 3, "{}", answer.body);
}

/// Asks a tier whose first-token limit grows with the prompt, which is 10 s for a short one, and that takes longer.
async fn ask_for_longer_than_the_limit(ask: Ask, known: bool) -> Stand {
    let stand = Stand::with(&["reader", "ok"], |settings| {
        settings.tiers[0].limits.first_token = FirstToken::GrowsWithPrompt;
        settings.tiers[0].limits.idle = Duration::from_secs(3);
    });
    let script = |reads| stand.wall.script("reader", Script::from(Fault::Reads(reads)));
    if known {
        script(Duration::ZERO);
        ask.clone().of(&stand).await.assert_whole("now known");
    }
    script(Duration::from_millis(10_500));
    ask.of(&stand).await.assert_whole("a long prompt");
    stand
}

#[tokio::test]
async fn a_long_prompt_is_read_to_its_end_while_its_tier_reports() {
    let (whole, streamed) = tokio::join!(
        ask_for_longer_than_the_limit(chat("auto"), true),
        ask_for_longer_than_the_limit(chat("auto").streamed(), true)
    );
    for stand in [whole, streamed] {
        assert_eq!(stand.asked(), ["reader", "reader"], "{:?}", stand.log.lines());
    }
}

#[tokio::test]
async fn a_long_prompt_that_is_read_in_silence_is_left_at_its_limit() {
    let stand = ask_for_longer_than_the_limit(chat("auto"), false).await;
    assert_eq!(stand.asked(), ["reader", "ok"]);
    assert_eq!(stand.log.lines()[1], failed(SPACE, "timeout after 10000ms"));
}
