//! Names that a client may ask for: routes, tiers, and what is listed of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gateway::{Availability, BadSettings, Gateway, Presence, RouteSettings};
use serde_json::json;

use crate::caller::{another, chat, get, post};
use crate::stand::{ALL_FAILED, FAST, Log, SPACE, Stand, settings, skipped, succeeded, trying};

pub(crate) fn route(name: &str, tiers: &[u32]) -> RouteSettings {
    RouteSettings {
        name: name.to_owned(),
        tiers: tiers.to_vec(),
        deadline: None,
        gates: Vec::new(),
        hold_tool_calls: true,
        hedge: None,
    }
}

#[tokio::test]
async fn private_never_asks_a_cloud() {
    let models = ["500", "503", "ok#groq", "ok#serverless"];
    for streamed in [false, true] {
        let stand = Stand::new(&models);
        let ask = |route| if streamed { chat(route).streamed() } else { chat(route) };
        let answer = ask("private").of(&stand).await;
        assert_eq!((answer.status, answer.attempts().as_str()), (503, "1=500,2=503"));
        assert_eq!(stand.asked(), ["500", "503"]);
        let answer = ask("auto").of(&stand).await;
        answer.assert_whole("auto");
        assert_eq!(answer.header("x-tierfall-tier"), Some("3"));
    }
}

#[tokio::test]
async fn private_without_a_tier_of_ones_own_fails_and_asks_nobody() {
    let stand = Stand::with(&["a", "b", "ok#3", "ok#4"], |settings| drop(settings.tiers.drain(..2)));
    assert_eq!(chat("private").of(&stand).await.status, 503);
    assert!(stand.asked().is_empty());
}

#[tokio::test]
async fn a_pinned_tier_is_the_only_one_asked() {
    let stand = Stand::new(&["ok#1", "500", "ok#3"]);
    let answer = chat("tier-3").of(&stand).await;
    answer.assert_whole("tier-3");
    assert_eq!(answer.attempts(), "3=ok");
    let answer = chat("tier-2").of(&stand).await;
    assert_eq!((answer.status, answer.attempts().as_str()), (503, "2=500"));
    assert_eq!(stand.asked(), ["ok#3", "500"]);
}

#[tokio::test]
async fn a_route_of_ones_own_has_its_own_order() {
    let stand = Stand::with(&["ok#1", "ok#2", "500"], |settings| settings.routes.push(route("pages", &[3, 1])));
    let answer = chat("pages").of(&stand).await;
    answer.assert_whole("pages");
    assert_eq!(answer.attempts(), "3=500,1=ok");
}

#[tokio::test]
async fn a_route_of_ones_own_may_take_the_place_of_auto() {
    let stand = Stand::with(&["ok#1", "ok#2"], |settings| settings.routes.push(route("auto", &[2])));
    assert_eq!(chat("auto").of(&stand).await.attempts(), "2=ok");
}

#[tokio::test]
async fn a_request_without_a_model_takes_auto() {
    let stand = Stand::new(&["ok"]);
    let body = r#"{"messages":[{"role":"user","content":"Hi"}]}"#;
    post("/v1/chat/completions", body).of(&stand).await.assert_whole("no model");
}

#[test]
fn a_route_through_a_tier_that_is_not_there_is_refused_by_name() {
    let wall = wall::Wall::start("127.0.0.1:0").unwrap();
    let mut settings = settings(&wall, &["ok"]);
    settings.routes.push(route("pages", &[1, 5]));
    let refused = Gateway::new(settings, Arc::new(Log::default()), 1).unwrap_err();
    assert!(matches!(refused, BadSettings::UnknownTier { tier: 5, .. }));
    assert_eq!(refused.to_string(), "route pages: there is no tier 5 that is switched on");
}

#[tokio::test]
async fn routes_and_tiers_are_listed_in_openais_form() {
    let stand = Stand::with(&["ok", "ok#2"], |settings| settings.routes.push(route("pages", &[2])));
    let answer = get("/v1/models").of(&stand).await;
    let model = |(id, tiers): (&str, &[u32])| json!({ "id": id, "object": "model", "created": 0, "owned_by": "tierfall", "tiers": tiers });
    let both = &[1, 2][..];
    let data = [("auto", both), ("private", both), ("pages", &[2]), ("tier-1", &[1]), ("tier-2", &[2])].map(model);
    assert_eq!((answer.status, answer.json()), (200, json!({ "object": "list", "data": data })));
}

/// A tier that is still loading, until it is not.
#[derive(Debug, Default)]
struct Loading(AtomicBool);

impl Presence for Loading {
    fn now(&self) -> Availability {
        if self.0.load(Ordering::Relaxed) {
            Availability::Ready
        } else {
            Availability::Unavailable("loading 43 %".to_owned())
        }
    }
}

/// One that is coming back, until it is there.
#[derive(Debug, Default)]
struct Returning(AtomicBool);

impl Presence for Returning {
    fn now(&self) -> Availability {
        // Asked once more, it is there.
        if self.0.swap(true, Ordering::Relaxed) {
            Availability::Ready
        } else {
            Availability::Returning("loading 43 %".to_owned())
        }
    }
}

#[tokio::test]
async fn where_nobody_else_can_answer_a_tier_that_is_coming_back_is_waited_for() {
    let presence: Arc<dyn Presence> = Arc::<Returning>::default();
    let stand = Stand::with(&["ok"], |settings| settings.tiers[0].presence = Some(presence));
    let answer = chat("auto").of(&stand).await;
    assert_eq!((answer.status, answer.attempts().as_str()), (200, "1=ok"));
}

#[tokio::test]
async fn a_tier_that_is_loading_is_skipped_with_its_reason_until_it_is_ready() {
    let loading = Arc::new(Loading::default());
    let presence: Arc<dyn Presence> = Arc::<Loading>::clone(&loading);
    let stand = Stand::with(&["ok#1", "ok#2"], |settings| settings.tiers[0].presence = Some(presence));
    let answer = chat("auto").of(&stand).await;
    assert_eq!(answer.attempts(), "2=ok");
    let reason = "unavailable (loading 43 %)";
    assert_eq!(stand.log.lines(), [skipped(SPACE, reason), trying(FAST), succeeded(FAST)]);

    let answer = chat("tier-1").of(&stand).await;
    assert_eq!(answer.status, 503);
    let error = &answer.json()["error"];
    assert_eq!(error["attempts"], json!([]));
    assert_eq!(error["skipped"], json!([{ "tier": 1, "name": SPACE, "reason": reason }]));
    assert_eq!(stand.log.lines()[3..], [skipped(SPACE, reason), ALL_FAILED.to_owned()]);

    loading.0.store(true, Ordering::Relaxed);
    assert_eq!(chat("auto").of(&stand).await.attempts(), "1=ok");
}

#[tokio::test]
async fn ready_means_that_some_tier_can_answer_and_health_that_we_are_here() {
    let loading = Arc::new(Loading::default());
    let presence: Arc<dyn Presence> = Arc::<Loading>::clone(&loading);
    let stand = Stand::with(&["hang"], |settings| settings.tiers[0].presence = Some(presence));
    for (ready, status) in [(false, 503), (true, 200)] {
        loading.0.store(ready, Ordering::Relaxed);
        assert_eq!(get("/ready").of(&stand).await.status, status);
        assert_eq!(get("/health").of(&stand).await.json(), json!({ "status": "ok" }));
    }
    assert_eq!(get("/ready").of(&Stand::new(&[])).await.status, 503);
    assert!(stand.asked().is_empty(), "neither asks a tier");
}

#[tokio::test]
async fn a_tier_that_keeps_failing_is_skipped_until_its_breaker_lets_it_be_probed() {
    let stand = Stand::new(&["401", "ok"]);
    for _ in 0..2 {
        another("auto").of(&stand).await.assert_whole("the next tier answers");
    }
    let answer = another("auto").of(&stand).await;
    answer.assert_whole("third");
    assert_eq!(answer.attempts(), "2=ok");
    let skip = &stand.log.lines()[8];
    assert!(skip.starts_with(&format!("↷ Skipped: {SPACE} (breaker open after a refused key or account, ")), "{skip}");
    let completions: Vec<_> = stand.asked().into_iter().filter(|model| !model.is_empty()).collect();
    assert_eq!(completions, ["401", "ok", "401", "ok", "ok"]);
}

#[tokio::test]
async fn a_tier_without_room_in_its_quota_is_skipped_and_not_asked() {
    let stand = Stand::with(&["ok#1", "ok#2"], |settings| settings.tiers[0].quota.rpm = Some(1));
    assert_eq!(chat("auto").of(&stand).await.attempts(), "1=ok");
    assert_eq!(chat("auto").of(&stand).await.attempts(), "2=ok");
    let skip = &stand.log.lines()[2];
    assert!(skip.starts_with(&format!("↷ Skipped: {SPACE} (quota used up, room again in ")), "{skip}");
}

#[tokio::test]
async fn a_quota_that_a_provider_tells_is_heeded_before_its_429_comes() {
    for limited in ["rate-limit-1rpd", "rate-limit-1rpd+whole-only"] {
        let stand = Stand::with(&["a", "b", limited, "ok"], |settings| {
            drop(settings.tiers.drain(..2));
            settings.tiers[0].quota.rpd = Some(1_000);
        });
        assert_eq!(chat("auto").of(&stand).await.attempts(), "3=ok");
        assert_eq!(chat("auto").of(&stand).await.attempts(), "4=ok");
        assert_eq!(stand.asked(), [limited, "ok"], "the provider said that nothing is left");
    }
}

#[tokio::test]
async fn a_gateway_whose_tiers_a_person_must_mend_is_not_ready() {
    let stand = Stand::new(&["401", "404-model"]);
    assert_eq!(get("/ready").of(&stand).await.status, 200);
    for _ in 0..2 {
        assert_eq!(another("auto").of(&stand).await.status, 503);
    }
    assert_eq!(get("/ready").of(&stand).await.status, 503);
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let stand = Stand::new(&["ok-1"]);
    for path in ["/health", "/ready", "/v1/models", "/nowhere"] {
        assert!(get(path).of(&stand).await.header("x-request-id").is_some(), "{path}");
        let own = get(path).header("x-request-id", "mine").of(&stand).await;
        assert_eq!(own.header("x-request-id"), Some("mine"), "{path}");
    }
}
