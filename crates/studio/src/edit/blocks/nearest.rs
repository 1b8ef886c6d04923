//! The lines of a file that come nearest to a text that does not stand there.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

/// The longest lines that are quoted, in bytes: a page may be one line.
const LONGEST: usize = 4_000;

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
        if self.nearest.is_empty() || self.nearest.len() > LONGEST {
            return Ok(());
        }
        writeln!(f, "What comes nearest is:\n```\n{}\n```", self.nearest)
    }
}

/// Where the lines stand that have most words in common with `search`, as many as it has; the first of those that are alike.
pub(crate) fn nearest(search: &str, file: &str) -> Range<usize> {
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
        let line = "<b>x</b>".repeat(1_000);
        assert!(Lost::of("<b>y</b>", &line).to_string().len() < 100);
    }
}
