//! What opens a tier's breaker at once, for how long, and what is no reason to.

use crate::caller::chat;
use crate::stand::{SPACE, Stand, succeeded, trying};

/// In how many seconds the skipped tier 1 is to be probed, and what opened its breaker, as the log says it.
fn next_probe(stand: &Stand) -> (String, u64) {
    let lines = stand.log.lines();
    let skip = lines.iter().rfind(|line| line.starts_with("↷ Skipped: ")).expect("a skip");
    let reason = skip.strip_prefix(&format!("↷ Skipped: {SPACE} (breaker open after ")).expect("an open breaker");
    let (cause, seconds) = reason.split_once(", next probe in ").expect("a time");
    (cause.to_owned(), seconds.strip_suffix(" s)").expect("seconds").parse().expect("a number"))
}

/// As [`next_probe`], where one call of tier 1 has opened its breaker.
async fn opened(model: &str) -> (String, u64) {
    let stand = Stand::new(&[model, "ok"]);
    for _ in 0..2 {
        chat("auto").of(&stand).await.assert_whole(model);
    }
    assert_eq!(stand.asked(), [model, "ok", "ok"]);
    next_probe(&stand)
}

#[tokio::test]
async fn what_a_person_must_mend_opens_it_at_once_and_for_long_and_the_log_says_why() {
    for model in ["401", "403", "404-model"] {
        let (cause, seconds) = opened(model).await;
        assert_eq!(cause, "a refused key or model", "{model}");
        assert!((500..=660).contains(&seconds), "{model}: {seconds} s");
    }
}

#[tokio::test]
async fn a_tier_is_left_alone_for_as_long_as_it_asked_in_any_form() {
    let forms = ["429-retry-after-90", "429-retry-after-date-90", "429-retry-after-90000ms", "503-retry-after-90"];
    for model in forms {
        let (_, seconds) = opened(model).await;
        // Its own time would be 5 s.
        assert!((30..=90).contains(&seconds), "{model}: {seconds} s");
    }
}

#[tokio::test]
async fn requests_that_are_refused_for_their_own_sake_are_no_reason() {
    for model in ["400", "content-filter", "context-1", "413"] {
        let stand = Stand::new(&[model, "ok"]);
        for _ in 0..20 {
            chat("auto").of(&stand).await;
        }
        assert_eq!(stand.asked().iter().filter(|asked| *asked == model).count(), 20, "{model}");
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
