//! Something panics within the Studio's own task: that is told as a failure and not as a silence, and costs nobody else anything.

use serde_json::{Value, json};

use crate::ask::{new_page, v4};
use crate::stand::{PROMPT, Setup, Stand, events, last};

const OF_ITS_OWN: &str = "The Studio itself failed at this, and its log says why";

async fn scared() -> Stand {
    Stand::with(Setup { words: &["markdown"], panics: true, ..Setup::default() }).await
}

#[tokio::test]
async fn a_caller_of_ask_is_told_in_each_form() {
    let stand = scared().await;
    for _ in 0..2 {
        let failure = stand.post("/api/ask", &new_page("a page")).json(200).await;
        assert_eq!(failure["ok"], false);
        assert!(failure["message"].as_str().unwrap().starts_with(OF_ITS_OWN), "{failure}");
    }
    let text = stand.post("/api/ask", &v4("a page", &json!([]))).answer().await.text();
    let error: Value = serde_json::from_str(text.trim_start().strip_prefix("__ERROR__:").unwrap()).unwrap();
    assert!(error["messageError"].as_str().unwrap().starts_with(OF_ITS_OWN), "{error}");
    let call = stand.post("/api/ask", &new_page("a page")).header("accept", "text/event-stream");
    let told = events(&call.answer().await.text());
    assert_eq!(last(&told, "error")["code"], "internal");
}

#[tokio::test]
async fn who_follows_a_project_is_told_and_the_project_is_free_again() {
    let stand = scared().await;
    let project = stand.project().await;
    for _ in 0..2 {
        stand.ask(&project, PROMPT, 0).await;
        let told = stand.told(&project).await;
        let error = last(&told, "error");
        assert_eq!(error["code"], "internal");
        assert!(error["message"].as_str().unwrap().starts_with(OF_ITS_OWN), "{error}");
    }
    let shown = stand.shown(&project).await;
    assert_eq!((&shown["head"], &shown["generating"]), (&json!(0), &json!(false)));
    assert!(shown["talk"][1]["text"].as_str().unwrap().starts_with(OF_ITS_OWN));
}
