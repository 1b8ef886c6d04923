//! What differs between two texts, line by line.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

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

    #[test]
    fn a_changed_line_is_one_removed_and_one_added() {
        let lines = lines("a\nb\nc\n", "a\nB\nc\n");
        let shown: Vec<_> = lines.iter().map(|line| (line.op, line.text.as_str())).collect();
        assert_eq!(shown, [(Op::Same, "a"), (Op::Removed, "b"), (Op::Added, "B"), (Op::Same, "c")]);
    }
}
