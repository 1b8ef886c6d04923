//! What a wish speaks of: "the opening hours", "the second question", "this".

use kit::{Kind, Line, Section, Spot, Words};

use super::phrase::{is_same, unquoted, words as words_of};

const ARTICLES: &str = "the a an my our your der die das den dem des ein eine einen unsere unser meine le la les l un une notre nos el los las il lo gli i bitte please";
const THIS: &str = "this that it these dies dieses diese diesen dieser das es den ihn ça cela ceci celui cette ce esto eso este esta lo questo questa here hier";
const SECTION: &str =
    "section part block area abschnitt bereich teil sección seccion partie sezione heading title überschrift";
const LINE: &str = "line item entry row point bullet one zeile eintrag punkt ligne entrée línea linea entrada voce text paragraph sentence absatz";
const BUTTON: &str = "button knopf bouton botón boton pulsante schaltfläche cta";
const SENTENCE: &str = "tagline subtitle slogan subheading motto untertitel unterzeile";
const QUESTION: &str = "question questions frage fragen pregunta preguntas domanda";
const OF: &str = "of in from on at under within auf im in aus von vom der des de du del dans en";
const ORDINALS: [&str; 8] = [
    "first 1st erste ersten erster erstes premier première primer primera primero prima primo",
    "second 2nd zweite zweiten zweiter zweites deuxième seconde segundo segunda seconda secondo",
    "third 3rd dritte dritten dritter drittes troisième tercer tercera tercero terza terzo",
    "fourth 4th vierte vierten vierter viertes quatrième cuarto cuarta quarto quarta",
    "fifth 5th fünfte fünften fünfter fünftes cinquième quinto quinta",
    "sixth 6th sechste sechsten sechster sechstes sixième sexto sexta",
    "seventh 7th siebte siebten siebter siebtes septième",
    "eighth 8th achte achten achter achtes huitième",
];
const LAST: &str = "last final letzte letzten letzter letztes dernier dernière último última ultimo ultima";

/// Words that name what stands in a section as well as a section: with such a word alone it is not sure that all of it is meant.
const OF_DETAILS: &str = "price prices pricing rate rates fee fees preis preise preisen prix precio precios prezzi prezzo date dates address addresses adresse adressen location \
    number numbers zahlen figures people name names day days phone email dirección standort facts highlights food drinks";

/// The one place that a phrase speaks of, where it is sure.
pub(super) fn find(phrase: &str, words: &Words, clicked: Option<Spot>) -> Option<Spot> {
    let (phrase, is_quoted) = unquoted(phrase);
    let mut named = words_of(phrase);
    if is_quoted {
        return by_name(&named, words, false);
    }
    let all_this =
        named.iter().all(|word| is_in(word, THIS) || is_in(word, SECTION) || is_in(word, LINE) || is_in(word, BUTTON));
    if named.first().is_some_and(|word| is_in(word, THIS)) && all_this {
        let of_section = named.iter().any(|word| is_in(word, SECTION));
        return clicked.map(|spot| if of_section { section_of(spot) } else { whole(spot) });
    }
    while named.first().is_some_and(|word| is_in(word, ARTICLES)) {
        named.remove(0);
    }
    if let Some(spot) = by_order(&named, words) {
        return Some(spot);
    }
    match named.as_slice() {
        [] => return None,
        [word] if is_in(word, BUTTON) => return (!words.button.is_empty()).then_some(Spot::Button),
        [word] if is_in(word, SENTENCE) => return (!words.sentence.is_empty()).then_some(Spot::Sentence),
        _ => {}
    }
    let of_section = named.last().is_some_and(|word| is_in(word, SECTION)) && named.len() > 1;
    if of_section {
        named.pop();
    }
    by_name(&named, words, of_section).or_else(|| by_kind(&named, words))
}

/// The only section or entry that is called so, word for word, or the only section that is of that kind.
pub(super) fn exactly(phrase: &str, words: &Words) -> Option<Spot> {
    let mut named = words_of(unquoted(phrase).0);
    while named.len() > 1 && named.first().is_some_and(|word| is_in(word, ARTICLES)) {
        named.remove(0);
    }
    let is_called = |spot: &Spot| {
        let name = match *spot {
            Spot::Section(section) => words.text(Spot::Heading(section)),
            Spot::Line(section, line) => words.text(Spot::ItemName(section, line)),
            _ => None,
        };
        let name = words_of(&name.unwrap_or_default());
        name.len() == named.len() && has_all(&name, &named)
    };
    by_name(&named, words, false).filter(is_called).or_else(|| by_kind(&named, words))
}

/// Of an item's part the item, of a heading the section: what a hand takes hold of.
pub(crate) fn whole(spot: Spot) -> Spot {
    match spot {
        Spot::ItemName(section, line) | Spot::ItemDetail(section, line) => Spot::Line(section, line),
        Spot::Heading(section) => Spot::Section(section),
        spot => spot,
    }
}

fn section_of(spot: Spot) -> Spot {
    match spot {
        Spot::Section(section)
        | Spot::Heading(section)
        | Spot::Line(section, _)
        | Spot::ItemName(section, _)
        | Spot::ItemDetail(section, _) => Spot::Section(section),
        spot => spot,
    }
}

/// By what it is called: exactly so, or as the only one that has all these words.
fn by_name(named: &[String], words: &Words, only_sections: bool) -> Option<Spot> {
    if named.is_empty() {
        return None;
    }
    let headings =
        words.sections.iter().enumerate().map(|(number, section)| (Spot::Section(number), section.heading.as_str()));
    let items = items(words).filter(|_| !only_sections);
    let all: Vec<(Spot, Vec<String>)> = headings.chain(items).map(|(spot, text)| (spot, words_of(text))).collect();
    let exact = all.iter().filter(|(_, text)| text.len() == named.len() && has_all(text, named));
    let with_all = || all.iter().filter(|(_, text)| has_all(text, named));
    only(exact.map(|(spot, _)| *spot)).or_else(|| only(with_all().map(|(spot, _)| *spot)))
}

fn has_all(text: &[String], named: &[String]) -> bool {
    named.iter().all(|word| text.iter().any(|there| is_same(word, there)))
}

/// By what its section is: the opening hours may stand under "When we are open".
fn by_kind(named: &[String], words: &Words) -> Option<Spot> {
    let of = |heading: String| Kind::of(&Section { heading, lines: Vec::new() });
    let kind = of(named.join(" "));
    let says_more = |word: &String| is_in(word, OF_DETAILS) || of(word.clone()) != kind;
    if named.iter().any(says_more) {
        return None;
    }
    if matches!(kind, Kind::Text | Kind::Features) {
        return None;
    }
    only(
        words
            .sections
            .iter()
            .enumerate()
            .filter(|(_, section)| Kind::of(section) == kind)
            .map(|(number, _)| Spot::Section(number)),
    )
}

/// "second question", "last item of the menu", "third section".
fn by_order(named: &[String], words: &Words) -> Option<Spot> {
    let (ordinal, rest) = named.split_first()?;
    let (what, rest) = rest.split_first()?;
    let place = |length: usize| match ORDINALS.iter().position(|names| is_in(ordinal, names)) {
        Some(place) => (place < length).then_some(place),
        None => is_in(ordinal, LAST).then(|| length.checked_sub(1)).flatten(),
    };
    place(usize::MAX)?;
    if is_in(what, SECTION) && rest.is_empty() {
        return place(words.sections.len()).map(Spot::Section);
    }
    let section = match rest.split_first() {
        Some((of, within)) if is_in(of, OF) && !within.is_empty() => match find(&within.join(" "), words, None)? {
            Spot::Section(section) => section,
            _ => return None,
        },
        Some(_) => return None,
        None if is_in(what, QUESTION) => match by_kind(std::slice::from_ref(what), words)? {
            Spot::Section(section) => section,
            _ => return None,
        },
        None => return None,
    };
    if !is_in(what, LINE) && !is_in(what, QUESTION) {
        return None;
    }
    place(words.sections[section].lines.len()).map(|line| Spot::Line(section, line))
}

fn items(words: &Words) -> impl Iterator<Item = (Spot, &str)> {
    let lines = words.sections.iter().enumerate().flat_map(|(number, section)| {
        section.lines.iter().enumerate().map(move |(line, text)| (Spot::Line(number, line), text))
    });
    lines.filter_map(|(spot, line)| match line {
        Line::Item { name, detail } => Some((spot, if name.is_empty() { detail.as_str() } else { name.as_str() })),
        Line::Paragraph(_) => None,
    })
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

fn is_in(word: &str, list: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}
