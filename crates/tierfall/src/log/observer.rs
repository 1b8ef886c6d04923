//! What the gateway tells of its requests, as lines of the log.

use gateway::{Note, Observer};

use super::{Line, Log};

impl Observer for Log {
    fn note(&self, note: &Note<'_>) {
        self.print(&Line::Request(*note));
    }
}
