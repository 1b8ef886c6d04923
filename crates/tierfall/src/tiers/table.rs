//! The facts as people read them.

use std::fmt::Write as _;

use gateway::{LimitFacts, TierFacts};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use upstream::{Costs, Learns};

use super::Shown;
use crate::clock::on_the_wall;

const HEAD: [&str; 7] = ["TIER", "LIMIT", "SPENT", "THERE AGAIN", "COSTS", "LEARNS", "AS OF"];

type Row = [String; HEAD.len()];

/// A row for each limit of each tier that is on, and what else is to be said of each below.
pub(super) fn render(tiers: &[Shown], now: Timestamp, zone: &TimeZone) -> String {
    let on = tiers.iter().filter(|tier| tier.off.is_none());
    let rows: Vec<Row> = on.flat_map(|tier| rows(&tier.facts, now, zone)).collect();
    let mut text = columns(&rows);
    let notes: String = tiers.iter().map(|tier| notes(tier, now, zone)).collect();
    if !notes.is_empty() {
        text.push('\n');
        text += &notes;
    }
    text
}

fn rows(facts: &TierFacts, now: Timestamp, zone: &TimeZone) -> Vec<Row> {
    let nothing = String::new;
    let limit = |limit: &LimitFacts| {
        let again = limit.whole_at.map_or_else(|| "-".to_owned(), |at| on_the_wall(at, now, zone));
        [nothing(), words(limit), grouped(limit.spent), again, nothing(), nothing(), nothing()]
    };
    let mut rows: Vec<Row> = facts.limits.iter().map(limit).collect();
    if rows.is_empty() {
        let dash = || "-".to_owned();
        rows.push([nothing(), "none known".to_owned(), dash(), dash(), nothing(), nothing(), nothing()]);
    }
    let first = &mut rows[0];
    first[0].clone_from(&facts.name);
    (first[4], first[5]) = (costs(facts).to_owned(), learns(facts.learns).to_owned());
    first[6].clone_from(&facts.as_of);
    rows
}

/// What the columns have no room for.
fn notes(Shown { facts, off }: &Shown, now: Timestamp, zone: &TimeZone) -> String {
    let name = &facts.name;
    if let Some(why) = off {
        return format!("{name} is off: {why}\n");
    }
    let mut notes = String::new();
    for limit in &facts.limits {
        if let Some(said) = at_this_pace(name, limit, now, zone) {
            let _ = writeln!(notes, "{said}");
        }
    }
    if let Some(other) = facts.other_limits {
        let _ = writeln!(notes, "{name}: limited {other}");
    }
    if !facts.keep_for.is_empty() {
        let _ = writeln!(notes, "{name}: the last fifth of its day is kept for {}", facts.keep_for.join(" and "));
    }
    if facts.card {
        let _ = writeln!(notes, "{name}: its free plan wants a credit card");
    }
    notes
}

/// When the limit is used up, where it does not last.
pub(crate) fn at_this_pace(tier: &str, limit: &LimitFacts, now: Timestamp, zone: &TimeZone) -> Option<String> {
    let at = limit.used_up_at?;
    if limit.spent >= limit.limit {
        let again = limit.whole_at.map(|at| format!(", all of it there again {}", on_the_wall(at, now, zone)));
        return Some(format!("{tier}: its {} are used up{}", words(limit), again.unwrap_or_default()));
    }
    let spent = format!("{} of {}", grouped(limit.spent), words(limit));
    Some(format!("{tier}: at this pace it is used up at {} ({spent} are spent)", on_the_wall(at, now, zone)))
}

/// `1,000 requests a day`.
fn words(limit: &LimitFacts) -> String {
    format!("{} {} a {}", grouped(limit.limit), limit.counts.replace("gpu_", "GPU "), limit.per)
}

const fn costs(facts: &TierFacts) -> &'static str {
    match facts.costs {
        Costs::Own => "your own machine",
        Costs::Free if !facts.can_bill => "nothing",
        Costs::Free | Costs::Bills => "may bill",
    }
}

const fn learns(learns: Learns) -> &'static str {
    match learns {
        Learns::No => "no",
        Learns::Yes => "yes",
        Learns::Some => "some do",
        Learns::Unknown => "not said",
    }
}

/// As wide as their widest cell.
fn columns(rows: &[Row]) -> String {
    let head = HEAD.map(str::to_owned);
    let rows: Vec<&Row> = std::iter::once(&head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; HEAD.len()] = std::array::from_fn(width);
    let line = |row: &&Row| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// With a comma between each three digits.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let comma = |place: usize| place > 0 && (digits.len() - place).is_multiple_of(3);
    digits.char_indices().fold(String::new(), |mut text, (place, digit)| {
        if comma(place) {
            text.push(',');
        }
        text.push(digit);
        text
    })
}
