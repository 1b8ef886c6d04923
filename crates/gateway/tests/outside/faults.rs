//! Every failure, as tier 1 before a healthy tier 2: the caller sees one whole answer.

use std::time::Duration;

use cascade::FirstToken;
use wall::{ClosedPort, DeafPort};

use crate::caller::{Ask, chat, text};
use crate::stand::{FAST, SPACE, succeeded};
use crate::stand::{Stand, failed, trying};

/// What tier 1 does, the short word for it, and the reason in the log.
const FAULTS: [(&str, &str, &str); 28] = [
    ("reset", "reset", "connection reset"),
    ("close", "reset", "connection reset"),
    ("cut-in-head", "reset", "connection reset"),
    ("401", "401", "401 Unauthorized"),
    ("403", "403", "403 Forbidden"),
    ("404", "404", "404 Not Found"),
    ("404-model", "model-not-found", "model not found"),
    ("408", "408", "408 Request Timeout"),
    ("413", "too-long", "prompt too long"),
    ("429", "429", "429 Too Many Requests"),
    ("429-retry-after-60", "429", "429 Too Many Requests"),
    ("500", "500", "500 Internal Server Error"),
    ("502", "502", "502 Bad Gateway"),
    ("503", "503", "503 Service Unavailable"),
    ("529", "529", "529 Overloaded"),
    ("context-1", "too-long", "prompt too long: 4 tokens, 1 fit"),
    ("loading", "waking", "waking (503 Service Unavailable)"),
    ("loading-estimated-20", "waking", "waking (about 20 s)"),
    ("sleep-then-wake-10m", "waking", "waking (503 Service Unavailable)"),
    ("html", "html", "HTML instead of JSON"),
    ("garbage", "not-json", "not JSON"),
    ("empty", "empty", "empty answer"),
    ("empty-stream", "empty", "empty answer"),
    ("no-choices", "not-an-answer", "not an answer"),
    ("ok-0", "empty", "empty answer"),
    ("cut-after-0", "reset", "connection reset"),
    ("end-after-0", "empty", "empty answer"),
    ("error-frame-after-0", "error", "error in the stream: The wall broke off."),
];

/// What breaks a whole answer in its middle, when it came as a stream and when it came whole.
const MIDWAY: [(&str, &str, &str); 8] = [
    ("cut-after-40", "cut", "stream cut off"),
    ("reset-after-40", "cut", "stream cut off"),
    ("end-after-40", "cut", "stream cut off"),
    ("bad-chunk-after-40", "cut", "stream cut off"),
    ("error-frame-after-40", "error", "error in the stream: The wall broke off."),
    ("cut-after-40+whole-only", "cut", "answer cut off"),
    ("end-after-40+whole-only", "not-json", "not JSON"),
    ("error-frame-after-40+whole-only", "error", "error in the answer: The wall broke off."),
];

async fn is_mended_by_the_next_tier(fault: &str, code: &str, reason: &str, streamed: bool) {
    let case = format!("{fault}, {}", if streamed { "streamed" } else { "whole" });
    let stand = Stand::new(&[fault, "ok"]);
    let ask = if streamed { chat("auto").streamed() } else { chat("auto") };
    let answer = ask.header("x-request-id", "mine").of(&stand).await;
    answer.assert_whole(&case);
    assert_eq!(answer.attempts(), format!("1={code},2=ok"), "{case}");
    assert_eq!(answer.header("x-tierfall-tier"), Some("2"), "{case}");
    let log = [trying(SPACE), failed(SPACE, reason), trying(FAST), succeeded(FAST)];
    assert_eq!(stand.log.lines(), log, "{case}");
    // A tier that is asleep is also woken, half a second later: that call is not the caller's.
    let mine = stand.wall.log().into_iter().filter(|seen| seen.header("x-request-id") == Some("mine"));
    assert_eq!(mine.map(|seen| seen.model).collect::<Vec<_>>(), [fault, "ok"], "{case}");
}

#[tokio::test]
async fn whatever_fails_before_the_first_token_is_mended_by_the_next_tier() {
    for (fault, code, reason) in FAULTS {
        for streamed in [false, true] {
            is_mended_by_the_next_tier(fault, code, reason, streamed).await;
        }
    }
}

#[tokio::test]
async fn a_whole_answer_that_breaks_off_is_made_anew_by_the_next_tier() {
    for (fault, code, reason) in MIDWAY {
        is_mended_by_the_next_tier(fault, code, reason, false).await;
    }
}

#[tokio::test]
async fn a_tier_that_cannot_be_reached_is_passed_over() {
    let (closed, deaf) = (ClosedPort::take().unwrap(), DeafPort::take().unwrap());
    let (long, short) = (Duration::from_secs(60), Duration::from_millis(200));
    for (address, connect, code, reason) in [
        (closed.address(), long, "refused", "connection refused"),
        (deaf.address(), short, "timeout", "timeout after 200ms"),
    ] {
        for streamed in [false, true] {
            let stand = Stand::with(&["unreachable", "ok"], |settings| {
                settings.tiers[0].target.base_url = format!("http://{address}/v1").parse().unwrap();
                settings.tiers[0].target.connect = connect;
            });
            let ask = if streamed { chat("auto").streamed() } else { chat("auto") };
            let answer = ask.of(&stand).await;
            answer.assert_whole(reason);
            assert_eq!(answer.attempts(), format!("1={code},2=ok"));
            assert_eq!(stand.log.lines()[1], failed(SPACE, reason));
        }
    }
}

#[tokio::test]
async fn a_tier_that_hangs_is_left_at_its_limit() {
    for streamed in [false, true] {
        let stand = Stand::with(&["hang", "ok"], |settings| {
            settings.tiers[0].limits.first_token = FirstToken::Fixed(Duration::from_millis(200));
        });
        let ask = if streamed { chat("auto").streamed() } else { chat("auto") };
        let answer = ask.of(&stand).await;
        answer.assert_whole("hang");
        assert!(answer.header("x-tierfall-attempts").unwrap().starts_with("1=timeout@200ms,2=ok@"));
        assert_eq!(stand.log.lines()[1], failed(SPACE, "timeout after 200ms"));
        assert_eq!(stand.settled().await[0].ended.unwrap().how, wall::End::ClientLeft, "it was told to stop");
    }
}

#[tokio::test]
async fn what_is_only_untidy_is_mended_on_the_way() {
    let untidy = [
        "no-done",
        "malformed-event-at-10",
        "crlf",
        "bytewise",
        "lie-content-type-json",
        "lie-content-type-stream",
        "lie-content-type-html",
        "lie-content-type-none",
        "whole-only",
        "stream-only",
        "no-usage",
        "whole-only+lie-content-type-stream",
        "stream-only+lie-content-type-json",
        "whole-only+bytewise",
    ];
    for fault in untidy {
        for ask in [chat("auto"), chat("auto").streamed(), text("auto"), text("auto").streamed()] {
            let stand = Stand::new(&[fault, "ok"]);
            let answer = ask.of(&stand).await;
            answer.assert_whole(fault);
            assert_eq!(answer.attempts(), "1=ok", "{fault}");
        }
    }
}

#[tokio::test]
async fn text_completions_cascade_too() {
    for fault in ["500", "html", "cut-after-0", "garbage"] {
        for ask in [text("auto"), text("auto").streamed()] {
            let stand = Stand::new(&[fault, "ok"]);
            let answer = ask.of(&stand).await;
            answer.assert_whole(fault);
            assert_eq!(answer.header("x-tierfall-tier"), Some("2"), "{fault}");
            assert!(stand.settled().await.iter().all(|seen| seen.path == "/v1/completions"));
        }
    }
}

/// That `ask` is refused as tier 1 refused it, to the byte.
async fn is_refused(models: &[&str], ask: Ask, case: &str) {
    let stand = Stand::with(models, |settings| settings.tiers[0].retries = 3);
    let answer = ask.clone().of(&stand).await;
    assert_eq!((answer.status, answer.header("content-type")), (400, Some("application/json")), "{case}");
    let direct = ask.with("model", models[0]).of_the_wall(&stand).await;
    assert_eq!(answer.body, direct.body, "{case}: to the byte");
    assert_eq!(answer.header("x-tierfall-tier"), Some("1"), "{case}");
}

#[tokio::test]
async fn a_content_filters_refusal_comes_back_as_it_was_given_and_is_not_routed_round() {
    for ask in [chat("auto"), chat("auto").streamed()] {
        is_refused(&["content-filter", "ok"], ask, "content filter").await;
    }
}

#[tokio::test]
async fn what_every_tier_refuses_comes_back_as_the_first_one_gave_it() {
    for ask in [chat("auto"), chat("auto").streamed()] {
        is_refused(&["400#first", "400#second"], ask, "refused by all").await;
    }
}

#[tokio::test]
async fn what_one_tier_refuses_the_next_one_answers() {
    for ask in [chat("auto"), chat("auto").streamed()] {
        let stand = Stand::new(&["400", "ok"]);
        let answer = ask.of(&stand).await;
        answer.assert_whole("400");
        assert_eq!(answer.attempts(), "1=400,2=ok");
    }
}
