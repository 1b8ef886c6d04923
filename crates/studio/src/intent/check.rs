//! Whether a command is what the wish says: pure, and before anything is changed.

use std::collections::HashSet;
use std::sync::LazyLock;

use kit::{Colour, Kind, Line, Section, Spot, Words};
use regex::Regex;

use super::command::Command;
use crate::edit::wish;

/// Words that a model puts between those of the wish.
const BETWEEN: &str = "a an the and or of to in on at for from with is are der die das und von zu im am für mit le la les et de du des à el los las y al il e di";

/// A price in another of these is another price.
const CURRENCIES: &str = "$€£¥₹₺₽₩₪฿₫₴";

/// What is wrong with a command, where the wish does not say it.
pub(super) fn wrong(command: &Command, wish: &str, words: &Words) -> Option<String> {
    match command {
        Command::Set(spot, value) => {
            // What a price is in and what stands beside it stay as they are; a figure is the wish's own.
            let there = words.text(*spot).unwrap_or_default();
            let beside: Vec<String> = parts(&there).filter(|part| !part.chars().any(char::is_numeric)).collect();
            let other = value
                .chars()
                .find(|sign| CURRENCIES.contains(*sign) && !wish.contains(*sign) && !there.contains(*sign));
            let other = other.map(|sign| format!("the wish does not say {sign}"));
            other
                .or_else(|| unsaid(value, &format!("{wish} {}", beside.join(" "))))
                .or_else(|| is_same(*spot, value, words))
        }
        Command::Rename(spot, value) => unsaid(value, wish).or_else(|| is_same(*spot, value, words)),
        Command::AddEntry(section, line) => {
            let is_list = words.sections.get(*section).is_some_and(|section| {
                section.lines.is_empty() || section.lines.iter().any(|line| matches!(line, Line::Item { .. }))
            });
            if !is_list {
                return Some("an entry goes into a list".to_owned());
            }
            unsaid(&line.to_string(), wish)
        }
        Command::AddSection { heading, text } => unsaid(heading, wish).or_else(|| unsaid(text, wish)),
        Command::Recolour(colour) => {
            let Some(wanted) = wish::colour_named(colour) else { return Some(format!("{colour} is no colour")) };
            let said = wish::colours_in(wish);
            let is_said = said.contains(&wanted) || unshaded(colour).is_some_and(|base| said.contains(&base));
            (!said.is_empty() && !is_said).then(|| format!("the wish names another colour than {colour}"))
        }
        Command::Delete(Spot::Name) => Some("a page has a name".to_owned()),
        _ => None,
    }
}

/// The words and figures of a value stand in the wish, each as it is written there.
fn unsaid(value: &str, wish: &str) -> Option<String> {
    let said: HashSet<String> = parts(wish).collect();
    let lower = wish.to_lowercase();
    let is_said = |part: &String| {
        said.contains(part)
            || BETWEEN.split(' ').any(|word| word == part)
            // Where words are not divided by spaces, and in an inflected form.
            || !part.chars().any(char::is_numeric) && lower.contains(part.as_str())
    };
    parts(value).find(|part| !is_said(part)).map(|part| format!("the wish does not say {part}"))
}

/// Words, and figures with the signs in them: `2,50` is another than `2.50`.
fn parts(text: &str) -> impl Iterator<Item = String> {
    let is_part = |letter: char| letter.is_alphanumeric() || ".,:'’-".contains(letter);
    let lower = text.to_lowercase();
    let parts: Vec<String> = lower
        .split(|letter| !is_part(letter))
        .map(|part| part.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    parts.into_iter()
}

fn is_same(spot: Spot, value: &str, words: &Words) -> Option<String> {
    (words.text(spot).as_deref() == Some(value)).then(|| "that is what stands there".to_owned())
}

/// The one colour that the wish names, where a model has named another one.
pub(super) fn coloured(command: Command, wish: &str) -> Command {
    match (command, wish::colours_in(wish).as_slice()) {
        (Command::Recolour(colour), [named]) if unshaded(&colour) != Some(*named) => {
            Command::Recolour(named.to_string())
        }
        (other, _) => other,
    }
}

/// The colour that a shade is of: a model alone says that it is to be a dark one.
fn unshaded(colour: &str) -> Option<Colour> {
    wish::colour_named(colour.rsplit(' ').next().unwrap_or(colour))
}

/// A value that a model has translated or written otherwise is what the wish puts in quotation marks, where it does so once.
pub(super) fn quoted(command: Command, wish: &str) -> Command {
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("[\"“„«「『]([^\"“”„«»「」『』]+)[\"”“»」』]").expect("what stands in quotation marks is a pattern")
    });
    let mut quoted = QUOTED.captures_iter(wish).map(|quoted| quoted[1].trim().to_owned());
    let (Some(text), None) = (quoted.next(), quoted.next()) else { return command };
    match command {
        Command::Set(spot, value) if unsaid(&value, wish).is_some() => Command::Set(spot, text),
        Command::Rename(spot, value) if unsaid(&value, wish).is_some() => Command::Rename(spot, text),
        other => other,
    }
}

/// Of a section that is to go the one entry that the wish speaks of: "the wifi question" is not all questions.
pub(super) fn narrowed(command: Command, wish: &str, words: &Words) -> Command {
    let Command::Delete(Spot::Section(number)) = command else { return command };
    let Some(section) = words.sections.get(number) else { return command };
    let heading = wish::words_of(&section.heading);
    let is_own = |word: &&String| word.chars().count() > 3 && !heading.iter().any(|other| wish::is_same(word, other));
    let said = wish::words_of(wish);
    let is_said = |line: &usize| {
        let text = words.text(Spot::ItemName(number, *line)).unwrap_or_default();
        wish::words_of(&text).iter().filter(is_own).any(|word| said.iter().any(|other| wish::is_same(word, other)))
    };
    let mut named = (0..section.lines.len()).filter(is_said);
    match (named.next(), named.next()) {
        (Some(line), None) => Command::Delete(Spot::Line(number, line)),
        _ => command,
    }
}

/// Whether it is sure enough to be carried out without asking: the wish speaks of what is changed, by its name or by what it is,
/// and excepts nothing.
pub(super) fn is_sure(command: &Command, wish: &str, words: &Words) -> bool {
    if wish::excepts(wish) {
        return false;
    }
    match command.spot() {
        None => true,
        // A price belongs among the prices, whether or not the wish says so.
        Some(Spot::Section(number)) if matches!(command, Command::AddEntry(_, line) if fits(line, number, words)) => {
            true
        }
        Some(spot) => {
            // With a word more it may be a part of the section that is to go.
            let may_be_a_part =
                matches!(command, Command::Delete(Spot::Section(_))) && wish.split_whitespace().count() > 5;
            is_spoken_of(spot, wish, words) && !may_be_a_part
        }
    }
}

fn fits(line: &Line, section: usize, words: &Words) -> bool {
    let kind = Kind::of(&Section { heading: String::new(), lines: vec![line.clone()] });
    kind != Kind::Features && words.sections.get(section).is_some_and(|section| Kind::of(section) == kind)
}

fn is_spoken_of(spot: Spot, wish: &str, words: &Words) -> bool {
    let said = wish::words_of(wish);
    let names = |text: &str| {
        let named: Vec<String> =
            wish::words_of(text).into_iter().filter(|word| word.chars().count() > 2 || !word.is_ascii()).collect();
        let lower = wish.to_lowercase();
        !named.is_empty()
            && named.iter().any(|word| {
                said.iter().any(|other| wish::is_same(word, other)) || !word.is_ascii() && lower.contains(word)
            })
    };
    match spot {
        Spot::Section(number) => {
            let Some(section) = words.sections.get(number) else { return false };
            names(&section.heading) || said.iter().any(|word| is_kind(word, section))
        }
        Spot::Line(number, line) => {
            words.text(Spot::ItemName(number, line)).or_else(|| words.text(spot)).is_some_and(|text| names(&text))
        }
        // A page has one of each.
        _ => true,
    }
}

/// Whether a word says what a section is: `Öffnungszeiten` of the hours.
fn is_kind(word: &str, section: &Section) -> bool {
    let kind = Kind::of(&Section { heading: word.to_owned(), lines: Vec::new() });
    !matches!(kind, Kind::Text | Kind::Features) && kind == Kind::of(section)
}
