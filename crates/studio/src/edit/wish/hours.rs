//! Other opening hours of a day: "on Saturday we are open from 9 to 17", "we close at 6 on Sunday", "closed on Mondays".

use std::sync::LazyLock;

use kit::facts::weekdays;
use kit::{Kind, Line, Spot, Words};
use regex::{Captures, Regex};

use super::phrase::pattern;
use super::{Change, Page};

const CLOSED: &str = "closed|geschlossen|ruhetag|zu|fermés?|fermée?s?|cerrad[oa]s?|chius[oi]";
const DAYS: &str = r"(?:(?:every|each|jeden|le|les|el|los|il|la|the)\s+)?(?P<d>[\p{L}.]+(?:\s?(?:[-–&]|\b(?:to|till|through|and|bis|und|à|au|et|a|al|y|e)\b)\s?[\p{L}.]+)?)";
const ON: &str = r"(?:(?:on|am|an|at|for)\s+)?";
const TIME: &str = r"\d{1,2}(?:[:.h]\d{2})?\s?(?:am|pm|a\.m\.|p\.m\.|h\b)?";

/// A wish about hours, and what it says of them.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let from = r"(?:(?:from|between|von|zwischen|de|des|da|dalle)\s+)?";
    let range = format!(
        r"(?P<range>{from}(?P<from>{TIME})\s?(?:uhr\s)?(?:to|till|until|and|bis|und|à|a|alle|-|–|—)\s?(?P<to>{TIME}))(?:\s?(?:uhr|o['’]clock))?"
    );
    let close = format!(r"(?P<close>{TIME})(?:\s?(?:uhr|o['’]clock))?");
    let open = format!(r"(?P<open>{TIME})(?:\s?(?:uhr|o['’]clock))?");
    let we = r"(?:(?:we are|we're|it is|it's|wir haben|wir sind|haben wir|sind wir|ist|are|is|on est|nous sommes|estamos|siamo)\s+)?(?:(?:now|only|jetzt|nur|maintenant|ahora)\s+)*";
    let at = r"(?:at|um|à|a las|alle)";
    let is_open = r"(?:open|geöffnet|offen|auf|ouverts?|abiert[oa]s?|apert[oi])";
    [
        format!(r"^{ON}{DAYS}[,:]?\s+{we}(?:{is_open}\s+)?{range}(?:\s+{is_open})?$"),
        format!(r"^{we}(?:{is_open}\s+)?{ON}{DAYS}\s+{range}(?:\s+{is_open})?$"),
        format!(r"^{we}{is_open}\s+{range}\s+{ON}{DAYS}$"),
        format!(r"^{ON}{DAYS}[,:]?\s+{we}(?P<closed>{CLOSED})$"),
        format!(r"^{we}(?P<closed>{CLOSED})\s+{ON}{DAYS}$"),
        format!(r"^{we}{ON}{DAYS}\s+(?P<closed>{CLOSED})$"),
        format!(r"^(?:we|wir)\s+(?:now\s+)?(?:close|schließen)\s+{at}\s+{close}\s+{ON}{DAYS}$"),
        format!(r"^{ON}{DAYS},?\s+(?:we\s+(?:now\s+)?close|schließen wir|machen wir)\s+{at}\s+{close}(?:\s+zu)?$"),
        format!(r"^(?:we|wir)\s+(?:now\s+)?(?:open|öffnen)\s+{at}\s+{open}\s+{ON}{DAYS}$"),
        format!(r"^{ON}{DAYS},?\s+(?:we\s+(?:now\s+)?open|öffnen wir|machen wir)\s+{at}\s+{open}(?:\s+auf)?$"),
    ]
    .iter()
    .map(|form| pattern(form))
    .collect()
});
/// What may be said beside it: that the page is to say so.
static SAY_SO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:[,;.]|\s[-–])\s+(?:please\s+)?(?:say so|say that|put that|add that|write that|note that|schreib(?:e)? das|trag das)(?:\s+(?:in|into|to|under|in die|in den)\s+(?:the\s+)?(?:opening\s+)?(?:hours|times|öffnungszeiten)(?:\s+(?:ein|hinein))?)?$",
    )
});
/// Hours as an entry says them: from when to when, and nothing else.
static SPAN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?P<lead>(?:from|von|de|da|dalle)\s+)?(?P<a>\d{1,2})(?P<am>[:.h]\d{2}|\s?h)?(?P<ah>\s?[ap]\.?m\.?)?(?P<sep>\s?(?:uhr\s?)?(?:to|till|until|bis|à|a|alle|-|–|—)\s?)(?P<b>\d{1,2})(?P<bm>[:.h]\d{2}|\s?h)?(?P<bh>\s?[ap]\.?m\.?)?(?P<tail>\s?(?:uhr|o['’]clock))?$",
    )
});

pub(super) fn read(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    let wish = SAY_SO.find(wish).map_or(wish, |so| &wish[..so.start()]);
    FORMS.iter().filter_map(|form| form.captures(wish)).find_map(|wish| {
        let days = weekdays(&wish["d"]);
        if days.is_empty() {
            return None;
        }
        changed(&wish, &days, page.words)
    })
}

fn changed(wish: &Captures<'_>, days: &[u8], words: &Words) -> Option<(Change, String)> {
    let mut sections = words.sections.iter().enumerate().filter(|(_, section)| Kind::of(section) == Kind::Hours);
    let (number, section) = sections.next()?;
    if sections.next().is_some() {
        return None;
    }
    let entries: Vec<(usize, &str, &str, Vec<u8>)> = section
        .lines
        .iter()
        .enumerate()
        .filter_map(|(line, text)| match text {
            Line::Item { name, detail } => Some((line, name.as_str(), detail.as_str(), weekdays(name))),
            Line::Paragraph(_) => None,
        })
        .collect();
    let mut concerned = entries.iter().filter(|(.., of)| of.iter().any(|day| days.contains(day)));
    match (concerned.next(), concerned.next()) {
        (Some((line, name, detail, of)), None) if of == days => {
            let detail = told(wish, Some(detail), &entries)?;
            let said = format!("{name}: {detail}.");
            Some((Change::Set(Spot::ItemDetail(number, *line), detail), said))
        }
        // Days that no entry speaks of are new, where each of them says of which days it is.
        (None, _) if !entries.is_empty() && entries.iter().all(|(.., of)| !of.is_empty()) => {
            let detail = told(wish, None, &entries)?;
            let name = day_name(&wish["d"]);
            let at = entries.last()?.0 + 1;
            let said = format!("Added “{name}”: {detail}.");
            Some((Change::Add(number, at, Line::item(&name, &detail)), said))
        }
        _ => None,
    }
}

/// What the entry says then.
fn told(wish: &Captures<'_>, old: Option<&str>, entries: &[(usize, &str, &str, Vec<u8>)]) -> Option<String> {
    if let Some(closed) = wish.name("closed") {
        return Some(closed_as_there(closed.as_str(), entries));
    }
    let form = old.filter(|old| SPAN.is_match(old)).or_else(|| {
        let mut forms = entries.iter().map(|(_, _, detail, _)| *detail).filter(|detail| SPAN.is_match(detail));
        forms.next().filter(|_| wish.name("range").is_some())
    });
    let form = SPAN.captures(form?)?;
    let there = (hour(&form, "a")?, hour(&form, "b")?);
    let (from, to) = match (wish.name("from"), wish.name("to"), wish.name("open"), wish.name("close")) {
        (Some(from), Some(to), ..) => both(clock(from.as_str())?, clock(to.as_str())?)?,
        (_, _, Some(open), _) => (alone(clock(open.as_str())?, old.map(|_| there.0)?, there.1, false)?, there.1),
        (.., Some(close)) => (there.0, alone(clock(close.as_str())?, old.map(|_| there.1)?, there.0, true)?),
        _ => return None,
    };
    (from < to).then(|| written(&form, from, to))
}

/// The word for it that another entry has, else the wish's own.
fn closed_as_there(closed: &str, entries: &[(usize, &str, &str, Vec<u8>)]) -> String {
    static ALONE: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("^(?:{CLOSED})$")));
    let there = entries.iter().map(|(_, _, detail, _)| *detail).find(|detail| ALONE.is_match(detail));
    there.map_or_else(|| if closed == "zu" { "geschlossen".to_owned() } else { closed.to_lowercase() }, str::to_owned)
}

/// Minutes after midnight, and whether it is said which half of the day they are of.
type Clock = (u16, bool);

fn clock(text: &str) -> Option<Clock> {
    static CLOCK: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?\s?(?:(?P<half>[ap])\.?m\.?|h)?$"));
    let captures = CLOCK.captures(text.trim())?;
    let hour: u16 = captures["hour"].parse().ok()?;
    let minute: u16 = captures.name("minute").map_or(Ok(0), |minute| minute.as_str().parse()).ok()?;
    let half = captures.name("half").map(|half| half.as_str().to_lowercase());
    let hour = match half.as_deref() {
        Some("p") if hour < 12 => hour + 12,
        Some("a") if hour == 12 => 0,
        _ => hour,
    };
    (hour <= 24 && minute < 60).then_some((hour * 60 + minute, half.is_some() || hour > 12))
}

const NOON: u16 = 12 * 60;

/// From when to when: "9 to 5" ends in the afternoon. "10 to 2" may be a morning or a night, and is not sure.
fn both((from, _): Clock, (to, to_sure): Clock) -> Option<(u16, u16)> {
    match () {
        () if to > from => Some((from, to)),
        () if !to_sure && from < NOON && to + NOON > from && to >= 3 * 60 => Some((from, to + NOON)),
        () => None,
    }
}

/// One end alone, where the other stays: "close at 6" is in the evening where the place opens at 8.
fn alone((time, is_sure): Clock, old: u16, other: u16, is_end: bool) -> Option<u16> {
    if is_sure || time == NOON {
        return Some(time);
    }
    let fits = |time: &u16| if is_end { *time > other } else { *time < other };
    let candidates: Vec<u16> = [time, time + NOON].into_iter().filter(fits).collect();
    match candidates[..] {
        [one] => Some(one),
        // Opening stays in the same half of the day: only that is no guess.
        [early, _] if !is_end && old < NOON => Some(early),
        _ => None,
    }
}

fn hour(form: &Captures<'_>, side: &str) -> Option<u16> {
    let part = |name: String| form.name(&name).map_or("", |part| part.as_str().trim());
    let (own, other) = (part(format!("{side}h")), part("bh".to_owned()));
    // Of `8–4pm` the first is of the morning.
    let half = if own.is_empty() && side == "a" && !other.is_empty() { "am" } else { own };
    clock(&format!("{}{}{half}", &form[side], part(format!("{side}m")).trim_end_matches('h'))).map(|(time, _)| time)
}

/// From when to when, written as it was.
fn written(form: &Captures<'_>, from: u16, to: u16) -> String {
    let part = |name: &str| form.name(name).map_or("", |part| part.as_str());
    let has_halves = !part("bh").is_empty();
    let half_of = |time: u16, like: &str| {
        let blank = if like.starts_with(' ') { " " } else { "" };
        let half = if time % (24 * 60) < NOON { 'a' } else { 'p' };
        if like.contains('.') { format!("{blank}{half}.m.") } else { format!("{blank}{half}m") }
    };
    let one = |time: u16, minutes: &str| {
        let (hour, minute) = (time / 60, time % 60);
        let hour = match hour {
            hour if has_halves && hour > 12 => hour - 12,
            hour => hour,
        };
        let sign = minutes.chars().find(|sign| ":.h".contains(*sign));
        let padded = if form["a"].starts_with('0') { format!("{hour:02}") } else { hour.to_string() };
        let half = if has_halves { half_of(time, part("bh")) } else { String::new() };
        match sign {
            Some('h') if minute == 0 => {
                format!("{padded}{minutes}", minutes = if minutes.starts_with(' ') { " h" } else { "h" })
            }
            Some(sign) => format!("{padded}{sign}{minute:02}{half}"),
            None if minute > 0 => format!("{padded}:{minute:02}{half}"),
            None => format!("{padded}{half}"),
        }
    };
    let (from, to) = (one(from, part("am")), one(to, part("bm")));
    format!("{}{from}{}{to}{}", part("lead"), part("sep"), part("tail"))
}

/// The days as an entry is called: "Sundays" are its Sunday.
fn day_name(days: &str) -> String {
    let one = |day: &str| {
        let lower = day.to_lowercase();
        let is_often = ["days", "tags", "wochs", "abends"].iter().any(|ending| lower.ends_with(ending));
        let day = if is_often { &day[..day.len() - 1] } else { day };
        let mut letters = day.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    days.split(' ')
        .map(|word| if weekdays(word).is_empty() { word.to_owned() } else { one(word) })
        .collect::<Vec<_>>()
        .join(" ")
}
