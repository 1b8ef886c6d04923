//! Days beside hours, where a request states hours and names no day: "open from 7 to 18".
//!
//! That it is open from Monday to Friday is made up then, as it says that it is closed on the other days. But it is one
//! claim, made once for the whole list, however many lines it takes; marked on each of them, it would hide what else is
//! made up. And where every day of the week has the hours that were stated, the list says no more than the request does.

use super::FactKind;
use super::forms::{Form, Value};
use super::invented::all_forms;
use super::values::{Held, all_days};
use crate::section_kind::Kind;
use crate::words::{Spot, Words};

/// An entry of opening hours.
struct Entry {
    line: usize,
    days: Vec<u8>,
    /// What its hours say; empty where none are given.
    hours: Vec<Value>,
    are_stated: bool,
}

/// Of what was made up all but the days that need no mark of their own.
pub(super) fn with_days_once(made_up: Vec<(Spot, Form)>, words: &Words, held: &Held) -> Vec<(Spot, Form)> {
    if held.names_a_day() {
        return made_up;
    }
    let silent: Vec<Spot> = (0..words.sections.len()).flat_map(|section| silent_in(section, words, held)).collect();
    made_up.into_iter().filter(|(spot, form)| form.kind != FactKind::Day || !silent.contains(spot)).collect()
}

/// The names of entries whose days are not marked.
fn silent_in(section: usize, words: &Words, held: &Held) -> Vec<Spot> {
    if Kind::of(&words.sections[section]) != Kind::Hours {
        return Vec::new();
    }
    let entries = entries(section, words, held);
    let mut days: Vec<u8> = entries.iter().flat_map(|entry| entry.days.clone()).collect();
    days.sort_unstable();
    days.dedup();
    let is_one = |entry: &Entry| entry.are_stated && entry.hours == entries[0].hours;
    let says_no_more = days.len() == 7 && entries.iter().all(is_one);
    let silent =
        entries.iter().enumerate().filter(|(place, entry)| says_no_more || *place > 0 && !entry.hours.is_empty());
    silent.map(|(_, entry)| Spot::ItemName(section, entry.line)).collect()
}

fn entries(section: usize, words: &Words, held: &Held) -> Vec<Entry> {
    let forms = all_forms(words);
    let of = |spot: Spot| forms.iter().filter(move |(at, _)| *at == spot).map(|(_, form)| form);
    let entry = |line: usize| {
        let name = words.text(Spot::ItemName(section, line))?;
        let days = of(Spot::ItemName(section, line)).find(|form| form.kind == FactKind::Day)?;
        let hours: Vec<&Form> = of(Spot::ItemDetail(section, line))
            .filter(|form| matches!(form.kind, FactKind::Time | FactKind::Number))
            .collect();
        Some(Entry {
            line,
            days: all_days(days, &name),
            are_stated: !hours.is_empty() && hours.iter().all(|form| held.allows(form)),
            hours: hours.into_iter().flat_map(|form| form.values.clone()).collect(),
        })
    };
    (0..words.sections[section].lines.len()).filter_map(entry).collect()
}
