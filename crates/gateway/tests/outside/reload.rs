//! Other settings, taken up while requests run.

use crate::caller::{another, chat, get};
use crate::stand::{SPACE, Stand, settings, succeeded};

#[tokio::test]
async fn a_stream_ends_under_the_settings_it_began_with() {
    let stand = Stand::new(&["trickle-10ms"]);
    let mut answer = chat("auto").streamed().begin(&stand).await;
    answer.until("w3").await;
    stand.gateway.replace(settings(&stand.wall, &["ok-2"])).unwrap();
    let next = chat("auto").of(&stand).await;
    assert_eq!(
        (next.text().as_str(), next.attempts().as_str()),
        ("w1 w2", "1=ok"),
        "the next request has the new ones"
    );
    let answer = answer.rest().await;
    answer.assert_whole("begun before");
    assert_eq!(stand.log.lines().iter().filter(|line| **line == succeeded(SPACE)).count(), 2);
}

#[tokio::test]
async fn routes_and_keys_change_with_the_settings() {
    let stand = Stand::new(&["ok#1"]);
    assert_eq!(chat("tier-2").of(&stand).await.status, 404);
    let mut other = settings(&stand.wall, &["ok#1", "ok#2"]);
    other.api_keys = vec!["new".into()];
    stand.gateway.replace(other).unwrap();
    assert_eq!(chat("tier-2").of(&stand).await.status, 401);
    assert_eq!(chat("tier-2").header("authorization", "Bearer new").of(&stand).await.attempts(), "2=ok");
}

#[tokio::test]
async fn settings_that_cannot_be_served_leave_the_old_ones_in_place() {
    let stand = Stand::new(&["ok"]);
    let mut bad = settings(&stand.wall, &["ok#1", "ok#2"]);
    bad.tiers[1].target.key = Some("two\nlines".into());
    let refused = stand.gateway.replace(bad).unwrap_err().to_string();
    assert!(
        refused.starts_with("Tier 2: Ultra-Fast Fallback: its API key ") && !refused.contains("lines"),
        "{refused}"
    );
    chat("auto").of(&stand).await.assert_whole("as before");
    assert_eq!(get("/v1/models").of(&stand).await.json()["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_tier_keeps_its_breaker_unless_its_key_has_changed() {
    let stand = Stand::new(&["401#kept", "ok#kept"]);
    for _ in 0..2 {
        assert_eq!(another("auto").of(&stand).await.attempts(), "1=401,2=ok");
    }
    let mut same = settings(&stand.wall, &["401#kept", "ok#kept"]);
    same.tiers[0].retries = 1;
    stand.gateway.replace(same).unwrap();
    assert_eq!(chat("auto").of(&stand).await.attempts(), "2=ok", "the breaker is open still");
    let mut mended = settings(&stand.wall, &["401#kept", "ok#kept"]);
    mended.tiers[0].target.key = Some("another".into());
    stand.gateway.replace(mended).unwrap();
    assert_eq!(chat("auto").of(&stand).await.attempts(), "1=401,2=ok", "another key is another chance");
}
