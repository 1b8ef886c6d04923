//! Where the links within a page lead.

use crate::section_kind::Kind;
use crate::{Section, Words};

/// The names of a page's parts in its links.
#[derive(Debug)]
pub(super) struct Anchors {
    ids: Vec<String>,
}

impl Anchors {
    pub(super) fn of(words: &Words) -> Self {
        let mut ids: Vec<String> = Vec::with_capacity(words.sections.len());
        for (index, section) in words.sections.iter().enumerate() {
            let slug = slug(&section.heading);
            let is_free = !slug.is_empty() && slug != "top" && slug != "main" && !ids.contains(&slug);
            ids.push(if is_free { slug } else { format!("part-{}", index + 1) });
        }
        Self { ids }
    }

    /// The name of a section.
    pub(super) fn id(&self, section: usize) -> &str {
        &self.ids[section]
    }

    /// Where the button leads: to the part that fits what it says, else to the first one by which a visitor gets in touch.
    pub(super) fn target(&self, words: &Words) -> String {
        let kinds: Vec<Kind> = words.sections.iter().map(Kind::of).collect();
        let find = |wanted: &[Kind]| wanted.iter().find_map(|kind| kinds.iter().position(|is| is == kind));
        let named = words.sections.iter().position(|section| shares_a_word(section, &words.button));
        let section = named
            .or_else(|| find(asked(&words.button)))
            .or_else(|| find(&[Kind::Contact, Kind::Hours, Kind::Prices, Kind::Dates]))
            .or_else(|| kinds.len().checked_sub(1));
        section.map_or_else(|| "#main".to_owned(), |section| format!("#{}", self.id(section)))
    }
}

/// The kinds of section that a button asks for by its verb.
fn asked(button: &str) -> &'static [Kind] {
    const ASKED: [(&str, &[Kind]); 4] = [
        (
            "visit come besuch besuchen komm kommen vorbeikommen anfahrt kontakt schreiben anrufen visite visitez visita find directions",
            &[Kind::Contact, Kind::Hours],
        ),
        (
            "order menu buy shop ticket tickets price prices bestellen vorbestellen speisekarte karte preise kaufen commander acheter pedir comprar ordina join",
            &[Kind::Prices],
        ),
        ("work portfolio projects gallery arbeiten galerie projets obras", &[Kind::Works]),
        ("start try begin how starten loslegen commencer empezar", &[Kind::Steps, Kind::Prices]),
    ];
    let button = button.to_lowercase();
    let says = |list: &str| button.split_whitespace().any(|word| list.split(' ').any(|listed| word == listed));
    ASKED.iter().find(|(list, _)| says(list)).map_or(&[], |(_, kinds)| *kinds)
}

/// Whether a heading and the button have a word of some length in common: "Menu", "See the menu".
fn shares_a_word(section: &Section, button: &str) -> bool {
    let (heading, button) = (section.heading.to_lowercase(), button.to_lowercase());
    let long = |word: &&str| word.chars().count() >= 4 && !matches!(*word, "your" | "with" | "more" | "unsere");
    heading.split_whitespace().filter(long).any(|word| button.split_whitespace().any(|other| other == word))
}

/// The heading as a link may hold it: its letters and digits, in lower case.
fn slug(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_a_name_of_its_own() {
        let anchors = Anchors::of(&Words::parse("# N\n## Our Menu!\n## our menu\n## ?\n## Öffnungszeiten\n## Top\n"));
        assert_eq!(anchors.ids, ["our-menu", "part-2", "part-3", "öffnungszeiten", "part-5"]);
    }

    #[test]
    fn the_button_leads_to_what_it_says() {
        let table = [
            ("## Menu\n- **A**: 1 €\n## Contact\n- **Email**: a@b.example\n[See the menu]", "#menu"),
            ("## Menu\n- **A**: 1 €\n## Contact\n- **Email**: a@b.example\n[Book a table]", "#contact"),
            ("## Prices\n- **A**: 1 €\n## Find us\nBy the harbour\n[Order now]", "#prices"),
            ("## Prices\n- **A**: 1 €\n## Find us\nBy the harbour\n[Visit us]", "#find-us"),
            (
                "## Courses\n- **Kneading**: 2 hours\n## Contact\n- **Email**: a@b.example\n[See our courses]",
                "#courses",
            ),
            ("## Angebot\n- **Brot**: 4 €\n## Zeiten\n- **Montag**: 7–18 Uhr\n[Brot vorbestellen]", "#angebot"),
            ("## Angebot\n- **Brot**: 4 €\n## Zeiten\n- **Montag**: 7–18 Uhr\n[Besuchen Sie uns]", "#zeiten"),
            ("## About\nWe bake.\n[Say hello]", "#about"),
            ("[Say hello]", "#main"),
        ];
        for (text, expected) in table {
            let words = Words::parse(&format!("# N\n> S\n{text}\n"));
            assert_eq!(Anchors::of(&words).target(&words), expected, "{text}");
        }
    }
}
