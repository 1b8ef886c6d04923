//! What a section is, seen from its words: how a designer would set it. A model is never asked, since a small one
//! answers "hours" nine times of ten.

mod forms;
mod headings;

use crate::{Line, Section};

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What things cost: a menu, a price list.
    Prices,
    /// When it is open.
    Hours,
    /// What happens when: events, a programme, a history.
    Dates,
    /// Questions with their answers.
    Questions,
    /// Who is behind it.
    People,
    /// Where it is and how to reach it.
    Contact,
    /// One thing after the other.
    Steps,
    /// What it offers.
    Features,
    /// What others say of it.
    Quotes,
    /// Figures.
    Numbers,
    /// What was made: a portfolio, a gallery.
    Works,
    /// Anything else.
    Text,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Prices,
        Self::Hours,
        Self::Dates,
        Self::Questions,
        Self::People,
        Self::Contact,
        Self::Steps,
        Self::Features,
        Self::Quotes,
        Self::Numbers,
        Self::Works,
        Self::Text,
    ];

    /// Sees what a section is. More lines only refine it, from [`Kind::Text`] by way of [`Kind::Features`] to one of the
    /// others, so that a page does not jump about while it is written.
    #[must_use]
    pub fn of(section: &Section) -> Self {
        if let Some(kind) = headings::kind(&section.heading) {
            return kind;
        }
        // A heading such as "Our services" says nothing: the first line with a form of its own does.
        let told = section.lines.iter().find_map(|line| match line {
            Line::Item { name, detail } => forms::kind(name, detail),
            Line::Paragraph(_) => None,
        });
        let has_items = section.lines.iter().any(|line| matches!(line, Line::Item { .. }));
        told.unwrap_or(if has_items { Self::Features } else { Self::Text })
    }

    /// Its name in a page's classes: `prices`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prices => "prices",
            Self::Hours => "hours",
            Self::Dates => "dates",
            Self::Questions => "questions",
            Self::People => "people",
            Self::Contact => "contact",
            Self::Steps => "steps",
            Self::Features => "features",
            Self::Quotes => "quotes",
            Self::Numbers => "numbers",
            Self::Works => "works",
            Self::Text => "text",
        }
    }
}

pub(crate) use forms::{is_date, is_day, is_figure, is_price, is_time};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Words;

    fn seen(section: &str) -> Kind {
        Kind::of(&Words::parse(section).sections[0])
    }

    #[test]
    fn a_heading_tells_what_its_section_is() {
        let table = [
            (
                Kind::Prices,
                "Menu; Our prices; Speisekarte; Unsere Preise; La carte; Tarifs; Precios; Listino; Prijzen; Tickets & passes; Getränkekarte; Eintrittspreise; Unsere Preisliste; Цены",
            ),
            (
                Kind::Hours,
                "Opening hours; Hours; Öffnungszeiten; Horaires d'ouverture; Horario; Orari; Openingstijden; Öppettider; Ladenzeiten; Betreuungszeiten; Unsere Zeiten; Sprechzeiten; Nos horaires; When we are open",
            ),
            (
                Kind::Dates,
                "Upcoming events; Schedule; Programme; Termine; Konzerte; Our history; Agenda; Tour dates; Próximos eventos; Nächste Termine; Kursplan; Auftritte; Veranstaltungen; Fechas; Prochaines dates; Calendrier",
            ),
            (
                Kind::Questions,
                "Questions; FAQ; Frequently asked questions; Häufige Fragen; Questions fréquentes; Preguntas frecuentes; Häufig gestellte Fragen; Fragen und Antworten; Good to know?",
            ),
            (
                Kind::People,
                "The team; Meet our team; Speakers; Our doctors; Unser Team; L'équipe; Nuestro equipo; Ihre Ansprechpartner; Unsere Mitarbeiterinnen; Who we are; The band; Our dentists",
            ),
            (
                Kind::Contact,
                "Contact; Visit us; Find us; Where to find us; Kontakt; So finden Sie uns; Contacto; Nous trouver; Location; Anfahrt; Besuchen Sie uns; So erreichen Sie uns; Wegbeschreibung; Contáctanos; Cómo llegar; Infos pratiques; RSVP",
            ),
            (
                Kind::Steps,
                "How it works; Getting started; Three steps; So funktioniert es; So geht's; Comment ça marche; Cómo funciona; So läuft es ab; Schritt für Schritt; Ablauf",
            ),
            (
                Kind::Quotes,
                "Testimonials; What people say; Reviews; Das sagen unsere Gäste; Kundenstimmen; Gästestimmen; Témoignages; Opiniones",
            ),
            (Kind::Numbers, "In numbers; Facts and figures; By the numbers; Zahlen und Fakten; En chiffres; En cifras"),
            (
                Kind::Works,
                "Selected work; Portfolio; Projects; Gallery; Arbeiten; Projekte; Einblicke; Impressionen; Galerie; Mes travaux; Obras",
            ),
            (Kind::Text, "About us; Our story; Über uns; À propos; Nord; What we offer"),
        ];
        for (kind, headings) in table {
            for heading in headings.split("; ") {
                assert_eq!(seen(&format!("## {heading}\n")), kind, "{heading}");
            }
        }
    }

    #[test]
    fn the_form_of_the_lines_tells_where_the_heading_does_not() {
        let table = [
            (Kind::Prices, "## From the bar\n- **Espresso**: 2.50 €"),
            (Kind::Prices, "## Our services\n- **Cut**: classic, $35"),
            (Kind::Prices, "## Kaffee\n- **Filter**: CHF 4.50"),
            (Kind::Hours, "## Nord\n- **Monday–Friday**: 7 to 18"),
            (Kind::Hours, "## Les cours\n- **Le mercredi**: 18h30"),
            (Kind::Hours, "## Geöffnet\n- **Sonntag**: geschlossen"),
            (Kind::Hours, "## Nord\n- **Mo–Fr**: 7:00–18:00"),
            (Kind::Dates, "## On stage\n- **12 March**: Opening night"),
            (Kind::Dates, "## The day\n- **14:30**: The ceremony"),
            (Kind::Dates, "## Since then\n- **1987**: The first oven"),
            (Kind::Dates, "## Auf der Bühne\n- **Premiere**: 3. Mai, 20 Uhr"),
            (Kind::Questions, "## Before you come\n- **Is there parking?**: Behind the house."),
            (Kind::Contact, "## Nord\n- **Email**: hello@nord.example"),
            (Kind::Contact, "## Nord\n- **Address**: 4 Harbour Street"),
            (Kind::Contact, "## Nord\n- **Phone**: 040 123456"),
            (Kind::Quotes, "## Kind words\n- **Anna**: “The best bread in town.”"),
            (Kind::Numbers, "## The house\n- **120**: seats"),
            (Kind::Numbers, "## The house\n- **Seats**: 120"),
            (Kind::Steps, "## Bread\n- **Step 1**: Mix flour and water."),
            (Kind::Features, "## Sunday\n- **Sunday roast**: with all the trimmings"),
            (Kind::Features, "## Bread\n- **Rye**: dark and moist"),
            (Kind::Text, "## Bread\nWe bake at night."),
        ];
        for (kind, section) in table {
            assert_eq!(seen(section), kind, "{section}");
        }
    }

    #[test]
    fn more_lines_only_refine_what_a_section_is() {
        let sections = [
            "## Our services\nAll of it by hand.\n- **Advice**: for free\n- **Cut**: 35 €\n- **Monday**: 9–17\n- **Is it far?**: No.",
            "## Nord\n- **Rye**: dark\n- **120**: seats\n- **Phone**: 040 123456",
            "## Menu\nWe bake.\n- **Monday**: closed\n- **Espresso**: 2 €",
        ];
        let rank = |kind| match kind {
            Kind::Text => 0,
            Kind::Features => 1,
            _ => 2,
        };
        for text in sections {
            let whole = Words::parse(text).sections.remove(0);
            let mut before = Kind::Text;
            for end in 0..=whole.lines.len() {
                let kind = Kind::of(&Section { lines: whole.lines[..end].to_vec(), ..whole.clone() });
                assert!(kind == before || rank(kind) > rank(before), "{before:?} became {kind:?} in {text}");
                before = kind;
            }
        }
    }
}
