//! How much of a tier's answer is kept: a stream without an end must not become memory.

use std::time::Duration;

use crate::caller::{Ask, chat};
use crate::play::{play, stream_head};
use crate::stand::Stand;

/// What may be kept of an answer here: thousands of times less than the default takes no test longer to reach.
const MOST_KEPT: usize = 16 * 1024;
/// So many events of half a KiB are more than that.
const MANY: usize = 40;

/// A stand whose tier of this number sends `event` `times` times, and then ends as an answer does.
async fn stand(models: &[&str], number: usize, event: &str, times: usize) -> Stand {
    let end = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let mut lines = vec![(Duration::ZERO, stream_head())];
    lines.extend((0..times).map(|_| (Duration::ZERO, event.to_owned())));
    lines.push((Duration::ZERO, end.to_owned()));
    let base_url = play(lines).await;
    Stand::with(models, |settings| {
        assert_eq!(std::mem::replace(&mut settings.most_kept, MOST_KEPT), 64 * 1024 * 1024);
        settings.tiers[number - 1].target.base_url = base_url.parse().unwrap();
    })
}

fn event(delta: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{delta}}}]}}\n\n")
}

async fn is_left_for_the_next(event: &str, times: usize, ask: Ask) {
    let stand = stand(&["played", "ok"], 1, event, times).await;
    ask.of(&stand).await.assert_whole("the next tier's");
    let decision = stand.log.decision().await;
    assert!(decision.contains("1=oversized*") && decision.contains("2=ok*60"), "{decision}");
}

#[tokio::test]
async fn an_event_of_more_than_a_mebibyte_costs_its_attempt() {
    let event = event(&format!("{{\"content\":\"{}\"}}", "a".repeat(1024 * 1024)));
    for ask in [chat("auto"), chat("auto").streamed()] {
        is_left_for_the_next(&event, 1, ask).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_put_together_is_bounded() {
    is_left_for_the_next(&event(&format!("{{\"content\":\"{}\"}}", "a".repeat(512))), MANY, chat("auto")).await;
}

#[tokio::test]
async fn a_tool_call_that_is_held_back_is_bounded() {
    let arguments = "a".repeat(512);
    let call = event(&format!("{{\"tool_calls\":[{{\"index\":0,\"function\":{{\"arguments\":\"{arguments}\"}}}}]}}"));
    is_left_for_the_next(&call, MANY, chat("auto").streamed()).await;
}

#[tokio::test]
async fn what_waits_for_its_seam_is_bounded() {
    let sources = event(&format!("{{\"annotations\":[\"{}\"]}}", "a".repeat(512)));
    let stand = stand(&["cut-after-20", "played", "ok"], 2, &sources, MANY).await;
    chat("auto").streamed().of(&stand).await.assert_whole("carried on");
    let decision = stand.log.decision().await;
    assert!(decision.contains("2=oversized*"), "{decision}");
}
