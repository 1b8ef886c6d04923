//! The lines of a file that come nearest to a text that does not stand there; where they are too long to be of use, as on a page
//! that is one line, the element.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

use crate::edit::element::Elements;

/// The longest lines that are of use, and the longest element, in bytes.
const LONGEST: usize = 4_000;
/// Of a place that is in no such element, as in a script, so many bytes before it and behind it are of use.
const ROUND: usize = 200;

/// A text that does not stand in a file, and what of it comes nearest, for a model to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lost<'a> {
    search: &'a str,
    nearest: &'a str,
    /// Where it was to stand, where that has to be said.
    file: Option<&'a str>,
}

impl<'a> Lost<'a> {
    pub(crate) fn of(search: &'a str, file: &'a str) -> Self {
        Self { search: search.trim_matches('\n'), nearest: &file[nearest(search, file)], file: None }
    }

    /// It was to stand in the file of this name.
    pub(crate) fn in_file(self, file: Option<&'a str>) -> Self {
        Self { file, ..self }
    }
}

impl fmt::Display for Lost<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.file.map_or_else(|| "there".to_owned(), |file| format!("in {file}"));
        writeln!(f, "This does not stand {place}, or not once:\n```\n{}\n```", self.search)?;
        if self.nearest.is_empty() {
            return Ok(());
        }
        writeln!(f, "What comes nearest is:\n```\n{}\n```", self.nearest)
    }
}

/// Where in `file` that stands which comes nearest to `search`.
pub(crate) fn nearest(search: &str, file: &str) -> Range<usize> {
    let lines = nearest_lines(search, file);
    if lines.len() <= LONGEST { lines } else { nearest_element(search, file) }
}

/// Where the lines stand that have most words in common with `search`, as many as it has; the first of those that are alike.
fn nearest_lines(search: &str, file: &str) -> Range<usize> {
    let wanted: HashSet<&str> = words(search).collect();
    let height = search.trim().lines().count().max(1);
    let mut start = 0;
    let lines: Vec<Range<usize>> = file
        .split_inclusive('\n')
        .map(|line| {
            let at = start..start + line.trim_end_matches('\n').len();
            start += line.len();
            at
        })
        .collect();
    // How much all lines above have in common with it.
    let mut above = vec![0];
    for line in &lines {
        let more = words(&file[line.clone()]).filter(|word| wanted.contains(word)).count();
        above.push(above[above.len() - 1] + more);
    }
    let last = |first: usize| (first + height).min(lines.len());
    let likest = (0..lines.len()).rev().max_by_key(|first| above[last(*first)] - above[*first]);
    likest.map_or(0..0, |first| lines[first].start..lines[last(first) - 1].end)
}

/// Where the element stands in which most words of `search` stand together, those that are rare above all.
fn nearest_element(search: &str, file: &str) -> Range<usize> {
    let wanted: HashSet<&str> = words(search).collect();
    let start = |word: &str| word.as_ptr() as usize - file.as_ptr() as usize;
    let found: Vec<(usize, &str)> =
        words(file).filter(|word| wanted.contains(word)).map(|word| (start(word), word)).collect();
    let mut often: HashMap<&str, f64> = HashMap::new();
    found.iter().for_each(|(_, word)| *often.entry(word).or_default() += 1.0);
    let Some(together) = most_together(&found, search.len(), |word| 1.0 / often[word]) else { return 0..0 };
    let rarest = together.iter().min_by(|(_, one), (_, other)| often[one].total_cmp(&often[other]));
    let (rarest, all): (usize, HashSet<&str>) =
        (rarest.map_or(0, |(at, _)| *at), together.iter().map(|(_, word)| *word).collect());
    let has_all = |source: &str| words(source).filter(|word| all.contains(word)).collect::<HashSet<_>>() == all;
    let element = Elements::of(file).around(rarest, LONGEST, has_all);
    element.unwrap_or_else(|| {
        let (first, last) = (together[0].0, together[together.len() - 1]);
        let end = file.len().min((last.0 + last.1.len() + ROUND).min(first + LONGEST));
        file.floor_char_boundary(first.saturating_sub(ROUND))..file.floor_char_boundary(end)
    })
}

/// Of these words, each with its place, those within so many bytes that weigh most.
fn most_together<'a, 'b>(
    found: &'a [(usize, &'b str)],
    width: usize,
    weight: impl Fn(&str) -> f64,
) -> Option<&'a [(usize, &'b str)]> {
    let (mut first, mut sum, mut best) = (0, 0.0, (0.0, 0..0));
    for (last, (at, word)) in found.iter().enumerate() {
        sum += weight(word);
        while found[first].0 + width < *at {
            sum -= weight(found[first].1);
            first += 1;
        }
        if sum > best.0 {
            best = (sum, first..last + 1);
        }
    }
    found.get(best.1).filter(|together| !together.is_empty())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "<ul>\n  <li>Espresso 2.50 €</li>\n  <li>Tea</li>\n  <li>Tea</li>\n</ul>\n";

    #[test]
    fn the_nearest_lines_are_those_with_most_words_in_common() {
        assert_eq!(&FILE[nearest("<li>Espresso 2.80 €</li>", FILE)], "  <li>Espresso 2.50 €</li>");
        assert_eq!(&FILE[nearest("<li>Tea</li>\n<li>Tea</li>\n", FILE)], "  <li>Tea</li>\n  <li>Tea</li>");
        assert_eq!(&FILE[nearest("Tea\nTea\nTea\nTea\nTea\nTea\nTea", FILE)], FILE.trim_end());
        assert_eq!(nearest("x", ""), 0..0);
    }

    #[test]
    fn what_is_lost_is_quoted_with_what_comes_nearest_unless_that_is_long() {
        let lost = Lost::of("\n<li>Espresso</li>\n", FILE).to_string();
        assert_eq!(
            lost,
            "This does not stand there, or not once:\n```\n<li>Espresso</li>\n```\nWhat comes nearest is:\n```\n  \
             <li>Espresso 2.50 €</li>\n```\n"
        );
    }

    /// A page of one line, with so many things to drink.
    fn minified(things: usize) -> String {
        let thing = |number| format!("<li class=\"thing\"><b>Drink {number}</b><i>2.50 €</i></li>");
        let things: String = (0..things).map(thing).collect();
        let espresso = "<li class=\"thing\"><b>Espresso</b><i>2.50 €</i></li>";
        format!(
            "<html><head><style>{}</style></head><body><ul>{things}{espresso}{things}</ul>",
            "b{color:red}".repeat(400)
        )
    }

    #[test]
    fn on_a_page_of_one_line_the_nearest_element_is_what_comes_nearest() {
        let page = minified(500);
        assert!(page.len() > 50_000);
        let near = |search: &str| &page[nearest(search, &page)];
        let espresso = "<li class=\"thing\"><b>Espresso</b><i>2.50 €</i></li>";
        assert_eq!(near("<li class=\"thing\"><b>Espresso</b><i>2.80 €</i></li>"), espresso);
        assert_eq!(near("<li><b>Espresso</b> <i>2.60 €</i>"), espresso);
        assert_eq!(near("<b>Espresso.</b>"), "<b>Espresso</b>");
        assert_eq!(near("<b>Drink 499</b>"), "<b>Drink 499</b>");
        assert_eq!(near("Ω"), "");
        let lost = Lost::of("<b>Espresso.</b>", &page).to_string();
        assert!(lost.ends_with("What comes nearest is:\n```\n<b>Espresso</b>\n```\n"), "{lost}");
    }

    #[test]
    fn in_a_script_or_a_style_of_one_line_it_is_what_stands_round_the_place() {
        let css = format!("{}.menu{{color:green}}{}", "p{color:red}é".repeat(400), "b{color:red}é".repeat(400));
        for file in [css.clone(), format!("<html><style>{css}</style><p>menu</p>")] {
            let near = &file[nearest(".menu { color: blue }", &file)];
            assert!(near.contains(".menu{color:green}") && near.len() < 500, "{near}");
        }
    }
}
