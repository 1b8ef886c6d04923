//! What turns one file into another, as changes that DeepSite's front end carries out as they are meant.
//!
//! Its third form looks for a text with any white space in place of any other, takes the white space round it along, takes the
//! first place that it finds, and puts in what `String.replace` makes of the new text. Its fourth form looks for the text
//! without the white space round it, letter by letter. So a change is cut where white space is of no account, its text stands
//! in the file once even where all white space is left out, and neither of its texts holds a mark.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

/// A change of a file: what stands there once, and what is to stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hunk {
    pub(super) search: String,
    pub(super) replace: String,
    /// The first and the last line that it makes, counted from 1.
    pub(super) lines: [usize; 2],
}

/// With so many pieces on either side a text stands there once, or it is not worth it.
const WIDEST: usize = 40;
/// What ends a text, or begins another one, in either form.
const MARKS: [&str; 8] =
    ["=======", "<<<<<<<", ">>>>>>>", "```", "=== SEARCH", "=== REPLACE", "=== START_", "=== END_"];

/// Elements that stand in lines of their own: white space beside their tags is not seen.
const IN_LINES: &str = "html head body title meta link header footer main nav section article aside div p ul ol li dl dt dd table thead \
    tbody tfoot tr th td caption h1 h2 h3 h4 h5 h6 figure figcaption form fieldset blockquote hr address details summary";

/// The changes that make `after` of `before`, one after the other. `None` where they cannot be said so, or where the whole file
/// is no longer than they are.
pub(super) fn between(before: &str, after: &str) -> Option<Vec<Hunk>> {
    let (old, new) = (pieces(before), pieces(after));
    // White space that a change before this one left behind is none.
    let trimmed = |pieces: &[&'_ str]| pieces.iter().map(|piece| piece.trim().to_owned()).collect::<Vec<_>>();
    let runs = runs(&trimmed(&old), &trimmed(&new));
    let mut file = before.to_owned();
    let mut hunks = Vec::new();
    for (number, (was, is)) in runs.iter().enumerate() {
        let same_before = was.start - number.checked_sub(1).map_or(0, |last| runs[last].0.end);
        let same_after = runs.get(number + 1).map_or(old.len(), |next| next.0.start) - was.end;
        let hunk = (0..=same_before.max(same_after).min(WIDEST)).find_map(|wider| {
            let (more, less) = (wider.min(same_before), wider.min(same_after));
            let search = old[was.start - more..was.end + less].concat();
            let replace = new[is.start - more..is.end + less].concat();
            let first = new[..is.start - more].iter().map(|piece| piece.matches('\n').count()).sum::<usize>() + 1;
            let lines = [first, first + replace.trim_end_matches('\n').matches('\n').count()];
            is_safe(&file, &search, &replace).then_some(Hunk { search, replace, lines })
        })?;
        file = file.replacen(hunk.search.trim(), hunk.replace.trim(), 1);
        hunks.push(hunk);
    }
    let length: usize = hunks.iter().map(|hunk| hunk.search.len() + hunk.replace.len()).sum();
    (!hunks.is_empty() && length < after.len() && without_space(&file) == without_space(after)).then_some(hunks)
}

/// Whether the front end, in either form, makes of a change what it says.
pub(super) fn is_safe(file: &str, search: &str, replace: &str) -> bool {
    let is_marked = |text: &str| MARKS.iter().any(|mark| text.contains(mark));
    let (wanted, all) = (without_space(search), without_space(file));
    let mut found = all.match_indices(&wanted);
    !wanted.is_empty()
        && found.next().is_some()
        && found.next().is_none()
        && file.contains(search.trim())
        && !replace.contains('$')
        && !is_marked(search)
        && !is_marked(replace)
}

/// Runs of pieces that differ: where they stood, and where they stand.
fn runs(old: &[String], new: &[String]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut runs: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for op in capture_diff_slices(Algorithm::Patience, old, new) {
        if op.tag() == DiffTag::Equal {
            continue;
        }
        match runs.last_mut().filter(|(was, is)| was.end == op.old_range().start && is.end == op.new_range().start) {
            Some((was, is)) => (was.end, is.end) = (op.old_range().end, op.new_range().end),
            None => runs.push((op.old_range(), op.new_range())),
        }
    }
    runs
}

/// The file, cut where white space is of no account.
fn pieces(file: &str) -> Vec<&str> {
    let parts = parts(file);
    let beside = parts.windows(2).filter(|pair| pair[0].at.end == pair[1].at.start);
    let between_tags = beside.filter(|pair| pair[0].is_in_lines || pair[1].is_in_lines).map(|pair| pair[0].at.end);
    let mut cuts: Vec<usize> = between_tags.chain(file.match_indices('\n').map(|(at, _)| at + 1)).collect();
    cuts.sort_unstable();
    // Parts follow each other, and so do the cuts.
    let mut set = parts.iter().filter(|part| part.is_set).peekable();
    cuts.retain(|&at| {
        while set.next_if(|part| part.at.end <= at).is_some() {}
        set.peek().is_none_or(|part| at <= part.at.start)
    });
    cuts.extend([0, file.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    // No piece is white space alone.
    cuts.dedup_by(|at, before| *at < file.len() && file[*before..*at].trim().is_empty());
    cuts.windows(2).map(|cut| &file[cut[0]..cut[1]]).collect()
}

/// A tag, a comment, or an element whose content is no markup.
struct Part {
    at: Range<usize>,
    is_in_lines: bool,
    /// Whether white space in it is seen.
    is_set: bool,
}

fn parts(file: &str) -> Vec<Part> {
    let lower = file.to_ascii_lowercase();
    let (mut parts, mut from) = (Vec::new(), 0);
    while let Some(start) = lower[from..].find('<').map(|at| from + at) {
        let tag = &lower[start + 1..];
        let name =
            tag.trim_start_matches('/').split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or("");
        if tag.starts_with("!--") {
            from = lower[start..].find("-->").map_or(lower.len(), |at| start + at + 3);
            parts.push(Part { at: start..from, is_in_lines: false, is_set: false });
            continue;
        }
        if name.is_empty() {
            from = start + 1;
            continue;
        }
        // What does not end is one piece with all that follows.
        let Some(end) = tag_end(&lower[start..]) else { break };
        from = start + end;
        let holds_text = !tag.starts_with('/') && ["pre", "textarea", "script", "style"].contains(&name);
        if holds_text {
            let close = format!("</{name}");
            let ends = lower[from..].find(&close).and_then(|at| Some(from + at + tag_end(&lower[from + at..])?));
            from = ends.unwrap_or(lower.len());
        }
        let is_in_lines = IN_LINES.split(' ').any(|listed| listed == name);
        parts.push(Part { at: start..from, is_in_lines, is_set: holds_text && ["pre", "textarea"].contains(&name) });
    }
    parts
}

/// Where a tag ends; a `>` in quotes is none.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    let end = tag.bytes().position(|byte| {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            _ => {}
        }
        quote.is_none() && byte == b'>'
    });
    end.map(|at| at + 1)
}

fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hunks(before: &str, after: &str) -> Option<Vec<(String, String)>> {
        let hunks = between(before, after)?;
        Some(hunks.into_iter().map(|hunk| (hunk.search, hunk.replace)).collect())
    }

    fn one(search: &str, replace: &str) -> Option<Vec<(String, String)>> {
        Some(vec![(search.to_owned(), replace.to_owned())])
    }

    const PAGE: &str = "<html><body>\n<ul><li>Tea</li><li>Cake</li><li>Tea</li></ul>\n<p>See <b>Tea</b>, too.</p>\n<p>Bye</p>\n</body></html>";

    #[test]
    fn a_change_is_no_larger_than_it_must_be_to_stand_there_once() {
        let after = |from: &str, to: &str| PAGE.replacen(from, to, 1);
        for (from, to, search, replace) in [
            // White space beside a word in its line is seen: the line is changed.
            ("<b>Tea</b>", "<b>Milk</b>", "<p>See <b>Tea</b>, too.</p>\n", "<p>See <b>Milk</b>, too.</p>\n"),
            ("Cake", "Pie", "<li>Cake</li>", "<li>Pie</li>"),
            // What stands there twice takes along what stands beside it.
            ("<li>Tea</li>", "<li>Milk</li>", "<ul><li>Tea</li><li>Cake</li>", "<ul><li>Milk</li><li>Cake</li>"),
            ("<p>Bye</p>\n", "", "<p>Bye</p>\n", ""),
        ] {
            assert_eq!(hunks(PAGE, &after(from, to)), one(search, replace), "{from}");
        }
    }
    #[test]
    fn what_the_front_end_would_take_for_something_else_is_not_said_so() {
        let file = "<p>a b</p>\n<p>ab</p>\n<p>c</p>\n";
        assert!(is_safe(file, "<p>c</p>", "<p>d</p>"));
        // With any white space in place of any other, both are the first one.
        assert!(!is_safe(file, "<p>ab</p>", "<p>d</p>"));
        assert!(!is_safe(file, "<p>e</p>", "<p>d</p>"));
        assert!(!is_safe(file, "<p>c</p>", "<p>$1</p>"));
        for mark in MARKS {
            assert!(!is_safe(file, "<p>c</p>", mark), "{mark}");
        }
    }

    #[test]
    fn white_space_that_is_seen_is_no_place_to_cut_and_what_does_not_end_is_one_piece() {
        for (file, cut) in [
            ("<p>a</p><p>b</p>", vec!["<p>a</p>", "<p>b</p>"]),
            ("<b>a</b><i>b</i>", vec!["<b>a</b><i>b</i>"]),
            ("<pre>a\nb</pre><p>c</p>", vec!["<pre>a\nb</pre>", "<p>c</p>"]),
            (
                "<script>a\nb</script>\n\n<p title=\"><p>\">c",
                vec!["<script>a\n", "b</script>\n", "\n<p title=\"><p>\">c"],
            ),
            ("<p>a</p><textarea><p></p>\n", vec!["<p>a</p>", "<textarea><p></p>\n"]),
            ("<p>a</p><p title=\"<p></p>", vec!["<p>a</p><p title=\"<p></p>"]),
        ] {
            assert_eq!(pieces(file), cut, "{file}");
        }
    }
}
