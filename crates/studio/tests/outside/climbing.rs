//! A wish that no model grants at once: what is asked next, rung by rung, and what is said at the end.

use serde_json::{Value, json};

use crate::spoken::{Spoken, Told};
use crate::stand::{Begun, PROMPT, Setup, Stand, events, last};

const PAGE: &str = "<!DOCTYPE html>\n<html>\n<head><title>Nord</title></head>\n<body>\n<h1>Nord</h1>\n<section id=\"menu\" \
                    class=\"cards wide\">\n  <h2>Menu</h2>\n  <p>Espresso 2.50 €</p>\n  <p>Tea</p>\n</section>\n</body>\n</html>";
const WISH: &str = "the coffee is to be a little dearer";
const NOTHING: &str = "Nothing was changed. Say it in other words, or change the text by hand.";

/// A page of its own, on which wishes are granted or not.
struct Wished {
    stand: Stand,
    spoken: Spoken,
    project: String,
}

impl Wished {
    /// On a free page, with these answers to a wish.
    async fn free(answers: &[&str]) -> Self {
        let answers: Vec<Told<'_>> = answers.iter().map(|answer| Told::Text(answer)).collect();
        Self::told(&answers).await
    }

    async fn told(answers: &[Told<'_>]) -> Self {
        Self::on(PAGE, answers).await
    }

    async fn on(page: &str, answers: &[Told<'_>]) -> Self {
        Self::by(Setup { html: &["first", "second"], ..Setup::default() }, page, answers).await
    }

    async fn by(setup: Setup<'_>, page: &str, answers: &[Told<'_>]) -> Self {
        let spoken = Spoken::start(&[&[Told::Text(page)], answers].concat()).await;
        let stand = Stand::with(Setup { at: Some(spoken.base_url()), ..setup }).await;
        let project = stand.project().await;
        let first = json!({ "prompt": PROMPT, "base": 0, "mode": "free" });
        stand.post(&format!("{project}/requests"), &first).json(202).await;
        stand.told(&project).await;
        Self { stand, spoken, project }
    }

    /// All that is told of the wish, to its end.
    async fn wish(&self, at: Option<&str>) -> Vec<(String, Value)> {
        let wish = json!({ "prompt": WISH, "base": 1, "ref": at });
        self.stand.post(&format!("{}/requests", self.project), &wish).json(202).await;
        self.stand.told(&self.project).await
    }

    /// The page as the wish has made it.
    async fn granted(&self, at: Option<&str>) -> String {
        let told = self.wish(at).await;
        assert_eq!(last(&told, "done")["version"], 2);
        let lines = last(&told, "patch")["lines"].as_array().unwrap().clone();
        assert!(lines.iter().any(|line| line["op"] == "added"), "{lines:?}");
        let version = self.stand.get(&format!("{}/versions/2", self.project)).json(200).await;
        version["pages"][0]["html"].as_str().unwrap().to_owned()
    }

    /// What the models were asked for the wish: each one's name, and the texts of the messages.
    fn asked(&self) -> Vec<(String, String)> {
        let read = |body: &String| {
            let body: Value = serde_json::from_str(body).unwrap();
            let texts = body["messages"].as_array().unwrap().iter().map(|said| said["content"].as_str().unwrap());
            (body["model"].as_str().unwrap().to_owned(), texts.collect::<Vec<_>>().join("\n---\n"))
        };
        self.spoken.asked().iter().skip(1).map(read).collect()
    }
}

fn block(search: &str, replace: &str) -> String {
    format!("<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n")
}

fn dearer() -> String {
    block("  <p>Espresso 2.50 €</p>", "  <p>Espresso 2.80 €</p>")
}

/// A wish whose answer has begun, and does not go on by itself; and who watches it.
async fn half_written() -> (Wished, Begun) {
    let answer = dearer();
    let (start, rest) = answer.split_at(40);
    let wished = Wished::told(&[Told::Held(start, rest)]).await;
    let wish = json!({ "prompt": WISH, "base": 1 });
    wished.stand.post(&format!("{}/requests", wished.project), &wish).json(202).await;
    let mut watching = wished.stand.get(&format!("{}/events", wished.project)).begin().await;
    watching.until("<<<<<").await;
    (wished, watching)
}

#[tokio::test]
async fn a_free_page_is_changed_where_a_block_says_so_and_nothing_else_of_it_is() {
    let anchored = block(
        "<section class=\"cards\">\n  <h2>Menu</h2>\n  <p>Espresso 2.50 €</p>",
        "<section class=\"cards\">\n  <h2>Menu</h2>\n  <p>Espresso 2.80 €</p>",
    );
    for answer in [dearer(), block("<p>Espresso\n\t2.50 €</p>", "<p>Espresso 2.80 €</p>"), anchored] {
        let wished = Wished::free(&[&answer]).await;
        assert_eq!(wished.granted(None).await, PAGE.replace("2.50", "2.80"), "{answer}");
        let asked = wished.asked();
        assert_eq!(asked.len(), 1);
        assert!(asked[0].1.contains(PAGE) && asked[0].1.ends_with(WISH), "{}", asked[0].1);
    }
}

#[tokio::test]
async fn what_is_to_stand_there_is_taken_letter_by_letter() {
    let wished = Wished::free(&[&block("<p>Tea</p>", "<p>$& $1 \\0</p>")]).await;
    assert_eq!(wished.granted(None).await, PAGE.replace("Tea", "$& $1 \\0"));
}

#[tokio::test]
async fn the_page_stays_as_it_is_while_a_change_of_it_is_written() {
    let (wished, watching) = half_written().await;
    wished.spoken.go_on();
    let told = events(&watching.rest().await.text());
    let files: Vec<_> = told.iter().filter(|(name, _)| name == "file").collect();
    assert_eq!(files.len(), 1);
    assert!(files[0].1["html"].as_str().unwrap().contains("2.80"));
}

#[tokio::test]
async fn a_block_that_is_not_found_is_asked_for_once_more_with_the_nearest_lines() {
    let name = block("<h1>Nord</h1>", "<h1>Süd</h1>");
    let wrong = name + &block("<p>Espresso: 2.60 €</p>", "<p>Espresso: 2.80 €</p>");
    let wished = Wished::free(&[&wrong, &dearer()]).await;
    assert_eq!(wished.granted(None).await, PAGE.replace("2.50", "2.80").replace("<h1>Nord", "<h1>Süd"));
    let asked = wished.asked();
    assert_eq!(asked.len(), 2);
    let again = &asked[1].1;
    assert!(again.contains("<p>Espresso: 2.60 €</p>\n```\nWhat comes nearest is:\n```\n  <p>Espresso 2.50 €</p>\n```"));
}

#[tokio::test]
async fn blocks_are_read_as_models_write_them() {
    for (start, end) in [
        ("<<<<<<< SEARCH>", ">>>>>>> REPLACE"),
        ("<<<<<< SEARCH", ">>>>>> REPLACE"),
        ("<<<<<<<< SEARCH index.html", ">>>>>>>> REPLACE"),
    ] {
        let answer = dearer().replace("<<<<<<< SEARCH", start).replace(">>>>>>> REPLACE", end);
        let wished = Wished::free(&[&answer]).await;
        assert_eq!(wished.granted(None).await, PAGE.replace("2.50", "2.80"), "{start}");
        assert_eq!(wished.asked().len(), 1, "{start}");
    }
}

#[tokio::test]
async fn an_answer_that_leaves_out_the_rest_of_the_page_is_refused_and_asked_for_as_blocks() {
    let menu = PAGE.find("<section").unwrap()..PAGE.find("</body>").unwrap();
    let mut short = PAGE.replace("<h1>Nord", "<h1>Süd");
    short.replace_range(menu, "<!-- the rest stays the same -->\n");
    let wished = Wished::free(&[&format!("```html\n{short}\n```"), &dearer()]).await;
    assert_eq!(wished.granted(None).await, PAGE.replace("2.50", "2.80"));
    let asked = wished.asked();
    assert!(asked[1].1.contains("left out what stays the same"), "{}", asked[1].1);
}

#[tokio::test]
async fn a_page_with_a_line_that_looks_like_a_mark_is_changed_where_it_is_meant() {
    let page = PAGE.replace("  <p>Tea</p>", "<pre>\nTea\n=======\nMint\n</pre>");
    let answer = block("Tea\n=======\nMint", "Tea\n=======\nSage");
    let wished = Wished::on(&page, &[Told::Text(&answer)]).await;
    assert_eq!(wished.granted(None).await, page.replace("Mint", "Sage"));
}

#[tokio::test]
async fn then_the_element_that_holds_the_nearest_lines_is_written_again_alone() {
    let wrong = block("<p>Espresso: 2.60 €</p>", "<p>Espresso: 2.80 €</p>");
    let wished = Wished::free(&[&wrong, &wrong, "```html\n<p>Espresso <b>2.80 €</b></p>\n```"]).await;
    assert_eq!(wished.granted(None).await, PAGE.replace("2.50 €", "<b>2.80 €</b>"));
    let asked = &wished.asked()[2].1;
    assert!(asked.contains("```html\n<p>Espresso 2.50 €</p>\n```") && !asked.contains("Tea"), "{asked}");
}

#[tokio::test]
async fn on_a_page_of_one_line_the_nearest_element_is_told_and_then_written_again() {
    let things = (0..1_000).map(|number| format!("<li><b>Drink {number}</b><i>3 €</i></li>")).collect::<String>();
    let page =
        format!("<!DOCTYPE html><html><body><ul>{things}<li><b>Espresso</b><i>2.50 €</i></li></ul></body></html>");
    let wrong = block("<li><b>Espresso:</b><i>2.60 €</i></li>", "x");
    let right = "<li><b>Espresso</b><i>2.80 €</i></li>";
    let wished = Wished::on(&page, &[&wrong, &wrong, right].map(Told::Text)).await;
    assert_eq!(wished.granted(None).await, page.replace("2.50", "2.80"));
    let asked = wished.asked();
    let near = "What comes nearest is:\n```\n<li><b>Espresso</b><i>2.50 €</i></li>\n```";
    assert!(asked[1].1.contains(near), "{}", &asked[1].1[asked[1].1.len() - 500..]);
    assert!(
        asked[2].1.contains("```html\n<li><b>Espresso</b><i>2.50 €</i></li>\n```") && !asked[2].1.contains("Drink")
    );
}

#[tokio::test]
async fn where_an_element_was_clicked_that_one_is_meant_and_written_again() {
    let nothing = block("<p>Tea</p>", "<p>Tea</p>");
    let wished = Wished::free(&[&nothing, "Sure!", "<h2>Our menu</h2>"]).await;
    // html, head, title, body, h1, section, h2
    assert_eq!(wished.granted(Some("e6")).await, PAGE.replace("<h2>Menu", "<h2>Our menu"));
    let asked = wished.asked();
    assert!(asked[0].1.ends_with("It is about this element:\n```html\n<h2>Menu</h2>\n```"), "{}", asked[0].1);
    assert!(asked[1].1.contains("The last answer changed nothing"), "{}", asked[1].1);
    assert!(asked[2].1.contains("<h2>Menu</h2>") && !asked[2].1.contains("Espresso"), "{}", asked[2].1);
}

#[tokio::test]
async fn then_the_whole_page_is_written_again() {
    let whole = PAGE.replace("2.50", "2.80");
    // An element that would end its section is no element.
    let wished = Wished::free(&["Sure!", "Sure!", "<h2>Menu</h2></section>", &whole]).await;
    assert_eq!(wished.granted(Some("e6")).await, whole);
    let asked = wished.asked();
    assert_eq!((asked.len(), asked[3].0.as_str()), (4, "first"));
    assert!(asked[3].1.contains("from <!doctype html> to </html>"), "{}", asked[3].1);
    // Without an element that it is about there is none to write.
    let wished = Wished::free(&["Sure!", "Sure!", &whole]).await;
    assert_eq!(wished.granted(None).await, whole);
}

#[tokio::test]
async fn what_is_cut_off_is_no_answer() {
    let (change, whole) = (dearer(), PAGE.replace("2.50", "2.80"));
    let wished = Wished::told(&[Told::Long(&change), Told::Text(&change)]).await;
    assert_eq!(wished.granted(None).await, whole);
    assert!(wished.asked()[1].1.contains("The last answer was cut off"));
    let wished = Wished::told(&[Told::Long(&whole)]).await;
    assert_eq!(last(&wished.wish(None).await, "error")["message"], NOTHING);
}

#[tokio::test]
async fn then_the_next_tier_is_asked() {
    let wished = Wished::free(&["Sure!", "Sure!", PAGE, &dearer()]).await;
    assert_eq!(wished.granted(None).await, PAGE.replace("2.50", "2.80"));
    let models: Vec<String> = wished.asked().into_iter().map(|(model, _)| model).collect();
    assert_eq!(models, ["first", "first", "first", "second"]);
    assert_eq!(wished.stand.shown(&wished.project).await["versions"][1]["tier"]["number"], 2);
}

#[tokio::test]
async fn the_next_tier_for_a_free_page_is_one_that_may_write_html() {
    let setup = Setup { html: &["first", "of words", "second"], words_alone: &[2], ..Setup::default() };
    let dearer = dearer();
    let wished = Wished::by(setup, PAGE, &["Sure!", "Sure!", PAGE, &dearer].map(Told::Text)).await;
    assert_eq!(wished.granted(None).await, PAGE.replace("2.50", "2.80"));
    let models: Vec<String> = wished.asked().into_iter().map(|(model, _)| model).collect();
    assert_eq!(models, ["first", "first", "first", "second"]);
    assert_eq!(wished.stand.shown(&wished.project).await["versions"][1]["tier"]["number"], 3);
}

#[tokio::test]
async fn where_nothing_works_that_is_what_is_said_and_the_page_stays() {
    let wrong = block("<p>Mokka</p>", "<p>Mocha</p>");
    let wished = Wished::free(&[&wrong]).await;
    let told = wished.wish(None).await;
    let error = last(&told, "error");
    assert_eq!((&error["code"], &error["message"]), (&json!("changed_nothing"), &json!(NOTHING)));
    assert!(told.iter().all(|(name, _)| name != "file" && name != "patch" && name != "done"));
    let shown = wished.stand.shown(&wished.project).await;
    assert_eq!((&shown["head"], &shown["newest"]), (&json!(1), &json!(1)));
    assert_eq!(shown["talk"].as_array().unwrap().last().unwrap()["text"], NOTHING);
    let version = wished.stand.get(&format!("{}/versions/1", wished.project)).json(200).await;
    assert_eq!(version["pages"][0]["html"], PAGE);
}

#[tokio::test]
async fn the_next_tier_is_asked_for_a_page_of_words_too() {
    let words = "# Nord\n> Coffee by the harbour.\n## Menu\n- **Espresso**: 2.50 €\n- **Tea**: 3 €\n[See the menu]\n";
    let shorter = words.replace("by the harbour", "at sea");
    // The first one is no answer in commands, and so a model writes the page.
    let answers = [words, words, words, words, &shorter].map(Told::Text);
    let spoken = Spoken::start(&answers).await;
    let setup = Setup { words: &["first", "second"], at: Some(spoken.base_url()), ..Setup::default() };
    let stand = Stand::with(setup).await;
    let project = stand.page().await;
    stand.ask(&project, "say it more beautifully", 1).await;
    let done = last(&stand.told(&project).await, "done").clone();
    assert_eq!((&done["version"], &done["tier"]), (&json!(2), &json!(2)));
    let asked = spoken.asked();
    let is_second: Vec<bool> = asked.iter().map(|body| body.contains("\"model\":\"second\"")).collect();
    assert_eq!(is_second, [false, false, false, false, true]);
}

#[tokio::test]
async fn a_change_that_a_server_was_cut_off_in_leaves_the_page_as_it_was() {
    let (wished, _watching) = half_written().await;
    // Time in which a page's text would be kept.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    // The server is not told to end: its database is opened beside it, as after a kill.
    let folder = Some(wished.stand.folder.clone());
    let after = Stand::with(Setup { html: &["any"], folder, ..Setup::default() }).await;
    let shown = after.shown(&wished.project).await;
    assert_eq!((&shown["head"], &shown["newest"]), (&json!(1), &json!(1)));
    let said = shown["talk"].as_array().unwrap().last().unwrap()["text"].as_str().unwrap().to_owned();
    assert!(said.contains("the page is as it was"), "{said}");
}
