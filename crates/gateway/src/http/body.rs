//! A request's body: read whole, and no further than a body may go.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::error::Error;

/// The largest body, in bytes.
pub(super) const LARGEST: usize = 10 * 1024 * 1024;
/// From so many bytes on a body is not copied.
const CHEAPER_SHARED: usize = 64 * 1024;
/// How long a caller may take to send it. Only what has come counts against memory, but each one holds a connection.
const LONGEST: Duration = Duration::from_secs(60);
/// A connection that is closed with bytes unread is reset, and the reset overtakes the answer that says why. So what is
/// too large is read on for a while and thrown away (nginx does the same: `lingering_close`): so many bytes of it …
const THROWN_AWAY: usize = 10 * LARGEST;
/// … and for so long.
const THROWING: Duration = Duration::from_secs(10);
/// How long a request that is refused by its head alone may go on.
const DISCARDING: Duration = Duration::from_secs(2);

/// Reads `body` to its end. A caller who `waits` to be told to go on is told at once where it is too large.
pub(super) async fn read(mut body: Body, waits: bool) -> Result<Bytes, Error> {
    if usize::try_from(body.size_hint().lower()).is_ok_and(|length| length <= LARGEST) {
        match tokio::time::timeout(LONGEST, Limited::new(&mut body, LARGEST).collect()).await {
            Ok(Ok(whole)) => return Ok(own(whole.to_bytes())),
            Ok(Err(error)) if error.is::<LengthLimitError>() => throw_away(body, THROWN_AWAY).await,
            Ok(Err(_)) => return Err(Error::unreadable()),
            Err(_) => return Err(Error::too_slow(LONGEST)),
        }
    } else if !waits {
        throw_away(body, THROWN_AWAY).await;
    }
    Err(Error::too_large(LARGEST))
}

/// A small body in bytes of its own. It is kept for as long as its answer lasts, and as a slice it would keep the connection's
/// read buffer; a large one fills that.
fn own(body: Bytes) -> Bytes {
    if body.len() < CHEAPER_SHARED { Bytes::copy_from_slice(&body) } else { body }
}

/// Reads the body of a request that is refused, as far as a client sends it before it reads the refusal. Who `waits` to be
/// told to go on sends nothing.
pub(super) async fn discard(body: Body, waits: bool) {
    if !waits && !body.is_end_stream() {
        let _ = tokio::time::timeout(DISCARDING, throw_away(body, LARGEST)).await;
    }
}

async fn throw_away(mut body: Body, mut left: usize) {
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            let read = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(read) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    // Whether all of it came or not, what follows is the refusal.
    let _ = tokio::time::timeout(THROWING, reading).await;
}
