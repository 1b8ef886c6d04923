//! The marks of blocks as DeepSite's third and fourth form have them, in this order.

/// Behind it stands what the project is called.
pub(crate) const NAME_START: [&str; 2] = ["<<<<<<< PROJECT_NAME_START", "=== START_PROJECT_NAME"];
pub(crate) const NAME_END: [&str; 2] = [">>>>>>> PROJECT_NAME_END", "=== END_PROJECT_NAME"];
/// Behind it stands the path of a file that follows whole.
pub(crate) const FILE_START: [&str; 2] = ["<<<<<<< NEW_FILE_START", "=== START_FILE_CONTENT"];
/// Behind the path, in the third form.
pub(crate) const PATH_END: &str = ">>>>>>> NEW_FILE_END";
/// Behind the content, in the fourth.
pub(crate) const FILE_END: &str = "=== END_FILE_CONTENT";
/// Behind it stands the path of a file that is changed, in the third form.
pub(crate) const UPDATE_START: &str = "<<<<<<< UPDATE_FILE_START";
pub(crate) const FENCE: &str = "```";

/// Models write a sign more or less than the seven that they are shown: aider reads five to nine
/// (`aider/coders/editblock_coder.py`).
const SIGNS: std::ops::RangeInclusive<usize> = 5..=9;

/// Whether the line begins what is to be replaced, and the path that stands behind it, where one does.
pub(crate) fn search(line: &str) -> Option<Option<String>> {
    let behind = line.strip_prefix("=== ").or_else(|| behind_signs(line, '<'))?.strip_prefix("SEARCH")?;
    let path = behind.trim().trim_matches(['<', '>', '`', ':', '"', '\'']).trim();
    // Another word, such as `SEARCHED`, is none.
    let is_mark = behind.is_empty() || behind.starts_with([' ', '\t', '>', '<', ':', '`']);
    (is_mark && !path.contains(char::is_whitespace)).then(|| (!path.is_empty()).then(|| path.to_owned()))
}

/// Whether the line may stand between what is replaced and what replaces it.
pub(crate) fn is_divider(line: &str) -> bool {
    behind_signs(line, '=').is_some_and(str::is_empty)
}

/// Whether the line ends what replaces it.
pub(crate) fn is_replace(line: &str) -> bool {
    let behind = line.strip_prefix("=== ").or_else(|| behind_signs(line, '>'));
    behind
        .and_then(|behind| behind.strip_prefix("REPLACE"))
        .is_some_and(|rest| rest.trim_matches(['<', '>', ' ']).is_empty())
}

fn behind_signs(line: &str, sign: char) -> Option<&str> {
    let behind = line.trim_start_matches(sign);
    SIGNS.contains(&(line.len() - behind.len())).then(|| behind.trim_start())
}
