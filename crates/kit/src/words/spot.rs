//! Where in the words a text stands: what an element of the page is called between the preview and the server.

use std::fmt;
use std::str::FromStr;

use super::{Line, Section, Words};

/// A place in the words. Sections and lines are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Spot {
    /// `name`
    Name,
    /// `sentence`
    Sentence,
    /// `button`
    Button,
    /// `s2`: a whole section.
    Section(usize),
    /// `s2.heading`
    Heading(usize),
    /// `s2.3`: a whole line, the text of a paragraph.
    Line(usize, usize),
    /// `s2.3.name`: the name of an item.
    ItemName(usize, usize),
    /// `s2.3.detail`: what is said of an item.
    ItemDetail(usize, usize),
}

/// Not the name of a place in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no place in a page's words, such as s2.3.detail")]
pub struct NotASpot(String);

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("name"),
            Self::Sentence => f.write_str("sentence"),
            Self::Button => f.write_str("button"),
            Self::Section(section) => write!(f, "s{section}"),
            Self::Heading(section) => write!(f, "s{section}.heading"),
            Self::Line(section, line) => write!(f, "s{section}.{line}"),
            Self::ItemName(section, line) => write!(f, "s{section}.{line}.name"),
            Self::ItemDetail(section, line) => write!(f, "s{section}.{line}.detail"),
        }
    }
}

impl FromStr for Spot {
    type Err = NotASpot;

    fn from_str(text: &str) -> Result<Self, NotASpot> {
        read(text).ok_or_else(|| NotASpot(text.to_owned()))
    }
}

fn read(text: &str) -> Option<Spot> {
    match text {
        "name" => return Some(Spot::Name),
        "sentence" => return Some(Spot::Sentence),
        "button" => return Some(Spot::Button),
        _ => {}
    }
    let mut parts = text.strip_prefix('s')?.split('.');
    let section = parts.next()?.parse().ok()?;
    let (second, third, none) = (parts.next(), parts.next(), parts.next());
    match (second, third, none) {
        (None, ..) => Some(Spot::Section(section)),
        (Some("heading"), None, _) => Some(Spot::Heading(section)),
        (Some(line), None, _) => Some(Spot::Line(section, line.parse().ok()?)),
        (Some(line), Some("name"), None) => Some(Spot::ItemName(section, line.parse().ok()?)),
        (Some(line), Some("detail"), None) => Some(Spot::ItemDetail(section, line.parse().ok()?)),
        _ => None,
    }
}

impl Words {
    /// The text that stands there; of a whole section or line, as words write it. `None` where there is nothing.
    #[must_use]
    pub fn text(&self, spot: Spot) -> Option<String> {
        match spot {
            Spot::Name => Some(self.name.clone()),
            Spot::Sentence => Some(self.sentence.clone()),
            Spot::Button => Some(self.button.clone()),
            Spot::Section(section) => self.sections.get(section).map(Section::to_string),
            Spot::Heading(section) => self.sections.get(section).map(|section| section.heading.clone()),
            Spot::Line(section, line) => self.line(section, line).map(Line::to_string),
            Spot::ItemName(section, line) => match self.line(section, line)? {
                Line::Item { name, .. } => Some(name.clone()),
                Line::Paragraph(_) => None,
            },
            Spot::ItemDetail(section, line) => match self.line(section, line)? {
                Line::Item { detail, .. } => Some(detail.clone()),
                Line::Paragraph(_) => None,
            },
        }
    }

    /// Every text of one line, with where it stands, in the order of the page.
    pub fn texts<'a>(&'a self) -> impl Iterator<Item = (Spot, &'a str)> {
        let of_section = |(number, section): (usize, &'a Section)| {
            let lines = section.lines.iter().enumerate();
            let lines = lines.flat_map(move |(line, texts)| texts.texts(number, line));
            [(Spot::Heading(number), section.heading.as_str())].into_iter().chain(lines)
        };
        let first = [(Spot::Name, self.name.as_str()), (Spot::Sentence, self.sentence.as_str())];
        let sections = self.sections.iter().enumerate().flat_map(of_section);
        let texts = first.into_iter().chain(sections).chain([(Spot::Button, self.button.as_str())]);
        texts.filter(|(_, text)| !text.is_empty())
    }

    fn line(&self, section: usize, line: usize) -> Option<&Line> {
        self.sections.get(section)?.lines.get(line)
    }
}

impl Line {
    fn texts(&self, section: usize, line: usize) -> impl Iterator<Item = (Spot, &str)> {
        let texts = match self {
            Self::Paragraph(text) => [Some((Spot::Line(section, line), text.as_str())), None],
            Self::Item { name, detail } => [
                Some((Spot::ItemName(section, line), name.as_str())),
                Some((Spot::ItemDetail(section, line), detail.as_str())),
            ],
        };
        texts.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_is_read_as_it_is_written() {
        let all = [
            Spot::Name,
            Spot::Sentence,
            Spot::Button,
            Spot::Section(2),
            Spot::Heading(0),
            Spot::Line(1, 12),
            Spot::ItemName(1, 0),
            Spot::ItemDetail(3, 4),
        ];
        for spot in all {
            assert_eq!(spot.to_string().parse(), Ok(spot));
        }
        for text in ["", "s", "s1.", "s1.x", "s1.2.heading", "s1.2.name.x", "title"] {
            assert_eq!(text.parse::<Spot>(), Err(NotASpot(text.to_owned())));
        }
    }

    #[test]
    fn every_text_has_its_spot() {
        let words = Words::parse("# Nord\n> Coffee.\n## Menu\n- **Espresso**: 2.50 €\n- Water\nAnd more.\n[Come]\n");
        let texts: Vec<_> = words.texts().map(|(spot, text)| format!("{spot} {text}")).collect();
        let expected = "name Nord;sentence Coffee.;s0.heading Menu;s0.0.name Espresso;s0.0.detail 2.50 €;s0.1.detail Water;\
                        s0.2 And more.;button Come";
        assert_eq!(texts.join(";"), expected);
        assert!(words.texts().all(|(spot, text)| words.text(spot).as_deref() == Some(text)));
    }

    #[test]
    fn a_spot_finds_its_text() {
        let words = Words::parse("# Nord\n## Menu\n- **Espresso**: 2.50 €\nAnd more.\n");
        assert_eq!(words.text(Spot::ItemDetail(0, 0)).as_deref(), Some("2.50 €"));
        assert_eq!(words.text(Spot::Line(0, 1)).as_deref(), Some("And more."));
        assert_eq!(words.text(Spot::ItemName(0, 1)), None);
        assert_eq!(words.text(Spot::Section(1)), None);
    }
}
