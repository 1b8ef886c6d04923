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
/// In the fourth form the path stands behind it.
pub(crate) const SEARCH: [&str; 2] = ["<<<<<<< SEARCH", "=== SEARCH"];
pub(crate) const REPLACE: [&str; 2] = [">>>>>>> REPLACE", "=== REPLACE"];
pub(crate) const FENCE: &str = "```";
