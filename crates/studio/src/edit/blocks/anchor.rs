//! A text that a model remembers wrongly in part is found round a line that stands once in the file: its anchor.
//!
//! What the change takes away must stand there as it says; only lines that it keeps may be otherwise, as long as they are much
//! alike, and they stay as the file has them. So nothing that the model misremembers is written over.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A line that is not blank.
struct Line<'a> {
    /// Where it stands in its text, without its line break.
    at: Range<usize>,
    text: &'a str,
    /// Its letters, white space aside.
    letters: String,
}

impl<'a> Line<'a> {
    fn all(text: &'a str) -> Vec<Self> {
        let mut end = 0;
        let line = |with_break: &'a str| {
            let start = end;
            end += with_break.len();
            let text = with_break.trim_end_matches(['\n', '\r']);
            let letters: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
            Line { at: start..start + text.len(), text, letters }
        };
        text.split_inclusive('\n').map(line).filter(|line| !line.letters.is_empty()).collect()
    }

    /// Whether both have half of their words in common, in their order.
    fn is_like(&self, other: &Self) -> bool {
        let (ours, theirs): (Vec<&str>, Vec<&str>) = (words(self.text), words(other.text));
        let same: usize = capture_diff_slices(Algorithm::Myers, &ours, &theirs)
            .iter()
            .map(|op| if let DiffOp::Equal { len, .. } = op { *len } else { 0 })
            .sum();
        same > 0 && same * 2 >= ours.len().max(theirs.len())
    }
}

/// The one place in `file` where `search` stands round an anchor, and what stands there once `replace` has taken its place.
pub(super) fn place_of(search: &str, replace: &str, file: &str) -> Option<(Range<usize>, String)> {
    let (wanted, lines, new) = (Line::all(search), Line::all(file), Line::all(replace));
    if wanted.len() < 2 {
        return None;
    }
    let letters = |lines: &[Line<'_>]| lines.iter().map(|line| line.letters.clone()).collect::<Vec<_>>();
    let ops = capture_diff_slices(Algorithm::Patience, &letters(&wanted), &letters(&new));
    let mut found = None;
    for (nth, line) in wanted.iter().enumerate() {
        let mut same = (0..lines.len()).filter(|at| lines[*at].letters == line.letters);
        let (Some(anchor), None) = (same.next(), same.next()) else { continue };
        let Some(first) = anchor.checked_sub(nth).filter(|first| first + wanted.len() <= lines.len()) else { continue };
        if fits(&wanted, &lines[first..first + wanted.len()], &ops) {
            if found.is_some_and(|found| found != first) {
                return None;
            }
            found = Some(first);
        }
    }
    let first = found?;
    Some(replaced(file, &lines[first..first + wanted.len()], &new, &ops))
}

/// Whether `there` is what is wanted: half of it letter by letter, what goes among that, and the rest much alike.
fn fits(wanted: &[Line<'_>], there: &[Line<'_>], ops: &[DiffOp]) -> bool {
    let is_same = |nth: &usize| wanted[*nth].letters == there[*nth].letters;
    let goes = ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })).flat_map(DiffOp::old_range);
    (0..wanted.len()).filter(is_same).count() * 2 >= wanted.len()
        && goes.into_iter().all(|nth| is_same(&nth))
        && (0..wanted.len()).all(|nth| is_same(&nth) || wanted[nth].is_like(&there[nth]))
}

/// The lines that are there with what comes and without what goes; those that stay, stay byte for byte.
fn replaced(file: &str, there: &[Line<'_>], new: &[Line<'_>], ops: &[DiffOp]) -> (Range<usize>, String) {
    let whole = there[0].at.start..there[there.len() - 1].at.end;
    let (mut text, mut copied) = (String::new(), whole.start);
    for op in ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })) {
        let (goes, comes) = (op.old_range(), op.new_range());
        let comes: Vec<&str> = new[comes].iter().map(|line| line.text).collect();
        let comes = comes.join("\n");
        let at_end = goes.start == there.len();
        let start = if at_end { whole.end } else { there[goes.start].at.start };
        text += &file[copied..start];
        copied = if goes.is_empty() { start } else { there[goes.end - 1].at.end };
        text += &match (goes.is_empty(), at_end) {
            (true, true) => format!("\n{comes}"),
            (true, false) => format!("{comes}\n"),
            (false, _) => comes,
        };
        if op.new_range().is_empty() && goes.end < there.len() {
            // A line that goes takes its line break along.
            copied += file[copied..].find('\n').map_or(0, |end| end + 1);
        }
    }
    text += &file[copied..whole.end];
    (whole, text)
}

fn words(line: &str) -> Vec<&str> {
    line.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "<section id=\"menu\" class=\"cards wide\">\n  <h2>Menu</h2>\n\n  <p>Espresso</p>\n  <p>Tea</p>\n</section>\n\
                        <section class=\"cards\">\n  <h2>Hours</h2>\n  <p>Daily</p>\n</section>\n";

    fn changed(search: &str, replace: &str) -> Option<String> {
        let (at, text) = place_of(search, replace, FILE)?;
        Some([&FILE[..at.start], &text, &FILE[at.end..]].concat())
    }

    #[test]
    fn lines_that_are_kept_may_be_remembered_wrongly_and_stay_as_they_are() {
        // The first line has lost a class, the white space another form.
        let search = "<section id=\"menu\" class=\"cards\">\n<h2>Menu</h2>\n<p>Espresso</p>";
        let replace = "<section id=\"menu\" class=\"cards\">\n<h2>Menu</h2>\n  <p>Espresso 2.80 €</p>";
        assert_eq!(changed(search, replace), Some(FILE.replace("<p>Espresso</p>", "<p>Espresso 2.80 €</p>")));
        let more = search.to_owned() + "\n  <p>Mocha</p>";
        assert_eq!(changed(search, &more), Some(FILE.replace("<p>Espresso</p>", "<p>Espresso</p>\n  <p>Mocha</p>")));
        let fewer = "<section id=\"menu\" class=\"cards\">\n<p>Espresso</p>";
        assert_eq!(changed(search, fewer), Some(FILE.replace("  <h2>Menu</h2>\n", "")));
    }

    #[test]
    fn what_the_change_takes_away_must_stand_there() {
        let search = "<h2>Menu</h2>\n<p>Mocha</p>\n<p>Tea</p>";
        assert_eq!(changed(search, "<h2>Menu</h2>\n<p>Mocha 3 €</p>\n<p>Tea</p>"), None);
        assert!(changed(search, "<h2>Menu</h2>\n<p>Mocha</p>\n<p>Black tea</p>").is_some());
    }

    #[test]
    fn without_a_line_that_stands_once_there_is_no_anchor() {
        let file = "<li>\nTea\n</li>\n<li>\nTea\n</li>\n<li class=\"last\">\n";
        assert_eq!(place_of("<li class=\"x\">\nTea\n</li>", "<li class=\"x\">\nCocoa\n</li>", file), None);
        assert_eq!(place_of("<p>Daily", "<p>Never", FILE), None);
        let twice = "<p>x</p>\n<p>y</p>\n<p>x</p>\n<p>y</p>\n";
        assert_eq!(place_of("<p>x</p>\n<p>y a</p>", "<p>z</p>\n<p>y a</p>", twice), None);
    }

    #[test]
    fn where_most_is_otherwise_it_is_another_place() {
        let search = "<section class=\"x\">\n<h2>Menu</h2>\n<ul>\n<li>Tea</li>";
        assert_eq!(changed(search, &search.replace("Menu", "Card")), None);
        // One line of three stands there, and the others are much alike.
        assert_eq!(changed("<h2>Menu</h2>\n<p>Espresso x</p>\n<p>Tea x</p>", "<p>Espresso x</p>\n<p>Tea x</p>"), None);
        // Half of it stands there, and the other half has nothing in common with what does.
        assert_eq!(changed("<h2>Hours</h2>\nclosed", "<h2>Opening hours</h2>\nclosed"), None);
    }

    #[test]
    fn two_anchors_that_lie_apart_are_no_place() {
        let search = "<h2>Menu</h2>\n<p>x</p>\n<p>y</p>\n<p>Daily</p>";
        let one = "<h2>Menu</h2>\n<p>x</p>\n<p>y z</p>\n<p>z</p>\n";
        let other = "<h2>Men</h2>\n<p>x</p>\n<p>y</p>\n<p>Daily</p>\n";
        let replace = search.replace("<p>x</p>\n", "");
        for file in [one, other] {
            assert!(place_of(search, &replace, file).is_some(), "{file}");
        }
        assert_eq!(place_of(search, &replace, &[one, other].concat()), None);
    }
}
