//! The words of a wish: without what is said for politeness, and each as it is compared.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// What a wish excepts is not understood here.
static EXCEPTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:except|excepting|but not|apart from|other than|besides|unless|only if|außer|bis auf|aber nicht|sauf|excepté|à part|mais pas|excepto|salvo|menos|pero no|tranne|eccetto|ma non|hariç|oprócz)\b",
    )
});

/// A longer wish asks for more than is understood here.
const LONGEST: usize = 200;

static POLITE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:please|pls|ok(?:ay)?|so|just|now|hey|hi|can you|could you|would you|will you|i want you to|i(?:'d| would) like you to|",
        r"let'?s|bitte|jetzt|kannst du|könntest du|kannst du bitte|s'il (?:te|vous) pla[iî]t|peux-tu|pouvez-vous|por favor|puedes|",
        r"per favore|puoi)[,:]?\s+"
    ))
});
static POLITE_END: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[\s,]+(?:please|pls|bitte|thanks|thank you|danke|merci|gracias|s'il (?:te|vous) pla[iî]t|por favor|per favore|for me)$",
    )
});
static BETWEEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[,;.]\s+(?:(?:and|und|et|y|e|then)\s+)?(?:then\s+)?|\s+(?:and then|and|und|et|y|e|then|dann)\s+")
});

static GOES_BACK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:be|is|are|look|looks|sound|has|have|with|but|not|only|sein|sei|ist|sind|mit|aber|nicht|nur|être|est|avec|mais|pas|ser|es|con|pero|essere|ma)\b",
    )
});

/// A pattern without regard to case.
pub(super) fn pattern(pattern: &str) -> Regex {
    Regex::new(&format!("(?i){pattern}"))
        .expect("the patterns of this crate are well formed, as the tests of each show")
}

/// What a wish says. `None` where it is nothing, or too long to be sure of.
pub(super) fn plain(wish: &str) -> Option<&str> {
    let mut rest = wish.trim();
    if rest.len() > LONGEST || rest.contains('\n') || excepts(rest) {
        return None;
    }
    rest = rest.trim_end_matches(['.', '!', '?', ' ']);
    while let Some(polite) = POLITE.find(rest) {
        rest = &rest[polite.end()..];
    }
    while let Some(polite) = POLITE_END.find(rest) {
        rest = &rest[..polite.start()];
    }
    Some(rest.trim_end_matches(['.', '!', '?', ' '])).filter(|rest| !rest.is_empty())
}

/// Whether a wish excepts something.
pub(crate) fn excepts(wish: &str) -> bool {
    EXCEPTS.is_match(wish)
}

/// The parts of a wish that asks for several things.
pub(super) fn clauses(wish: &str) -> impl Iterator<Item = &str> {
    BETWEEN.split(wish).map(str::trim).filter(|clause| !clause.is_empty())
}

/// Whether a part says more of what the part before it spoke of, and so is no wish of its own.
pub(super) fn goes_back(clause: &str) -> bool {
    GOES_BACK.is_match(clause)
}

/// The words of a text as they are compared.
pub(crate) fn words(text: &str) -> Vec<String> {
    let split = text.split(|letter: char| !letter.is_alphanumeric());
    split.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Whether two words are the same but for their ending.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one == other || stem(one) == stem(other)
}

/// A word without the ending of a plural or a case. A `store` is no `story`.
fn stem(word: &str) -> Cow<'_, str> {
    let is_long = |stem: &&str| stem.chars().count() >= 3;
    if let Some(stem) = word.strip_suffix("ies").filter(is_long) {
        return format!("{stem}y").into();
    }
    let endings = ["es", "en", "er", "s", "n", "e"];
    endings.iter().filter_map(|ending| word.strip_suffix(ending)).find(is_long).unwrap_or(word).into()
}

/// Without the quotation marks round it, and whether there were any.
pub(super) fn unquoted(text: &str) -> (&str, bool) {
    let text = text.trim();
    let marks = ['"', '\'', '“', '”', '„', '«', '»', '‘', '’', '`'];
    let inner = text.strip_prefix(marks).and_then(|text| text.strip_suffix(marks));
    (inner.unwrap_or(text).trim(), inner.is_some())
}
