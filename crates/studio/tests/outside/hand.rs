//! What a hand changes: at once, as a version, and nothing else.

use http::Method;
use serde_json::{Value, json};

use crate::stand::Stand;

async fn edit(stand: &Stand, project: &str, base: u32, edit: Value, status: u16) -> Value {
    stand.post(&format!("{project}/edits"), &json!({ "base": base, "edit": edit })).json(status).await
}

#[tokio::test]
async fn a_look_a_colour_and_letters_are_controls_and_no_model_is_asked() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.page().await;
    let before = stand.shown(&project).await["style"].clone();
    let edited = edit(&stand, &project, 1, json!({ "kind": "style", "colour": "#2e7d32" }), 200).await;
    assert_eq!((&edited["version"], &edited["style"]["colour"]), (&json!(2), &json!("#2e7d32")));
    assert_eq!(edited["style"]["look"], before["look"]);
    let edited = edit(&stand, &project, 2, json!({ "kind": "style", "look": "poster", "fonts": "mono" }), 200).await;
    assert_eq!(edited["style"], json!({ "look": "poster", "colour": "#2e7d32", "fonts": "mono" }));
    let edited = edit(&stand, &project, 3, json!({ "kind": "style", "colour": null }), 200).await;
    assert_eq!(edited["style"]["colour"], Value::Null);
    assert_eq!(stand.wall.log().len(), 1);
    let nothing = edit(&stand, &project, 4, json!({ "kind": "style", "look": "poster" }), 422).await;
    assert_eq!(nothing["error"]["code"], "changed_nothing");
}

#[tokio::test]
async fn of_two_tabs_the_second_sees_the_conflict_and_overwrites_nothing() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.page().await;
    edit(&stand, &project, 1, json!({ "kind": "words", "text": "# First\n" }), 200).await;
    let refused = edit(&stand, &project, 1, json!({ "kind": "words", "text": "# Second\n" }), 409).await;
    assert_eq!((&refused["error"]["code"], &refused["head"]), (&json!("conflict"), &json!(2)));
    let version = stand.get(&format!("{project}/versions/2")).json(200).await;
    assert_eq!(version["words"], "# First\n");
}

#[tokio::test]
async fn one_goes_back_and_forward_and_what_differs_is_shown() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.page().await;
    edit(&stand, &project, 1, json!({ "kind": "words", "text": "# Other\n" }), 200).await;
    let head = format!("{project}/head");
    assert_eq!(stand.post(&head, &json!({ "version": 1 })).json(200).await["head"], 1);
    assert_eq!(stand.post(&head, &json!({ "version": 2 })).json(200).await["head"], 2);
    stand.post(&head, &json!({ "version": 3 })).json(404).await;
    let diff = stand.get(&format!("{project}/diff?from=1&to=2")).json(200).await;
    assert!(diff["lines"].as_array().unwrap().contains(&json!({ "op": "added", "text": "# Other" })));
}

#[tokio::test]
async fn projects_are_listed_renamed_and_deleted() {
    let stand = Stand::new(&["markdown"]).await;
    let (first, second) = (stand.page().await, stand.project().await);
    let renamed = stand.call(Method::PATCH, &second, &json!({ "name": " My  page ", "network": true })).json(200).await;
    assert_eq!((&renamed["name"], &renamed["network"]), (&json!("My page"), &json!(true)));
    let listed = stand.get("/api/projects").json(200).await;
    let names: Vec<_> = listed["projects"].as_array().unwrap().iter().map(|project| project["name"].clone()).collect();
    assert_eq!(names, ["My page", "Nord"]);
    assert_eq!(stand.call(Method::DELETE, &first, &json!({})).answer().await.status, 204);
    stand.get(&first).json(404).await;
    stand.call(Method::DELETE, &first, &json!({})).json(404).await;
}

#[tokio::test]
async fn a_text_is_typed_over_deleted_moved_and_doubled_and_nothing_else_changes() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.page().await;
    let edits = [
        (
            json!({ "kind": "text", "ref": "s0.0.detail", "text": "2.80 €" }),
            "- **Espresso**: 2.50 €",
            "- **Espresso**: 2.80 €",
        ),
        (json!({ "kind": "double", "ref": "s0.0" }), "", "- **Espresso**: 2.80 €"),
        (
            json!({ "kind": "move", "ref": "s0.2", "by": -1 }),
            "- **Cardamom bun**: 3.20 €",
            "- **Cardamom bun**: 3.20 €",
        ),
        (json!({ "kind": "delete", "ref": "s2.0" }), "We are at the old crane, where the ferries leave.", ""),
        (json!({ "kind": "text", "ref": "name", "text": "Nord & Süd" }), "# Nord", "# Nord & Süd"),
    ];
    for (base, (change, gone, come)) in (1..).zip(edits) {
        let edited = edit(&stand, &project, base, change.clone(), 200).await;
        let of = |op: &str| {
            let lines = edited["lines"].as_array().unwrap().iter().filter(|line| line["op"] == op);
            lines.map(|line| line["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join("\n")
        };
        assert_eq!((of("removed").as_str(), of("added").as_str()), (gone, come), "{change}");
        assert!(!edited["summary"].as_str().unwrap().is_empty());
    }
    for (change, what) in [
        (json!({ "kind": "text", "ref": "s9.0", "text": "x" }), "not there"),
        (json!({ "kind": "text", "ref": "e17", "text": "x" }), "no place in words"),
        (json!({ "kind": "text", "ref": "name", "text": "Nord & Süd" }), "the same"),
        (json!({ "kind": "move", "ref": "s0", "by": -1 }), "no further"),
    ] {
        let nothing = edit(&stand, &project, 6, change, 422).await;
        assert_eq!(nothing["error"]["code"], "changed_nothing", "{what}");
    }
    assert_eq!(stand.shown(&project).await["newest"], 6);
}

#[tokio::test]
async fn what_was_made_up_is_marked_until_it_was_looked_at_or_typed_over() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.page().await;
    let made_up = async |version: u32| {
        let version = stand.get(&format!("{project}/versions/{version}")).json(200).await;
        let marked = version["preview"]["html"].as_str().unwrap().matches("data-made-up").count();
        let texts: Vec<_> =
            version["made_up"].as_array().unwrap().iter().map(|made_up| made_up["text"].clone()).collect();
        assert!(marked >= 1 || texts.is_empty(), "{texts:?}");
        texts
    };
    let first = made_up(1).await;
    assert!(first.iter().any(|text| text.as_str().unwrap().contains("3.20")), "{first:?}");
    edit(&stand, &project, 1, json!({ "kind": "confirm", "ref": "s0.1.detail" }), 200).await;
    edit(&stand, &project, 1, json!({ "kind": "confirm", "ref": "s0.1.detail" }), 422).await;
    assert!(!made_up(1).await.iter().any(|text| text.as_str().unwrap().contains("3.20")));
    edit(&stand, &project, 1, json!({ "kind": "text", "ref": "s0.0.detail", "text": "2.80 €" }), 200).await;
    assert!(!made_up(2).await.iter().any(|text| text.as_str().unwrap().contains("2.80")));
}

#[tokio::test]
async fn a_wish_that_is_understood_is_granted_at_once_and_no_model_is_asked() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.page().await;
    let words = json!({ "kind": "words", "text": "# Nord\n## Menu\n- **Espresso**: 2.50 €\n- **Tea**: 3 €\n" });
    edit(&stand, &project, 1, words, 200).await;
    let requests = format!("{project}/requests");
    let wish = |prompt: &str, base: u32| json!({ "prompt": prompt, "base": base });
    let green = stand.post(&requests, &wish("make it green", 2)).json(200).await;
    assert_eq!((&green["version"], &green["style"]["colour"]), (&json!(3), &json!("#2e7d32")));
    let dearer = stand.post(&requests, &wish("espresso now costs 2.80 €", 3)).json(200).await;
    let changed: Vec<&Value> = dearer["lines"].as_array().unwrap().iter().filter(|line| line["op"] != "same").collect();
    assert_eq!(changed.len(), 2);
    assert_eq!(changed[1]["text"], "- **Espresso**: 2.80 €");
    stand.post(&requests, &wish("make it red", 2)).json(409).await;
    assert_eq!(stand.wall.log().len(), 1);
    let shown = stand.shown(&project).await;
    assert_eq!(shown["versions"][3]["cause"], "wish");
    let talk = shown["talk"].as_array().unwrap();
    assert_eq!(talk[talk.len() - 2], json!({ "role": "user", "text": "espresso now costs 2.80 €", "version": null }));
}
