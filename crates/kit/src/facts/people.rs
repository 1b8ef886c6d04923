//! People whom a page names among its people, in what others say of it, and beside how it is reached.

use std::ops::Range;

use super::FactKind;
use super::forms::{Form, Value};
use super::names;
use crate::language::Language;
use crate::section_kind::Kind;
use crate::words::{Line, Spot, Words};

const TITLES: &str =
    "dr prof mr mrs ms miss herr frau mme m. madame monsieur sr sra señor señora dott dott.ssa sig sig.ra";

/// First names that are likeliest to be made up, in the kit's languages.
const GIVEN: &str = "adam alan albert alejandro alex alexander alexandra alice alicia amanda amelia amy ana andrea andreas andrew angela anja ann anna anne annika antonio \
    anton ben benjamin bernd bob brian camille carla carlos carmen caroline catherine charles charlotte chris christian christina christine claire clara claudia \
    daniel daniela david diana diego dominik elena elias elisabeth elizabeth ella emil emily emma eric erik eva felix fernando finn florian francesca francesco frank \
    franziska fritz gabriel george giovanni giulia grace greta hanna hannah hans harry heike heinz helen helena henry ines ingrid isabel isabella jack jacob jakob \
    james jan jana jane javier jean jennifer jens jessica jim joana joe johann johanna john jonas jonathan jordi jorge josé josef joseph juan julia julian julie jürgen \
    karin karl katharina katja kate katherine katrin kevin klara klaus laura lara lars lea leah léa lena leo leon leonie linda lisa louis louise luca lucas lucía lucy \
    luis luisa lukas manuel marc marco marcus maria maría marie mario mark markus marta martin mary mateo matteo matthew matthias max maximilian maya mia michael michel \
    miguel mike moritz nadine nancy nicole nina noah nora olga oliver olivia oscar pablo patricia patrick paul paula pedro peter petra philipp pierre rachel rebecca \
    richard robert roberto rosa ryan sabine sam samuel sandra sara sarah sebastian simon simone sofia sofía sophia sophie stefan stefanie stephanie steve steven susan \
    susanne sven teresa theo thomas tim tina tobias tom tomás ulrich ursula uwe valentina vanessa victoria walter werner will william wolfgang zoe zoé";

/// Words that no name of a person has, though they may be written with capitals: what somebody is, and words of headings.
const NO_PERSON: &str = "head lead chief senior junior general assistant co deputy our the your my meet we us all every about team staff crew manager management \
    director baker bakers chef chefs cook barista baristas teacher teachers instructor instructors coach coaches trainer trainers doctor doctors dentist dentists founder \
    founders owner owners partner partners developer designer engineer artist artists musician guitar guitarist bass bassist drum drums drummer vocal vocals singer \
    keyboard keys piano saxophone trumpet violin host hosts guide guides guest guests customer customers client clients visitor visitors reviewer member members \
    volunteer volunteers speaker speakers keynote expert experts specialist specialists professional professionals friendly happy local regular proud parent parents student \
    students stylist stylists barber barbers lawyer therapist therapists nurse hygienist reception receptionist office board president chair chairman treasurer secretary \
    company community family families service support sales marketing kitchen bar coffee tea yoga rock punk jazz band music new best great years one two three \
    équipe chef cheffe fondateur fondatrice gérant gérante boulanger boulangère nos notre les votre client cliente equipo nuestro nuestra fundador fundadora dueño cliente \
    squadra fondatore titolare cuoco nostro nostra cliente";

/// Small words within a person's name.
const INNER: &str = "van von de der del di da le la den ten zu";

/// Everybody whom the words name where people are to be expected.
pub(super) fn find(words: &Words) -> Vec<(Spot, Form)> {
    let is_german = Language::of(&words.to_string()) == Language::GERMAN;
    let mut found = Vec::new();
    for (number, section) in words.sections.iter().enumerate() {
        let kind = Kind::of(section);
        let named_alone = matches!(kind, Kind::People | Kind::Quotes);
        if !named_alone && kind != Kind::Contact {
            continue;
        }
        for (line, text) in section.lines.iter().enumerate() {
            let texts = match text {
                Line::Item { name, detail } => {
                    [Some((Spot::ItemName(number, line), name)), Some((Spot::ItemDetail(number, line), detail))]
                }
                Line::Paragraph(_) => continue,
            };
            let sure = !named_alone || is_german;
            found.extend(texts.into_iter().flatten().filter_map(|(spot, text)| Some((spot, person(text, sure)?))));
        }
    }
    found
}

/// A person's name that a text begins with. `sure` asks for a title or a first name that is known: where every noun has a
/// capital, two of them tell nothing.
fn person(text: &str, sure: bool) -> Option<Form> {
    let end = text.find([',', ';', ':', '(', '–', '—', '|', '“', '"']).unwrap_or(text.len());
    let span = trimmed(text, 0..end);
    let words: Vec<&str> = text[span.clone()].split_whitespace().collect();
    let is_in = |word: &str, list: &str| {
        let word = word.to_lowercase();
        list.split_whitespace().any(|listed| listed == word || word.strip_suffix('.') == Some(listed))
    };
    let titles = words.iter().take_while(|word| is_in(word, TITLES)).count();
    let (titled, words) = (titles > 0, &words[titles..]);
    let is_name = |word: &&str| {
        let letters = word.chars().all(|letter| letter.is_alphabetic() || "'’-.".contains(letter));
        letters && (word.starts_with(char::is_uppercase) || is_in(word, INNER))
    };
    let first = words.first()?;
    let is_known = first.split('-').next().is_some_and(|first| is_in(first, GIVEN));
    let is_person = (1..=4).contains(&words.len())
        && words.iter().all(is_name)
        && !words.iter().any(|word| is_in(word, NO_PERSON))
        && first.starts_with(char::is_uppercase)
        && (titled || is_known || !sure && words.len() > 1);
    is_person.then(|| Form {
        kind: FactKind::Name,
        values: vec![Value::Words(names::plain(&text[span.clone()]))],
        span,
    })
}

fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let inner = text[span.clone()].trim();
    let start = inner.as_ptr() as usize - text.as_ptr() as usize;
    start..start + inner.len()
}
