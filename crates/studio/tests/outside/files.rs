//! A free page of several files: a wish changes the page in sight, or the file that is named, and no other.

use std::io::{Cursor, Read as _};

use serde_json::{Value, json};

use crate::spoken::{Spoken, Told};
use crate::stand::{PROMPT, Setup, Stand, last};

const INDEX: &str = "<!DOCTYPE html>\n<html>\n<head><link rel=\"stylesheet\" href=\"style.css\"><title>Nord</title></head>\n<body>\n<h1>Nord</h1>\n<p>Tea</p>\n</body>\n</html>";
const ABOUT: &str =
    "<!DOCTYPE html>\n<html>\n<head><title>About us</title></head>\n<body>\n<h1>Us</h1>\n<p>Tea</p>\n</body>\n</html>";
const CSS: &str = "h1 { color: red }";

/// A project of three files, and a tier that says these answers to wishes.
async fn three(answers: &[&str]) -> (Stand, Spoken, String) {
    let file = |path: &str, content: &str| {
        format!("<<<<<<< NEW_FILE_START {path} >>>>>>> NEW_FILE_END\n```\n{content}\n```\n")
    };
    let first = [file("style.css", CSS), file("about.html", ABOUT), file("index.html", INDEX)].concat();
    let told: Vec<Told<'_>> = std::iter::once(first.as_str()).chain(answers.iter().copied()).map(Told::Text).collect();
    let spoken = Spoken::start(&told).await;
    let stand = Stand::with(Setup { html: &["first"], at: Some(spoken.base_url()), ..Setup::default() }).await;
    let project = stand.project().await;
    let first = json!({ "prompt": PROMPT, "base": 0, "mode": "free" });
    stand.post(&format!("{project}/requests"), &first).json(202).await;
    stand.told(&project).await;
    (stand, spoken, project)
}

async fn wish(stand: &Stand, project: &str, wish: Value) -> Vec<(String, Value)> {
    stand.post(&format!("{project}/requests"), &wish).json(202).await;
    stand.told(project).await
}

/// The files of a version: each one's path and content.
async fn files(stand: &Stand, project: &str, version: u32) -> Vec<(String, String)> {
    let version = stand.get(&format!("{project}/versions/{version}")).json(200).await;
    let text = |file: &Value, member: &str| file[member].as_str().unwrap().to_owned();
    version["pages"].as_array().unwrap().iter().map(|file| (text(file, "path"), text(file, "html"))).collect()
}

fn these(index: &str, about: &str, css: &str) -> Vec<(String, String)> {
    let all = [("index.html", index), ("style.css", css), ("about.html", about)];
    all.map(|(path, html)| (path.to_owned(), html.to_owned())).into()
}

fn sorted(mut files: Vec<(String, String)>) -> Vec<(String, String)> {
    files.sort();
    files
}

fn block(search: &str, replace: &str) -> String {
    format!("<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n")
}

#[tokio::test]
async fn a_first_page_may_come_in_several_files_and_the_first_of_them_is_shown() {
    let (stand, _, project) = three(&[]).await;
    let made = files(&stand, &project, 1).await;
    assert_eq!(made[0].0, "index.html");
    assert_eq!(sorted(made), sorted(these(INDEX, ABOUT, CSS)));
    assert_eq!(last(&stand.told(&project).await, "file")["path"], "index.html");
    assert_eq!(stand.shown(&project).await["name"], "Nord");
}

#[tokio::test]
async fn a_wish_changes_the_page_in_sight_and_leaves_the_other_files() {
    let (stand, spoken, project) = three(&[&block("<p>Tea</p>", "<p>Mocha</p>")]).await;
    let told = wish(&stand, &project, json!({ "prompt": "another drink", "base": 1, "path": "about.html" })).await;
    let about = ABOUT.replace("Tea", "Mocha");
    assert_eq!(sorted(files(&stand, &project, 2).await), sorted(these(INDEX, &about, CSS)));
    let shown = last(&told, "file");
    assert_eq!(shown["path"], "about.html");
    assert!(shown["html"].as_str().unwrap().contains("Mocha"));
    let patch = last(&told, "patch");
    let lines = patch["lines"].as_array().unwrap();
    assert!(lines.contains(&json!({ "op": "added", "text": "<p>Mocha</p>" })), "{lines:?}");
    assert_eq!(patch["summary"], "Changed: another drink (about.html)");
    let asked = spoken.asked().pop().unwrap();
    assert!(asked.contains("<h1>Us</h1>") && asked.contains("h1 { color: red }") && !asked.contains("<h1>Nord</h1>"));
}

#[tokio::test]
async fn a_wish_that_names_a_page_changes_that_one_unless_an_element_was_clicked() {
    let (stand, _, project) = three(&[&block("<p>Tea</p>", "<p>Mocha</p>")]).await;
    let about = json!({ "prompt": "on the about page another drink", "base": 1, "path": "index.html" });
    wish(&stand, &project, about).await;
    let changed = ABOUT.replace("Tea", "Mocha");
    assert_eq!(sorted(files(&stand, &project, 2).await), sorted(these(INDEX, &changed, CSS)));
    // html, head, link, title, body, h1, p
    let here = json!({ "prompt": "the drink of the about page", "base": 2, "path": "index.html", "ref": "e6" });
    wish(&stand, &project, here).await;
    let index = INDEX.replace("Tea", "Mocha");
    assert_eq!(sorted(files(&stand, &project, 3).await), sorted(these(&index, &changed, CSS)));
}

#[tokio::test]
async fn a_block_that_names_another_file_changes_that_one_and_the_page_in_sight_is_shown() {
    let green =
        format!("<<<<<<< UPDATE_FILE_START style.css >>>>>>> UPDATE_FILE_END\n{}", block(CSS, "h1 { color: green }"));
    let (stand, _, project) = three(&[&green]).await;
    let told = wish(&stand, &project, json!({ "prompt": "calmer headings", "base": 1, "path": "about.html" })).await;
    let css = CSS.replace("red", "green");
    assert_eq!(sorted(files(&stand, &project, 2).await), sorted(these(INDEX, ABOUT, &css)));
    assert_eq!(last(&told, "file")["path"], "about.html");
    let diff = stand.get(&format!("{project}/diff?from=1&to=2")).json(200).await;
    let lines = [json!({ "op": "removed", "text": CSS }), json!({ "op": "added", "text": css })];
    assert_eq!(diff["lines"].as_array().unwrap()[..], lines);
}

#[tokio::test]
async fn a_price_on_a_free_page_is_changed_at_once_and_no_model_is_asked() {
    let (stand, spoken, project) = three(&[]).await;
    let menu = ABOUT.replace("<p>Tea</p>", "<ul><li>Tea <b>3 €</b></li><li>Espresso <b>2.50 €</b></li></ul>");
    let edit = json!({ "kind": "source", "path": "about.html", "content": menu });
    stand.post(&format!("{project}/edits"), &json!({ "base": 1, "edit": edit })).json(200).await;
    let wish = json!({ "prompt": "espresso now costs 2.80 €", "base": 2, "path": "about.html" });
    let granted = stand.post(&format!("{project}/requests"), &wish).json(200).await;
    assert_eq!((&granted["version"], &granted["summary"]), (&json!(3), &json!("Espresso: 2.80 €.")));
    assert_eq!(sorted(files(&stand, &project, 3).await), sorted(these(INDEX, &menu.replace("2.50", "2.80"), CSS)));
    assert_eq!(spoken.asked().len(), 1);
}

#[tokio::test]
async fn what_a_hand_changes_on_another_page_is_told() {
    let (stand, _, project) = three(&[]).await;
    let edit = json!({ "kind": "text", "ref": "e5", "text": "Mocha" });
    let call = json!({ "base": 1, "path": "about.html", "edit": edit });
    let edited = stand.post(&format!("{project}/edits"), &call).json(200).await;
    assert!(edited["lines"].as_array().unwrap().contains(&json!({ "op": "added", "text": "<p>Mocha</p>" })));
    assert_eq!(sorted(files(&stand, &project, 2).await), sorted(these(INDEX, &ABOUT.replace("Tea", "Mocha"), CSS)));
}

#[tokio::test]
async fn a_page_is_shown_with_its_style_sheet_in_it_and_taken_along_with_it_beside() {
    let (stand, _, project) = three(&[]).await;
    let shown = INDEX.replace("<link rel=\"stylesheet\" href=\"style.css\">", &format!("<style>{CSS}</style>"));
    let version = stand.get(&format!("{project}/versions/1")).json(200).await;
    let preview = version["preview"]["html"].as_str().unwrap();
    // html, head, link, title, body, h1
    assert_eq!(preview.replace(" data-ref=\"e6\"", ""), shown.replace("<h1>", "<h1 data-ref=\"e5\">"));
    let slug = stand.shown(&project).await["slug"].as_str().unwrap().to_owned();
    assert_eq!(stand.get(&format!("/p/{slug}/")).answer().await.text(), shown);
    let css = stand.get(&format!("/p/{slug}/style.css")).answer().await;
    assert_eq!((css.text().as_str(), css.header("content-type")), (CSS, "text/css; charset=utf-8"));
    let zip = stand.get(&format!("{project}/export")).answer().await.body;
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    for (path, content) in [("index.html", INDEX), ("style.css", CSS), ("about.html", ABOUT)] {
        let mut text = String::new();
        archive.by_name(path).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, content);
    }
}

#[tokio::test]
async fn what_is_seen_with_a_style_sheet_in_it_is_changed_in_its_own_bytes() {
    let (stand, _, project) = three(&[]).await;
    let edit = json!({ "base": 1, "edit": { "kind": "text", "ref": "e6", "text": "Mocha" } });
    let edited = stand.post(&format!("{project}/edits"), &edit).json(200).await;
    assert!(edited["preview"]["html"].as_str().unwrap().contains(CSS));
    assert_eq!(sorted(files(&stand, &project, 2).await), sorted(these(&INDEX.replace("Tea", "Mocha"), ABOUT, CSS)));
}
