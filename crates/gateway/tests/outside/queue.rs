//! Tiers that have enough to do: who waits for a turn, who goes on to the next tier, and who is turned away.

use std::sync::Arc;
use std::time::Duration;

use gateway::{Availability, Gateway, Load, Presence, Server, Settings};

use crate::caller::{Answer, chat};
use crate::stand::{ALL_FAILED, CALLER_LEFT, FAST, Log, SPACE, Stand, settings, skipped, waiting};

/// Tier 1 is asked by one at a time, and so many may wait for it.
fn one_at_a_time(queue: u32) -> impl Fn(&mut Settings) {
    move |settings| {
        settings.tiers[0].concurrency = Some(1);
        settings.tiers[0].queue = queue;
    }
}

/// A caller who asks tier 1 alone, and has been made to wait there.
async fn queued(stand: &Arc<Stand>, ahead: u32) -> tokio::task::JoinHandle<Answer> {
    let asked = Arc::clone(stand);
    let answer = tokio::spawn(async move { chat("tier-1").of(&asked).await });
    stand.log.until(&waiting(SPACE, ahead)).await;
    answer
}

#[tokio::test]
async fn the_second_caller_waits_until_the_first_has_its_answer() {
    for streamed in [false, true] {
        let stand = Arc::new(Stand::with(&["stall-after-3-once+ok"], one_at_a_time(9)));
        let ask = if streamed { chat("auto").streamed() } else { chat("auto") };
        let mut first = chat("auto").streamed().begin(&stand).await;
        first.until("w3").await;
        let asked = Arc::clone(&stand);
        let second = tokio::spawn(async move { ask.of(&asked).await });
        stand.log.until(&waiting(SPACE, 0)).await;
        assert_eq!(stand.asked().len(), 1, "it is asked by one at a time");
        drop(first);
        second.await.unwrap().assert_whole("its turn has come");
    }
}

#[tokio::test]
async fn whoever_waits_is_served_in_the_order_in_which_they_came() {
    let stand = Arc::new(Stand::with(&["stall-after-3-once+ok"], one_at_a_time(9)));
    let mut first = chat("tier-1").streamed().begin(&stand).await;
    first.until("w3").await;
    let mut answers = Vec::new();
    for number in 0..4 {
        let asked = Arc::clone(&stand);
        let ask = chat("tier-1").header("x-request-id", format!("number-{number}"));
        answers.push(tokio::spawn(async move { ask.of(&asked).await }));
        stand.log.until(&waiting(SPACE, number)).await;
    }
    drop(first);
    for answer in answers {
        answer.await.unwrap().assert_whole("in its turn");
    }
    let asked: Vec<_> =
        stand.wall.log().iter().skip(1).map(|seen| seen.header("x-request-id").unwrap().to_owned()).collect();
    assert_eq!(asked, ["number-0", "number-1", "number-2", "number-3"]);
}

#[tokio::test]
async fn over_the_bound_a_caller_is_turned_away_at_once_and_what_was_taken_is_finished() {
    let stand = Arc::new(Stand::with(&["stall-after-3-once+ok"], one_at_a_time(1)));
    let mut first = chat("auto").streamed().begin(&stand).await;
    first.until("w3").await;
    let second = queued(&stand, 0).await;
    let third = chat("auto").of(&stand).await;
    assert_eq!((third.status, third.header("retry-after")), (503, Some("1")));
    let error = &third.json()["error"];
    assert_eq!((&error["code"], &error["attempts"]), (&"all_tiers_failed".into(), &serde_json::json!([])));
    assert_eq!(error["skipped"][0]["reason"], "busy, and its queue is full");
    let lines = stand.log.lines();
    assert_eq!(lines[lines.len() - 2..], [skipped(SPACE, "busy, and its queue is full"), ALL_FAILED.to_owned()]);
    drop(first);
    second.await.unwrap().assert_whole("taken before");
}

#[tokio::test]
async fn over_the_bound_the_next_tier_answers_where_there_is_one() {
    let stand = Stand::with(&["stall-after-3", "ok"], one_at_a_time(0));
    let mut first = chat("auto").streamed().begin(&stand).await;
    first.until("w3").await;
    let second = chat("auto").of(&stand).await;
    second.assert_whole("next");
    assert_eq!((second.attempts().as_str(), second.header("retry-after")), ("2=ok", None));
}

#[tokio::test]
async fn a_wait_ends_with_the_callers_deadline_and_says_when_to_come_back() {
    let stand = Stand::with(&["stall-after-3"], one_at_a_time(9));
    let mut first = chat("auto").streamed().begin(&stand).await;
    first.until("w3").await;
    let second = chat("auto").header("x-tierfall-deadline-ms", "100").of(&stand).await;
    assert_eq!((second.status, second.header("retry-after")), (503, Some("1")));
    assert_eq!(second.json()["error"]["skipped"][0]["reason"], "busy");
    assert_eq!(stand.asked().len(), 1);
}

#[tokio::test]
async fn a_turn_that_is_not_waited_for_as_long_as_the_tier_would_be_silent_goes_to_the_next() {
    let stand = Stand::with(&["stall-after-3", "ok"], |settings| {
        one_at_a_time(9)(settings);
        settings.tiers[0].limits.first_token = cascade::FirstToken::Fixed(Duration::from_secs(3));
    });
    let mut first = chat("auto").streamed().begin(&stand).await;
    first.until("w3").await;
    let second = chat("auto").of(&stand).await;
    second.assert_whole("next");
    assert_eq!(second.attempts(), "2=ok");
    let lines = stand.log.lines();
    assert!(lines.contains(&waiting(SPACE, 0)) && lines.contains(&skipped(SPACE, "busy")), "{lines:?}");
}

#[tokio::test]
async fn who_leaves_the_queue_is_never_asked_for_and_loses_nobody_their_turn() {
    let stand = Arc::new(Stand::with(&["stall-after-3-once+ok"], one_at_a_time(9)));
    let mut first = chat("tier-1").streamed().begin(&stand).await;
    first.until("w3").await;
    let second = queued(&stand, 0).await;
    let third = queued(&stand, 1).await;
    second.abort();
    stand.log.until(CALLER_LEFT).await;
    drop(first);
    third.await.unwrap().assert_whole("the next in the line");
    assert_eq!(stand.asked().len(), 2);
}

#[tokio::test]
async fn a_turn_that_another_thread_gives_is_not_missed() {
    let mut stand = Stand::new(&["ok"]);
    let mut settings = settings(&stand.wall, &["ok"]);
    one_at_a_time(1_000)(&mut settings);
    let gateway = Gateway::new(settings, Arc::new(Log::default()), 4).unwrap();
    stand.server = Server::start(&Arc::new(gateway), "127.0.0.1:0".parse().unwrap()).unwrap();
    let stand = Arc::new(stand);
    let ask = |_| {
        let stand = Arc::clone(&stand);
        tokio::spawn(async move { chat("auto").of(&stand).await })
    };
    let answers: Vec<_> = (0..80).map(ask).collect();
    for answer in answers {
        answer.await.unwrap().assert_whole("some thread's");
    }
}

/// A tier that says how long one would wait there.
#[derive(Debug)]
struct Loaded(Duration);

impl Presence for Loaded {
    fn now(&self) -> Availability {
        Availability::Ready
    }

    fn load(&self) -> Option<Load> {
        Some(Load { running: 4, waiting: 2, wait: self.0 })
    }
}

#[tokio::test]
async fn a_tier_that_says_itself_that_the_wait_is_too_long_is_passed_over_for_one_that_does_not() {
    for (wait, attempts) in [(Duration::from_secs(700), "2=ok"), (Duration::from_millis(1), "1=ok")] {
        let stand = Stand::with(&["ok", "ok"], |settings| settings.tiers[0].presence = Some(Arc::new(Loaded(wait))));
        let answer = chat("auto").of(&stand).await;
        assert_eq!(answer.attempts(), attempts);
        chat("tier-1").of(&stand).await.assert_whole("nobody else could");
    }
    let stand = Stand::with(&["ok", "ok"], |settings| {
        settings.tiers[0].presence = Some(Arc::new(Loaded(Duration::from_secs(700))));
    });
    chat("auto").of(&stand).await.assert_whole("tier 2");
    let lines = stand.log.lines();
    assert!(lines[0].starts_with(&format!("↷ Skipped: {SPACE} (busy, about ")), "{lines:?}");
    assert!(lines[1].ends_with(FAST), "{lines:?}");
}
