//! Who may not call: pages of other origins, whoever has given this machine a name of theirs, whoever has no key.

use serde_json::json;

use crate::stand::{Setup, Stand};

#[tokio::test]
async fn a_page_of_another_origin_may_not_call_and_neither_may_a_generated_one() {
    let stand = Stand::new(&["markdown"]).await;
    let own = format!("http://{}", stand.address());
    for origin in ["null", "https://evil.example", "http://127.0.0.1:1"] {
        let refused = stand.get("/api/projects").header("origin", origin).json(403).await;
        assert_eq!(refused["error"]["code"], "foreign_origin", "{origin}");
        stand.post("/api/projects", &json!({})).header("origin", origin).json(403).await;
        stand.get("/api/studio").header("origin", origin).json(403).await;
    }
    stand.post("/api/projects", &json!({})).header("origin", &own).json(201).await;
    assert_eq!(stand.get("/api/projects").json(200).await["projects"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_form_of_another_page_is_no_json() {
    let stand = Stand::new(&["markdown"]).await;
    let form = stand.post("/api/projects", &json!({})).without_headers();
    assert_eq!(form.header("content-type", "text/plain").json(415).await["error"]["code"], "not_json");
}

#[tokio::test]
async fn a_name_that_somebody_else_gave_this_machine_is_refused() {
    let stand = Stand::new(&["markdown"]).await;
    for path in ["/", "/api/projects", "/api/studio", "/p/nord/"] {
        let refused = stand.get(path).header("host", "rebound.example").json(403).await;
        assert_eq!(refused["error"]["code"], "foreign_host", "{path}");
    }
    let local = format!("localhost:{}", stand.address().port());
    stand.get("/api/projects").header("host", &local).json(200).await;
}

#[tokio::test]
async fn where_keys_are_configured_only_what_is_needed_to_ask_for_one_needs_none() {
    let stand = Stand::with(Setup { words: &["markdown"], keys: &["the-key"], ..Setup::default() }).await;
    assert_eq!(stand.get("/api/studio").header("host", "my.example").json(200).await["needs_key"], true);
    for path in ["/api/projects", "/api/projects/x", "/api/projects/x/events", "/api/projects/x/export"] {
        assert_eq!(stand.get(path).json(401).await["error"]["code"], "invalid_api_key", "{path}");
        stand.get(path).header("authorization", "Bearer wrong").json(401).await;
    }
    stand.post("/api/projects", &json!({})).json(401).await;
    stand.get("/api/projects").header("authorization", "Bearer the-key").json(200).await;
}
