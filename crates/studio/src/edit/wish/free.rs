//! Wishes on a free page: what was clicked goes, moves or comes twice, and a text or a price that stands there once becomes
//! another.

use std::sync::LazyLock;

use regex::Regex;

use super::beside;
use super::phrase::{pattern, plain, unquoted};
use super::text::occurrences;
use crate::edit::element::{ElementRef, Elements};

static REMOVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"^(?:(?:delete|remove|erase|drop|lösche?|entferne?|supprime|enl[eè]ve|retire|borra|elimina|quita|rimuovi|togli)\s+{THIS}|(?:take|nimm|mach)\s+{THIS}\s+(?:away|out|weg|raus))$"
    ))
});
static MOVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"^(?:move|put|shift|bring|schiebe?|verschiebe?|d[ée]place|mueve|sposta)\s+{THIS}\s+(?:(?P<up>up|nach oben|hoch|vers le haut|arriba)|down|nach unten|runter|vers le bas|abajo)$"
    ))
});
static DOUBLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"^(?:double|duplicate|copy|verdopp(?:le|ele)|kopiere|duplique|duplica)\s+{THIS}$"))
});
static CHANGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:change|replace|correct|ersetze|ändere|remplace|cambia|reemplaza)\s+(?P<x>.+?)\s+(?:to|with|by|durch|in|zu|par|por|a)\s+(?P<y>.+)$",
    )
});
const THIS: &str = r"(?:this|that|it|das|dies|dieses|es|ça|cela|ceci|esto|eso|questo)(?:\s+(?:element|part|section|block|line|one|paragraph|image|picture|button|teil|abschnitt|bild))?";

/// Understands a wish on a free page: its source as the wish will have it, and what was done. `None` where it is not sure.
pub(crate) fn understand_on_page(wish: &str, source: &str, clicked: Option<ElementRef>) -> Option<(String, String)> {
    let wish = plain(wish)?;
    let page = Elements::of(source);
    let changed = if REMOVE.is_match(wish) {
        (page.without(clicked?).ok()?, "Deleted the element.".to_owned())
    } else if let Some(to) = MOVE.captures(wish) {
        let by = if to.name("up").is_some() { -1 } else { 1 };
        (page.shifted(clicked?, by).ok()?, format!("Moved the element {}.", if by < 0 { "up" } else { "down" }))
    } else if DOUBLE.is_match(wish) {
        (page.doubled(clicked?).ok()?, "Doubled the element.".to_owned())
    } else {
        replaced(wish, &page).or_else(|| beside::priced(wish, source))?
    };
    (changed.0 != source).then_some(changed)
}

fn replaced(wish: &str, page: &Elements<'_>) -> Option<(String, String)> {
    let captures = CHANGE.captures(wish)?;
    let ((from, from_quoted), (to, to_quoted)) = (unquoted(&captures["x"]), unquoted(&captures["y"]));
    if !from_quoted && !to_quoted && !from.chars().any(|letter| letter.is_ascii_digit()) {
        return None;
    }
    let html = page.with_only_text(from, to, |text, part| occurrences(text, part).collect())?;
    Some((html, format!("“{from}” is “{to}” now.")))
}
