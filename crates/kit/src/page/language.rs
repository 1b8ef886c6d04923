//! The language of a page, seen from its words: screen readers pronounce by it, browsers hyphenate by it.

use whatlang::Lang;

use crate::{Line, Words};

/// What a page says of its language, and says in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Language {
    /// BCP 47.
    pub code: &'static str,
    /// "Skip to the content", for those who hear a page or walk it by keyboard.
    pub skip: &'static str,
}

const ENGLISH: Language = Language { code: "en", skip: "Skip to content" };

const LANGUAGES: [(Lang, Language); 24] = [
    (Lang::Eng, ENGLISH),
    (Lang::Deu, Language { code: "de", skip: "Zum Inhalt" }),
    (Lang::Fra, Language { code: "fr", skip: "Aller au contenu" }),
    (Lang::Spa, Language { code: "es", skip: "Ir al contenido" }),
    (Lang::Ita, Language { code: "it", skip: "Vai al contenuto" }),
    (Lang::Por, Language { code: "pt", skip: "Ir para o conteúdo" }),
    (Lang::Nld, Language { code: "nl", skip: "Naar de inhoud" }),
    (Lang::Swe, Language { code: "sv", skip: "Till innehållet" }),
    (Lang::Dan, Language { code: "da", skip: "Til indholdet" }),
    (Lang::Nob, Language { code: "nb", skip: "Til innholdet" }),
    (Lang::Fin, Language { code: "fi", skip: "Siirry sisältöön" }),
    (Lang::Pol, Language { code: "pl", skip: "Przejdź do treści" }),
    (Lang::Ces, Language { code: "cs", skip: "Přejít k obsahu" }),
    (Lang::Tur, Language { code: "tr", skip: "İçeriğe geç" }),
    (Lang::Rus, Language { code: "ru", skip: "К содержанию" }),
    (Lang::Ukr, Language { code: "uk", skip: "До вмісту" }),
    (Lang::Ell, Language { code: "el", skip: "Στο περιεχόμενο" }),
    (Lang::Ara, Language { code: "ar", skip: "إلى المحتوى" }),
    (Lang::Heb, Language { code: "he", skip: "לתוכן" }),
    (Lang::Pes, Language { code: "fa", skip: "به محتوا" }),
    (Lang::Hin, Language { code: "hi", skip: "सामग्री पर जाएँ" }),
    (Lang::Jpn, Language { code: "ja", skip: "本文へ" }),
    (Lang::Cmn, Language { code: "zh", skip: "跳到正文" }),
    (Lang::Kor, Language { code: "ko", skip: "본문으로" }),
];

impl Language {
    /// English, where the words are too few to tell.
    pub(super) fn of(words: &Words) -> Self {
        let text = running_text(words);
        let Some(told) = whatlang::detect(&text) else { return ENGLISH };
        let is_sure = told.is_reliable() || told.script() != whatlang::Script::Latin;
        let known = LANGUAGES.iter().find(|(lang, _)| *lang == told.lang());
        known.filter(|_| is_sure).map_or(ENGLISH, |(_, language)| *language)
    }

    /// Which way it is written.
    pub(super) fn direction(self) -> &'static str {
        if matches!(self.code, "ar" | "he" | "fa") { "rtl" } else { "ltr" }
    }
}

/// Names and prices are of no language: sentences are.
fn running_text(words: &Words) -> String {
    let mut text = words.sentence.clone();
    for section in &words.sections {
        for part in std::iter::once(section.heading.as_str()).chain(section.lines.iter().map(|line| match line {
            Line::Paragraph(text) => text.as_str(),
            Line::Item { detail, .. } => detail.as_str(),
        })) {
            text.push_str(". ");
            text.push_str(part);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_tell_their_language() {
        let table = [
            ("# Nord\n> A small coffee shop by the harbour, with beans that we roast ourselves.", "en", "ltr"),
            (
                "# Nord\n> Ein kleines Café am Hafen, das seine Bohnen selbst röstet und jeden Morgen um sieben öffnet.",
                "de",
                "ltr",
            ),
            (
                "# Nord\n> Un petit café près du port, où nous torréfions nous-mêmes les grains chaque semaine.",
                "fr",
                "ltr",
            ),
            ("# نورد\n> مقهى صغير بجانب الميناء يقدم القهوة الطازجة كل صباح", "ar", "rtl"),
            ("# נורד\n> בית קפה קטן ליד הנמל", "he", "rtl"),
            ("# Nord\n", "en", "ltr"),
        ];
        for (words, code, direction) in table {
            let language = Language::of(&Words::parse(words));
            assert_eq!((language.code, language.direction()), (code, direction), "{words}");
        }
    }
}
