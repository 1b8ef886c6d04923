//! A text that a wish gives word for word: within quotation marks, or where nothing but a text can be meant.

use std::sync::LazyLock;

use regex::Regex;

use super::phrase::{pattern, unquoted};
use super::style;

/// The longest text that is taken without quotation marks, in letters: more may be a sentence about it.
const LONGEST: usize = 60;

/// A text that is described and not given.
static DESCRIBED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:a|an|the|some|something|more|less|another|other|be|look|sound|it|its|too|very|that|how|what|where|who|when|why|better|shorter|longer|smaller|larger|bigger|bold|italic|centred|centered|",
        r"ein|eine|einen|etwas|mehr|weniger|das|dass|die|der|wie|was|wo|wann|zu|sehr|größer|kleiner|kürzer|länger|fett|kursiv|",
        r"une?|le|la|les|quelque|plus|que|trop|un|una|algo|más|qualcosa|più|english|german|french|spanish|italian|deutsch|englisch|französisch|spanisch)\b",
        r"|\bstyle\b|\bcolou?r|\bfont|\blanguage|\b(?:bold|italics?|capitals?|uppercase|lowercase|letters|fett|kursiv|großbuchstaben|majuscules|mayúsculas)\b",
        r"|\b(?:in|into|auf|ins|en|in het)\s+(?:english|german|french|spanish|italian|dutch|deutsch|englisch|französisch|spanisch|anglais|allemand|français|inglés|alemán|español|inglese|tedesco|italiano)\b"
    ))
});
/// What goes on with another wish, or with a reason.
static GOES_ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[,;:.!?]\s|\s[–—-]\s|\s(?:or|oder|ou|o|but|aber|mais|pero|ma|then|dann|puis|instead|statt|anstatt|because|weil|if|wenn|falls|not|nicht|pas|no|non|rather|lieber|only|nur|everywhere|überall|again|wieder|below|above|under|unter)(?:\s|$)",
    )
});
static AND: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s(?:and|und|et|y|e)\s+"));

/// A text between quotation marks, and nothing beside it.
pub(super) fn quoted(text: &str) -> Option<&str> {
    let (inner, is_quoted) = unquoted(text);
    let goes_on = inner.contains(['"', '“', '”', '„', '«', '»', '`']) || inner.contains("' ") || inner.contains(" '");
    (is_quoted && !inner.is_empty() && !goes_on).then_some(inner)
}

/// A text in quotation marks, or one that begins as texts on a page do: it is not described, and nothing comes after it.
pub(super) fn given(text: &str) -> Option<&str> {
    quoted(text).or_else(|| plainly(text).filter(|text| begins_large(text)))
}

/// The same, where the wish says that a text follows: it may be in small letters.
pub(super) fn plainly(text: &str) -> Option<&str> {
    let text = text.trim();
    let has_marks = text.contains(['"', '“', '”', '„', '«', '»', '`']);
    let is_named_article =
        text.starts_with("The ") || text.starts_with("A ") || text.starts_with("Die ") || text.starts_with("Das ");
    let is_described = DESCRIBED.is_match(text) && !is_named_article;
    let goes_on = GOES_ON.is_match(text) || AND.find_iter(text).any(|and| !begins_large(&text[and.end()..]));
    let is_text = !text.is_empty() && text.chars().count() <= LONGEST;
    (is_text && !has_marks && !is_described && !goes_on && !style::names_a_colour(text)).then_some(text)
}

pub(super) fn begins_large(text: &str) -> bool {
    text.chars().next().is_some_and(|first| first.is_uppercase() || first.is_numeric())
}
