//! What is served beside the gateway, and asks it in process.

use std::sync::Arc;

use axum::Router;
use axum::routing::get as on_get;
use gateway::{Entry, Gateway, Observer, Question, Server, TierOfRoute};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::caller::{Answer, get};
use crate::stand::{FAST, GROQ, Log, SPACE, Stand, failed, settings, succeeded, trying, within};

/// The stand's gateway, with these paths beside its own.
fn beside(stand: &mut Stand, further: impl Fn(Entry) -> Router) {
    stand.server = Server::start_with(&stand.gateway, "127.0.0.1:0".parse().unwrap(), further).unwrap();
}

fn question(streamed: bool) -> Question {
    let messages = json!([{ "role": "user", "content": "Say the words." }]);
    let body = json!({ "model": "auto", "messages": messages, "stream": streamed });
    Question { body: body.to_string().into(), grammar: None, observer: None }
}

/// A path that asks as `question` says.
fn asking(path: &'static str, question: Question) -> impl Fn(Entry) -> Router {
    move |entry| {
        let question = question.clone();
        Router::new().route(path, on_get(move || async move { entry.ask(question).await }))
    }
}

fn grammar_of(call: &wall::Seen) -> Value {
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    body["grammar"].clone()
}

#[tokio::test]
async fn what_is_served_beside_the_gateway_asks_it_without_a_key() {
    let mut stand = Stand::with(&["500", "ok"], |settings| settings.api_keys = vec!["the-key".into()]);
    let asking_both = |entry: Entry| {
        asking("/whole", question(false))(entry.clone()).merge(asking("/streamed", question(true))(entry))
    };
    beside(&mut stand, asking_both);
    for path in ["/whole", "/streamed"] {
        let answer: Answer = get(path).of(&stand).await;
        answer.assert_whole(path);
        assert_eq!(answer.attempts(), "1=500,2=ok");
    }
    assert_eq!(get("/v1/models").of(&stand).await.status, 401);
}

#[tokio::test]
async fn a_callers_key_is_checked_for_it() {
    let mut stand = Stand::with(&["ok"], |settings| settings.api_keys = vec!["the-key".into()]);
    beside(&mut stand, |entry| {
        assert!(entry.needs_key());
        let admit = move |headers: HeaderMap| async move { entry.admit(&headers).map(|()| "come in") };
        Router::new().route("/beside", on_get(admit))
    });
    assert_eq!(get("/beside").of(&stand).await.status, 401);
    assert_eq!(get("/beside").header("authorization", "Bearer another").of(&stand).await.status, 401);
    assert_eq!(get("/beside").header("authorization", "Bearer the-key").of(&stand).await.status, 200);
}

#[tokio::test]
async fn a_grammar_is_for_the_users_own_tiers_alone() {
    let mut stand = Stand::new(&["500", "503", "ok"]);
    let grammar = "root ::= \"a\\n\"".to_owned();
    beside(&mut stand, asking("/beside", Question { grammar: Some(grammar.clone()), ..question(true) }));
    get("/beside").of(&stand).await.assert_whole("beside");
    let grammars: Vec<_> = stand.wall.log().iter().map(grammar_of).collect();
    assert_eq!(grammars, [Value::from(grammar.clone()), Value::from(grammar), Value::Null]);
}

#[tokio::test]
async fn an_observer_of_ones_own_is_told_of_this_request_alone() {
    let mut stand = Stand::new(&["500", "ok"]);
    let own = Arc::new(Log::default());
    let observer: Arc<dyn Observer> = Arc::<Log>::clone(&own);
    beside(&mut stand, asking("/beside", Question { observer: Some(observer), ..question(true) }));
    get("/beside").of(&stand).await.assert_whole("beside");
    let told = [trying(SPACE), failed(SPACE, "500 Internal Server Error"), trying(FAST), succeeded(FAST)];
    assert_eq!(own.until(&succeeded(FAST)).await, told);
    assert_eq!(own.decision().await, stand.log.decision().await);
    crate::caller::chat("auto").of(&stand).await.assert_whole("auto");
    assert_eq!(own.lines().len(), told.len());
}

#[tokio::test]
async fn one_who_leaves_cancels_what_was_asked_for_them() {
    let mut stand = Stand::new(&["stall-after-3"]);
    beside(&mut stand, asking("/beside", question(true)));
    let mut begun = get("/beside").begin(&stand).await;
    begun.until("w3").await;
    drop(begun);
    assert_eq!(stand.settled().await.len(), 1);
    stand.log.until(crate::stand::CALLER_LEFT).await;
}

#[tokio::test]
async fn what_nobody_serves_is_still_the_gateways_to_refuse() {
    let mut stand = Stand::new(&["ok"]);
    beside(&mut stand, |_| Router::new().route("/beside", on_get(|| async { "here" })));
    assert_eq!(get("/beside").of(&stand).await.status, 200);
    assert_eq!(get("/health").of(&stand).await.status, 200);
    assert_eq!(get("/elsewhere").of(&stand).await.status, 404);
    assert_eq!(get("/beside").method(http::Method::DELETE).of(&stand).await.status, 405);
}

#[tokio::test]
async fn the_tiers_of_a_route_are_told_in_their_order() {
    let wall = wall::Wall::start("127.0.0.1:0").unwrap();
    let mut settings = settings(&wall, &["ok", "ok", "ok"]);
    settings.routes.push(crate::routes::route("pages", &[3, 1]));
    let gateway = Arc::new(Gateway::new(settings, Arc::new(Log::default()), 1).unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    let server = Server::start_with(&gateway, "127.0.0.1:0".parse().unwrap(), |entry| {
        tell.send((entry.tiers_of("pages"), entry.tiers_of("no-such-route"))).unwrap();
        Router::new()
    })
    .unwrap();
    let tier = |number, name: &str, self_hosted| TierOfRoute { number, name: name.to_owned(), self_hosted };
    assert_eq!(told.recv().unwrap(), (Some(vec![tier(3, GROQ, false), tier(1, SPACE, true)]), None));
    within(tokio::task::spawn_blocking(move || server.stop(std::time::Duration::from_secs(1)))).await.unwrap();
}
