//! The forms in which facts stand in a text, and what stands round them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{FactKind, calendar, contact, figures};

/// A fact where it stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) kind: FactKind,
    /// In bytes.
    pub(super) span: Range<usize>,
    /// What it says, whatever way it is written.
    pub(super) values: Vec<Value>,
}

/// What a form says: two that say the same are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Value {
    /// The amount as numbers are compared, and the currency.
    Price(String, &'static str),
    /// Day and month, from 1.
    Date(u8, u8),
    Month(u8),
    /// From Monday, 0.
    Day(u8),
    /// Minutes after midnight.
    Time(u16),
    /// As numbers are compared.
    Number(String),
    Email(String),
    /// Without what every link begins with.
    Link(String),
    /// Its digits.
    Phone(String),
    /// Folded.
    Words(String),
}

/// All forms of a text but names, in its order. What is a price or a date is no number beside that, and none goes over
/// the end of a line.
pub(super) fn find(text: &str) -> Vec<Form> {
    let place = |line: &str| line.as_ptr() as usize - text.as_ptr() as usize;
    let moved = |form: Form, by: usize| Form { span: form.span.start + by..form.span.end + by, ..form };
    text.lines().flat_map(|line| find_in_line(line).into_iter().map(move |form| moved(form, place(line)))).collect()
}

fn find_in_line(text: &str) -> Vec<Form> {
    let kinds = [
        contact::emails,
        contact::links,
        figures::prices,
        calendar::dates,
        calendar::times,
        contact::streets,
        contact::phones,
        calendar::days,
        figures::numbers,
    ];
    let mut forms = Vec::<Form>::new();
    for kind in kinds {
        let free: Vec<_> = kind(text).into_iter().filter(|form| !overlaps(&form.span, &forms)).collect();
        forms.extend(free);
    }
    forms.sort_by_key(|form| form.span.start);
    forms
}

pub(super) fn overlaps(span: &Range<usize>, forms: &[Form]) -> bool {
    forms.iter().any(|form| span.start < form.span.end && form.span.start < span.end)
}

/// A text as names are compared: small letters and figures, one blank between words, without `&` and the word for it.
pub(super) fn fold(text: &str) -> String {
    let words = text.split(|character: char| !character.is_alphanumeric());
    let words = words.map(str::to_lowercase).filter(|word| !matches!(word.as_str(), "" | "and" | "und" | "et"));
    words.collect::<Vec<_>>().join(" ")
}

/// The part of a sentence round a form: up to the next comma, stop or bracket that is not within a form itself.
pub(super) fn clause(text: &str, span: &Range<usize>, spans: &[Range<usize>]) -> Range<usize> {
    let is_within = |at: usize| spans.iter().any(|span| span.contains(&at));
    let ends = |(at, character): &(usize, char)| {
        let is_stop = || text[at + 1..].starts_with(char::is_whitespace) || text.len() == at + 1;
        match character {
            ',' | ';' | '!' | '?' | '(' | ')' | '\n' | ':' | '"' | '“' | '”' | '„' | '«' | '»' => {
                !is_within(*at)
            }
            '.' => is_stop() && !is_within(*at) && !is_short_form(&text[..*at]),
            _ => false,
        }
    };
    let start = text[..span.start].char_indices().rev().find(ends).map_or(0, |(at, end)| at + end.len_utf8());
    let rest = text[span.end..].char_indices().map(|(at, character)| (at + span.end, character));
    let end = rest.clone().find(ends).map_or(text.len(), |(at, _)| at);
    start..end
}

/// Whether the stop after this text belongs to a title: `Dr.`, `St.`
pub(super) fn is_short_form(text: &str) -> bool {
    let last = text.rsplit(|character: char| !character.is_alphanumeric()).next().unwrap_or_default();
    matches!(last, "Dr" | "Prof" | "Mr" | "Mrs" | "Ms" | "St" | "Sr" | "Jr" | "Nr" | "No" | "Inc" | "Co" | "Ltd" | "ca")
}

fn pattern(form: &str) -> Regex {
    Regex::new(&format!("(?i){form}")).expect("what stands round a form is a pattern")
}

/// What a form is said of: the few plain words before it, or else after it.
pub(super) fn about(text: &str, clause: &Range<usize>, span: &Range<usize>, spans: &[Range<usize>]) -> String {
    static LEADS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:(?:a|an|the|our|my|with|and|plus|also|is|are|we|you|ein|eine|der|die|das|und|mit|un|une|le|la|les|et|avec|el|los|las|y|con|il|i|e|van|de|het|een|en|met)\s+)+",
        )
    });
    static TAILS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:(?:\s+|^)(?:is|are|was|at|on|for|from|by|since|in|of|to|up|over|about|only|just|now|costs?|each|until|the|ist|sind|kostet|kosten|ab|für|um|am|von|seit|bis|zu|nur|jetzt|à|a|au|de|du|le|la|pour|dès|depuis|coûte|el|los|por|desde|cuesta|cuestan|al|alle|dal|il|per|costa|costano|vanaf|kost|voor|op|om|&|and|und|et|y|e|en|[-–—=])\.?)+$",
        )
    });
    let left =
        spans.iter().map(|other| other.end).filter(|end| *end <= span.start).max().unwrap_or(0).max(clause.start);
    let right = spans.iter().map(|other| other.start).filter(|at| *at >= span.end).min().unwrap_or(text.len());
    let plain = |part: &str| {
        let part = part.trim_matches(|character: char| !character.is_alphanumeric());
        let part = LEADS.replace(part, "");
        let part = TAILS.replace(&part, "");
        part.trim().to_owned()
    };
    let is_few = |part: &String| !part.is_empty() && part.split_whitespace().count() <= 4;
    let before = plain(&text[left..span.start]);
    let after = || plain(&text[span.end..right.min(clause.end)]);
    Some(before).filter(is_few).or_else(|| Some(after()).filter(is_few)).unwrap_or_default()
}

/// The name right before a form: `Pro $12`.
pub(super) fn named_before(text: &str, span: &Range<usize>, spans: &[Range<usize>]) -> Option<String> {
    let between = |end: usize| {
        text.get(end..span.start).is_some_and(|between| between.trim_matches([' ', ':', '-', '–']).is_empty())
    };
    let other = spans.iter().filter(|other| other.end <= span.start).max_by_key(|other| other.end)?;
    let name = &text[other.clone()];
    (between(other.end) && name.chars().all(|letter| letter.is_alphabetic() || letter == ' ')).then(|| name.to_owned())
}

/// A price with what belongs to it: `from £40 an hour`.
pub(super) fn whole_price(text: &str, span: &Range<usize>) -> Range<usize> {
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"\b(?:from|up to|over|under|ab|bis zu|à partir de|dès|desde|a partir de|a partire da|da|vanaf)\s$")
    });
    static AFTER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^(?:\s?/\s?|\s(?:(?:per|an?|each|pro|je|par|la|le|por|al|el|à la)\s|à l['’]))\p{L}+")
    });
    let start = BEFORE.find(&text[..span.start]).map_or(span.start, |before| before.start());
    let end = AFTER.find(&text[span.end..]).map_or(span.end, |after| span.end + after.end());
    start..end
}
