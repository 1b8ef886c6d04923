//! What a wish means is asked of a model as commands, which code carries out.

use crate::spoken::{Spoken, Told};
use crate::stand::{Setup, Stand, last};

const PAGE: &str = "# Nord\n> Coffee by the harbour.\n## Menu\n- **Espresso**: 2.50 €\n- **Tea**: 3 €\n## Our story\nWe roast.\n[See the menu]\n";

/// A page of words, and a tier that says these things after it.
async fn page(answers: &[&str]) -> (Stand, Spoken, String) {
    let told: Vec<Told<'_>> = [PAGE].iter().chain(answers).map(|answer| Told::Text(answer)).collect();
    let spoken = Spoken::start(&told).await;
    let stand = Stand::with(Setup { words: &["any"], at: Some(spoken.base_url()), ..Setup::default() }).await;
    let project = stand.page().await;
    (stand, spoken, project)
}

async fn words(stand: &Stand, project: &str, version: u32) -> String {
    let version = stand.get(&format!("{project}/versions/{version}")).json(200).await;
    version["words"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_a_wish_means_is_carried_out_by_code() {
    let (stand, spoken, project) = page(&["set | Menu / Tea | 4 €\ndelete | Menu / Espresso |"]).await;
    let before = words(&stand, &project, 1).await;
    stand.ask(&project, "tea went up to 4 € and we want no espresso any more", 1).await;
    let told = stand.told(&project).await;
    assert_eq!(last(&told, "done")["version"], 2);
    let expected = before.replace("3 €", "4 €").replace("- **Espresso**: 2.50 €\n", "");
    assert_eq!(words(&stand, &project, 2).await, expected);
    // The commands are no part of the page, and nobody is shown them.
    assert!(told.iter().all(|(name, _)| name != "token"));
    assert_eq!(spoken.asked().len(), 2);
    assert!(spoken.asked()[1].contains("Menu / Tea: 3 €"));
}

#[tokio::test]
async fn only_the_lines_that_are_meant_are_written_again() {
    let (stand, spoken, project) = page(&["rewrite | Our story / 1 | longer", "We roast every day."]).await;
    let before = words(&stand, &project, 1).await;
    stand.ask(&project, "tell a bit more of how you roast", 1).await;
    assert_eq!(last(&stand.told(&project).await, "done")["version"], 2);
    assert_eq!(words(&stand, &project, 2).await, before.replace("We roast.", "We roast every day."));
    assert!(!spoken.asked()[2].contains("Espresso: 2.50"));
}

#[tokio::test]
async fn what_cannot_be_had_is_said_in_the_language_of_the_wish() {
    let (stand, _, project) = page(&["cannot | page | images"]).await;
    stand.ask(&project, "füge bitte oben auf der Seite ein Bild vom Laden ein", 1).await;
    let told = stand.told(&project).await;
    let error = last(&told, "error");
    assert_eq!(error["code"], "changed_nothing");
    assert!(error["message"].as_str().unwrap().starts_with("Das kann ich hier nicht"), "{error}");
    assert_eq!(stand.shown(&project).await["newest"], 1);
}

#[tokio::test]
async fn what_is_undone_is_as_it_was_before() {
    let (stand, _, project) = page(&["set | Menu / Tea | 4 €", "undo | page |"]).await;
    let before = words(&stand, &project, 1).await;
    stand.ask(&project, "from today on we ask 4 € for a cup of tea", 1).await;
    stand.told(&project).await;
    stand.ask(&project, "hm, that was not so good, as it was before please", 2).await;
    assert_eq!(last(&stand.told(&project).await, "done")["version"], 3);
    assert_eq!(words(&stand, &project, 3).await, before);
}

#[tokio::test]
async fn a_request_that_says_nothing_of_the_page_is_asked_back_and_no_model_is_asked() {
    let spoken = Spoken::start(&[Told::Text("# Nord\n")]).await;
    let stand = Stand::with(Setup { words: &["any"], at: Some(spoken.base_url()), ..Setup::default() }).await;
    let project = stand.project().await;
    stand.ask(&project, "make me a website", 0).await;
    let told = stand.told(&project).await;
    assert_eq!(last(&told, "choices")["choices"].as_array().unwrap().len(), 3);
    assert_eq!(last(&told, "error")["code"], "asked_back");
    assert!(spoken.asked().is_empty());
    assert_eq!(stand.shown(&project).await["head"], 0);
}
