//! Commands as a model writes them, one a line: `op | target | value`.

use kit::{Fonts, Line, Spot, Words};

use super::targets::Targets;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// A text, a price, hours: the detail of an entry, or a text of its own.
    Set(Spot, String),
    /// What a section, an entry or the page is called.
    Rename(Spot, String),
    /// An entry of this section.
    AddEntry(usize, Line),
    /// A section behind the last one.
    AddSection {
        heading: String,
        text: String,
    },
    Delete(Spot),
    Move(Spot, Destination),
    Recolour(String),
    Font(Fonts),
    Look(String),
    /// A model writes it again.
    Rewrite(Option<Spot>, String),
    Translate(String),
    Undo,
    /// None of these.
    Cannot(String),
}

/// Where something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination {
    Top,
    Bottom,
    Up,
    Down,
    Before(Spot),
    After(Spot),
}

impl Command {
    /// `None` where it is no command on this page.
    pub(super) fn read(line: &str, targets: &Targets, words: &Words) -> Option<Self> {
        let mut parts = line.splitn(3, '|').map(str::trim);
        let (op, target, value) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default());
        let value = value.trim_matches('|').trim();
        let target = targets.find(target)?;
        let said = || (!value.is_empty()).then(|| value.to_owned());
        Some(match (op, target) {
            ("set", Some(spot)) => set(spot, said()?, words)?,
            ("rename", Some(spot)) => Self::Rename(spot, said()?),
            ("add", Some(Spot::Section(section))) => Self::AddEntry(section, entry(value)?),
            ("add", None) => {
                let (heading, text) = value.split_once(':').unwrap_or((value, ""));
                Self::AddSection { heading: capital(heading.trim()), text: text.trim().to_owned() }
            }
            ("delete", Some(spot)) => Self::Delete(spot),
            ("move", Some(spot)) => Self::Move(spot, destination(value, targets)?),
            ("recolour", _) => Self::Recolour(said()?),
            ("font", _) => Self::Font(Fonts::ALL.into_iter().find(|fonts| fonts.id() == value)?),
            ("look", _) => Self::Look(said()?),
            ("rewrite", spot) => Self::Rewrite(spot, said()?),
            ("translate", _) => Self::Translate(said()?),
            ("undo", _) => Self::Undo,
            ("cannot", _) => Self::Cannot(said()?),
            _ => return None,
        })
    }

    /// Whether a model has to write for it.
    pub(super) fn needs_a_model(&self) -> bool {
        matches!(self, Self::Rewrite(..) | Self::Translate(_))
    }

    /// What it changes.
    pub(super) fn spot(&self) -> Option<Spot> {
        match self {
            Self::Set(spot, _) | Self::Rename(spot, _) | Self::Delete(spot) | Self::Move(spot, _) => Some(*spot),
            Self::AddEntry(section, _) => Some(Spot::Section(*section)),
            _ => None,
        }
    }
}

/// Of a section its heading is set, unless the value says which of its entries is meant: `Saturday 9 to 17`.
fn set(spot: Spot, value: String, words: &Words) -> Option<Command> {
    let Spot::Section(number) = spot else { return Some(Command::Set(spot, value)) };
    let section = words.sections.get(number)?;
    let lower = value.to_lowercase();
    let named = section.lines.iter().enumerate().find_map(|(line, text)| match text {
        Line::Item { name, .. } if !name.is_empty() => {
            let rest = lower.strip_prefix(&name.to_lowercase())?;
            let rest = &value[value.len() - rest.len()..];
            let detail = rest.trim_start_matches([':', ' ', ',']).to_owned();
            (rest.starts_with([' ', ':', ',']) && !detail.is_empty()).then_some((line, detail))
        }
        _ => None,
    });
    if let Some((line, detail)) = named {
        return Some(Command::Set(Spot::Line(number, line), detail));
    }
    // Running text is no entry: a model writes it again.
    if !section.lines.is_empty() && section.lines.iter().all(|line| matches!(line, Line::Paragraph(_))) {
        return Some(Command::Rewrite(Some(spot), value));
    }
    let is_heading = !value.contains([':', ';']) && !value.chars().any(char::is_numeric);
    is_heading.then_some(Command::Rename(spot, value))
}

fn entry(value: &str) -> Option<Line> {
    let (name, detail) = value.split_once(':').map_or((value, ""), |(name, detail)| (name.trim(), detail.trim()));
    (!name.is_empty()).then(|| Line::item(&capital(name), detail))
}

fn destination(value: &str, targets: &Targets) -> Option<Destination> {
    let beside = |start: &str| value.strip_prefix(start).and_then(|name| targets.find(name)).flatten();
    match value {
        "top" => Some(Destination::Top),
        "bottom" => Some(Destination::Bottom),
        "up" => Some(Destination::Up),
        "down" => Some(Destination::Down),
        _ => beside("before ").map(Destination::Before).or_else(|| beside("after ").map(Destination::After)),
    }
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
