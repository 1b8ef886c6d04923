//! What of a page can be spoken of, by names that each stand for one place.

use std::collections::HashSet;
use std::fmt::Write as _;

use kit::{Line, Spot, Words};

/// A longer page is spoken of in its first parts.
const MOST: usize = 80;
/// Of an entry without a name so many letters stand for it.
const LONGEST_NAME: usize = 40;
/// Of a paragraph so many letters are shown.
const LONGEST_SHOWN: usize = 160;

/// The names, each with its place; the whole page has none.
#[derive(Debug)]
pub(super) struct Targets(Vec<(String, Option<Spot>)>);

impl Targets {
    pub(super) fn of(words: &Words) -> Self {
        let mut all = vec![
            ("page".to_owned(), None),
            ("name".to_owned(), Some(Spot::Name)),
            ("tagline".to_owned(), Some(Spot::Sentence)),
        ];
        all.push(("button".to_owned(), Some(Spot::Button)));
        for (number, section) in words.sections.iter().enumerate() {
            all.push((section.heading.clone(), Some(Spot::Section(number))));
            for (line, text) in section.lines.iter().enumerate() {
                if let Line::Item { name, detail } = text {
                    let name = if name.is_empty() { detail.chars().take(LONGEST_NAME).collect() } else { name.clone() };
                    all.push((name, Some(Spot::Line(number, line))));
                }
            }
        }
        // A command is a line, with bars in it; and what stands there twice is no target.
        let mut seen = HashSet::new();
        let names: Vec<String> = all.iter().map(|(name, _)| name.to_lowercase()).collect();
        all.retain(|(name, _)| {
            let name = name.to_lowercase();
            let is_one = names.iter().filter(|other| **other == name).count() == 1;
            is_one && seen.insert(name.clone()) && !name.trim().is_empty() && !name.contains(['|', '\n'])
        });
        all.truncate(MOST);
        Self(all)
    }

    /// The place of that name: `None` where there is no such one, `Some(None)` for the whole page.
    pub(super) fn find(&self, name: &str) -> Option<Option<Spot>> {
        let name = name.trim().trim_matches('"').to_lowercase();
        self.0.iter().find(|(other, _)| other.to_lowercase() == name).map(|(_, spot)| *spot)
    }

    /// Names of places that fulfil a condition.
    pub(super) fn names(&self, is_one: impl Fn(Option<Spot>) -> bool) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(_, spot)| is_one(*spot)).map(|(name, _)| name.as_str())
    }
}

/// A page in a few lines, as a model is shown it.
pub(super) fn shown(words: &Words) -> String {
    let mut text = format!("Page: {}\ntagline: {}\nbutton: {}\n", words.name, words.sentence, words.button);
    for section in &words.sections {
        let lines: Vec<String> = section.lines.iter().map(line).collect();
        // Writing to a string does not fail.
        let _ = writeln!(text, "section {}: {}", section.heading, lines.join("; "));
    }
    text
}

fn line(line: &Line) -> String {
    let text = match line {
        Line::Paragraph(text) => format!("(text) {text}"),
        Line::Item { name, detail } => format!("{name} {detail}").trim().to_owned(),
    };
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
