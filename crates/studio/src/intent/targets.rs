//! What of a page can be spoken of, by names that each stand for one place.

use std::fmt::Write as _;

use kit::{Line, Spot, Words};

/// A longer page is spoken of in its first parts.
const MOST: usize = 80;
/// Of a text so many letters are shown.
const LONGEST_SHOWN: usize = 160;

/// The names, each with its place; the whole page has none.
#[derive(Debug)]
pub(super) struct Targets(Vec<(String, Option<Spot>)>);

impl Targets {
    pub(super) fn of(words: &Words) -> Self {
        let mut targets = Self(vec![
            ("page".to_owned(), None),
            ("name".to_owned(), Some(Spot::Name)),
            ("tagline".to_owned(), Some(Spot::Sentence)),
            ("button".to_owned(), Some(Spot::Button)),
        ]);
        for (number, section) in words.sections.iter().enumerate() {
            let heading = match section.heading.trim() {
                "" => format!("Section {}", number + 1),
                heading => heading.to_owned(),
            };
            let heading = targets.add(&heading, Spot::Section(number));
            for (line, text) in section.lines.iter().enumerate() {
                let name = match text {
                    Line::Item { name, .. } if !name.is_empty() => name.clone(),
                    // What has no name is called by its place.
                    _ => (line + 1).to_string(),
                };
                targets.add(&format!("{heading} / {name}"), Spot::Line(number, line));
            }
        }
        targets.0.truncate(MOST);
        targets
    }

    /// Adds a place, and returns its name: none stands for two, and none has a sign of the commands.
    fn add(&mut self, name: &str, spot: Spot) -> String {
        let name = name.replace('|', "¦").replace('\n', " ");
        let is_taken = |name: &str| self.0.iter().any(|(other, _)| other.to_lowercase() == name.to_lowercase());
        let name = (1..)
            .map(|number| if number == 1 { name.clone() } else { format!("{name} ({number})") })
            .find(|name| !is_taken(name))
            .expect("there are more numbers than places on a page");
        self.0.push((name.clone(), Some(spot)));
        name
    }

    /// The place of that name: `None` where there is no such one, `Some(None)` for the whole page. An entry may be called without
    /// its section where no other is called so.
    pub(super) fn find(&self, name: &str) -> Option<Option<Spot>> {
        let name = name.trim().trim_matches('"').to_lowercase();
        let whole = self.0.iter().find(|(other, _)| other.to_lowercase() == name);
        let twin = format!("{name} (");
        let mut entries = self.0.iter().filter(|(other, _)| {
            let entry = other.split_once(" / ").map(|(_, entry)| entry.to_lowercase());
            entry.is_some_and(|entry| entry == name || entry.starts_with(&twin))
        });
        let alone = || entries.next().filter(|_| entries.next().is_none());
        whole.or_else(alone).map(|(_, spot)| *spot)
    }

    /// Names of places that fulfil a condition.
    pub(super) fn names(&self, is_one: impl Fn(Option<Spot>) -> bool) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(_, spot)| is_one(*spot)).map(|(name, _)| name.as_str())
    }

    /// The page as a model is shown it: each place by its name, with what it says.
    pub(super) fn shown(&self, words: &Words) -> String {
        let mut text = "Page:\n".to_owned();
        for (name, spot) in &self.0 {
            let said = match *spot {
                None => continue,
                Some(Spot::Section(_)) => String::new(),
                Some(Spot::Line(section, line)) => words
                    .text(Spot::ItemDetail(section, line))
                    .or_else(|| words.text(Spot::Line(section, line)))
                    .unwrap_or_default(),
                Some(spot) => words.text(spot).unwrap_or_default(),
            };
            let said = match said.char_indices().nth(LONGEST_SHOWN) {
                Some((end, _)) => format!("{}…", &said[..end]),
                None => said,
            };
            // Writing to a string does not fail.
            let _ = if said.is_empty() { writeln!(text, "{name}") } else { writeln!(text, "{name}: {said}") };
        }
        text
    }
}
