//! One text in the place of another: renamings, and "change X to Y" where X stands there once.

use std::sync::LazyLock;

use kit::{Spot, Words};
use regex::Regex;

use super::given::{begins_large, given, plainly, quoted};
use super::phrase::{pattern, unquoted};
use super::place::called;
use super::target::{exactly, find};
use super::{Change, Page};

static RENAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:rename|renomme[rz]?|renombra|rinomina|benenne|benenn)\s+(?P<x>.+?)\s+(?:to|into|as|in|zu|en|a|como)\s+(?P<y>.+?)(?:\s+um)?$",
    )
});
/// Here a text follows, whatever its letters.
static RENAME_TO: LazyLock<Regex> = LazyLock::new(|| pattern(r"^rename\s+.+?\s+to\s+\S+(?:\s\S+){0,3}$"));
static CHANGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:change|replace|swap|correct|ersetze|ersetz|ändere|änder|remplace[rz]?|change[rz]?|cambia|reemplaza|sustituye|sostituisci)\s+(?P<rest>.+)$",
    )
});
/// What stands between the old text and the new one.
static JOIN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\s+(?:to|with|by|into|durch|mit|in|zu|auf|par|en|por|a|con)\s+"));
static INSTEAD: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [
        pattern(
            r"^(?:instead of|statt|anstatt|au lieu de|en vez de)\s+(?P<x>.+?)[, ]+(?:write|say|put|schreibe?|écris|escribe)\s+(?P<y>.+)$",
        ),
        pattern(
            r"^(?:write|say|put|schreibe?|écris|escribe)\s+(?P<y>.+?)\s+(?:instead of|statt|anstatt|au lieu de|en vez de)\s+(?P<x>.+)$",
        ),
    ]
});
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:it|(?:the |our )?(?:name|page|site|title|place|shop|café|cafe|restaurant|bar|business|company)|es|der name|die seite|der titel|le nom|la page|le titre|el nombre|la página|el título|its name)$",
    )
});

pub(super) fn read(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    renamed(wish, page).or_else(|| changed(wish, page))
}

fn renamed(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    let captures = RENAME.captures(wish)?;
    let (what, _) = unquoted(&captures["x"]);
    let to = if RENAME_TO.is_match(wish) {
        quoted(&captures["y"]).or_else(|| plainly(&captures["y"]))
    } else {
        given(&captures["y"])
    }?;
    if NAME.is_match(what) && page.spot.is_none_or(|spot| spot == Spot::Name)
        || what.eq_ignore_ascii_case(&page.words.name)
    {
        return Some((Change::Rename(to.to_owned()), format!("The page is called “{to}” now.")));
    }
    let spot = match find(what, page.words, page.spot)? {
        Spot::Section(section) => Spot::Heading(section),
        // Some of a name's words alone may be said of what it is about: the wifi, and the question whether there is any.
        spot @ Spot::Line(section, line) if exactly(what, page.words) == Some(spot) || page.spot == Some(spot) => {
            Spot::ItemName(section, line)
        }
        Spot::Line(..) => return None,
        spot => spot,
    };
    page.words.text(spot)?;
    Some((Change::Set(spot, to.to_owned()), format!("{} is called “{to}” now.", called(page.words, spot))))
}

fn changed(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    let pairs = match CHANGE.captures(wish) {
        Some(captures) => pairs(captures.name("rest")?.as_str()),
        None => {
            let captures = INSTEAD.iter().find_map(|pattern| pattern.captures(wish))?;
            vec![(captures.name("x")?.as_str(), captures.name("y")?.as_str())]
        }
    };
    let mut changes = pairs.into_iter().filter_map(|(from, to)| Some((from, replaced_once(from, to, page)?)));
    let (first, change) = changes.next()?;
    let others: Vec<_> = changes.collect();
    // Where the old text may end in several places, it is the one that is all of what stands somewhere.
    let is_whole = |from: &str| page.words.texts().any(|(_, text)| text == unquoted(from).0);
    match others.as_slice() {
        [] => Some(change),
        _ => {
            let mut whole = others.into_iter().chain([(first, change)]).filter(|(from, _)| is_whole(from));
            let (_, change) = whole.next()?;
            whole.next().is_none().then_some(change)
        }
    }
}

/// Every way to divide "Monday to Friday to Monday to Saturday" into an old text and a new one.
fn pairs(rest: &str) -> Vec<(&str, &str)> {
    let marks = |text: &str| text.matches(['"', '“', '”', '„', '«', '»']).count();
    let joins = JOIN.find_iter(rest).map(|join| (&rest[..join.start()], &rest[join.end()..]));
    joins.filter(|(from, _)| !from.is_empty() && marks(from) % 2 == 0).collect()
}

/// A text that stands there once becomes another.
fn replaced_once(from: &str, to: &str, page: Page<'_>) -> Option<(Change, String)> {
    let ((from, from_quoted), to_quoted) = (unquoted(from), quoted(to));
    let has_figures = from.chars().any(|letter| letter.is_ascii_digit());
    let to = to_quoted.or_else(|| plainly(to).filter(|to| from_quoted || begins_large(to) || has_figures))?;
    let fixed = match from.to_lowercase().trim_start_matches("the ") {
        "button" | "button text" | "knopf" | "den knopf" | "le bouton" | "el botón" if !from_quoted => {
            Some(Spot::Button)
        }
        "tagline" | "subtitle" | "slogan" | "untertitel" if !from_quoted => Some(Spot::Sentence),
        "name" | "title" | "page title" if !from_quoted => {
            return Some((Change::Rename(to.to_owned()), format!("The page is called “{to}” now.")));
        }
        _ => None,
    };
    if let Some(spot) = fixed.filter(|spot| page.words.text(*spot).is_some_and(|text| !text.is_empty())) {
        return Some((Change::Set(spot, to.to_owned()), format!("{} is “{to}” now.", called(page.words, spot))));
    }
    if from == page.words.name {
        return Some((Change::Rename(to.to_owned()), format!("The page is called “{to}” now.")));
    }
    let mut places =
        page.words.texts().flat_map(|(spot, text)| occurrences(text, from).map(move |at| (spot, text, at)));
    let (spot, text, at) = places.next()?;
    if places.next().is_some() {
        return None;
    }
    let text = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
    Some((Change::Set(spot, text), format!("“{from}” is “{to}” now.")))
}

/// Gives the page another name, wherever it says its name.
pub(super) fn rename(words: &mut Words, name: &str) -> Option<()> {
    let old = std::mem::take(&mut words.name);
    words.name.clone_from(&old);
    let with_old: Vec<(Spot, String)> = words
        .texts()
        .filter(|(spot, text)| *spot != Spot::Name && !old.is_empty() && occurrences(text, &old).next().is_some())
        .map(|(spot, text)| (spot, replaced(text, &old, name)))
        .collect();
    words.set(Spot::Name, name).ok()?;
    with_old.into_iter().try_for_each(|(spot, text)| words.set(spot, &text).ok())
}

fn replaced(text: &str, old: &str, new: &str) -> String {
    let (mut all, mut copied) = (String::new(), 0);
    for at in occurrences(text, old) {
        all.push_str(&text[copied..at]);
        all.push_str(new);
        copied = at + old.len();
    }
    all + &text[copied..]
}

/// Where `part` stands in `text` as words of its own.
pub(super) fn occurrences<'a>(text: &'a str, part: &'a str) -> impl Iterator<Item = usize> + 'a {
    let joins = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let is_figure = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
    // Of `3.80` the 3 is no word of its own.
    let is_amount = move |mark: Option<char>, figure: Option<char>, own: Option<char>| {
        mark.is_some_and(|mark| ".,:".contains(mark)) && is_figure(figure) && is_figure(own)
    };
    let found = text.match_indices(part).filter(|_| !part.is_empty());
    found.map(|(at, _)| at).filter(move |at| {
        let (mut before, mut after) = (text[..*at].chars().rev(), text[at + part.len()..].chars());
        let (first, last) = (part.chars().next(), part.chars().next_back());
        let (left, right) = (before.next(), after.next());
        let begins = (!joins(left) || !joins(first)) && !is_amount(left, before.next(), first);
        begins && (!joins(right) || !joins(last)) && !is_amount(right, after.next(), last)
    })
}
