//! What the gateway tells of its requests, as lines of the log.

use gateway::{Note, Observer};

use super::{Line, Log};

impl Observer for Log {
    fn note(&self, note: &Note<'_>) {
        // Every answer says which model stands in a tier's place; the log says it once.
        if !matches!(note, Note::Replaced { first: false, .. }) {
            self.print(&Line::Request(*note));
        }
    }
}
