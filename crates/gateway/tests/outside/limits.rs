//! A tier's limits and the caller's deadline: what counts as life, and what is merely noise.

use std::time::Duration;

use cascade::FirstToken;
use gateway::{RouteSettings, Settings};

use crate::caller::{Ask, chat};
use crate::play::{play, stream_head, token};
use crate::stand::{ALL_FAILED, SPACE, Stand, failed};

const SHORT: Duration = Duration::from_millis(300);
/// How a stream ends that is whole.
const END: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

fn first_token(settings: &mut Settings) {
    settings.tiers[0].limits.first_token = FirstToken::Fixed(SHORT);
}

fn idle(settings: &mut Settings) {
    settings.tiers[0].limits.idle = SHORT;
}

fn total(settings: &mut Settings) {
    settings.tiers[0].limits.total = SHORT;
}

/// Tier 1 runs into the limit that is `set`, and tier 2 answers.
async fn is_left(fault: &str, set: fn(&mut Settings), ask: Ask) {
    let stand = Stand::with(&[fault, "ok"], set);
    let answer = ask.of(&stand).await;
    answer.assert_whole(fault);
    assert_eq!(answer.attempts(), "1=timeout,2=ok", "{fault}");
    assert_eq!(stand.log.lines()[1], failed(SPACE, "timeout after 300ms"), "{fault}");
    assert_eq!(stand.settled().await[0].ended.unwrap().how, wall::End::ClientLeft, "{fault}");
}

#[tokio::test]
async fn what_says_nothing_is_no_first_token() {
    let silent = [
        "role-only-then-hang",
        "comments-only+trickle-20ms",
        "empty-deltas-only+trickle-20ms",
        "slow-first-10m",
        "slow-head-10m",
        "stall-after-0",
        "whole-only+slow-first-10m",
        "whole-only+role-only-then-hang",
        "whole-only+comments-only+trickle-20ms",
        "whole-only+trickle-10m",
    ];
    for fault in silent {
        is_left(fault, first_token, chat("auto")).await;
        is_left(fault, first_token, chat("auto").streamed()).await;
    }
}

#[tokio::test]
async fn a_thought_and_a_piece_of_a_tool_call_are_first_tokens() {
    let thought = "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"Hm\"}}]}\n\n";
    let call = concat!(
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"type\":\"function\",",
        "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}\n\n"
    );
    tokio::join!(is_a_first_token(thought), is_a_first_token(call));
}

/// Behind `first`, the rest may come later than a first token may.
async fn is_a_first_token(first: &str) {
    // On a busy machine too `first` comes within it.
    let limit = Duration::from_secs(6);
    let base_url = play(vec![(Duration::ZERO, stream_head() + first), (limit * 3 / 2, token("said") + END)]).await;
    let stand = Stand::with(&["played", "ok"], |settings| {
        settings.tiers[0].target.base_url = base_url.parse().unwrap();
        settings.tiers[0].limits.first_token = FirstToken::Fixed(limit);
    });
    let answer = chat("auto").of(&stand).await;
    assert_eq!((answer.attempts().as_str(), answer.text().as_str()), ("1=ok", "said"), "{first}");
}

#[tokio::test]
async fn a_whole_answer_is_left_where_its_tier_falls_silent_in_the_middle() {
    is_left("stall-after-20", idle, chat("auto")).await;
}

#[tokio::test]
async fn comments_and_empty_deltas_do_not_keep_an_answer_alive_that_has_stopped() {
    let empty = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"}}]}\n\n";
    for noise in [": still here\n\n", empty] {
        let mut lines = vec![(Duration::ZERO, stream_head() + &token("half"))];
        // For as long as the tier is listened to, however late the gateway is, and half a minute at most.
        lines.extend((0..600).map(|_| (SHORT / 6, noise.to_owned())));
        lines.push((Duration::ZERO, END.to_owned()));
        let base_url = play(lines).await;
        let stand = Stand::with(&["played", "ok"], |settings| {
            settings.tiers[0].target.base_url = base_url.parse().unwrap();
            idle(settings);
        });
        let answer = chat("auto").of(&stand).await;
        answer.assert_whole(noise);
        assert_eq!(answer.attempts(), "1=timeout,2=ok", "{noise}");
        assert_eq!(stand.log.lines()[1], failed(SPACE, "timeout after 300ms"), "{noise}");
    }
}

#[tokio::test]
async fn an_answer_that_never_pauses_is_left_at_its_total() {
    is_left("trickle-100ms", total, chat("auto")).await;
    is_left("whole-only+trickle-100ms", total, chat("auto")).await;
    is_left("whole-only+trickle-100ms", total, chat("auto").streamed()).await;
}

#[tokio::test]
async fn the_callers_deadline_ends_a_request_in_either_header() {
    let (own, sdk) = (("x-tierfall-deadline-ms", "300"), ("x-stainless-read-timeout", "0.3"));
    for ((header, value), ask) in [(own, chat("auto")), (own, chat("auto").streamed()), (sdk, chat("auto"))] {
        {
            let stand = Stand::new(&["hang"]);
            let answer = ask.header(header, value).of(&stand).await;
            assert_eq!((answer.status, answer.header("x-tierfall-attempts")), (503, Some("1=timeout@300ms")));
            let last = stand.log.lines().pop().unwrap();
            assert_eq!(
                (stand.log.lines()[1].as_str(), last.as_str()),
                (&*failed(SPACE, "timeout after 300ms"), ALL_FAILED)
            );
        }
    }
}

#[tokio::test]
async fn a_routes_deadline_ends_a_request_too() {
    let stand = Stand::with(&["hang"], |settings| {
        let deadline = Some(SHORT);
        settings.routes.push(RouteSettings {
            name: "quick".to_owned(),
            tiers: vec![1],
            deadline,
            gates: Vec::new(),
            hold_tool_calls: true,
            hedge: None,
        });
    });
    let answer = chat("quick").of(&stand).await;
    assert_eq!((answer.status, answer.header("x-tierfall-attempts")), (503, Some("1=timeout@300ms")));
}

#[tokio::test]
async fn a_silent_tier_leaves_the_next_one_its_share_of_the_deadline() {
    // Half of it is enough for a healthy tier on a busy machine too.
    let shared = async |ask: Ask| {
        let stand = Stand::new(&["hang", "ok"]);
        let answer = ask.header("x-tierfall-deadline-ms", "16000").of(&stand).await;
        answer.assert_whole("shared");
        assert_eq!(answer.attempts(), "1=timeout,2=ok");
    };
    tokio::join!(shared(chat("auto")), shared(chat("auto").streamed()));
}

#[tokio::test]
async fn a_whole_answer_that_is_not_done_by_the_deadline_is_no_answer() {
    let stand = Stand::new(&["trickle-100ms"]);
    let answer = chat("auto").header("x-tierfall-deadline-ms", "400").of(&stand).await;
    assert_eq!((answer.status, answer.attempts().as_str()), (503, "1=timeout"));
    assert_eq!(answer.json()["error"]["attempts"][0]["reason"], "timeout");
}
