//! In what language a text is, as far as its smallest words tell.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A language that the kit has a few words of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Tongue {
    English,
    German,
    French,
    Spanish,
    Italian,
    Portuguese,
    Dutch,
    /// None of those: at least one word in three has letters of another script.
    Other,
}

/// Words that nearly every sentence has, each in the languages that it is one of.
const SMALL: [(Tongue, &str); 7] = [
    (
        Tongue::English,
        "a an the and of for with in on at to is are we our my your i it that by from page site website called named",
    ),
    (
        Tongue::German,
        "der die das und für mit ein eine einen einer eines von im in am zum zur ist sind wir unser unsere mein meine auf seite namens ich über nach uhr bei",
    ),
    (
        Tongue::French,
        "le la les un une des du de et pour avec à au aux est sont nous notre nos mon ma en sur page site l d qui dans",
    ),
    (
        Tongue::Spanish,
        "el la los las un una de del y para con en es son nosotros nuestro nuestra mi página sitio web por que al llamada llamado",
    ),
    (
        Tongue::Italian,
        "il lo la i gli le un una di del della e per con in è sono noi nostro nostra mio mia pagina sito che da al alla",
    ),
    (
        Tongue::Portuguese,
        "o a os as um uma de do da dos das e para com em no na é são nós nosso nossa meu minha página site que ao",
    ),
    (Tongue::Dutch, "de het een en voor met van in op is zijn wij onze ons mijn pagina site die dat aan bij naar te"),
];

static TONGUES: LazyLock<HashMap<&str, Vec<Tongue>>> = LazyLock::new(|| {
    let mut tongues = HashMap::<_, Vec<_>>::new();
    for (tongue, words) in SMALL {
        words.split(' ').for_each(|word| tongues.entry(word).or_default().push(tongue));
    }
    tongues
});

/// Words that pages are asked for with, where the small ones leave it open: `Yoga in Kiel, Kurse 15 €`.
const TELLING: [(Tongue, &str); 7] = [
    (
        Tongue::English,
        "open hours prices price menu about contact please make create write classes shop opening monday sunday",
    ),
    (
        Tongue::German,
        "sie ihr ihre ihren uns speisekarte öffnungszeiten preise preis kontakt kurse kurs termine termin laden praxis geöffnet offen täglich \
         montags samstags sonntags ruhetag geschlossen schnitt erstelle mache kommen vorbei ab kostenlos kinder stunde bitte fragen leistungen anfahrt",
    ),
    (
        Tongue::French,
        "horaires tarifs prix ouvert carte contact cours séance chez vous votre faites nuit lundi dimanche",
    ),
    (Tongue::Spanish, "horario precios abierto carta contacto clases noche haz su lunes domingo"),
    (Tongue::Italian, "orari prezzi aperto menù contatti corsi notte fai lunedì domenica"),
    (Tongue::Portuguese, "horário preços aberto cardápio contato aulas noite faça segunda domingo"),
    (Tongue::Dutch, "openingstijden prijzen menukaart lessen nacht maak maandag zondag jullie"),
];

/// Letters that one of the languages has; `é` is in a café of all of them.
const LETTERS: [(Tongue, &str); 5] = [
    (Tongue::German, "äöüß"),
    (Tongue::Spanish, "ñ¿¡"),
    (Tongue::Portuguese, "ãõ"),
    (Tongue::French, "èêœùîç"),
    (Tongue::Italian, "òì"),
];

/// The language of a text; English where nothing tells.
pub(crate) fn of(text: &str) -> Tongue {
    // The `e` of an e-mail is the Portuguese "and".
    let text = text.to_lowercase().replace("e-mail", " ");
    let words = || text.split(|character: char| !character.is_alphabetic()).filter(|word| !word.is_empty());
    let is_other = |word: &&str| word.chars().any(|character| u32::from(character) >= 0x370);
    if words().filter(is_other).count() * 3 > words().count() {
        return Tongue::Other;
    }
    let small = |tongue: Tongue| {
        words().filter_map(|word| TONGUES.get(word)).filter(|tongues| tongues.contains(&tongue)).count()
    };
    let telling = |tongue: Tongue| {
        let said = TELLING.iter().filter(|(told, _)| *told == tongue).flat_map(|(_, said)| said.split_whitespace());
        said.filter(|said| words().any(|word| word == *said)).count()
    };
    let letters = |tongue: Tongue| {
        let own = LETTERS.iter().filter(|(told, _)| *told == tongue).map(|(_, own)| *own);
        own.map(|own| text.chars().filter(|letter| own.contains(*letter)).count()).sum::<usize>()
    };
    let best = SMALL.iter().rev().max_by_key(|(tongue, _)| (small(*tongue), telling(*tongue) + letters(*tongue)));
    best.map_or(Tongue::English, |(tongue, _)| *tongue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_tells_its_language() {
        for (text, tongue) in [
            ("", Tongue::English),
            ("Café Nord", Tongue::English),
            ("a landing page for a coffee shop called Nord with a menu and opening hours", Tongue::English),
            ("Erstelle eine Seite für ein Café namens Nord mit Speisekarte und Öffnungszeiten", Tongue::German),
            ("Une page pour un café à Lyon avec la carte et les horaires", Tongue::French),
            ("Una página para una cafetería llamada Nord con el menú y los horarios", Tongue::Spanish),
            ("Un sito per il mio ristorante con il menù e gli orari della settimana", Tongue::Italian),
            ("Uma página para o meu café com os preços e o horário", Tongue::Portuguese),
            ("Een pagina voor mijn winkel met de openingstijden van de week", Tongue::Dutch),
            ("Yoga in Kiel, Kurse 15 €", Tongue::German),
            ("Friseursalon Kamm, Schnitt 28 €, Färben ab 60 €", Tongue::German),
            ("Kommen Sie in Ruhe vorbei", Tongue::German),
            ("Kommen Sie in Ruhe vorbei. E-Mail: Ihre E-Mail-Adresse", Tongue::German),
            ("Boulangerie Dupain, baguette 1,20 €, horaires 7h–19h", Tongue::French),
            ("Bar Sol, tapas 3 €, abierto hasta las 2:00", Tongue::Spanish),
            ("Yoga in Leeds, classes £15", Tongue::English),
            ("Страница для кофейни", Tongue::Other),
            ("咖啡店的网页", Tongue::Other),
        ] {
            assert_eq!(of(text), tongue, "{text}");
        }
    }
}
