//! What differs between two texts, line by line.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::project::{Content, Page};

/// A line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct DiffLine {
    pub(crate) op: Op,
    pub(crate) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Op {
    Same,
    Removed,
    Added,
}

/// What differs between what two versions hold: their words, or the files that are not alike. Where that is more than one file,
/// each begins with its name.
pub(crate) fn between(old: &Content, new: &Content) -> Vec<DiffLine> {
    let (Content::Html(old_pages), Content::Html(new_pages)) = (old, new) else {
        return lines(&old.text(), &new.text());
    };
    let html = |pages: &[Page], path: &str| {
        pages.iter().find(|page| page.path == path).map_or_else(String::new, |page| page.html.clone())
    };
    let gone = old_pages.iter().filter(|old| new_pages.iter().all(|new| new.path != old.path));
    let paths = new_pages.iter().chain(gone).map(|page| page.path.as_str());
    let each = paths.map(|path| (path, html(old_pages, path), html(new_pages, path)));
    let changed: Vec<_> = each.filter(|(_, old, new)| old != new).collect();
    match changed.as_slice() {
        [] => lines(&old.text(), &new.text()),
        [(_, old, new)] => lines(old, new),
        several => several.iter().flat_map(|(path, old, new)| headed(path, lines(old, new))).collect(),
    }
}

fn headed(path: &str, lines: Vec<DiffLine>) -> Vec<DiffLine> {
    let head = DiffLine { op: Op::Same, text: path.to_owned() };
    std::iter::once(head).chain(lines).collect()
}

/// The lines of both texts in their order.
pub(crate) fn lines(old: &str, new: &str) -> Vec<DiffLine> {
    let diff = TextDiff::from_lines(old, new);
    diff.iter_all_changes()
        .map(|change| DiffLine {
            op: match change.tag() {
                ChangeTag::Equal => Op::Same,
                ChangeTag::Delete => Op::Removed,
                ChangeTag::Insert => Op::Added,
            },
            text: change.value().trim_end_matches(['\n', '\r']).to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(files: &[(&str, &str)]) -> Content {
        let page = |(path, html): &(&str, &str)| Page { path: (*path).to_owned(), html: (*html).to_owned() };
        Content::Html(files.iter().map(page).collect())
    }

    #[test]
    fn of_several_files_those_are_compared_that_are_not_alike() {
        let old = html(&[("index.html", "a\n"), ("about.html", "b\n"), ("old.css", "c\n")]);
        let shown = |new: &Content| {
            let lines = between(&old, new);
            lines.into_iter().map(|line| format!("{:?} {}", line.op, line.text)).collect::<Vec<_>>()
        };
        let one = html(&[("index.html", "a\n"), ("about.html", "B\n"), ("old.css", "c\n")]);
        assert_eq!(shown(&one), ["Removed b", "Added B"]);
        let two = html(&[("index.html", "a\n"), ("about.html", "b\n"), ("new.css", "d\n")]);
        assert_eq!(shown(&two), ["Same new.css", "Added d", "Same old.css", "Removed c"]);
        assert_eq!(shown(&old), ["Same a"]);
        assert_eq!(between(&Content::nothing(), &html(&[("index.html", "a\n")])).len(), 1);
    }

    #[test]
    fn a_changed_line_is_one_removed_and_one_added() {
        let lines = lines("a\nb\nc\n", "a\nB\nc\n");
        let shown: Vec<_> = lines.iter().map(|line| (line.op, line.text.as_str())).collect();
        assert_eq!(shown, [(Op::Same, "a"), (Op::Removed, "b"), (Op::Added, "B"), (Op::Same, "c")]);
    }
}
