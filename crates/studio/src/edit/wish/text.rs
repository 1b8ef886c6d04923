//! One text in the place of another: renamings, and "change X to Y" where X stands there once.

use std::sync::LazyLock;

use kit::{Spot, Words};
use regex::Regex;

use super::phrase::{pattern, unquoted};
use super::place::called;
use super::target::find;
use super::{Change, Page};

static RENAME: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    [
        pattern(
            r"^(?:rename|renomme[rz]?|renombra|rinomina|benenne|benenn)\s+(?P<x>.+?)\s+(?:to|into|as|in|zu|en|a|como)\s+(?P<y>.+?)(?:\s+um)?$",
        ),
        pattern(
            r"^(?:call|nenne|nenn)\s+(?P<x>it|the (?:page|site|place|shop|café|cafe|restaurant|bar|business|company)|es|die seite)\s+(?P<y>.+)$",
        ),
        pattern(
            r"^(?P<x>it|the (?:name|page|site)|its name|der name|le nom|el nombre)\s+(?:is|should be|ist|heißt|est|es)\s+(?:now\s+|jetzt\s+)?(?:called\s+)?(?P<y>.+)$",
        ),
    ]
});
static CHANGE: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    [
        pattern(
            r#"^(?:change|replace|swap|correct|ersetze|ersetz|ändere|änder|remplace[rz]?|change[rz]?|cambia|reemplaza|sustituye|sostituisci)\s+(?P<x>["“„«][^"“”»]+["“”»]|.+?)\s+(?:to|with|by|into|durch|mit|in|zu|auf|par|en|por|a|con)\s+(?P<y>.+)$"#,
        ),
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
/// A text that is described and not given.
static DESCRIBED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:a|an|the|some|something|more|less|another|other|be|look|sound|it|its|better|shorter|longer|smaller|larger|bigger|ein|eine|einen|etwas|mehr|weniger|das|die|der|",
        r"une?|le|la|les|quelque|plus|un|una|algo|más|english|german|french|spanish|italian|deutsch|englisch|französisch|spanisch)\b|\bstyle\b|\bcolou?r|\bfont|\blanguage"
    ))
});

pub(super) fn read(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    renamed(wish, page).or_else(|| changed(wish, page))
}

fn renamed(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    let captures = RENAME.iter().find_map(|pattern| pattern.captures(wish))?;
    let ((what, _), (to, to_quoted)) = (unquoted(&captures["x"]), unquoted(&captures["y"]));
    if !to_quoted && DESCRIBED.is_match(to) && !to.starts_with("The ") && !to.starts_with("A ") {
        return None;
    }
    if NAME.is_match(what) && page.spot.is_none_or(|spot| spot == Spot::Name)
        || what.eq_ignore_ascii_case(&page.words.name)
    {
        return Some((Change::Rename(to.to_owned()), format!("The page is called “{to}” now.")));
    }
    let spot = match find(what, page.words, page.spot)? {
        Spot::Section(section) => Spot::Heading(section),
        Spot::Line(section, line) => Spot::ItemName(section, line),
        spot => spot,
    };
    page.words.text(spot)?;
    Some((Change::Set(spot, to.to_owned()), format!("{} is called “{to}” now.", called(page.words, spot))))
}

fn changed(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    let captures = CHANGE.iter().find_map(|pattern| pattern.captures(wish))?;
    let ((from, from_quoted), (to, to_quoted)) = (unquoted(&captures["x"]), unquoted(&captures["y"]));
    let begins_large = to.chars().next().is_some_and(|first| first.is_uppercase() || first.is_numeric());
    let is_given = to_quoted || from_quoted || begins_large || from.chars().any(|letter| letter.is_ascii_digit());
    if !is_given || !to_quoted && DESCRIBED.is_match(to) {
        return None;
    }
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
    let found = text.match_indices(part).filter(|_| !part.is_empty());
    found.map(|(at, _)| at).filter(move |at| {
        let (before, after) = (&text[..*at], &text[at + part.len()..]);
        let begins = !joins(before.chars().next_back()) || !joins(part.chars().next());
        begins && (!joins(after.chars().next()) || !joins(part.chars().next_back()))
    })
}
