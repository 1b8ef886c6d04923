//! What comes onto a list of prices: "add a chai latte for 4 €".

use std::sync::LazyLock;

use kit::{Kind, Line, Section, Spot, Words};
use regex::Regex;

use super::phrase::{pattern, words as words_of};
use super::price::{self, with_currency};
use super::target::{exactly, find, whole};
use super::{Change, Page};

static ADD: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let x = r"(?P<x>.+?)";
    let price = with_currency("p");
    let at = r"(?:\s+(?:for|at|which costs|that costs|für|zu|à|por|a)\s+|\s*[,:(–—-]\s*|\s+)";
    let to = r"(?:to|on|onto|in|under|auf|zur|zum|in|unter|à|au|sur|al|a|en|alla|nel|sul)";
    let list = format!(r"(?:\s+{to}\s+(?P<y>.+?))?");
    let new = r"(?:(?:now|also|too|jetzt|auch|neu|ab jetzt|maintenant|aussi|ahora|también)\s+)+";
    [
        format!(r"^(?:add|put|include|insert|ergänze|ajoute[rz]?|añade|agrega|pon|aggiungi|metti)\s+{x}\s+{to}\s+(?P<y>.+?){at}{price}\)?$"),
        format!(r"^(?:add|put|include|insert|ergänze|ajoute[rz]?|añade|agrega|pon|aggiungi|metti|nimm|setze?)\s+{x}{at}{price}\)?{list}$"),
        format!(r"^(?:füge?|nimm)\s+{x}{at}{price}\)?{list}\s+(?:hinzu|dazu|auf|ein)$"),
        format!(r"^{x}{at}{price}\)?\s+(?:hinzufügen|ergänzen|aufnehmen|dazu)$"),
        format!(r"^(?:we|i)\s+{new}(?:serve|sell|offer|have|make)\s+{x}{at}{price}\)?$"),
        format!(r"^(?:wir|ich)\s+(?:haben|verkaufen|führen|bieten|machen)\s+{new}{x}{at}{price}\)?(?:\s+an)?$"),
        format!(r"^(?:new|neu|nouveau|nuevo|nuovo)(?:\s+(?:on|auf|sur|en|sul)\s+(?P<y>[^:]+))?:\s*{x}{at}{price}\)?$"),
    ]
    .iter()
    .map(|form| pattern(form))
    .collect()
});

/// What may stand before a thing's name.
static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:a|an|the|some|our|new|ein|eine|einen|einem|den|die|das|neue[nrs]?|un|une|du|de la|una|el|la|le|il|lo)\s+)+|^l['’]",
    )
});

/// Words of which no name on a list is made: they say what kind of thing is to come, or that it is more than one thing.
const NO_NAME: &str = "section question button paragraph sentence line row entry item list page link note text heading table picture image price discount \
    fee something anything product dish drink dessert starter option thing things one and or with without instead each per every both \
    abschnitt frage knopf absatz satz zeile eintrag liste seite link hinweis preis rabatt gebühr etwas produkt gericht getränk und oder je pro statt \
    section question bouton ligne phrase prix produit plat boisson et ou par chaque sección pregunta botón línea precio producto plato bebida y o por cada \
    sezione domanda pulsante riga prezzo prodotto piatto bevanda e per it them this that everything all alles alle tout tous todo todos tutto tutti not no the our die den der dem";

const LONGEST: usize = 6;

pub(super) fn read(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    ADD.iter().filter_map(|form| form.captures(wish)).find_map(|add| {
        let name = name(&add["x"])?;
        if exactly(&name, page.words).is_some() || is_on_page(&name, page.words) {
            return None;
        }
        let section = list(add.name("y").map(|list| list.as_str()), page.words)?;
        let lines = &page.words.sections[section].lines;
        let last = lines.iter().rposition(|line| matches!(line, Line::Item { .. }))?;
        let Line::Item { detail, .. } = &lines[last] else { return None };
        let price = price::in_the_form_of(detail, &add["p"]);
        let said = format!("Added “{name}”: {price}.");
        Some((Change::Add(section, last + 1, Line::item(&name, &price)), said))
    })
}

/// The thing's name, with a capital as the others have it.
pub(super) fn name(phrase: &str) -> Option<String> {
    let phrase = super::phrase::unquoted(phrase).0;
    let plain = BEFORE.replace(phrase, "");
    let words = words_of(&plain);
    let is_no_name = |word: &String| NO_NAME.split_whitespace().any(|listed| listed == word);
    let has_figures = plain.contains(|letter: char| letter.is_ascii_digit() || ",;:.!?€$£".contains(letter));
    if words.is_empty() || words.len() > LONGEST || has_figures || words.iter().any(is_no_name) {
        return None;
    }
    let mut letters = plain.trim().chars();
    Some(letters.next()?.to_uppercase().chain(letters).collect())
}

/// Whether something of that name stands there, if more than once.
fn is_on_page(name: &str, words: &Words) -> bool {
    let name = words_of(name);
    words.texts().any(|(spot, text)| matches!(spot, Spot::ItemName(..) | Spot::Heading(_)) && words_of(text) == name)
}

/// The one list with prices, or the one that is named.
fn list(named: Option<&str>, words: &Words) -> Option<usize> {
    let has_prices = |section: &Section| {
        section.lines.iter().any(|line| matches!(line, Line::Item { detail, .. } if price::is_in(detail)))
    };
    let mut with_prices = words.sections.iter().enumerate().filter(|(_, section)| has_prices(section));
    let section = match named {
        None => {
            let (section, _) = with_prices.next()?;
            with_prices.next().is_none().then_some(section)?
        }
        Some(list) => match find(list, words, None).map(whole)? {
            Spot::Section(section) if has_prices(&words.sections[section]) => section,
            _ => return None,
        },
    };
    (Kind::of(&words.sections[section]) == Kind::Prices).then_some(section)
}
