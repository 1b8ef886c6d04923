//! Names in a request: what is quoted, what follows "called", and what is written with a capital.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::forms::{Form, Value, fold, overlaps};
use super::{FactKind, capitals};

/// All names, where they overlap no other form.
pub(super) fn find(request: &str, forms: &[Form]) -> Vec<Form> {
    let mut names = Vec::<Form>::new();
    for span in quoted(request).into_iter().chain(called(request)).chain(capitals::find(request)) {
        let text = &request[span.clone()];
        let is_name = !fold(text).is_empty() && !overlaps(&span, &names) && !is_within(&span, forms);
        if is_name {
            names.push(Form { kind: FactKind::Name, values: vec![Value::Words(plain(text))], span });
        }
    }
    names
}

/// The first name that the request says its page to be of.
pub(super) fn title(request: &str) -> Option<Range<usize>> {
    called(request).into_iter().next()
}

fn is_within(span: &Range<usize>, forms: &[Form]) -> bool {
    forms.iter().any(|form| form.span.start <= span.start && span.end <= form.span.end)
}

/// A name as it is compared: `Dr. Maya Lind` is there where `Maya Lind` is.
pub(super) fn plain(name: &str) -> String {
    let name = name.trim_end_matches("'s").trim_end_matches("’s");
    let folded = fold(name);
    let title = |word: &&str| matches!(*word, "dr" | "prof" | "mr" | "mrs" | "ms" | "herr" | "frau");
    let words: Vec<_> = folded.split(' ').skip_while(title).collect();
    if words.is_empty() { folded } else { words.join(" ") }
}

fn quoted(request: &str) -> Vec<Range<usize>> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#""([^"\n]{1,60})"|“([^”\n]{1,60})”|„([^“”\n]{1,60})[“”]|«\s?([^»\n]{1,60}?)\s?»|(?:^|\s)['‘](\p{L}[^'’\n]{0,59})['’](?:\W|$)"#)
            .expect("the form of a quotation is a pattern")
    });
    let inner = |found: regex::Captures<'_>| found.iter().skip(1).flatten().next().map(|inner| inner.range());
    FORM.captures_iter(request).filter_map(inner).collect()
}

/// What follows "called".
fn called(request: &str) -> Vec<Range<usize>> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let word = r"[\p{L}\d][\p{L}\d'’.&-]*";
        let is_called = "called|named|titled|entitled|namens|genannt|heißt|appelée?|nommée?|llamad[ao]|chiamat[ao]|chamad[ao]|genaamd";
        Regex::new(&format!(r"(?i)\b(?:{is_called})\s+(?P<name>{word}(?:\s+(?:&\s+)?{word}){{0,3}})"))
            .expect("the form of what is called is a pattern")
    });
    let name = |found: regex::Captures<'_>| {
        let name = found.name("name")?;
        let written = name.as_str();
        // A capital says how far the name goes; without one, it goes to the next small word.
        let end = if written.starts_with(char::is_uppercase) { capital_end(written) } else { plain_end(written) };
        let end = written[..end].trim_end_matches(['.', ',', '\'', '’']).len();
        (end > 0).then(|| name.start()..name.start() + end)
    };
    FORM.captures_iter(request).filter_map(name).collect()
}

/// Where the last word with a capital ends, if nothing but small words of a name lies before it.
fn capital_end(text: &str) -> usize {
    let is_capital = |word: &&str| word.starts_with(char::is_uppercase);
    let of_name = text.split_whitespace().take_while(|word| is_capital(word) || capitals::is_inner(word));
    let end = |last: &str| last.as_ptr() as usize + last.len() - text.as_ptr() as usize;
    of_name.filter(is_capital).last().map_or(0, end)
}

fn plain_end(text: &str) -> usize {
    static STOP: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\s(?:with|that|which|who|in|on|at|from|for|and|is|are|near|by|mit|und|im|aus|für|bei|die|der|das|avec|à|et|qui|pour|dans|con|en|y|que|para|e|che|per|met|voor)\s|[.,](?:\s|$)")
            .expect("what ends a name is a pattern")
    });
    STOP.find(text).map_or(text.len(), |stop| stop.start())
}
