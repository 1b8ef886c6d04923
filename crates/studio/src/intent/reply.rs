//! What is said where a wish is asked back or cannot be granted, in the language of the wish.

use kit::{Line, Spot, Words};
use serde::Serialize;

use super::command::{Command, Destination};
use super::execution::called;

/// Something that the user may have meant: choosing it is a wish that is understood without a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Choice {
    /// What the button says.
    pub(crate) label: String,
    /// The wish that it stands for.
    pub(crate) prompt: String,
}

/// A language, how one asks back in it, and how one says what can be done here.
const SAID: [(&str, &str, &str); 9] = [
    (
        "en",
        "Nothing was changed yet. Is this what you mean?",
        "I can't do that here: {}. I can change texts, prices, entries, sections, their order, colours, letters and looks.",
    ),
    (
        "de",
        "Noch wurde nichts geändert. Ist das gemeint?",
        "Das kann ich hier nicht: {}. Ich kann Texte, Preise, Einträge, Abschnitte, ihre Reihenfolge, Farben, Schrift und Stil ändern.",
    ),
    (
        "fr",
        "Rien n'a encore été changé. Est-ce bien cela ?",
        "Je ne peux pas faire cela ici : {}. Je peux changer les textes, les prix, les entrées, les sections, leur ordre, les couleurs, les lettres et le style.",
    ),
    (
        "es",
        "Todavía no se ha cambiado nada. ¿Es esto?",
        "Eso no lo puedo hacer aquí: {}. Puedo cambiar textos, precios, entradas, secciones, su orden, colores, letras y estilo.",
    ),
    (
        "it",
        "Non è ancora cambiato nulla. È questo?",
        "Qui non posso farlo: {}. Posso cambiare testi, prezzi, voci, sezioni, il loro ordine, colori, caratteri e stile.",
    ),
    (
        "pt",
        "Ainda nada foi alterado. É isto?",
        "Isso não posso fazer aqui: {}. Posso mudar textos, preços, entradas, secções, a ordem, cores, letras e estilo.",
    ),
    (
        "nl",
        "Er is nog niets veranderd. Bedoelt u dit?",
        "Dat kan ik hier niet: {}. Ik kan teksten, prijzen, regels, secties, hun volgorde, kleuren, letters en stijl veranderen.",
    ),
    (
        "tr",
        "Henüz bir şey değişmedi. Bunu mu demek istediniz?",
        "Bunu burada yapamam: {}. Metinleri, fiyatları, satırları, bölümleri, sıralarını, renkleri, yazı tipini ve görünümü değiştirebilirim.",
    ),
    (
        "pl",
        "Nic jeszcze nie zmieniono. Czy o to chodzi?",
        "Tego nie mogę tu zrobić: {}. Mogę zmieniać teksty, ceny, pozycje, sekcje, ich kolejność, kolory, litery i styl.",
    ),
];

fn said(wish: &str) -> (&'static str, &'static str) {
    let language = kit::language_of(wish);
    let of = SAID.iter().find(|(code, ..)| *code == language).unwrap_or(&SAID[0]);
    (of.1, of.2)
}

pub(super) fn question(wish: &str) -> String {
    said(wish).0.to_owned()
}

pub(super) fn cannot(wish: &str, what: &str) -> String {
    said(wish).1.replace("{}", what.trim_end_matches(['.', ' ']))
}

/// What is said where nothing is known of what a wish means.
pub(crate) fn not_understood(wish: &str) -> String {
    cannot(wish, wish.trim())
}

/// A command as a choice, where there are plain words for it.
pub(super) fn choice(command: &Command, words: &Words) -> Option<Choice> {
    let name = |spot: Spot| called(words, spot);
    let (label, prompt) = match command {
        Command::Delete(spot) => (format!("Delete “{}”", name(*spot)), format!("delete \"{}\"", name(*spot))),
        Command::Set(Spot::Line(section, line), value) => {
            let Some(Line::Item { detail, .. }) = words.sections.get(*section)?.lines.get(*line) else { return None };
            let spot = Spot::Line(*section, *line);
            (format!("{}: {value}", name(spot)), format!("change \"{detail}\" to \"{value}\""))
        }
        Command::Rename(spot @ (Spot::Section(_) | Spot::Line(..)), value) => {
            (format!("Call “{}” “{value}”", name(*spot)), format!("rename \"{}\" to {value}", name(*spot)))
        }
        Command::Move(spot, to) => {
            let to = match to {
                Destination::Top => "to the top",
                Destination::Bottom => "to the bottom",
                Destination::Up => "up",
                Destination::Down => "down",
                Destination::Before(_) | Destination::After(_) => return None,
            };
            (format!("Move “{}” {to}", name(*spot)), format!("move \"{}\" {to}", name(*spot)))
        }
        Command::AddEntry(section, Line::Item { name: entry, detail }) if !detail.is_empty() => {
            let heading = name(Spot::Section(*section));
            (format!("Add “{entry}: {detail}” to “{heading}”"), format!("add {entry} for {detail}"))
        }
        _ => return None,
    };
    Some(Choice { label, prompt })
}
