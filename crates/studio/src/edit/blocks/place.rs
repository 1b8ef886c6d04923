//! Where a text stands in a file: letter by letter, else white space aside, and only where it stands once.

use std::ops::Range;

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Letter by letter.
    Exactly(Range<usize>),
    /// White space aside.
    Nearly(Range<usize>),
    /// Nowhere, or more than once.
    Nowhere,
}

impl Place {
    /// Where `search` stands in `file`.
    pub(crate) fn of(search: &str, file: &str) -> Self {
        let wanted = search.trim_matches('\n');
        if wanted.trim().is_empty() {
            return Self::Nowhere;
        }
        if let Some(start) = once(file, wanted) {
            return Self::Exactly(start..start + wanted.len());
        }
        if file.contains(wanted) {
            return Self::Nowhere;
        }
        let letters: Vec<(usize, char)> = file.char_indices().filter(|(_, letter)| !letter.is_whitespace()).collect();
        let all: String = letters.iter().map(|(_, letter)| letter).collect();
        let wanted: String = wanted.chars().filter(|letter| !letter.is_whitespace()).collect();
        let Some(start) = once(&all, &wanted) else { return Self::Nowhere };
        let first = all[..start].chars().count();
        let last = first + wanted.chars().count() - 1;
        let (from, (to, letter)) = (letters[first].0, letters[last]);
        Self::Nearly(from..to + letter.len_utf8())
    }
}

fn once(text: &str, wanted: &str) -> Option<usize> {
    let mut found = text.match_indices(wanted);
    found.next().filter(|_| found.next().is_none()).map(|(at, _)| at)
}

/// The lines of `file` that are likest to `search`, as many as it has.
pub(crate) fn nearest<'a>(search: &str, file: &'a str) -> &'a str {
    let wanted: Vec<&str> = words(search).collect();
    let height = search.trim().lines().count().max(1);
    let starts: Vec<usize> = std::iter::once(0)
        .chain(file.match_indices('\n').map(|(at, _)| at + 1))
        .filter(|&at| at < file.len())
        .collect();
    let window = |first: usize| {
        let end = starts.get(first + height).copied().unwrap_or(file.len());
        file[starts[first]..end].trim_end_matches('\n')
    };
    let likeness = |first: &usize| words(window(*first)).filter(|word| wanted.contains(word)).count();
    // The first of those that are alike.
    (0..starts.len()).rev().max_by_key(likeness).map_or("", window)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "<ul>\n  <li>Espresso 2.50 €</li>\n  <li>Tea</li>\n  <li>Tea</li>\n</ul>\n";

    #[test]
    fn a_text_is_found_where_it_stands_once() {
        let at = |search| match Place::of(search, FILE) {
            Place::Exactly(at) => ("exactly", &FILE[at]),
            Place::Nearly(at) => ("nearly", &FILE[at]),
            Place::Nowhere => ("nowhere", ""),
        };
        assert_eq!(at("  <li>Espresso 2.50 €</li>\n"), ("exactly", "  <li>Espresso 2.50 €</li>"));
        assert_eq!(at("<li> Espresso\n2.50 € </li>"), ("nearly", "<li>Espresso 2.50 €</li>"));
        assert_eq!(at("<ul><li>Espresso 2.50 €</li>"), ("nearly", "<ul>\n  <li>Espresso 2.50 €</li>"));
        for nowhere in ["<li>Tea</li>", "<li>Mokka</li>", "", " \n", "<li> Tea</li>"] {
            assert_eq!(at(nowhere), ("nowhere", ""), "{nowhere:?}");
        }
    }

    #[test]
    fn the_nearest_lines_are_those_with_most_words_in_common() {
        assert_eq!(nearest("<li>Espresso 2.80 €</li>", FILE), "  <li>Espresso 2.50 €</li>");
        assert_eq!(nearest("x", ""), "");
    }
}
