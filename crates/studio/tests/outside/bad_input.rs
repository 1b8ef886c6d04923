//! What is wrong with a call is said, and nothing is lost by it.

use http::Method;
use serde_json::{Value, json};

use crate::stand::Stand;

#[tokio::test]
async fn a_request_of_nothing_or_of_a_megabyte_is_refused_in_a_sentence() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.project().await;
    let requests = format!("{project}/requests");
    let megabyte = "x".repeat(1 << 20);
    for (prompt, code) in [("", "empty_prompt"), (" \n\t", "empty_prompt"), (megabyte.as_str(), "prompt_too_long")] {
        let refused = stand.post(&requests, &json!({ "prompt": prompt, "base": 0 })).json(400).await;
        assert_eq!(refused["error"]["code"], code);
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(!message.is_empty() && message.len() < 200, "{message}");
    }
    let large = stand.post(&requests, &json!({ "prompt": "x".repeat(5 << 20), "base": 0 })).json(413).await;
    assert_eq!(large["error"]["code"], "too_large");
    assert!(stand.wall.log().is_empty());
    assert_eq!(stand.shown(&project).await["talk"], json!([]));
}

#[tokio::test]
async fn what_is_not_of_the_form_is_refused_and_not_repeated() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.page().await;
    let bodies: [Value; 6] = [
        json!([]),
        json!({ "prompt": 7, "base": 0 }),
        json!({ "prompt": "secret words" }),
        json!({ "base": 1, "edit": { "kind": "explode" } }),
        json!({ "base": 1, "edit": { "kind": "style", "colour": "secret words" } }),
        json!({ "base": -1, "edit": { "kind": "words", "text": "# X" } }),
    ];
    for body in bodies {
        for path in ["requests", "edits"] {
            let refused = stand.post(&format!("{project}/{path}"), &body).json(400).await;
            assert_eq!(refused["error"]["code"], "bad_body", "{body}");
            assert!(!refused.to_string().contains("secret"), "{refused}");
        }
    }
    for name in ["", "   ", &"x".repeat(500)] {
        stand.call(Method::PATCH, &project, &json!({ "name": name })).json(400).await;
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.page().await;
    stand.get("/api/projects/nobody").json(404).await;
    stand.get("/api/projects/nobody/events").json(404).await;
    stand.post("/api/projects/nobody/stop", &json!({})).json(404).await;
    stand.post("/api/projects/nobody/requests", &json!({ "prompt": "x", "base": 0 })).json(404).await;
    stand
        .post("/api/projects/nobody/edits", &json!({ "base": 0, "edit": { "kind": "words", "text": "x" } }))
        .json(404)
        .await;
    stand.get(&format!("{project}/versions/9")).json(404).await;
    stand.get(&format!("{project}/diff?from=1&to=9")).json(404).await;
    stand.get(&format!("{project}/diff?from=1")).json(400).await;
    assert_eq!(stand.get(&format!("{project}/versions/x")).answer().await.status, 400);
}

#[tokio::test]
async fn what_looks_like_code_in_a_text_is_text() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.page().await;
    let text = "# </script><svg onload=alert(1)>\n> <img src=x onerror=alert(1)>\n## A\n- **</style>**: \"'`\n";
    let edit = json!({ "base": 1, "edit": { "kind": "words", "text": text } });
    let edited = stand.post(&format!("{project}/edits"), &edit).json(200).await;
    let html = edited["preview"]["html"].as_str().unwrap();
    assert!(!html.contains("<svg onload") && !html.contains("<img src=x"), "{html}");
}
