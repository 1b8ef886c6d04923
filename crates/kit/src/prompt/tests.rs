use std::collections::{HashMap, HashSet};

use regex::Regex;

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
        ("our cottages", "Lea & Jonas"),
        ("an app that counts steps", "Noor Haddad"),
        ("volunteer group for stray dogs", "Warm Tables"),
        ("something nice", "Lind & Reyes"),
        ("", "Lind & Reyes"),
        ("Eine Seite für mein Restaurant mit der Speisekarte", "Musikschule Takt"),
        ("Eine Seite für die Grundschule am See", "Musikschule Takt"),
        ("Eine Seite für unser Weincafé", "Musikschule Takt"),
        ("Eine Seite für den Blumenladen Mohn", "Tischlerei Anna Voss"),
        ("Friseursalon Kamm, Schnitt 28 €, Färben ab 60 €", "Tischlerei Anna Voss"),
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

/// A grammar as a pattern, but for how long a line may be: none of its rules leads back to itself.
fn shape(grammar: &str) -> Regex {
    let rules = grammar.lines().filter_map(|line| line.split_once(" ::= "));
    let rules: HashMap<_, _> = rules.collect();
    Regex::new(&format!("^{}$", pattern("root", &rules))).expect("a grammar is a pattern")
}

fn pattern(rule: &str, rules: &HashMap<&str, &str>) -> String {
    let part = Regex::new(r#""((?:\\.|[^"])*)"|(\[(?:\\.|[^\]])*\])|any\{\d+,\d+\}|([a-z]+)|[(){}?|\d,]+"#)
        .expect("a pattern");
    let told = |found: regex::Captures<'_>| match (found.get(1), found.get(2), found.get(3)) {
        (Some(text), ..) => format!("(?:{})", regex::escape(&text.as_str().replace("\\n", "\n"))),
        (_, Some(class), _) => class.as_str().to_owned(),
        (.., Some(rule)) => pattern(rule.as_str(), rules),
        _ if found[0].starts_with("any") => format!("{}*", pattern("any", rules)),
        _ => found[0].to_owned(),
    };
    format!("(?:{})", part.captures_iter(rules[rule]).map(told).collect::<String>())
}

#[test]
fn every_example_is_what_the_grammar_describes() {
    let new = shape(grammar());
    for example in examples() {
        assert!(new.is_match(example.words()), "{}", example.words());
    }
    let words = Words::parse("# Nord\n> Coffee.\n## Menu\n- **Espresso**: 2.50 €\n");
    for spot in [None, Some(Spot::Section(0)), Some(Spot::Line(0, 0)), Some(Spot::Sentence)] {
        let (messages, form) = (wish_messages(&words, "more", spot), shape(wish_grammar(&words, spot)));
        for answer in [&messages[2].content, &messages[4].content] {
            assert!(form.is_match(answer), "{answer}");
        }
    }
}

#[test]
fn what_is_no_words_is_not_what_the_grammar_describes() {
    const NORD: &str = "# Nord\n> Coffee.\n## A\nWe roast.\n## B\n- **Tea**: 3 €\n## C\nText.\n[Come]";
    let new = shape(grammar());
    assert!(new.is_match(NORD));
    for (right, wrong) in [
        ("# Nord", "Here is your page: # Nord"),
        ("Coffee.", "<b>Coffee</b>"),
        ("Coffee.", " Coffee."),
        ("We roast.", "- We roast."),
        ("We roast.", "**We** roast."),
        ("We roast.", ""),
        ("- **Tea**: 3 €", "### Tea"),
        ("\n## C\nText.", ""),
        ("\n[Come]", ""),
        ("[Come]", "[Come](https://nord.example)"),
        ("Text.", "```Text.```"),
        ("Text.", "Text.\u{202e}"),
    ] {
        assert!(!new.is_match(&NORD.replace(right, wrong)), "{wrong}");
    }
}

#[test]
fn no_line_of_an_example_is_longer_than_the_grammar_lets_it_be() {
    for example in examples() {
        let words = Words::parse(example.words());
        for (spot, text) in words.texts() {
            let most = match spot {
                Spot::Name | Spot::ItemName(..) => 60,
                Spot::Heading(_) => 50,
                Spot::Button => 30,
                Spot::ItemDetail(..) => 135,
                Spot::Sentence => 160,
                Spot::Line(..) | Spot::Section(_) => 200,
            };
            assert!(text.chars().count() <= most, "{text}");
        }
    }
}

#[test]
fn a_page_has_no_figure_that_its_request_does_not_write() {
    let request = "site for Nord, espresso 2,80 €, open 7:30-18, call 0161 496 0123, nord@cafe.example";
    let form = shape(&grammar_for(request));
    let page =
        |line: &str| form.is_match(&format!("# Nord\n> Coffee.\n## A\n{line}\n## B\nText.\n## C\nText.\n[Come]"));
    for right in [
        "- **Espresso**: 2,80 €",
        "- **Open**: 7:30 – 18",
        "- **Phone**: 0161 496 0123",
        "- **E-mail**: nord@cafe.example",
        "- **Filter**: …",
        "18 people sit at our bar.",
    ] {
        assert!(page(right), "{right}");
    }
    for wrong in [
        "- **Espresso**: 2,90 €",
        "- **Espresso**: $2,80 €",
        "- **Espresso**: 2,80,18 €",
        "- **Espresso**: 182,80 €",
        "- **Open**: 7:30 – 18:18",
        "- **Open**: 24/7",
        "- **E-mail**: info@cafe.example",
        "- **Filter**: ३ €",
        "2 people sit at our bar.",
    ] {
        assert!(!page(wrong), "{wrong}");
    }
    let none = shape(&grammar_for("a page for a bookshop"));
    assert!(!none.is_match("# A\n> B.\n## C\nSince 1998.\n## D\nText.\n## E\nText.\n[Come]"));
    assert!(none.is_match("# A\n> B.\n## C\nSince long ago.\n## D\nText.\n## E\nText.\n[Come]"));
}
