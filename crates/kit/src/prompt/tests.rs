use std::collections::HashSet;

use super::examples::{Example, PAIRS};
use super::*;
use crate::words::{Line, Spot, Words};

fn examples() -> impl Iterator<Item = Example> {
    PAIRS.iter().flatten().copied()
}

#[test]
fn every_example_is_words_as_they_are_written() {
    for example in examples() {
        let words = Words::parse(example.words());
        assert_eq!(words.to_string().trim_end(), example.words());
        assert!((3..=5).contains(&words.sections.len()), "{}", words.name);
        assert!(words.sections.iter().all(|section| (1..=8).contains(&section.lines.len())), "{}", words.name);
        assert!(!words.sentence.is_empty() && !words.button.is_empty(), "{}", words.name);
    }
}

#[test]
fn every_example_shows_another_page() {
    let names: HashSet<_> = examples().map(|example| Words::parse(example.words()).name).collect();
    assert_eq!(names.len(), PAIRS.len() * 2);
}

#[test]
fn a_request_is_asked_after_examples_that_are_near_it() {
    for (request, first) in [
        ("a landing page for a coffee shop called Nord with a menu and opening hours", "Kumo"),
        ("Page for our punk band, with the tour", "Paper Tigers"),
        ("holiday cottages by the sea", "Lea & Jonas"),
        ("an app that counts steps", "Noor Haddad"),
        ("volunteer group for stray dogs", "Warm Tables"),
        ("something nice", "Lind & Reyes"),
        ("", "Lind & Reyes"),
        ("Eine Seite für mein Restaurant mit der Speisekarte", "Tischlerei Anna Voss"),
        ("Een pagina voor mijn winkel met de openingstijden", "Tischlerei Anna Voss"),
        ("Un sito per il mio ristorante con il menù", "Atelier Camille Roche"),
        ("Страница для кофейни", "Atelier Camille Roche"),
    ] {
        let messages = messages(request);
        assert_eq!(Words::parse(&messages[2].content).name, first, "{request}");
        assert_eq!(messages.last(), Some(&Message::user(request)));
    }
}

#[test]
fn a_request_begins_as_one_of_the_warm_starts() {
    let starts = warm_starts();
    for request in ["a bar", "a band", "a flat", "a club", "an app", "eine Seite für uns", "?"] {
        let messages = messages(request);
        assert!(starts.contains(&messages[..messages.len() - 1].to_vec()), "{request}");
    }
    let wish = wish_messages(&Words::parse("# Nord"), "shorter", None);
    assert!(starts.contains(&wish[..wish.len() - 1].to_vec()));
}

#[test]
fn a_wish_shows_the_text_that_was_chosen_and_no_other() {
    let words = Words::parse("# Nord\n> Coffee.\n## Menu\n- **Espresso**: 2.50 €\nAnd more.\n## About\nWe roast.\n");
    let asked = |spot: Option<Spot>| wish_messages(&words, " more ", spot).pop().map(|message| message.content);
    let asked = |spot| asked(spot).expect("a wish has messages").into_owned();
    assert_eq!(asked(None), format!("{}\n\nChange: more", words.to_string().trim_end()));
    assert_eq!(asked(Some(Spot::Section(1))), "## About\nWe roast.\n\nChange: more");
    assert_eq!(asked(Some(Spot::ItemDetail(0, 0))), "- **Espresso**: 2.50 €\n\nChange: more");
    assert_eq!(asked(Some(Spot::Line(0, 1))), "And more.\n\nChange: more");
    assert_eq!(asked(Some(Spot::Sentence)), "Coffee.\n\nChange: more");
}

#[test]
fn every_example_of_a_wish_is_in_the_form_that_is_asked_for() {
    let words = Words::parse("# Nord\n> Coffee.\n## Menu\n- **Espresso**: 2.50 €\n");
    let all = [None, Some(Spot::Section(0)), Some(Spot::Line(0, 0)), Some(Spot::Sentence)];
    for spot in all {
        let messages = wish_messages(&words, "more", spot);
        assert_eq!(messages.len(), 6);
        for answer in [&messages[2].content, &messages[4].content] {
            match spot {
                None => assert_eq!(Words::parse(answer).to_string().trim_end(), answer),
                Some(Spot::Section(_)) => assert!(answer.starts_with("## ")),
                Some(Spot::Line(..)) => assert!(matches!(Line::parse(answer), Line::Item { .. })),
                _ => assert!(!answer.contains('\n')),
            }
        }
    }
}
