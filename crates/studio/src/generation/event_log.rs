//! What was told, kept so that whoever comes later hears it from the beginning.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use tokio::sync::watch;

use super::event::Event;

/// After so long a silence a listener gets a comment, so that no proxy on the way takes the connection for dead.
const QUIET: Duration = Duration::from_secs(10);

/// Everything that was told of one request.
#[derive(Debug)]
pub(crate) struct Told {
    log: Mutex<Log>,
    /// How much there is; what listeners wait on.
    length: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Log {
    /// `None` is a state of the page that a later one has overtaken.
    frames: Vec<Option<Bytes>>,
    page: Option<usize>,
    ended: bool,
}

impl Default for Told {
    fn default() -> Self {
        Self { log: Mutex::default(), length: watch::Sender::new(0) }
    }
}

impl Told {
    /// Tells `event`. Of the page's states only the last is kept for those who come later. Nothing is told after the end.
    pub(crate) fn tell(&self, event: &Event) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.ended {
            return;
        }
        let id = log.frames.len();
        if matches!(event, Event::File { .. })
            && let Some(overtaken) = log.page.replace(id)
        {
            log.frames[overtaken] = None;
        }
        log.frames.push(Some(event.frame(id)));
        log.ended = matches!(event, Event::Error { .. } | Event::Done(_));
        let length = log.frames.len();
        drop(log);
        self.length.send_replace(length);
    }

    /// Whether nothing follows.
    pub(crate) fn ended(&self) -> bool {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).ended
    }

    /// All of it from the beginning, as it comes; ends with it.
    pub(crate) fn listen(self: &Arc<Self>) -> impl Stream<Item = Bytes> + Send + use<> {
        let listener = (Arc::clone(self), self.length.subscribe(), 0);
        stream::unfold(listener, |(told, mut length, heard)| async move {
            loop {
                let (frames, until, ended) = told.since(heard);
                if !frames.is_empty() {
                    return Some((frames, (told, length, until)));
                }
                if ended {
                    return None;
                }
                // The sender lives in what `told` holds: it cannot be gone.
                if tokio::time::timeout(QUIET, length.wait_for(|&length| length > until)).await.is_err() {
                    return Some((wire::sse::comment("tierfall waiting"), (told, length, until)));
                }
            }
        })
    }

    fn since(&self, heard: usize) -> (Bytes, usize, bool) {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let frames: Vec<&[u8]> = log.frames[heard..].iter().flatten().map(|frame| &frame[..]).collect();
        (frames.concat().into(), log.frames.len(), log.ended)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;

    use super::*;
    use crate::generation::event::Done;

    fn page(html: &str) -> Event {
        Event::File { path: "index.html".to_owned(), html: html.to_owned(), whole: false }
    }

    async fn heard(told: &Arc<Told>) -> String {
        let frames: Vec<Bytes> = told.listen().collect().await;
        String::from_utf8(frames.concat()).expect("text")
    }

    #[tokio::test]
    async fn whoever_comes_late_hears_all_but_the_pages_that_were_overtaken() {
        let told = Arc::new(Told::default());
        told.tell(&Event::Token { text: "a".to_owned() });
        told.tell(&page("first"));
        told.tell(&page("second"));
        told.tell(&Event::Done(Done::default()));
        told.tell(&Event::Token { text: "after the end".to_owned() });
        let heard = heard(&told).await;
        assert!(heard.starts_with("event: token\nid: 0\ndata: {\"text\":\"a\"}\n\nevent: file\nid: 2\n"), "{heard}");
        assert!(heard.contains("second") && !heard.contains("first\"") && !heard.contains("after the end"));
    }

    #[tokio::test]
    async fn whoever_listens_hears_it_as_it_comes() {
        let told = Arc::new(Told::default());
        let mut listening = Box::pin(told.listen());
        told.tell(&page("first"));
        assert!(String::from_utf8_lossy(&listening.next().await.expect("a page")).contains("first"));
        told.tell(&page("second"));
        assert!(String::from_utf8_lossy(&listening.next().await.expect("a page")).contains("second"));
        told.tell(&Event::Error { code: "x".to_owned(), message: "y".to_owned() });
        assert!(String::from_utf8_lossy(&listening.next().await.expect("an error")).contains("\"code\":\"x\""));
        assert!(listening.next().await.is_none() && told.ended());
    }

    #[tokio::test(start_paused = true)]
    async fn a_silence_is_broken_by_a_comment() {
        let told = Arc::new(Told::default());
        let mut listening = Box::pin(told.listen());
        assert_eq!(listening.next().await.as_deref(), Some(&b": tierfall waiting\n\n"[..]));
    }
}
