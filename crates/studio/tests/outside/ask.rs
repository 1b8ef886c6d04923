//! DeepSite's way of asking: what its front end sends, and the text that it gets, letter by letter.

use http::Method;
use serde_json::{Value, json};

use crate::front_end::after;
use crate::spoken::{Spoken, Told};
use crate::stand::{Call, Setup, Stand, events, last};

pub(crate) const INDEX: &str =
    "<!DOCTYPE html>\n<html>\n<body>\n<h1>Nord</h1>\n<p>Espresso 2.50 €</p>\n</body>\n</html>";

const SITE: &str = "<<<<<<< PROJECT_NAME_START Nord ☕ >>>>>>> PROJECT_NAME_END\n<<<<<<< NEW_FILE_START index.html >>>>>>> \
                    NEW_FILE_END\n```html\n<!DOCTYPE html>\n<html><body>Grüße</body></html>\n```\n<<<<<<< NEW_FILE_START \
                    style.css >>>>>>> NEW_FILE_END\n```css\np { color: red }\n```\n";

pub(crate) const WORDS: &str = "# Nord\n> Coffee by the harbour.\n## Menu\n- **Espresso**: 2.50 €\n- **Cardamom bun**: 3.20 €\n## Opening \
                     hours\n- **Monday to Friday**: 7 to 18\n## Find us\nWe are at the old crane.\n[See the menu]\n";

/// The file within an answer.
pub(crate) fn html_of(text: &str) -> String {
    text.split_once("```html\n").unwrap().1.split_once("\n```").unwrap().0.to_owned()
}

/// The text of a whole page in the blocks.
pub(crate) fn in_blocks(name: &str, html: &str) -> String {
    format!(
        "<<<<<<< PROJECT_NAME_START {name} >>>>>>> PROJECT_NAME_END\n<<<<<<< NEW_FILE_START index.html >>>>>>> \
         NEW_FILE_END\n```html\n{html}\n```\n"
    )
}

pub(crate) fn update(search: &str, replace: &str) -> String {
    format!(
        "<<<<<<< UPDATE_FILE_START index.html >>>>>>> UPDATE_FILE_END\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n\
         >>>>>>> REPLACE\n"
    )
}

pub(crate) fn new_page(prompt: &str) -> Value {
    json!({ "prompt": prompt, "provider": "auto", "model": "auto", "redesignMarkdown": null,
        "enhancedSettings": { "isActive": false } })
}

pub(crate) fn wish(prompt: &str) -> Value {
    json!({ "prompt": prompt, "provider": "auto", "model": "deepseek-ai/DeepSeek-V3.2", "previousPrompts": [],
        "pages": [{ "path": "index.html", "html": INDEX }], "repoId": "ada/nord", "isNew": false })
}

pub(crate) fn v4(prompt: &str, files: &Value) -> Value {
    json!({ "prompt": prompt, "previousMessages": [], "files": files, "provider": "auto", "model": "auto",
        "redesignMd": false, "medias": [] })
}

pub(crate) fn metadata(pages: &Value, lines: &Value) -> String {
    format!(
        "\n___METADATA_START___\n{{\"repoId\":\"ada/nord\",\"isNew\":false,\"userName\":\"ada\",\"pages\":{pages},\
         \"updatedLines\":{lines}}}\n___METADATA_END___\n"
    )
}

/// A Studio whose only tier writes HTML, and says these.
pub(crate) async fn told(answers: &[Told<'_>]) -> (Stand, Spoken) {
    let spoken = Spoken::start(answers).await;
    let setup = Setup { html: &["any"], at: Some(spoken.base_url()), ..Setup::default() };
    (Stand::with(setup).await, spoken)
}

pub(crate) fn put(stand: &Stand, body: &Value) -> Call {
    stand.call(Method::PUT, "/api/ask", body)
}

#[tokio::test]
async fn a_new_page_comes_letter_by_letter_as_the_model_writes_it() {
    let over = in_blocks("The wall", "<!DOCTYPE html>\n<html>\n<title>The wall</title>\n<body>x</body>\n</html>");
    let page = "<!DOCTYPE html>\n<html>\n<title>The wall</title>\n<body>x</body>\n</html>";
    let untitled = "<html><body>x</body></html>";
    for (answer, text) in [
        (SITE.to_owned(), SITE.to_owned()),
        ("w1 w2\n<b>w3</b> w4".to_owned(), "w1 w2\n<b>w3</b> w4".to_owned()),
        (page.to_owned(), over.clone()),
        (format!("```html\n{page}\n```"), over.clone()),
        (untitled.to_owned(), in_blocks("a page", untitled)),
    ] {
        let (stand, _) = told(&[Told::Text(&answer)]).await;
        let whole = stand.post("/api/ask", &new_page("a page")).answer().await;
        assert_eq!((whole.status, whole.text()), (200, text));
        assert_eq!(whole.header("content-type"), "text/plain; charset=utf-8");
    }
}

#[tokio::test]
async fn thoughts_come_first_and_apart() {
    let (stand, _) = told(&[Told::Thought("hm, <html>", SITE)]).await;
    let text = stand.post("/api/ask", &new_page("a page")).answer().await.text();
    assert_eq!(text, format!("<think>hm, <html></think>{SITE}"));
}

#[tokio::test]
async fn what_has_come_is_told_while_the_rest_is_written() {
    let (first, rest) = SITE.split_once("üße").unwrap();
    let (stand, spoken) = told(&[Told::Held(first, &format!("üße{rest}"))]).await;
    let mut begun = stand.post("/api/ask", &new_page("a page")).begin().await;
    begun.until("<html><body>Gr").await;
    spoken.go_on();
    assert_eq!(begun.rest().await.text(), SITE);
}

#[tokio::test]
async fn who_leaves_cancels_the_request_up_to_the_tier() {
    let (stand, spoken) = told(&[Told::Held("w1 ", "w2")]).await;
    let mut begun = stand.post("/api/ask", &new_page("a page")).begin().await;
    begun.until("w1").await;
    drop(begun);
    spoken.left().await;
}

#[tokio::test]
async fn a_page_of_words_is_laid_out_and_put_into_the_blocks() {
    let stand = Stand::new(&["markdown"]).await;
    let text = stand.post("/api/ask", &new_page("a page for the coffee shop Nord")).answer().await.text();
    let start = "<<<<<<< PROJECT_NAME_START Nord >>>>>>> PROJECT_NAME_END\n<<<<<<< NEW_FILE_START index.html >>>>>>> \
                 NEW_FILE_END\n```html\n<!DOCTYPE html>";
    assert_eq!(text[..start.len()].to_lowercase(), start.to_lowercase());
    assert!(text.contains("Cardamom bun") && text.ends_with("</html>\n```\n"), "{text}");
    assert_eq!(text.matches("```").count(), 2);
}

#[tokio::test]
async fn a_page_of_words_is_changed_in_its_words_and_nothing_else_of_it_is() {
    let dearer = WORDS.replace("2.50", "2.80").replace("harbour", "old harbour");
    let spoken =
        Spoken::start(&[Told::Text(WORDS), Told::Text(&dearer), Told::Text("Mocha"), Told::Text(&dearer)]).await;
    let stand = Stand::with(Setup { words: &["any"], at: Some(spoken.base_url()), ..Setup::default() }).await;
    let first = html_of(&stand.post("/api/ask", &new_page("a page for Nord")).answer().await.text());
    let body = |html: &str, prompt: &str| json!({ "prompt": prompt, "model": "auto", "pages": [{ "path": "index.html", "html": html }] });
    let text = put(&stand, &body(&first, "we sell the espresso at 2.80 € from now on, say so")).answer().await.text();
    assert!(text.ends_with("___METADATA_END___\n") && !text.contains("NEW_FILE_START"), "{text}");
    let second = after(&first, &text);
    assert!(second.contains("2.80 €") && !second.contains("2.50") && !second.contains("old harbour"), "{text}");

    let mut clicked = body(&second, "the espresso as one with chocolate");
    clicked["selectedElementHtml"] = "<b>Espresso</b>".into();
    let third = after(&second, &put(&stand, &clicked).answer().await.text());
    assert!(third.contains("Mocha") && !third.contains("Espresso") && third.contains("Cardamom bun"), "{third}");

    // The same words once more are no change, and are not said to be one.
    let same = put(&stand, &body(&second, "we sell the espresso at 2.80 € from now on, say so")).json(200).await;
    assert_eq!(same["ok"], false);
}

#[tokio::test]
async fn where_no_tier_can_answer_the_failure_is_all_that_the_text_is() {
    let stand = Stand::new(&["status-503"]).await;
    let answer = stand.post("/api/ask", &new_page("a page")).answer().await;
    let failure: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((answer.status, failure["ok"].as_bool()), (200, Some(false)));
    assert!(failure["message"].as_str().unwrap().starts_with("No tier could answer: Tier 1"), "{failure}");

    let page = json!([{ "path": "index.html", "content": INDEX }]);
    let text = stand.post("/api/ask", &v4("a page", &page)).answer().await.text();
    let error = text.strip_prefix("\n\n__ERROR__:").expect("the mark");
    let error: Value = serde_json::from_str(error).unwrap();
    assert_eq!(error["isError"], true);
    assert!(error["messageError"].as_str().unwrap().contains("Tier 1"), "{error}");

    let failure = put(&stand, &wish("greener")).json(200).await;
    assert_eq!(failure["ok"], false);
}

#[tokio::test]
async fn an_answer_that_breaks_off_closes_its_file_and_says_so() {
    let (stand, _) = told(&[Told::Cut("<html><title>N</title><body>half")]).await;
    let text = stand.post("/api/ask", &new_page("a page")).answer().await.text();
    let (page, failure) = text.rsplit_once('\n').unwrap();
    assert_eq!(page, in_blocks("N", "<html><title>N</title><body>half"));
    assert_eq!(serde_json::from_str::<Value>(failure).unwrap()["ok"], false);
}

#[tokio::test]
async fn a_change_that_stands_in_the_page_goes_on_as_it_came_and_ends_with_the_metadata() {
    let answer = update("<p>Espresso 2.50 €</p>", "<p>Espresso 2.80 €</p>");
    let (stand, spoken) = told(&[Told::Text(&answer)]).await;
    let text = put(&stand, &wish("the coffee is to be a little dearer")).answer().await.text();
    assert_eq!(text, answer + &metadata(&json!(["index.html"]), &json!([[5, 5]])));
    let asked = spoken.asked();
    assert!(asked[0].contains("Espresso 2.50 €") && asked[0].contains("the coffee is to be a little dearer"));
}

#[tokio::test]
async fn a_change_that_the_front_end_would_garble_or_pass_over_is_given_as_the_whole_file() {
    let after = |new: &str| INDEX.replace("<p>Espresso 2.50 €</p>", new);
    let whole = |html: &str| {
        format!("<<<<<<< NEW_FILE_START index.html >>>>>>> NEW_FILE_END\n```html\n{html}\n```\n")
            + &metadata(&json!(["index.html"]), &json!([[5, 5]]))
    };
    // Letters that its `replace` reads as more than letters; white space that it might find elsewhere.
    for (search, replace) in
        [("<p>Espresso 2.50 €</p>", "<p>Espresso $& 2.80</p>"), ("<p> Espresso\n2.50 € </p>", "<p>Espresso 2.80 €</p>")]
    {
        let (stand, _) = told(&[Told::Text(&update(search, replace))]).await;
        let text = put(&stand, &wish("the coffee is to be a little dearer")).answer().await.text();
        assert_eq!(text, whole(&after(replace)));
    }
}

#[tokio::test]
async fn what_is_not_found_is_asked_for_once_more_with_the_lines_that_come_nearest() {
    let right = update("<p>Espresso 2.50 €</p>", "<p>Espresso 2.80 €</p>");
    let wrong = update("<p>Espresso: 2.60 €</p>", "<p>Espresso: 2.80 €</p>");
    let (stand, spoken) = told(&[Told::Text(&wrong), Told::Text(&right)]).await;
    let text = put(&stand, &wish("the coffee is to be a little dearer")).answer().await.text();
    assert_eq!(text, right + &metadata(&json!(["index.html"]), &json!([[5, 5]])));
    let asked = spoken.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[1].contains("What comes nearest is:\\n```\\n<p>Espresso 2.50 €</p>\\n```"), "{}", asked[1]);
}

#[tokio::test]
async fn where_nothing_is_changed_that_is_what_is_said() {
    let wrong = update("<p>Mokka</p>", "<p>Mocha</p>");
    let (stand, _) = told(&[Told::Text(&wrong), Told::Text(&wrong)]).await;
    let failure = put(&stand, &wish("mocha")).json(200).await;
    assert_eq!(failure["ok"], false);
    assert!(failure["message"].as_str().unwrap().starts_with("Nothing was changed"), "{failure}");
}

#[tokio::test]
async fn a_whole_page_takes_the_place_of_the_one_that_was_sent() {
    let page = INDEX.replace("Nord", "Süd");
    let (stand, _) = told(&[Told::Text(&format!("```html\n{page}\n```"))]).await;
    let text = put(&stand, &wish("call it Süd")).answer().await.text();
    let file = format!("<<<<<<< NEW_FILE_START index.html >>>>>>> NEW_FILE_END\n```html\n{page}\n```\n");
    assert_eq!(text, file + &metadata(&json!(["index.html"]), &json!([])));
}

#[tokio::test]
async fn a_page_whose_script_holds_a_page_comes_whole() {
    let page = "<!DOCTYPE html>\n<html>\n<body>\n<script>\nshow(\"<html><b>x</b></html>\");\n</script>\n<p>End</p>\n</body>\n</html>";
    let (stand, _) = told(&[Told::Text(&format!("Here it is:\n```html\n{page}\n```\nEnjoy."))]).await;
    let text = stand.post("/api/ask", &new_page("a page that shows a page")).answer().await.text();
    assert_eq!(html_of(&text), page);
}

#[tokio::test]
async fn a_whole_page_that_leaves_out_the_rest_is_asked_for_again_as_changes() {
    let short =
        "<!DOCTYPE html>\n<html>\n<body>\n<h1>Süd</h1>\n<!-- rest of the page remains unchanged -->\n</body>\n</html>";
    let right = update("<p>Espresso 2.50 €</p>", "<p>Espresso 2.80 €</p>");
    let (stand, spoken) = told(&[Told::Text(short), Told::Text(&right)]).await;
    let text = put(&stand, &wish("the coffee is to be a little dearer")).answer().await.text();
    assert_eq!(text, right + &metadata(&json!(["index.html"]), &json!([[5, 5]])));
    assert!(spoken.asked()[1].contains("leaves out what stays the same"));
    let (stand, _) = told(&[Told::Text(short), Told::Text(short)]).await;
    let failure = put(&stand, &wish("call it Süd")).json(200).await;
    assert!(failure["message"].as_str().unwrap().starts_with("Nothing was changed"), "{failure}");
}

#[tokio::test]
async fn a_new_page_comes_in_the_marks_that_its_caller_reads_whichever_the_tier_writes() {
    let v4_site = "=== START_PROJECT_NAME\nNord ☕\n=== END_PROJECT_NAME\n=== START_FILE_CONTENT index.html\n```html\n\
                   <!DOCTYPE html>\n<html><body>Grüße</body></html>\n```\n=== END_FILE_CONTENT\n=== START_FILE_CONTENT \
                   style.css\n```css\np { color: red }\n```\n=== END_FILE_CONTENT\n";
    let unmarked = SITE.replace(" >>>>>>> NEW_FILE_END", "").replacen("\n```\n<<<<<<<", "\n<<<<<<<", 1);
    for (answer, form, text) in [
        (v4_site, "v3", SITE),
        (SITE, "v4", v4_site),
        (v4_site, "v4", v4_site),
        // Marks that a tier leaves out are there.
        (&unmarked, "v3", SITE),
    ] {
        let (stand, _) = told(&[Told::Text(answer)]).await;
        let body = if form == "v3" { new_page("a page") } else { v4("a page", &json!([])) };
        assert_eq!(stand.post("/api/ask", &body).answer().await.text(), text, "{form}");
    }
    let (stand, _) = told(&[Told::Text(SITE)]).await;
    let call = stand.post("/api/ask", &new_page("a page")).header("accept", "text/event-stream");
    let all = events(&call.answer().await.text());
    let whole: Vec<&Value> = all
        .iter()
        .filter(|(name, file)| name == "file" && file["whole"] == true)
        .map(|(_, file)| &file["path"])
        .collect();
    assert_eq!(whole, ["index.html", "style.css"]);
    assert_eq!(all.iter().filter(|(name, _)| name == "patch").count(), 2);
}

#[tokio::test]
async fn a_change_comes_in_the_marks_and_fences_that_the_front_end_knows() {
    let v4_change = "=== SEARCH index.html\n```html\n<h1>Nord</h1>\n```\n=======\n```html\n<h1>Süd</h1>\n```\n=== REPLACE\n\
                     === START_FILE_CONTENT data.json\n```json\n{}\n```\n=== END_FILE_CONTENT\n";
    let unmarked = "<<<<<<< UPDATE_FILE_START index.html\n<<<<<<< SEARCH\n<h1>Nord</h1>\n=======\n<h1>Süd</h1>\n>>>>>>> REPLACE\n\
                    <<<<<<< NEW_FILE_START data.json >>>>>>> NEW_FILE_END\n```js\n{}\n```\n";
    for answer in [v4_change, unmarked] {
        let (stand, _) = told(&[Told::Text(answer)]).await;
        let text = put(&stand, &wish("the name is Süd, and add data")).answer().await.text();
        let files = crate::front_end::files_after(&[("index.html", INDEX)], &text);
        assert!(files[0].1.contains("<h1>Süd</h1>") && !files[0].1.contains("Nord"), "{text}");
        assert_eq!(files[1], ("data.json".to_owned(), "{}".to_owned()), "{text}");
    }
    // Where that front end would change the first of two, the file is given whole.
    let twice = INDEX.replace("<h1>Nord</h1>", "<h1>No rd</h1>\n<h1>Nord</h1>");
    let (stand, _) = told(&[Told::Text(&update("<h1>Nord</h1>", "<h1>Süd</h1>"))]).await;
    let mut body = wish("the second name is Süd");
    body["pages"] = json!([{ "path": "index.html", "html": twice }]);
    let text = put(&stand, &body).answer().await.text();
    assert_eq!(after(&twice, &text), twice.replace("<h1>Nord</h1>", "<h1>Süd</h1>"));
}

#[tokio::test]
async fn an_answer_of_nothing_is_no_page_and_no_change() {
    let (stand, _) = told(&[Told::Text(" ")]).await;
    for call in [stand.post("/api/ask", &new_page("a page")), put(&stand, &wish("greener"))] {
        assert_eq!(call.json(200).await["ok"], false);
    }
}

#[tokio::test]
async fn the_colour_and_the_theme_that_were_chosen_are_those_of_a_page_of_words() {
    let stand = Stand::new(&["markdown"]).await;
    let mut body = new_page("a page for the coffee shop Nord");
    body["enhancedSettings"] = json!({ "isActive": true, "primaryColor": "emerald", "theme": "dark" });
    let text = stand.post("/api/ask", &body).answer().await.text();
    assert!(text.contains("class=\"midnight\"") && text.contains("--accent:#3a9a77"), "{}", &text[..800]);
}

#[tokio::test]
async fn the_fourth_form_has_marks_of_its_own() {
    let site = "I make it.\n=== START_FILE_CONTENT index.html\n```html\n<html></html>\n```\n=== END_FILE_CONTENT\n";
    let (stand, spoken) = told(&[Told::Text(site)]).await;
    let mut body = v4("a page", &json!([]));
    body["previousMessages"] = json!([{ "role": "user", "content": "Who are you?" }]);
    assert_eq!(stand.post("/api/ask", &body).answer().await.text(), site);
    assert!(spoken.asked()[0].contains("Who are you?"));

    let (stand, _) = told(&[Told::Text("<html><title>N</title><body></body></html>")]).await;
    assert_eq!(
        stand.post("/api/ask", &v4("a page", &json!([]))).answer().await.text(),
        "=== START_PROJECT_NAME\nN\n=== END_PROJECT_NAME\n=== START_FILE_CONTENT index.html\n```html\n\
         <html><title>N</title><body></body></html>\n```\n=== END_FILE_CONTENT\n"
    );

    let change = "I change it.\n=== SEARCH index.html\n```html\n<h1>Nord</h1>\n```\n=======\n```html\n<h1>Süd</h1>\n```\n=== \
                  REPLACE\n";
    let (stand, _) = told(&[Told::Text(change)]).await;
    let files = json!([{ "path": "index.html", "content": INDEX }]);
    assert_eq!(stand.post("/api/ask", &v4("call it Süd", &files)).answer().await.text(), change);
}

#[tokio::test]
async fn what_is_wrong_with_a_call_is_said_as_deepsite_says_it() {
    let stand = Stand::new(&["markdown"]).await;
    let megabyte = "x".repeat(1 << 20);
    let no_pages = json!({ "prompt": "p", "model": "auto" });
    for (sent, body, error) in [
        (Method::POST, json!({ "model": "auto" }), json!({ "ok": false, "error": "Missing required fields" })),
        (Method::POST, json!({ "prompt": "p" }), json!({ "ok": false, "error": "Missing required fields" })),
        (Method::POST, new_page(" \n"), json!({ "ok": false, "error": "Missing required fields" })),
        (Method::PUT, no_pages, json!({ "ok": false, "error": "Missing required fields" })),
        (Method::POST, v4("", &json!([])), json!({ "error": "Prompt is required" })),
        (
            Method::POST,
            new_page(&megabyte),
            json!({ "ok": false, "error": "The prompt is 1048576 characters long, and at most 20000 are read: shorten it" }),
        ),
    ] {
        assert_eq!(stand.call(sent, "/api/ask", &body).json(400).await, error);
    }
    let refused = stand.sent(Method::POST, "/api/ask", "{\"prompt\": secret words").json(400).await;
    assert_eq!(refused["ok"], false);
    assert!(!refused.to_string().contains("secret"));
    assert_eq!(stand.post("/api/ask", &new_page(&"x".repeat(5 << 20))).json(413).await["ok"], false);
    assert!(stand.wall.log().is_empty());
}

#[tokio::test]
async fn a_caller_without_the_key_is_told_to_log_in() {
    let stand = Stand::with(Setup { words: &["markdown"], keys: &["k"], ..Setup::default() }).await;
    let refused = stand.post("/api/ask", &new_page("a page")).json(401).await;
    assert_eq!((refused["ok"].as_bool(), refused["openLogin"].as_bool()), (Some(false), Some(true)));
    let answer = stand.post("/api/ask", &new_page("a page")).header("authorization", "Bearer k").answer().await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn the_events_say_who_answers_what_comes_and_how_it_went() {
    let ask = |stand: &Stand, body: &Value| stand.post("/api/ask", body).header("accept", "text/event-stream");
    let stand = Stand::new(&["status-503", "markdown"]).await;
    let answer = ask(&stand, &new_page("a page for the coffee shop Nord")).answer().await;
    assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
    let all = events(&answer.text());
    let tiers: Vec<_> = all.iter().filter(|(name, _)| name == "tier").map(|(_, tier)| &tier["state"]).collect();
    assert_eq!(tiers, ["trying", "failed", "trying", "answering"]);
    assert!(last(&all, "file")["html"].as_str().unwrap().contains("Cardamom bun"));
    assert_eq!(last(&all, "file")["whole"], true);
    assert!(last(&all, "check")["checks"].as_array().unwrap().iter().all(|check| check["passed"] == true));
    assert_eq!((&all.last().unwrap().0[..], last(&all, "done")["tier"].as_u64()), ("done", Some(2)));
    let said: String =
        all.iter().filter(|(name, _)| name == "token").filter_map(|(_, token)| token["text"].as_str()).collect();
    assert!(!said.contains("<<<<<<<"), "{said}");

    let stand = Stand::new(&["status-503"]).await;
    let all = events(&ask(&stand, &new_page("a page")).answer().await.text());
    assert_eq!(last(&all, "error")["code"], "all_tiers_failed");
}

#[tokio::test]
async fn the_front_end_may_stand_behind_another_server_that_says_so_and_foreign_pages_may_not_call() {
    let stand = Stand::new(&["markdown"]).await;
    let call = || stand.post("/api/ask", &new_page("a page")).header("origin", "http://localhost:3000");
    call().json(403).await;
    assert_eq!(call().header("x-forwarded-host", "localhost:3000").answer().await.status, 200);
    let null = stand.post("/api/ask", &new_page("a page")).header("origin", "null").header("x-forwarded-host", "null");
    null.json(403).await;
}
