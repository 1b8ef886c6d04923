//! A model that is gone: the tier is asked for its successor, within the same request.

use std::time::Duration;

use gateway::{Account, ModelChoice, Replacement};
use wall::ModelList;

use crate::caller::{another, chat};
use crate::stand::{GROQ, SERVERLESS, Stand, failed, succeeded, trying};

/// Stands for a model that is gone, and whose wall lists `list`.
const GONE: &str = "refuse-model-decommissioned";

/// Tier 3 wants a model that is gone, tier 4 is well.
fn stand(list: ModelList, choice: &ModelChoice) -> Stand {
    let stand = Stand::with(&["ok", "ok", GONE, "ok-4"], |settings| {
        settings.tiers.drain(..2);
        settings.tiers[0].models = choice.clone();
    });
    stand.wall.list(list);
    stand
}

fn mend() -> ModelChoice {
    ModelChoice { mend: true, ..ModelChoice::default() }
}

fn order(models: &[&str]) -> ModelChoice {
    ModelChoice { alternatives: models.iter().map(ToString::to_string).collect(), ..ModelChoice::default() }
}

fn replaced(gone: &str, model: &str, first: bool) -> String {
    format!("⇄ Replaced: {GROQ} ({gone}, {model}, {first})")
}

/// How often the list of models was read.
fn lists(stand: &Stand) -> usize {
    stand.wall.log().iter().filter(|seen| seen.method == "GET").count()
}

#[tokio::test]
async fn the_same_request_goes_on_with_the_successor_and_says_so() {
    for gone in [GONE, "404-model"] {
        for streamed in [false, true] {
            let stand = Stand::with(&["ok", "ok", gone, "ok-4"], |settings| {
                settings.tiers.drain(..2);
                settings.tiers[0].models = mend();
            });
            stand.wall.list(ModelList::of(&[gone, "whisper-large-v3", "ok-5"]));
            let ask = chat("auto");
            let answer = if streamed { ask.streamed() } else { ask }.of(&stand).await;
            assert_eq!((answer.status, answer.model(), answer.attempts().as_str()), (200, "ok-5".to_owned(), "3=ok"));
            let note = format!("{gone} is gone: asked ok-5 instead");
            assert_eq!(answer.header("x-tierfall-note"), Some(&*note), "streamed: {streamed}");
            assert_eq!(stand.asked(), [gone, "", "ok-5"]);
            assert_eq!(stand.log.lines(), [trying(GROQ), replaced(gone, "ok-5", true), succeeded(GROQ)]);
        }
    }
}

#[tokio::test]
async fn a_successor_is_asked_for_from_then_on_and_the_tier_stays_in_use() {
    let stand = stand(ModelList::of(&["ok-5"]), &mend());
    for _ in 0..4 {
        let answer = another("auto").of(&stand).await;
        assert_eq!((answer.model(), answer.attempts().as_str()), ("ok-5".to_owned(), "3=ok"));
        assert!(answer.header("x-tierfall-note").is_some());
    }
    assert_eq!(stand.asked(), [GONE, "", "ok-5", "ok-5", "ok-5", "ok-5"]);
    let lines = stand.log.lines();
    assert_eq!(lines.iter().filter(|line| line.ends_with("true)")).count(), 1, "it is news once: {lines:?}");
    let pinned = another("tier-3").of(&stand).await;
    assert_eq!(pinned.model(), "ok-5");
}

#[tokio::test]
async fn where_no_model_is_named_the_first_of_the_list_is_asked_for() {
    let stand = Stand::with(&["auto"], |settings| settings.tiers[0].models = mend());
    stand.wall.script("auto", "404-model".parse::<wall::Script>().unwrap());
    stand.wall.list(ModelList::of(&["nomic-embed-text:latest", "ok-5", "ok-6"]));
    let answer = chat("auto").of(&stand).await;
    assert_eq!(
        (answer.model(), answer.header("x-tierfall-note")),
        ("ok-5".to_owned(), Some("no model is named: asked ok-5"))
    );
}

#[tokio::test]
async fn many_requests_at_once_read_the_list_once() {
    let slow = ModelList { after: Duration::from_millis(200), ..ModelList::of(&["ok-5"]) };
    let stand = stand(slow, &mend());
    let answers = futures_util::future::join_all((0..16).map(|_| another("tier-3").of(&stand))).await;
    for answer in answers {
        assert_eq!((answer.status, answer.model()), (200, "ok-5".to_owned()));
    }
    assert_eq!(lists(&stand), 1);
}

#[tokio::test]
async fn a_list_that_is_none_or_has_nothing_mends_nothing_and_is_not_read_again_at_once() {
    let html = || ModelList { body: b"<html>models</html>".to_vec(), content_type: "text/html", ..ModelList::of(&[]) };
    let huge = || {
        let mut body = br#"{"data":[{"id":"ok-5"}],"padding":""#.to_vec();
        body.resize(100 << 20, b' ');
        body.extend_from_slice(b"\"}");
        ModelList { body, ..ModelList::of(&[]) }
    };
    let long = || ModelList::of(&vec!["ok-5"; 100_000]);
    let useless = || ModelList::of(&[GONE, "whisper-large-v3", "text-embedding-3-small"]);
    for (what, list) in [("HTML", html()), ("100 MB", huge()), ("100,000 entries", long()), ("no chat", useless())] {
        let stand = stand(list, &mend());
        let answer = chat("auto").of(&stand).await;
        assert_eq!(
            (answer.model(), answer.attempts().as_str()),
            ("ok-4".to_owned(), "3=model-not-found,4=ok"),
            "{what}"
        );
        assert_eq!(answer.header("x-tierfall-note"), None);
        let lines = stand.log.lines();
        assert_eq!(lines, [trying(GROQ), failed(GROQ, "model not found"), trying(SERVERLESS), succeeded(SERVERLESS)]);
        stand.settled().await;
        let read = lists(&stand);
        chat("auto").of(&stand).await;
        stand.settled().await;
        assert_eq!(lists(&stand), read, "{what}");
    }
}

#[tokio::test]
async fn the_users_own_order_is_followed_and_no_list_is_read_for_it() {
    let stand = stand(ModelList::of(&["ok-9"]), &order(&["404-model", "ok-5"]));
    let answer = chat("auto").of(&stand).await;
    assert_eq!((answer.model(), answer.attempts().as_str()), ("ok-5".to_owned(), "3=ok"));
    assert_eq!(stand.asked(), [GONE, "404-model", "ok-5"]);
    assert_eq!(answer.header("x-tierfall-note"), Some(&*format!("{GONE} is gone: asked ok-5 instead")));
}

#[tokio::test]
async fn an_order_that_is_used_up_leaves_the_tier_as_it_was_and_mends_where_that_is_wanted() {
    let spent = stand(ModelList::of(&["ok-9"]), &order(&["404-model"]));
    let answer = chat("auto").of(&spent).await;
    assert_eq!(answer.attempts(), "3=model-not-found,4=ok");
    assert!(!spent.asked().contains(&"ok-9".to_owned()));
    let mended = stand(ModelList::of(&["ok-9"]), &ModelChoice { mend: true, ..order(&["404-model"]) });
    assert_eq!(chat("auto").of(&mended).await.model(), "ok-9");
}

#[tokio::test]
async fn where_nothing_is_to_be_mended_the_tier_is_passed_over() {
    let stand = stand(ModelList::of(&["ok-5"]), &ModelChoice::default());
    for _ in 0..3 {
        let answer = another("auto").of(&stand).await;
        assert_eq!(answer.model(), "ok-4");
    }
    assert!(stand.log.lines().iter().any(|line| line.contains("breaker open after a model that is gone")));
}

#[tokio::test]
async fn a_successor_that_is_gone_too_has_a_successor_of_its_own() {
    let stand = stand(ModelList::of(&["404-model", "ok-5"]), &mend());
    let answer = chat("tier-3").of(&stand).await;
    assert_eq!(answer.model(), "ok-5");
    assert_eq!(stand.asked(), [GONE, "", "404-model", "", "ok-5"]);
}

#[tokio::test]
async fn a_successor_that_refuses_what_was_added_is_asked_without_it() {
    let stand = stand(ModelList::of(&["refuse-stream-options"]), &mend());
    let answer = chat("tier-3").of(&stand).await;
    assert_eq!((answer.status, answer.attempts().as_str()), (200, "3=ok"));
}

#[tokio::test]
async fn what_is_remembered_is_asked_for_at_once_and_the_users_own_model_again_once_its_time_has_come() {
    let remembering = |model: &str, wanted: &str, wait: u64| {
        let tried_again_in = Duration::from_secs(wait);
        let replacement = Some(Replacement { model: model.to_owned(), tried_again_in });
        let stand = Stand::with(&[wanted], |settings| {
            settings.tiers[0].models = mend();
            settings.tiers[0].account = Account { name: "one".to_owned(), replacement, ..Account::default() };
        });
        stand.wall.list(ModelList::of(&["ok-5"]));
        stand
    };
    let waits = remembering("ok-5", GONE, 3_600);
    assert_eq!(chat("auto").of(&waits).await.model(), "ok-5");
    assert_eq!(waits.asked(), ["ok-5"]);
    let kept = &waits.gateway.models()[0];
    assert_eq!((kept.account.as_str(), kept.wanted.as_str()), ("one", GONE));
    let replacement = kept.replacement.as_ref().unwrap();
    assert!(replacement.model == "ok-5" && replacement.tried_again_in <= Duration::from_secs(3_600));

    let back = remembering("ok-5", "ok-7", 0);
    let answer = chat("auto").of(&back).await;
    assert_eq!((answer.model(), answer.header("x-tierfall-note")), ("ok-7".to_owned(), None));
    assert!(back.log.lines().iter().any(|line| line.starts_with("⇄ Restored: ") && line.ends_with("(ok-7)")));
    assert_eq!(back.gateway.models()[0].replacement, None);

    let still_gone = remembering("ok-5", GONE, 0);
    for _ in 0..2 {
        assert_eq!(another("auto").of(&still_gone).await.model(), "ok-5");
    }
    let asked: Vec<_> = still_gone.asked().into_iter().filter(|model| !model.is_empty()).collect();
    assert_eq!(asked, [GONE, "ok-5", "ok-5"], "once, and not again before another day");
}

#[tokio::test]
async fn a_reload_keeps_the_successor_of_the_same_tier_and_forgets_it_where_the_user_names_another_model() {
    let stand = stand(ModelList::of(&["ok-5"]), &mend());
    assert_eq!(chat("tier-3").of(&stand).await.model(), "ok-5");
    let settings = |model: &str, choice: ModelChoice| {
        let mut tier = crate::stand::tier(3, model, &stand.wall.base_url());
        tier.models = choice;
        gateway::Settings { tiers: vec![tier], ..gateway::Settings::default() }
    };
    stand.gateway.replace(settings(GONE, mend())).unwrap();
    assert_eq!(another("tier-3").of(&stand).await.model(), "ok-5");
    assert_eq!(lists(&stand), 1);
    stand.gateway.replace(settings(GONE, order(&["ok-8"]))).unwrap();
    assert_eq!(another("tier-3").of(&stand).await.model(), "ok-8");
    stand.gateway.replace(settings("ok-6", mend())).unwrap();
    assert_eq!(another("tier-3").of(&stand).await.model(), "ok-6");
}
