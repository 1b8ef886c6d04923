//! A request's body: read whole, no further than a body may go, and for as long as it gets on.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use super::error::Error;

/// The largest body, in bytes.
pub(super) const LARGEST: usize = 10 * 1024 * 1024;
/// How a caller may send it. Only what has come counts against memory, but each one holds a connection: a kilobyte in ten
/// seconds is less than any line brings, and more than one who only wants to hold it sends.
const TAKEN: Pace = Pace { window: Duration::from_secs(10), least: 1024, longest: Duration::from_secs(60) };
/// A connection that is closed with bytes unread is reset, and the reset overtakes the answer that says why. So the body of
/// a request that is refused is read on for a while and thrown away (nginx does the same: `lingering_close`) …
const THROWN_AWAY: Pace = Pace { window: Duration::from_secs(2), least: 1024, longest: Duration::from_secs(10) };
/// … and so many bytes of it.
const MOST_THROWN_AWAY: usize = 10 * LARGEST;

/// How fast a body has to come.
#[derive(Clone, Copy)]
struct Pace {
    /// In each of these …
    window: Duration,
    /// … so many bytes come, or the rest.
    least: usize,
    /// All of it takes no longer than this.
    longest: Duration,
}

/// How the reading of a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Whole,
    /// It is longer than it may be.
    Long,
    Broken,
    /// A window brought too little.
    Stalled,
    /// It took longer than it may.
    Late,
}

/// Reads `body` to its end. A caller who `waits` to be told to go on is told at once where it is too large.
pub(super) async fn read(mut body: Body, waits: bool) -> Result<Bytes, Error> {
    if usize::try_from(body.size_hint().lower()).is_ok_and(|length| length <= LARGEST) {
        // It is kept for as long as its answer lasts, and slices of it would keep the connection's read buffers.
        let mut whole = Vec::new();
        match pass(&mut body, TAKEN, LARGEST, |bytes| whole.extend_from_slice(&bytes)).await {
            End::Whole => return Ok(whole.into_boxed_slice().into()),
            End::Long => throw_away(body, MOST_THROWN_AWAY).await,
            End::Broken => return Err(Error::unreadable()),
            End::Stalled => return Err(Error::stalled(TAKEN.window)),
            End::Late => return Err(Error::too_slow(TAKEN.longest)),
        }
    } else if !waits {
        throw_away(body, MOST_THROWN_AWAY).await;
    }
    Err(Error::too_large(LARGEST))
}

/// Reads the body of a request that is refused, as far as a client sends it before it reads the refusal. Who `waits` to be
/// told to go on sends nothing.
pub(super) async fn discard(body: Body, waits: bool) {
    if !waits && !body.is_end_stream() {
        throw_away(body, LARGEST).await;
    }
}

async fn throw_away(mut body: Body, most: usize) {
    // Whether all of it came or not, what follows is the refusal.
    let _ = pass(&mut body, THROWN_AWAY, most, drop).await;
}

/// Passes `most` bytes of `body` on, for as long as they come at this pace.
async fn pass(body: &mut Body, pace: Pace, most: usize, mut take: impl FnMut(Bytes)) -> End {
    let begun = Instant::now();
    let (end, mut left) = (begun + pace.longest, most);
    let (mut window, mut brought) = (begun + pace.window, 0);
    loop {
        match timeout_at(window.min(end), body.frame()).await {
            Ok(None) => return End::Whole,
            Ok(Some(Err(_))) => return End::Broken,
            Ok(Some(Ok(frame))) => {
                let Ok(bytes) = frame.into_data() else { continue };
                let Some(rest) = left.checked_sub(bytes.len()) else { return End::Long };
                (left, brought) = (rest, brought + bytes.len());
                take(bytes);
            }
            Err(_) if end <= window => return End::Late,
            Err(_) if brought < pace.least => return End::Stalled,
            Err(_) => (window, brought) = (window + pace.window, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;

    use super::*;

    /// A body of so many pieces of this size, each so much later than the one before.
    fn trickle(pieces: usize, size: usize, pause: Duration) -> Body {
        Body::from_stream(stream::unfold(0, move |piece| async move {
            if piece == pieces {
                return None;
            }
            tokio::time::sleep(pause).await;
            Some((Ok::<_, Infallible>(Bytes::from(vec![b'x'; size])), piece + 1))
        }))
    }

    async fn end_of(mut body: Body, pace: Pace) -> (End, Duration) {
        let begun = Instant::now();
        (pass(&mut body, pace, LARGEST, drop).await, begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_given_up_at_the_end_of_its_window() {
        for (size, pause) in [(1, 1), (100, 1), (1, 9), (0, 60)] {
            let end = end_of(trickle(1_000, size, Duration::from_secs(pause)), TAKEN).await;
            assert_eq!(end, (End::Stalled, TAKEN.window), "{size} bytes every {pause} s");
        }
        let late_stall = trickle(1, 2_000, Duration::from_secs(1)).into_data_stream();
        let rest = trickle(1_000, 1, Duration::from_secs(1)).into_data_stream();
        let body = Body::from_stream(stream::select(late_stall, rest));
        assert_eq!(end_of(body, TAKEN).await, (End::Stalled, 2 * TAKEN.window), "each window counts for itself");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_that_gets_on_is_read_to_its_end_and_no_longer_than_a_minute() {
        let slow = |seconds| trickle(seconds, 200, Duration::from_secs(1));
        assert_eq!(end_of(slow(50), TAKEN).await, (End::Whole, Duration::from_secs(50)));
        assert_eq!(end_of(slow(1_000), TAKEN).await, (End::Late, TAKEN.longest));
        let read = read(slow(50), false).await.ok().map(|whole| whole.len());
        assert_eq!(read, Some(10_000));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_thrown_away_holds_nobody_for_long() {
        let begun = Instant::now();
        discard(trickle(1_000, 1, Duration::from_millis(10)), false).await;
        assert_eq!(begun.elapsed(), THROWN_AWAY.window);
        discard(trickle(1_000, 100_000, Duration::from_millis(100)), false).await;
        assert_eq!(begun.elapsed(), THROWN_AWAY.window + THROWN_AWAY.longest);
        discard(trickle(1_000, 1, Duration::from_secs(1)), true).await;
        assert_eq!(begun.elapsed(), THROWN_AWAY.window + THROWN_AWAY.longest, "who waits sends nothing");
    }
}
