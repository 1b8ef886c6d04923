//! The language of a text, and what follows from it. Of a request as of a page: one detector, so that both have the same.

use std::collections::HashMap;
use std::sync::LazyLock;

use whatlang::Lang;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Language(Lang);

/// What it is called in HTML: the shortest code of BCP 47 (RFC 5646). Of those that are not here the three letters of ISO 639-3
/// are the shortest.
const CODES: [(Lang, &str); 67] = [
    (Lang::Epo, "eo"),
    (Lang::Eng, "en"),
    (Lang::Rus, "ru"),
    (Lang::Cmn, "zh"),
    (Lang::Spa, "es"),
    (Lang::Por, "pt"),
    (Lang::Ita, "it"),
    (Lang::Ben, "bn"),
    (Lang::Fra, "fr"),
    (Lang::Deu, "de"),
    (Lang::Ukr, "uk"),
    (Lang::Kat, "ka"),
    (Lang::Ara, "ar"),
    (Lang::Hin, "hi"),
    (Lang::Jpn, "ja"),
    (Lang::Heb, "he"),
    (Lang::Yid, "yi"),
    (Lang::Pol, "pl"),
    (Lang::Amh, "am"),
    (Lang::Jav, "jv"),
    (Lang::Kor, "ko"),
    (Lang::Nob, "nb"),
    (Lang::Dan, "da"),
    (Lang::Swe, "sv"),
    (Lang::Fin, "fi"),
    (Lang::Tur, "tr"),
    (Lang::Nld, "nl"),
    (Lang::Hun, "hu"),
    (Lang::Ces, "cs"),
    (Lang::Ell, "el"),
    (Lang::Bul, "bg"),
    (Lang::Bel, "be"),
    (Lang::Mar, "mr"),
    (Lang::Kan, "kn"),
    (Lang::Ron, "ro"),
    (Lang::Slv, "sl"),
    (Lang::Hrv, "hr"),
    (Lang::Srp, "sr"),
    (Lang::Mkd, "mk"),
    (Lang::Lit, "lt"),
    (Lang::Lav, "lv"),
    (Lang::Est, "et"),
    (Lang::Tam, "ta"),
    (Lang::Vie, "vi"),
    (Lang::Urd, "ur"),
    (Lang::Tha, "th"),
    (Lang::Guj, "gu"),
    (Lang::Uzb, "uz"),
    (Lang::Pan, "pa"),
    (Lang::Aze, "az"),
    (Lang::Ind, "id"),
    (Lang::Tel, "te"),
    (Lang::Pes, "fa"),
    (Lang::Mal, "ml"),
    (Lang::Ori, "or"),
    (Lang::Mya, "my"),
    (Lang::Nep, "ne"),
    (Lang::Sin, "si"),
    (Lang::Khm, "km"),
    (Lang::Tuk, "tk"),
    (Lang::Aka, "ak"),
    (Lang::Zul, "zu"),
    (Lang::Sna, "sn"),
    (Lang::Afr, "af"),
    (Lang::Slk, "sk"),
    (Lang::Cat, "ca"),
    (Lang::Tgl, "tl"),
];

/// Words that nearly every sentence has, each in the languages that it is one of.
const SMALL: [(Lang, &str); 7] = [
    (
        Lang::Eng,
        "a an the and of for with in on at to is are we our my your i it that by from page site website called named",
    ),
    (
        Lang::Deu,
        "der die das und für mit ein eine einen einer eines von im in am zum zur ist sind wir unser unsere mein meine auf seite namens ich über nach uhr bei",
    ),
    (
        Lang::Fra,
        "le la les un une des du de et pour avec à au aux est sont nous notre nos mon ma en sur page site l d qui dans",
    ),
    (
        Lang::Spa,
        "el la los las un una de del y para con en es son nosotros nuestro nuestra mi página sitio web por que al llamada llamado",
    ),
    (
        Lang::Ita,
        "il lo la i gli le un una di del della e per con in è sono noi nostro nostra mio mia pagina sito che da al alla",
    ),
    (
        Lang::Por,
        "o a os as um uma de do da dos das e para com em no na é são nós nosso nossa meu minha página site que ao",
    ),
    (Lang::Nld, "de het een en voor met van in op is zijn wij onze ons mijn pagina site die dat aan bij naar te"),
];

static SMALL_WORDS: LazyLock<HashMap<&str, Vec<Lang>>> = LazyLock::new(|| {
    let mut languages = HashMap::<_, Vec<_>>::new();
    for (language, words) in SMALL {
        words.split(' ').for_each(|word| languages.entry(word).or_default().push(language));
    }
    languages
});

/// Words that pages are asked for with, where the small ones leave it open: `Yoga in Kiel, Kurse 15 €`.
const TELLING: [(Lang, &str); 7] = [
    (
        Lang::Eng,
        "open hours prices price menu about contact please make create write classes shop opening monday sunday",
    ),
    (
        Lang::Deu,
        "sie ihr ihre ihren uns speisekarte öffnungszeiten preise preis kontakt kurse kurs termine termin laden praxis geöffnet offen täglich \
         montags samstags sonntags ruhetag geschlossen schnitt erstelle mache kommen vorbei ab kostenlos kinder stunde bitte fragen leistungen anfahrt",
    ),
    (Lang::Fra, "horaires tarifs prix ouvert carte contact cours séance chez vous votre faites nuit lundi dimanche"),
    (Lang::Spa, "horario precios abierto carta contacto clases noche haz su lunes domingo"),
    (Lang::Ita, "orari prezzi aperto menù contatti corsi notte fai lunedì domenica"),
    (Lang::Por, "horário preços aberto cardápio contato aulas noite faça segunda domingo"),
    (Lang::Nld, "openingstijden prijzen menukaart lessen nacht maak maandag zondag jullie"),
];

/// Letters that one of those languages has; `é` is in a café of all of them.
const LETTERS: [(Lang, &str); 5] =
    [(Lang::Deu, "äöüß"), (Lang::Spa, "ñ¿¡"), (Lang::Por, "ãõ"), (Lang::Fra, "èêœùîç"), (Lang::Ita, "òì")];

/// Letters that are written in one further language alone, or nearly so.
const OWN_LETTERS: [(Lang, &str); 9] = [
    (Lang::Vie, "ơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉĩọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹ"),
    (Lang::Hun, "őű"),
    (Lang::Pol, "łąęż"),
    (Lang::Ces, "řěů"),
    (Lang::Slk, "ľĺŕ"),
    (Lang::Tur, "ığş"),
    (Lang::Ron, "țșă"),
    (Lang::Lav, "āēīģķļņ"),
    (Lang::Lit, "ėįų"),
];

impl Language {
    pub(crate) const ENGLISH: Self = Self(Lang::Eng);
    pub(crate) const GERMAN: Self = Self(Lang::Deu);
    pub(crate) const DUTCH: Self = Self(Lang::Nld);

    /// The language of a text; English where nothing tells.
    pub(crate) fn of(text: &str) -> Self {
        // The `e` of an e-mail is the Portuguese "and".
        let text = text.to_lowercase().replace("e-mail", " ");
        let words = || text.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty());
        let has_other_letters = |word: &&str| word.chars().any(is_of_another_script);
        if words().filter(has_other_letters).count() * 3 > words().count() {
            return Self(by_script(&text));
        }
        let (known, small) = by_small_words(&text);
        let own = |(language, letters): &(Lang, &str)| {
            (text.chars().filter(|letter| letters.contains(*letter)).count(), *language)
        };
        let (count, other) = OWN_LETTERS.iter().map(own).max_by_key(|(count, _)| *count).unwrap_or((0, known));
        if count >= small.max(1) {
            return Self(other);
        }
        // In a sentence of a known language one word in four is small.
        if small * 4 >= words().count().max(1) {
            return Self(known);
        }
        if count > 0 {
            return Self(other);
        }
        Self(by_trigrams(&text).unwrap_or(known))
    }

    /// What HTML calls it.
    pub(crate) fn code(self) -> &'static str {
        CODES.iter().find(|(language, _)| *language == self.0).map_or(self.0.code(), |(_, code)| *code)
    }

    /// Which way it is written.
    pub(crate) fn direction(self) -> &'static str {
        let from_the_right = [Lang::Ara, Lang::Heb, Lang::Pes, Lang::Urd, Lang::Yid];
        if from_the_right.contains(&self.0) { "rtl" } else { "ltr" }
    }
}

/// The language of a text as HTML calls it: `de`. English where nothing tells.
#[must_use]
pub fn language_of(text: &str) -> &'static str {
    Language::of(text).code()
}

/// Vietnamese has Latin letters above the first 0x370 too.
fn is_of_another_script(letter: char) -> bool {
    let letter = u32::from(letter);
    letter >= 0x370 && !(0x1e00..0x1f00).contains(&letter)
}

/// The language of a text in another script than the Latin one. Where several share a script, letters of their own tell them
/// apart: of short texts trigrams say little.
fn by_script(text: &str) -> Lang {
    let has = |letters: &str| text.contains(|letter| letters.contains(letter));
    let told = whatlang::detect_lang(text).unwrap_or(Lang::Eng);
    match told {
        Lang::Ara | Lang::Pes | Lang::Urd if has("ٹڈڑںےھ") => Lang::Urd,
        Lang::Ara | Lang::Pes | Lang::Urd if has("پچژگ") => Lang::Pes,
        Lang::Ara | Lang::Pes | Lang::Urd => Lang::Ara,
        // Its vowels are written as letters, and some with a point.
        Lang::Heb | Lang::Yid if has("װױײ\u{5b7}\u{5b8}") => Lang::Yid,
        Lang::Heb | Lang::Yid => Lang::Heb,
        Lang::Cmn | Lang::Jpn if text.contains(|letter| ('\u{3040}'..='\u{30ff}').contains(&letter)) => Lang::Jpn,
        Lang::Cmn | Lang::Jpn => Lang::Cmn,
        Lang::Rus | Lang::Bul | Lang::Ukr | Lang::Bel | Lang::Srp | Lang::Mkd => match () {
            () if has("ў") => Lang::Bel,
            () if has("їєґі") => Lang::Ukr,
            () if has("ыэё") => Lang::Rus,
            () if has("ђћ") => Lang::Srp,
            () if has("ѓќѕ") => Lang::Mkd,
            () if has("ъ") => Lang::Bul,
            () => Lang::Rus,
        },
        other => other,
    }
}

/// The likeliest of the languages whose small words are known, and how many of those the text has.
fn by_small_words(text: &str) -> (Lang, usize) {
    let words = || text.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty());
    let small = |language: Lang| {
        words().filter_map(|word| SMALL_WORDS.get(word)).filter(|languages| languages.contains(&language)).count()
    };
    let telling = |language: Lang| {
        let said = TELLING.iter().filter(|(told, _)| *told == language).flat_map(|(_, said)| said.split_whitespace());
        said.filter(|said| words().any(|word| word == *said)).count()
    };
    let letters = |language: Lang| {
        let own = LETTERS.iter().filter(|(told, _)| *told == language).map(|(_, own)| *own);
        own.map(|own| text.chars().filter(|letter| own.contains(*letter)).count()).sum::<usize>()
    };
    let score = |language: Lang| (small(language), telling(language) + letters(language));
    let (language, (small, telling)) = SMALL
        .iter()
        .rev()
        .map(|(language, _)| (*language, score(*language)))
        .max_by_key(|(_, score)| *score)
        .unwrap_or((Lang::Eng, (0, 0)));
    (language, small + telling)
}

/// What the trigrams of a text say where they are sure of it, and it is long enough for that.
fn by_trigrams(text: &str) -> Option<Lang> {
    const LONG_ENOUGH: usize = 30;
    let told = whatlang::detect(text).filter(whatlang::Info::is_reliable)?;
    (text.chars().filter(|letter| letter.is_alphabetic()).count() >= LONG_ENOUGH).then(|| told.lang())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_tells_its_language() {
        for (text, code) in [
            ("", "en"),
            ("Café Nord", "en"),
            ("a landing page for a coffee shop called Nord with a menu and opening hours", "en"),
            ("Erstelle eine Seite für ein Café namens Nord mit Speisekarte und Öffnungszeiten", "de"),
            ("Une page pour un café à Lyon avec la carte et les horaires", "fr"),
            ("Una página para una cafetería llamada Nord con el menú y los horarios", "es"),
            ("Un sito per il mio ristorante con il menù e gli orari della settimana", "it"),
            ("Uma página para o meu café com os preços e o horário", "pt"),
            ("Een pagina voor mijn winkel met de openingstijden van de week", "nl"),
            ("Yoga in Kiel, Kurse 15 €", "de"),
            ("Friseursalon Kamm, Schnitt 28 €, Färben ab 60 €", "de"),
            ("Kommen Sie in Ruhe vorbei", "de"),
            ("Kommen Sie in Ruhe vorbei. E-Mail: Ihre E-Mail-Adresse", "de"),
            ("Boulangerie Dupain, baguette 1,20 €, horaires 7h–19h", "fr"),
            ("Bar Sol, tapas 3 €, abierto hasta las 2:00", "es"),
            ("Yoga in Leeds, classes £15", "en"),
            ("Страница для кофейни", "ru"),
            ("咖啡店的网页", "zh"),
        ] {
            assert_eq!(Language::of(text).code(), code, "{text}");
        }
    }

    #[test]
    fn the_words_of_a_page_tell_its_language_and_direction() {
        for (text, code, direction) in [
            ("بندرگاہ کے پاس ایک چھوٹا کیفے، ہر صبح تازہ کافی", "ur", "rtl"),
            ("כּשרע קאַווע בײַ דעם האַפֿן, יעדן פֿרימאָרגן", "yi", "rtl"),
            ("בית קפה קטן ליד הנמל", "he", "rtl"),
            ("مقهى صغير بجانب الميناء يقدم القهوة الطازجة", "ar", "rtl"),
            ("کافه‌ای کوچک کنار بندر با قهوه تازه برای گپ", "fa", "rtl"),
            ("ร้านกาแฟเล็ก ๆ ข้างท่าเรือ", "th", "ltr"),
            ("Egy kis kávézó a kikötő mellett, ahol magunk pörköljük a kávét", "hu", "ltr"),
            ("Một quán cà phê nhỏ bên bến cảng, rang hạt mỗi tuần", "vi", "ltr"),
            ("Liman kenarında küçük bir kahveci, her sabah taze kahve", "tr", "ltr"),
            ("Mała kawiarnia przy porcie, kawę palimy sami", "pl", "ltr"),
            ("Malá kavárna u přístavu, kávu si pražíme sami", "cs", "ltr"),
            ("O cafenea mică lângă port, unde prăjim singuri cafeaua", "ro", "ltr"),
            ("Ett litet kafé vid hamnen där vi rostar våra egna bönor varje vecka", "sv", "ltr"),
            ("京都の抹茶カフェのページ", "ja", "ltr"),
            ("항구 옆의 작은 카페", "ko", "ltr"),
            ("बंदरगाह के पास एक छोटा कैफ़े", "hi", "ltr"),
            ("Малко кафене до пристанището, където сами печем зърната", "bg", "ltr"),
            ("Маленька кав'ярня біля порту", "uk", "ltr"),
            ("Маленькая кофейня у порта, кофе обжариваем сами", "ru", "ltr"),
            ("Μικρό καφέ δίπλα στο λιμάνι", "el", "ltr"),
        ] {
            let language = Language::of(text);
            assert_eq!((language.code(), language.direction()), (code, direction), "{text}");
        }
    }
}
