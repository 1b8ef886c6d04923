//! `GET /load`: what the engine has to do, as a stream: a line of JSON at once, and one whenever it has changed.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, unfold};
use http_body_util::StreamBody;
use hyper::Response;
use hyper::body::Frame;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::model::Load;

/// A change waits for so long after the line before it, but not where it is the first work or the last: whoever reads it
/// costs the processor something, and that is at work.
const APART: Duration = Duration::from_millis(50);

/// The body; it has no end. The server drops it when the reader is gone.
pub(super) type Lines = StreamBody<BoxStream<'static, Result<Frame<Bytes>, Infallible>>>;

/// The stream of what `loads` gives.
pub(super) fn stream(loads: watch::Receiver<Load>) -> Response<Lines> {
    let lines = unfold(Telling { loads, last: None }, |telling| async { telling.next().await });
    let mut response = Response::new(StreamBody::new(lines.map(|line| Ok(Frame::data(line))).boxed()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}

#[derive(Debug)]
struct Telling {
    loads: watch::Receiver<Load>,
    /// What was told last, and when.
    last: Option<(Load, Instant)>,
}

impl Telling {
    /// The next line; `None` where the engine's thread is gone.
    async fn next(mut self) -> Option<(Bytes, Self)> {
        if let Some((told, at)) = self.last {
            self.loads.changed().await.ok()?;
            let turns = self.loads.wait_for(|load| load.is_idle() != told.is_idle());
            let _ = timeout_at(at + APART, turns).await;
        }
        let load = *self.loads.borrow_and_update();
        self.last = Some((load, Instant::now()));
        let mut line = serde_json::to_vec(&load).ok()?;
        line.push(b'\n');
        Some((line.into(), self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_work(running: u32) -> Load {
        Load { running, ..Load::default() }
    }

    async fn line(telling: Telling) -> (Load, Telling) {
        let (line, telling) = telling.next().await.expect("a line");
        (serde_json::from_slice(&line).expect("JSON"), telling)
    }

    /// The clock stands still but for what is waited for.
    #[tokio::test(start_paused = true)]
    async fn first_and_last_work_is_told_at_once_and_what_comes_between_now_and_then() {
        let (engine, loads) = watch::channel(Load::default());
        let begun = Instant::now();
        let (load, telling) = line(Telling { loads, last: None }).await;
        assert!(load.is_idle());
        engine.send_replace(at_work(1));
        let (load, telling) = line(telling).await;
        assert_eq!((load.running, begun.elapsed()), (1, Duration::ZERO));
        engine.send_replace(at_work(2));
        let (load, telling) = line(telling).await;
        assert_eq!((load.running, begun.elapsed()), (2, APART));
        engine.send_replace(at_work(0));
        let (load, _) = line(telling).await;
        assert_eq!((load.running, begun.elapsed()), (0, APART));
    }

    #[tokio::test(start_paused = true)]
    async fn where_nothing_changes_nothing_is_told() {
        let (_engine, loads) = watch::channel(Load::default());
        let (_, telling) = line(Telling { loads, last: None }).await;
        assert!(tokio::time::timeout(Duration::from_secs(3600), telling.next()).await.is_err());
    }
}
