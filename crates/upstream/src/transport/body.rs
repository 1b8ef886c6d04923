//! A request's body of known length: a large one as the list of slices that it is, without joining them.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Up to so many bytes, joining the parts costs less than sending each on its own.
const CHEAPER_COPIED: usize = 16 * 1024;

/// The body of a call. A clone begins from the start and shares the bytes, so that a call can be sent again.
#[derive(Clone, Default)]
pub(crate) struct Outbound {
    parts: Arc<[Bytes]>,
    sent: usize,
    left: u64,
}

impl Outbound {
    pub(crate) fn new(parts: impl IntoIterator<Item = Bytes>) -> Self {
        let parts: Vec<Bytes> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let left: usize = parts.iter().map(Bytes::len).sum();
        let parts =
            if left <= CHEAPER_COPIED { Arc::new([Bytes::from(parts.concat())]) as Arc<[_]> } else { parts.into() };
        Self { parts, sent: 0, left: left as u64 }
    }
}

impl Body for Outbound {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let part = self.parts.get(self.sent).cloned();
        if let Some(part) = &part {
            self.sent += 1;
            self.left -= part.len() as u64;
        }
        Poll::Ready(part.map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it fails")]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn the_parts_leave_in_order_under_their_exact_length() {
        for long in [1, CHEAPER_COPIED] {
            let long = Bytes::from(vec![b'b'; long]);
            let body = Outbound::new([Bytes::from_static(b"a"), Bytes::new(), long.clone(), Bytes::from_static(b"c")]);
            assert_eq!(body.size_hint().exact(), Some(long.len() as u64 + 2));
            let expected = [b"a", &long[..], b"c"].concat();
            assert_eq!(body.clone().collect().await.unwrap().to_bytes(), expected);
            assert_eq!(body.collect().await.unwrap().to_bytes(), expected);
        }
    }

    #[test]
    fn only_a_large_body_stays_in_parts() {
        let parts = |long| Outbound::new([Bytes::from(vec![b'a'; long]), Bytes::from_static(b"c")]).parts.len();
        assert_eq!((parts(1), parts(CHEAPER_COPIED)), (1, 2));
        assert_eq!(Outbound::new([]).size_hint().exact(), Some(0));
        assert!(Outbound::new([Bytes::new()]).is_end_stream());
        assert!(Outbound::default().is_end_stream());
    }
}
