//! A tier of the user's own that is asleep.

use std::time::Duration;

use wall::Fault;

use crate::caller::chat;
use crate::stand::{FAST, SPACE, Stand, failed, skipped, succeeded, trying, within};

#[tokio::test]
async fn it_is_woken_in_the_background_while_the_next_tier_answers_and_then_takes_traffic_again() {
    let stand = Stand::new(&["sleeper", "ok"]);
    stand.wall.script("sleeper", Fault::Wake(Duration::from_secs(600)));
    assert_eq!(chat("auto").of(&stand).await.attempts(), "1=waking,2=ok");
    assert_eq!(chat("auto").of(&stand).await.attempts(), "2=ok", "nobody waits for it meanwhile");
    let asleep = stand.log.lines();
    let first = [trying(SPACE), failed(SPACE, "waking (503 Service Unavailable)"), trying(FAST), succeeded(FAST)];
    assert_eq!(asleep[..4], first);
    assert_eq!(asleep[4], skipped(SPACE, "unavailable (waking)"));

    stand.wall.script("sleeper", Fault::Words(60));
    let awake = async { while chat("auto").of(&stand).await.attempts() != "1=ok" {} };
    within(awake).await;
}

#[tokio::test]
async fn a_cloud_that_is_loading_is_not_called_on_the_users_account() {
    let stand = Stand::with(&["loading-estimated-20", "ok"], |settings| {
        settings.tiers[0].target.kind = upstream::Kind::named("serverless");
    });
    assert_eq!(chat("auto").of(&stand).await.status, 200);
    let calls = stand.settled().await.into_iter().filter(|seen| seen.model.starts_with("loading")).count();
    assert_eq!(calls, 1);
}
