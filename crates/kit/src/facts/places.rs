//! Towns and places that a page says it is in.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::FactKind;
use super::forms::{Form, Value, fold};
use super::labels::Labels;
use crate::language::Language;
use crate::section_kind::Kind;
use crate::words::{Spot, Words};

/// Towns that are likeliest to be made up. Those that are words too (Bath, Essen, Nice, Orange) are left out.
const TOWNS: &str = "Aachen|Amsterdam|Antwerp|Athens|Atlanta|Augsburg|Austin|Barcelona|Basel|Bergen|Berlin|Bern|Bielefeld|Bilbao|Birmingham|Bochum|Bologna|Bonn|Bordeaux|Boston|\
    Bremen|Brighton|Bristol|Brooklyn|Bruges|Brussels|Budapest|Buenos Aires|Cambridge|Cape Town|Chicago|Cologne|Copenhagen|Dallas|Denver|Dortmund|Dresden|Dublin|Düsseldorf|\
    Duisburg|Edinburgh|Erfurt|Flensburg|Florence|Frankfurt|Freiburg|Geneva|Genf|Genova|Ghent|Glasgow|Göttingen|Granada|Graz|Hamburg|Hannover|Hanover|Heidelberg|Helsinki|Hong Kong|Innsbruck|\
    Istanbul|Jena|Karlsruhe|Kassel|Kiel|Köln|Kopenhagen|Kraków|Las Vegas|Leeds|Leipzig|Lille|Linz|Lisbon|Lisboa|Liverpool|London|Los Angeles|Lübeck|Luzern|Lyon|Madrid|Mailand|Mainz|Málaga|Malmö|\
    Manchester|Mannheim|Marseille|Melbourne|Mexico City|Miami|Milan|Milano|Montpellier|Montreal|Moscow|Munich|München|Münster|Nantes|Napoli|Naples|New Orleans|New York|Newcastle|Nürnberg|Oslo|\
    Oxford|Palermo|Paris|Philadelphia|Porto|Portland|Potsdam|Prague|Regensburg|Rennes|Reykjavik|Roma|Rome|Rostock|Rotterdam|Rouen|Salzburg|San Diego|San Francisco|San Sebastián|Seattle|Sevilla|\
    Seville|Sheffield|Singapore|Stockholm|Strasbourg|Straßburg|Stuttgart|Sydney|Tokyo|Toronto|Torino|Toulouse|Trier|Turin|Utrecht|Valencia|Vancouver|Venice|Venezia|Verona|Vienna|Warsaw|\
    Washington|Weimar|Wien|Zaragoza|Zurich|Zürich";

/// What an entry is called that says where something is.
const WHERE: &str = "address location place where city town district area adresse ort stadt lage standort anschrift lieu ville adresse où dirección lugar ubicación ciudad dónde \
    indirizzo luogo città dove endereço local cidade adres plaats stad venue";

/// Capitals after "in" that are no place.
const NO_PLACE: &str = "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december spring summer autumn \
    winter english german french spanish italian dutch online here nearby everywhere i our your we open advance person touch case short ihre ihr votre su il o";

static TOWN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?:\b(?i:in|near|from|at|around|outside|of|aus|bei|um|nach|von|à|en|a|de|di|da|te)\s|,\s|^)(?P<town>{TOWNS})(?:[^\p{{L}}\p{{N}}-]|$)"
    ))
    .expect("the towns are a pattern")
});
static IN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:in|near)\s(?P<town>\p{Lu}\p{L}+(?:\s\p{Lu}\p{L}+)*)").expect("what is in a place is a pattern")
});
static RUN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\p{Lu}[\p{L}'’-]+(?:\s(?:(?:of|am|an der|de|la|le|der)\s)?\p{Lu}[\p{L}'’-]+)*")
        .expect("words with a capital are a pattern")
});

/// Every place that the words say they are in: towns that are known, in their sentences; any name, beside how it is reached.
pub(super) fn find(words: &Words) -> Vec<(Spot, Form)> {
    // Where every noun has a capital, what is in one may be anything.
    let within = |text: &str| match Language::of(&words.to_string()) {
        Language::GERMAN => Vec::new(),
        _ => within(text),
    };
    words
        .texts()
        .flat_map(|(spot, text)| {
            let kind = section(spot).map(|section| Kind::of(&words.sections[section]));
            let spans = match (spot, kind) {
                _ if Labels::asks_to_fill_in(text) => Vec::new(),
                (Spot::ItemDetail(section, line), Some(Kind::Contact)) if says_where(words, section, line) => {
                    named(text)
                }
                (Spot::ItemDetail(..) | Spot::Line(..), Some(Kind::Contact)) => [towns(text), within(text)].concat(),
                (Spot::Sentence, _) | (Spot::Line(..), Some(Kind::Text | Kind::People | Kind::Features)) => towns(text),
                _ => Vec::new(),
            };
            spans.into_iter().map(move |span| (spot, place(text, span)))
        })
        .collect()
}

fn place(text: &str, span: Range<usize>) -> Form {
    Form { kind: FactKind::Place, values: vec![Value::Words(fold(&text[span.clone()]))], span }
}

fn section(spot: Spot) -> Option<usize> {
    match spot {
        Spot::Line(section, _) | Spot::ItemName(section, _) | Spot::ItemDetail(section, _) => Some(section),
        _ => None,
    }
}

fn says_where(words: &Words, section: usize, line: usize) -> bool {
    let name = words.text(Spot::ItemName(section, line)).unwrap_or_default();
    fold(&name).split(' ').any(|word| is_in(word, WHERE))
}

fn towns(text: &str) -> Vec<Range<usize>> {
    TOWN.captures_iter(text).filter_map(|found| Some(found.name("town")?.range())).collect()
}

/// "in Harbourtown".
fn within(text: &str) -> Vec<Range<usize>> {
    let found = IN.captures_iter(text).filter_map(|found| found.name("town"));
    let is_place =
        |found: &regex::Match<'_>| !found.as_str().split(' ').any(|word| is_in(&word.to_lowercase(), NO_PLACE));
    let known = towns(text);
    found.filter(is_place).map(|found| found.range()).filter(|span| !known.contains(span)).collect()
}

/// Where an entry says nothing but where it is: a sentence's first word has its capital anyway, unless it stands alone.
fn named(text: &str) -> Vec<Range<usize>> {
    let stands_alone = |found: &regex::Match<'_>| {
        let begins = text[..found.start()].trim().is_empty();
        let rest = text[found.end()..].trim_start();
        !begins || found.as_str().contains(' ') || rest.is_empty() || rest.starts_with([',', '.', '('])
    };
    let is_place = |found: &regex::Match<'_>| !is_in(&found.as_str().to_lowercase(), NO_PLACE);
    RUN.find_iter(text).filter(stands_alone).filter(is_place).map(|found| found.range()).collect()
}

fn is_in(word: &str, list: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}
