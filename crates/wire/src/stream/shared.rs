//! What the chunks of one stream have in common.

use serde_json::{Map, Value};

/// Members that all chunks of a stream share, such as its `id`. They are kept as their text: parsed, they would take ten times
/// as much for as long as the stream is open, and they are seldom needed.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedMembers(Box<str>);

impl SharedMembers {
    pub(crate) fn of(members: Map<String, Value>) -> Self {
        Self(Value::Object(members).to_string().into())
    }

    pub(crate) fn parsed(&self) -> Map<String, Value> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}
