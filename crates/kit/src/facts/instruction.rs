//! What a request says to whoever builds the page. It is no fact, and nothing of it is a text of the page.

use std::ops::Range;

use super::FactKind;
use super::forms::Form;

/// What speaks to the builder wherever it stands in a clause.
const ASKS: &str = "i need|i want|i'd like|i would like|we need|we want|can you|could you|please|plz|should be|should have|should look|needs to be|look like|looks like|\
    ich brauche|ich möchte|ich will|wir brauchen|bitte|soll|je voudrais|j'ai besoin|je veux|necesito|quiero|que sea|por favor|vorrei|ho bisogno|preciso|quero|\
    ik wil|istiyorum|yap|olsun|lütfen|potrzebuję|chcę|proszę";

/// What does so at the beginning of a clause.
const ORDERS: &str = "make create build design write generate add include use keep put need mach mache erstelle erstell baue bau füge verwende nutze halte crée créez fais \
    faites ajoute utilise haz crea añade usa fai aggiungi faça crie maak zrób stwórz dodaj";

/// Behind these a clause says what the page is for: that is its content.
const FOR: &str = "for|about|called|named|of|für|über|namens|von|pour|de|d'|appelé|para|llamado|llamada|per|sobre|dla|için|voor|with|mit|avec|con|com";

/// Behind these stands whom it is to resemble, or what it is to be made with.
const BEFORE_A_NAME: &str = "like|similar to|inspired by|use|using|use the|using the|in the style of|wie|nutze|verwende|comme|utilise|como|usa|come|zoals|jak";

/// What stands in a clause with one of these is what the page is to be made with.
const MADE_WITH: &str = "use using verwende nutze utilise usa";

/// Before these a figure is one of the layout, and a name one of type.
const BEHIND_A_NUMBER: &str = "section words word page column row paragraph sentence image picture photo card bullet slide colour color px pixel abschnitt wörter wort seite spalte \
    absatz absätze bild satz sätze mots sections colonne image paragraphe palabra seccion secciones sección página columna imagen imágenes parole sezioni bölüm kelime sayfa sekcj słów";
const BEHIND_A_NAME: &str = "font fonts typeface style schrift schriftart stil police fuente carattere yazı czcionka";

const LANGUAGES: &str = "english german french spanish italian portuguese dutch turkish arabic hebrew chinese japanese hindi polish russian englisch deutsch französisch spanisch \
    italienisch portugiesisch niederländisch türkisch polnisch anglais allemand français espagnol inglés alemán francés español inglese tedesco francese spagnolo italiano";

/// Whether what stands there is said to the builder: a number of the layout, a font, a language, a company after "like", a tool
/// after "use".
pub(super) fn is_said_to_the_builder(request: &str, form: &Form) -> bool {
    let Range { start, end } = form.span;
    let before = request[..start].trim_end_matches([' ', '"', '\'', '“', '„']).to_lowercase();
    let behind = request[end..].trim_start_matches([' ', '-', '"', '\'', '”', '“']).to_lowercase();
    let next: String = behind.chars().take_while(|letter| letter.is_alphabetic()).collect();
    match form.kind {
        FactKind::Number => !next.is_empty() && BEHIND_A_NUMBER.split_whitespace().any(|word| next.starts_with(word)),
        FactKind::Name => {
            let named = request[start..end].to_lowercase();
            let clause = before.rsplit(['.', ',', ';', '!', '?', '\n']).next().unwrap_or_default();
            BEFORE_A_NAME.split('|').any(|word| ends_with_word(&before, word))
                || words(clause).iter().any(|word| MADE_WITH.split(' ').any(|with| word == with))
                || BEHIND_A_NAME.split_whitespace().any(|word| next == word)
                || named.split(' ').all(|word| LANGUAGES.split_whitespace().any(|language| word == language))
        }
        _ => false,
    }
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word).is_some_and(|rest| !rest.ends_with(char::is_alphanumeric))
}

/// What of a request speaks to the builder, clause by clause, as words.
pub(crate) fn instructions(request: &str) -> Vec<Vec<String>> {
    let clauses = request.split(['.', ',', ';', '!', '?', '\n', ':', '，', '。', '、']);
    clauses.map(words).filter(|clause| !clause.is_empty()).filter_map(instruction).collect()
}

/// The part of a clause that speaks to the builder: up to where it says what the page is for.
fn instruction(clause: Vec<String>) -> Option<Vec<String>> {
    let text = format!(" {} ", clause.join(" "));
    let begins = |orders: &str| {
        clause
            .iter()
            .find(|word| !["and", "und", "et", "y", "e", "i", "ve", "hi", "hello"].contains(&word.as_str()))
            .is_some_and(|first| first == orders)
    };
    let asks = ASKS.split('|').any(|asks| text.contains(&format!(" {} ", asks.trim())));
    (asks || ORDERS.split_whitespace().any(begins)).then_some(())?;
    let is_for = |word: &String| FOR.split('|').any(|other| word == other);
    let end = clause.iter().position(is_for).unwrap_or(clause.len());
    (end >= 2).then(|| clause[..end].to_vec())
}

/// The words of a text, small.
pub(crate) fn words(text: &str) -> Vec<String> {
    let word = |word: &str| word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
    text.split_whitespace().map(word).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_of_a_request_that_speaks_to_the_builder_is_known() {
        let found = |request: &str| {
            instructions(request).into_iter().map(|clause| clause.join(" ")).collect::<Vec<_>>().join("; ")
        };
        for (request, expected) in [
            ("Hi i need a webiste for our restaurant", "hi i need a webiste"),
            (
                "lavender candle 14.99, add 3 sections and keep it under 200 words",
                "add 3 sections and keep it under 200 words",
            ),
            ("Make the phone number really big", "make the phone number really big"),
            (
                "Ich brauche eine Website für Krume. Bitte schlicht halten",
                "ich brauche eine website; bitte schlicht halten",
            ),
            ("a café called Nord, open from 7 to 18", ""),
            ("we make bread every morning", ""),
        ] {
            assert_eq!(found(request), expected, "{request}");
        }
    }
}
