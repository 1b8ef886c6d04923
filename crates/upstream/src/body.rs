//! A request's body as the list of slices that it is, of known length, without joining them.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The body of a call. A clone begins from the start and shares the bytes, so that a call can be sent again.
#[derive(Clone, Default)]
pub(crate) struct Outbound {
    parts: Arc<[Bytes]>,
    sent: usize,
    left: u64,
}

impl Outbound {
    pub(crate) fn new(parts: impl IntoIterator<Item = Bytes>) -> Self {
        let parts: Arc<[Bytes]> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let left = parts.iter().map(|part| part.len() as u64).sum();
        Self { parts, sent: 0, left }
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
        let body = Outbound::new([Bytes::from_static(b"ab"), Bytes::new(), Bytes::from_static(b"c")]);
        assert_eq!(body.size_hint().exact(), Some(3));
        let again = body.clone();
        assert_eq!(body.collect().await.unwrap().to_bytes(), "abc");
        assert_eq!(again.collect().await.unwrap().to_bytes(), "abc");
        assert!(Outbound::default().is_end_stream());
    }
}
