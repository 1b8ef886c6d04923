//! A page is asked for: it is made in the server, whoever watches, and nothing that came of it is lost.

use serde_json::{Value, json};

use crate::stand::{PROMPT, Setup, Stand, events, last};

fn names(events: &[(String, Value)]) -> Vec<&str> {
    let mut names: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
    names.dedup();
    names
}

#[tokio::test]
async fn a_page_is_made_shown_while_it_is_written_and_kept() {
    let stand = Stand::new(&["markdown+trickle-20ms"]).await;
    let project = stand.project().await;
    stand.ask(&project, PROMPT, 0).await;
    stand.told(&project).await;
    let told = stand.told(&project).await;
    assert_eq!(names(&told), ["tier", "token", "file", "patch", "check", "done"]);
    let files: Vec<_> = told.iter().filter(|(name, _)| name == "file").collect();
    assert_eq!(files.len(), 1, "of what was overtaken nothing is told again");
    let whole = last(&told, "file");
    assert_eq!((&whole["path"], &whole["whole"]), (&json!("index.html"), &json!(true)));
    assert!(whole["html"].as_str().unwrap().contains("data-ref=\"s0.0"), "the preview is marked");
    let done = last(&told, "done");
    assert_eq!((&done["version"], &done["tier"], &done["cost_usd"]), (&json!(1), &json!(1), &json!(0.0)));
    assert!(done["first_paint_ms"].as_u64().unwrap() <= done["ms"].as_u64().unwrap());

    let shown = stand.shown(&project).await;
    assert_eq!((&shown["name"], &shown["head"], &shown["kind"]), (&json!("Nord"), &json!(1), &json!("words")));
    assert_eq!(shown["generating"], json!(false));
    assert_eq!(shown["talk"][0], json!({ "role": "user", "text": PROMPT, "version": null }));
    assert_eq!(shown["talk"][1]["version"], json!(1));
    assert_eq!(shown["versions"][0]["tier"], json!({ "number": 1, "name": "Tier 1" }));
    let version = stand.get(&format!("{project}/versions/1")).json(200).await;
    assert!(version["words"].as_str().unwrap().starts_with("# Nord\n> Coffee by the harbour.\n"));
    let page = version["pages"][0]["html"].as_str().unwrap();
    assert!(page.contains("2.50 €") && !page.contains("data-ref"), "no trace of the Studio is in the page");
}

#[tokio::test]
async fn the_page_is_shown_before_it_is_finished() {
    let stand = Stand::new(&["markdown+stall-after-20"]).await;
    let project = stand.project().await;
    stand.ask(&project, PROMPT, 0).await;
    let mut watching = stand.get(&format!("{project}/events")).begin().await;
    watching.until("event: file").await;
    watching.until("Espresso").await;
    assert_eq!(stand.shown(&project).await["generating"], json!(true));
}

#[tokio::test]
async fn it_goes_on_without_a_watcher_and_one_who_returns_sees_it_whole() {
    let stand = Stand::new(&["markdown+trickle-20ms"]).await;
    let project = stand.project().await;
    stand.ask(&project, PROMPT, 0).await;
    let mut watching = stand.get(&format!("{project}/events")).begin().await;
    watching.until("event: token").await;
    drop(watching);
    let told = stand.told(&project).await;
    let text: String =
        told.iter().filter(|(name, _)| name == "token").map(|(_, data)| data["text"].as_str().unwrap()).collect();
    assert!(text.starts_with("# Nord\n") && text.ends_with("[See the menu]\n"), "{text}");
    assert_eq!(last(&told, "done")["version"], 1);
    let again = stand.told(&project).await;
    assert!(stand.told(&project).await == again, "as often as one likes");
}

#[tokio::test]
async fn fallbacks_are_told_as_they_happen() {
    let stand = Stand::new(&["500", "markdown"]).await;
    let project = stand.page().await;
    let told = stand.told(&project).await;
    let tiers: Vec<_> = told
        .iter()
        .filter(|(name, _)| name == "tier")
        .map(|(_, tier)| (tier["tier"].as_u64().unwrap(), tier["state"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [(1, "trying"), (1, "failed"), (2, "trying"), (2, "answering")];
    assert_eq!(tiers, expected.map(|(tier, state)| (tier, state.to_owned())));
    let failed = told.iter().find(|(_, data)| data["state"] == "failed").unwrap();
    assert_eq!(failed.1["reason"], "500 Internal Server Error");
}

#[tokio::test]
async fn a_tier_that_breaks_off_midway_is_carried_on_and_the_page_is_whole() {
    let stand = Stand::new(&["markdown+cut-after-20", "markdown"]).await;
    let project = stand.page().await;
    let told = stand.told(&project).await;
    let done = last(&told, "done");
    assert_eq!((&done["version"], &done["tier"]), (&json!(1), &json!(2)));
    let version = stand.get(&format!("{project}/versions/1")).json(200).await;
    assert!(version["words"].as_str().unwrap().ends_with("[See the menu]\n"));
}

#[tokio::test]
async fn where_nobody_can_answer_each_tiers_reason_is_told_and_nothing_changes() {
    let stand = Stand::new(&["500", "503"]).await;
    let project = stand.page().await;
    let told = stand.told(&project).await;
    let error = last(&told, "error");
    assert_eq!(error["code"], "all_tiers_failed");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("Tier 1 (") && message.contains("Tier 2 ("), "{message}");
    let shown = stand.shown(&project).await;
    assert_eq!((&shown["head"], &shown["generating"]), (&json!(0), &json!(false)));
    assert_eq!(shown["talk"][1]["text"], *message);
    stand.ask(&project, PROMPT, 0).await;
}

#[tokio::test]
async fn without_a_tier_that_may_write_pages_it_says_so() {
    let stand = Stand::with(Setup::default()).await;
    let project = stand.page().await;
    let told = stand.told(&project).await;
    assert!(last(&told, "error")["message"].as_str().unwrap().contains("tierfall doctor"));
}

#[tokio::test]
async fn what_is_stopped_is_kept_as_far_as_it_came_and_the_tier_is_let_go() {
    let stand = Stand::new(&["markdown+stall-after-20"]).await;
    let project = stand.project().await;
    stand.ask(&project, PROMPT, 0).await;
    let mut watching = stand.get(&format!("{project}/events")).begin().await;
    watching.until("Espresso").await;
    stand.post(&format!("{project}/stop"), &json!({})).json(204).await;
    let told = events(&watching.rest().await.text());
    assert_eq!(last(&told, "done")["version"], 1);
    stand.wall.settled().await;
    let shown = stand.shown(&project).await;
    assert_eq!((&shown["head"], &shown["versions"][0]["partial"]), (&json!(1), &json!(true)));
}

#[tokio::test]
async fn one_request_at_a_time_and_only_on_what_is_shown() {
    let stand = Stand::new(&["markdown+stall-after-20"]).await;
    let project = stand.project().await;
    let requests = format!("{project}/requests");
    stand.ask(&project, PROMPT, 0).await;
    let busy = stand.post(&requests, &json!({ "prompt": "another", "base": 0 })).json(409).await;
    assert_eq!(busy["error"]["code"], "busy");
    let edit = json!({ "base": 0, "edit": { "kind": "words", "text": "# X" } });
    stand.post(&format!("{project}/edits"), &edit).json(422).await;
    // What is stopped before its first word is no version.
    stand.get(&format!("{project}/events")).begin().await.until("event: file").await;
    stand.post(&format!("{project}/stop"), &json!({})).json(204).await;
    stand.told(&project).await;
    let conflict = stand.post(&requests, &json!({ "prompt": "another", "base": 0 })).json(409).await;
    assert_eq!((&conflict["error"]["code"], &conflict["head"]), (&json!("conflict"), &json!(1)));
}

#[tokio::test]
async fn a_wish_makes_a_version_of_the_whole_words_and_shows_what_it_changed() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.page().await;
    let edit = json!({ "base": 1, "edit": { "kind": "words", "text": "# Nord\n> Tea.\n## Menu\n- **Tea**: 2 €\n" } });
    stand.post(&format!("{project}/edits"), &edit).json(200).await;
    stand.ask(&project, "make it about coffee again", 2).await;
    let told = stand.told(&project).await;
    let patch = last(&told, "patch");
    assert_eq!(patch["version"], 3);
    let lines = patch["lines"].as_array().unwrap();
    assert!(lines.iter().any(|line| line["op"] == "removed" && line["text"] == "> Tea."), "{lines:?}");
    assert_eq!(stand.shown(&project).await["versions"][2]["cause"], "wish");
}

#[tokio::test]
async fn a_wish_that_changes_nothing_is_never_called_done() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.page().await;
    stand.ask(&project, "say it more beautifully", 1).await;
    let told = stand.told(&project).await;
    assert_eq!(last(&told, "error")["code"], "changed_nothing");
    let shown = stand.shown(&project).await;
    assert_eq!((&shown["head"], &shown["newest"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn a_game_is_written_freely_where_some_tier_can() {
    let stand = Stand::with(Setup { words: &["markdown"], html: &["page"], ..Setup::default() }).await;
    let project = stand.project().await;
    stand.ask(&project, "a snake game", 0).await;
    let told = stand.told(&project).await;
    assert_eq!(last(&told, "done")["tier"], 2);
    let shown = stand.shown(&project).await;
    assert_eq!((&shown["kind"], &shown["name"]), (&json!("html"), &json!("The wall")));
    let studio = stand.get("/api/studio").json(200).await;
    assert_eq!(studio["pages"], "html");
    assert_eq!(studio["tiers"][0]["pages"], "words");
    assert_eq!(studio["tiers"][1]["pages"], "html");
}

#[tokio::test]
async fn a_game_is_made_of_words_where_none_can_and_that_is_said() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.project().await;
    stand.ask(&project, "a snake game", 0).await;
    let told = stand.told(&project).await;
    assert!(last(&told, "patch")["summary"].as_str().unwrap().contains("no tier here writes pages"));
}

#[tokio::test]
async fn what_a_server_was_cut_off_in_is_there_when_it_comes_back() {
    let stand = Stand::new(&["markdown+trickle-30ms+stall-after-30"]).await;
    let project = stand.project().await;
    stand.ask(&project, PROMPT, 0).await;
    let mut watching = stand.get(&format!("{project}/events")).begin().await;
    watching.until("Saturday").await;
    // The server is not told to end: its database is opened beside it, as after a kill.
    let after =
        Stand::with(Setup { words: &["markdown"], folder: Some(stand.folder.clone()), ..Setup::default() }).await;
    let shown = after.shown(&project).await;
    assert_eq!((&shown["head"], &shown["versions"][0]["partial"]), (&json!(1), &json!(true)));
    assert_eq!(after.get(&format!("{project}/events")).answer().await.status, 204);
    let version = after.get(&format!("{project}/versions/1")).json(200).await;
    assert!(version["words"].as_str().unwrap().contains("Espresso"));
}
