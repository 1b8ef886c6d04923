//! A body in pieces, so that a change in its middle copies nothing of the rest.

use bytes::{Bytes, BytesMut};

/// The pieces of a body, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segments(Vec<Bytes>);

impl Segments {
    pub(crate) fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.0.push(piece);
        }
    }

    /// The length of the whole, in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.iter().map(|piece| piece.len() as u64).sum()
    }

    /// Whether there is not one byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The whole in one piece; copies where it is in more than one.
    #[must_use]
    pub fn concat(mut self) -> Bytes {
        if self.0.len() == 1 {
            return self.0.remove(0);
        }
        let mut whole = BytesMut::with_capacity(self.0.iter().map(Bytes::len).sum());
        self.0.iter().for_each(|piece| whole.extend_from_slice(piece));
        whole.freeze()
    }
}

impl From<Bytes> for Segments {
    fn from(whole: Bytes) -> Self {
        let mut segments = Self::default();
        segments.push(whole);
        segments
    }
}

impl IntoIterator for Segments {
    type Item = Bytes;
    type IntoIter = std::vec::IntoIter<Bytes>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
