//! Wishes that DeepSite's front end sends, and that are understood without a model: at once, by no tier, in as little as the
//! front end needs to do the same.

use http::Method;
use serde_json::{Value, json};

use crate::ask::{INDEX, WORDS, html_of, metadata, new_page, put, told, update, v4, wish};
use crate::front_end::{after, after_v4};
use crate::spoken::{Spoken, Told};
use crate::stand::{Setup, Stand, events, last};

const LIST: &str = "<!DOCTYPE html>\n<html><body><ul><li>Tea</li><li>Cake</li><li>Tea</li></ul>\n<pre>a\n  b</pre><p>Bye</p></body></html>";

fn change_of(html: &str, prompt: &str, element: Option<&str>) -> Value {
    let mut body = wish(prompt);
    body["pages"] = json!([{ "path": "about.html", "html": "<p>About</p>" }, { "path": "index.html", "html": html }]);
    body["selectedElementHtml"] = element.into();
    body
}

/// White space aside, as that front end keeps it.
fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The lines of a page that another one has not.
fn other_lines<'a>(page: &'a str, than: &str) -> Vec<&'a str> {
    page.lines().map(str::trim).filter(|line| !than.lines().any(|other| other.trim() == *line)).collect()
}

#[tokio::test]
async fn what_is_understood_comes_in_a_small_change_and_no_tier_is_asked() {
    let (stand, spoken) = told(&[Told::Text("no")]).await;
    let answer = put(&stand, &change_of(INDEX, "delete this", Some("<p>Espresso 2.50 €</p>"))).answer().await;
    assert_eq!(bare(&after(INDEX, &answer.text())), bare(&INDEX.replace("<p>Espresso 2.50 €</p>", "")));
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; charset=utf-8"));

    let renamed = put(&stand, &change_of(INDEX, "change \"Nord\" to \"Süd\"", None)).answer().await.text();
    let metadata = metadata(&json!(["index.html"]), &json!([[4, 4]]));
    assert_eq!(renamed, update("<h1>Nord</h1>", "<h1>Süd</h1>") + &metadata);
    assert!(spoken.asked().is_empty());
}

#[tokio::test]
async fn a_change_is_said_so_that_the_front_end_does_just_that() {
    let (stand, spoken) = told(&[Told::Text("no")]).await;
    for (prompt, element, expected) in [
        ("delete this", "<li>Cake</li>", LIST.replace("<li>Cake</li>", "")),
        ("move it up", "<li>Cake</li>", LIST.replace("<li>Tea</li><li>Cake</li>", "<li>Cake</li><li>Tea</li>")),
        ("move it down", "<li>Cake</li>", LIST.replace("<li>Cake</li><li>Tea</li>", "<li>Tea</li><li>Cake</li>")),
        ("duplicate this", "<p>Bye</p>", LIST.replace("<p>Bye</p>", "<p>Bye</p><p>Bye</p>")),
        ("delete this", "<pre>a\n  b</pre>", LIST.replace("<pre>a\n  b</pre>", "")),
    ] {
        let text = put(&stand, &change_of(LIST, prompt, Some(element))).answer().await.text();
        assert_eq!(bare(&after(LIST, &text)), bare(&expected), "{prompt} {element}: {text}");
        let body = {
            let mut body = v4(prompt, &json!([{ "path": "index.html", "content": LIST }]));
            body["selectedElementHtml"] = element.into();
            body
        };
        let text = stand.post("/api/ask", &body).answer().await.text();
        assert_eq!(bare(&after_v4(LIST, &text)), bare(&expected), "{prompt} {element}: {text}");
        assert!(!text.starts_with("===") && !text.contains("METADATA"), "{text}");
    }
    // What the front end would read as more than letters comes as the whole file.
    let dear = LIST.replace("Cake", "Cake $&amp;");
    let text = put(&stand, &change_of(LIST, "change \"Cake\" to \"Cake $&\"", None)).answer().await.text();
    assert!(text.contains("NEW_FILE_START index.html") && after(LIST, &text) == dear, "{text}");
    assert!(spoken.asked().is_empty());
}

#[tokio::test]
async fn make_it_green_changes_the_colours_of_a_kit_page_and_nothing_else() {
    let spoken = Spoken::start(&[Told::Text(WORDS)]).await;
    let start =
        || async { Stand::with(Setup { words: &["any"], at: Some(spoken.base_url()), ..Setup::default() }).await };
    let stand = start().await;
    let first = html_of(&stand.post("/api/ask", &new_page("a page for Nord")).answer().await.text());
    assert_eq!(spoken.asked().len(), 1);
    // Whether its words are at hand still, or another process made it.
    for stand in [stand, start().await] {
        let text = put(&stand, &change_of(&first, "make it green", None)).answer().await.text();
        assert!(text.contains("<<<<<<< UPDATE_FILE_START index.html") && text.len() < 2_000, "{text}");
        assert!(text.contains("\"pages\":[\"index.html\"]"), "{text}");
        let green = after(&first, &text);
        let (old, new) = (other_lines(&first, &green), other_lines(&green, &first));
        assert_eq!((old.len(), new.len()), (2, 2), "{new:?}");
        assert!(new.iter().all(|line| line.contains("--accent:#")), "{new:?}");
        // It is known as what it has become, and changed back by the same way.
        let blue = put(&stand, &change_of(&green, "now make it blue, please", None)).answer().await.text();
        assert_eq!(other_lines(&after(&green, &blue), &green).len(), 2, "{blue}");
    }
    assert_eq!(spoken.asked().len(), 1);
}

#[tokio::test]
async fn a_price_a_section_and_a_name_of_a_kit_page_change_in_its_words() {
    let spoken = Spoken::start(&[Told::Text(WORDS)]).await;
    let stand = Stand::with(Setup { words: &["any"], at: Some(spoken.base_url()), ..Setup::default() }).await;
    let first = html_of(&stand.post("/api/ask", &new_page("a page for Nord")).answer().await.text());
    let text = put(&stand, &change_of(&first, "espresso now costs 2.80 €", None)).answer().await.text();
    assert!(text.contains("UPDATE_FILE_START") && text.len() < 1_000, "{text}");
    assert_eq!(bare(&after(&first, &text)), bare(&first.replace("2.50 €", "2.80 €")));

    let section = &first[first[..first.find("Cardamom bun").unwrap()].rfind("<section").unwrap()..];
    let section = &section[..section.find("</section>").unwrap() + "</section>".len()];
    assert!(section.contains("Cardamom bun"));
    let text = put(&stand, &change_of(&first, "delete this section", Some(section))).answer().await.text();
    let rest = after(&first, &text);
    assert!(!rest.contains("Cardamom bun") && rest.contains("7 to 18"), "{text}");

    let text = put(&stand, &change_of(&first, "call it Süd", None)).answer().await.text();
    let renamed = after(&first, &text);
    assert!(renamed.contains("<title>Süd</title>") && !renamed.contains("Nord"), "{text}");
    assert_eq!(spoken.asked().len(), 1);
}

#[tokio::test]
async fn an_element_that_a_tier_could_colour_is_not_taken_for_the_page() {
    let spoken = Spoken::start(&[Told::Text(WORDS), Told::Text("Done.")]).await;
    let stand = Stand::with(Setup { html: &["any"], at: Some(spoken.base_url()), ..Setup::default() }).await;
    let first = html_of(&stand.post("/api/ask", &new_page("a page for Nord")).answer().await.text());
    put(&stand, &change_of(&first, "make it green", Some("<h1>Nord</h1>"))).answer().await;
    assert_eq!(spoken.asked().len(), 2);
}

#[tokio::test]
async fn the_events_say_what_was_changed_and_that_no_tier_did_it() {
    let (stand, _) = told(&[Told::Text("no")]).await;
    let files = json!([{ "path": "index.html", "content": INDEX }]);
    let wishes = [
        (Method::PUT, change_of(INDEX, "change \"Nord\" to \"Süd\"", None)),
        (Method::POST, v4("change \"Nord\" to \"Süd\"", &files)),
    ];
    for (method, body) in wishes {
        let call = stand.call(method, "/api/ask", &body).header("accept", "text/event-stream");
        let all = events(&call.answer().await.text());
        let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["file", "patch", "done"]);
        assert_eq!(last(&all, "file")["html"], INDEX.replace("Nord", "Süd"));
        assert_eq!(last(&all, "patch")["summary"], "“Nord” is “Süd” now.");
        assert_eq!(last(&all, "done")["tier"], Value::Null);
    }
}

#[tokio::test]
async fn a_new_project_is_told_its_name_also_by_a_change() {
    let titled = INDEX.replace("<body>", "<title>Nord & Co</title>\n<body>");
    let (stand, _) = told(&[Told::Text(&update("<p>Espresso 2.50 €</p>", "<p>Mocha 3 €</p>"))]).await;
    for prompt in ["change \"Espresso\" to \"Mocha\"", "another coffee"] {
        let mut body = change_of(&titled, prompt, None);
        body["isNew"] = true.into();
        let text = put(&stand, &body).answer().await.text();
        assert!(text.starts_with("<<<<<<< PROJECT_NAME_START Nord & Co >>>>>>> PROJECT_NAME_END\n"), "{text}");
        assert!(text.contains("\"isNew\":true"), "{text}");
    }
}

#[tokio::test]
async fn the_one_price_of_a_free_page_is_changed_and_no_tier_is_asked() {
    let (stand, spoken) = told(&[Told::Text("no")]).await;
    let text = put(&stand, &change_of(INDEX, "espresso now costs 2.80 €", None)).answer().await.text();
    assert_eq!(after(INDEX, &text), INDEX.replace("2.50", "2.80"));
    assert_eq!(spoken.asked().len(), 0);
}
