//! `GET /api/tiers`, and quotas that end with the provider's day or are kept for a route.

use cascade::Quota;
use serde_json::json;
use upstream::Kind;

use crate::caller::{chat, get};
use crate::routes::route;
use crate::stand::{GROQ, Stand};

/// Tier 3 alone, of a provider whose day ends in California, with five requests a day.
fn gemini() -> Stand {
    Stand::with(&["a", "b", "ok"], |settings| {
        settings.tiers.drain(..2);
        let tier = &mut settings.tiers[0];
        tier.target.kind = Kind::named("gemini");
        tier.plan = Quota { rpd: Some(5), ..Quota::default() };
        tier.keep_for = vec!["studio".to_owned()];
        settings.routes.push(route("studio", &[3]));
    })
}

#[tokio::test]
async fn the_tiers_facts_say_what_is_spent_and_when_the_providers_day_ends() {
    let stand = gemini();
    chat("auto").of(&stand).await.assert_whole("auto");
    stand.settled().await;
    let facts = get("/api/tiers").of(&stand).await.json();
    let tier = &facts["tiers"][0];
    assert_eq!((&tier["number"], &tier["name"], &tier["kind"]), (&json!(3), &json!(GROQ), &json!("gemini")));
    assert_eq!((&tier["learns"], &tier["keep_for"]), (&json!("yes"), &json!(["studio"])));
    let day = &tier["limits"][0];
    assert_eq!((&day["per"], &day["limit"], &day["spent"]), (&json!("day"), &json!(5), &json!(1)));
    let (ends, whole) = (tier["day_ends_at"].as_str().unwrap(), day["whole_at"].as_str().unwrap());
    assert!(ends.ends_with(":00:00Z"), "midnight in California: {ends}");
    let is_then_or_a_day_later = |minute: &str| whole.ends_with(minute);
    // What is spent in the last minutes of a day may count in the next one.
    assert!(is_then_or_a_day_later(":01:00Z") || whole > ends, "{whole}, and the day ends at {ends}");
}

#[tokio::test]
async fn the_tiers_facts_take_a_key_where_callers_need_one() {
    let stand = Stand::with(&["ok"], |settings| settings.api_keys = vec!["one".into()]);
    assert_eq!(get("/api/tiers").of(&stand).await.status, 401);
    let answer = get("/api/tiers").header("authorization", "Bearer one").of(&stand).await;
    assert_eq!((answer.status, answer.json()["tiers"].as_array().map(Vec::len)), (200, Some(1)));
    assert!(!answer.json().to_string().contains("key-of-tier-1"));
}

#[tokio::test]
async fn the_last_fifth_of_a_day_is_left_to_the_route_that_it_is_kept_for() {
    let stand = gemini();
    for _ in 0..4 {
        chat("auto").of(&stand).await.assert_whole("auto");
    }
    let answer = chat("auto").of(&stand).await;
    assert_eq!(answer.status, 429, "until the day ends: {}", answer.json());
    chat("studio").of(&stand).await.assert_whole("studio");
    assert_eq!(chat("studio").of(&stand).await.status, 429);
    assert_eq!(stand.asked().len(), 5);
    let skipped = stand.log.lines().into_iter().find(|line| line.contains("kept for another route"));
    assert!(skipped.is_some(), "{:?}", stand.log.lines());
}
