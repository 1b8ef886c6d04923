//! What opens a tier's breaker at once, for how long, and what is no reason to.

use crate::caller::{another, chat};
use crate::stand::{SPACE, Stand, succeeded, trying};

/// In how many seconds the skipped tier 1 is to be probed, and what opened its breaker, as the log says it.
fn next_probe(stand: &Stand) -> (String, u64) {
    let lines = stand.log.lines();
    let skip = lines.iter().rfind(|line| line.starts_with("↷ Skipped: ")).expect("a skip");
    let reason = skip.strip_prefix(&format!("↷ Skipped: {SPACE} (breaker open after ")).expect("an open breaker");
    let (cause, seconds) = reason.split_once(", next probe in ").expect("a time");
    (cause.to_owned(), seconds.strip_suffix(" s)").expect("seconds").parse().expect("a number"))
}

/// As [`next_probe`], where so many calls of tier 1 have opened its breaker.
async fn opened(model: &str, calls: usize) -> (String, u64) {
    let stand = Stand::new(&[model, "ok"]);
    for _ in 0..=calls {
        another("auto").of(&stand).await.assert_whole(model);
    }
    assert_eq!(completions_of(&stand, model), calls);
    next_probe(&stand)
}

/// How often `model` was asked for a completion.
fn completions_of(stand: &Stand, model: &str) -> usize {
    stand.asked().iter().filter(|asked| *asked == model).count()
}

#[tokio::test]
async fn what_a_person_must_mend_opens_it_for_long_once_another_request_says_the_same() {
    for (model, why) in [
        ("401", "a refused key or account"),
        ("403", "a refused key or account"),
        ("404-model", "a model that is gone"),
    ] {
        let (cause, seconds) = opened(model, 2).await;
        assert_eq!(cause, why, "{model}");
        assert!((500..=660).contains(&seconds), "{model}: {seconds} s");
    }
}

#[tokio::test]
async fn a_tier_is_left_alone_for_as_long_as_it_asked_in_any_form() {
    let forms = ["429-retry-after-90", "429-retry-after-date-90", "429-retry-after-90000ms", "503-retry-after-90"];
    for model in forms {
        let (_, seconds) = opened(model, 1).await;
        // Its own time would be 5 s.
        assert!((30..=90).contains(&seconds), "{model}: {seconds} s");
    }
}

#[tokio::test]
async fn one_request_however_often_it_is_sent_benches_nobody() {
    for model in ["401", "404-model"] {
        let stand = Stand::new(&[model, "ok"]);
        for _ in 0..4 {
            chat("auto").of(&stand).await.assert_whole(model);
        }
        assert_eq!(completions_of(&stand, model), 4);
    }
}

#[tokio::test]
async fn requests_that_are_refused_for_their_own_sake_are_no_reason() {
    for model in ["400", "content-filter", "context-1", "413"] {
        let stand = Stand::new(&[model, "ok"]);
        for _ in 0..20 {
            chat("auto").of(&stand).await;
        }
        assert_eq!(completions_of(&stand, model), 20, "{model}");
    }
}

#[tokio::test]
async fn a_tier_is_judged_by_its_answers_and_no_health_page_is_asked() {
    let stand = Stand::new(&["slow-head-300ms", "ok"]);
    for _ in 0..3 {
        chat("auto").of(&stand).await.assert_whole("slow, not dead");
    }
    let each = [trying(SPACE), succeeded(SPACE)];
    assert_eq!(stand.log.lines(), [&each[..]; 3].concat());
    assert!(stand.settled().await.iter().all(|seen| seen.path == "/v1/chat/completions"));
}
