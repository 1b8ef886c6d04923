//! Listens to what a worker says that it has to do.

use std::path::{Path, PathBuf};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::watch as channel;
use tokio::time::sleep;

use super::socket;
use crate::model::Load;

/// How long after a broken connection the next one is tried.
const PAUSE: Duration = Duration::from_millis(250);
/// A line has a few numbers.
const LONGEST_LINE: usize = 4 << 10;

/// Tells `loads` the latest, for as long as it is polled; `None` while the worker says nothing.
pub(super) async fn follow(worker: PathBuf, loads: channel::Sender<Option<Load>>) {
    loop {
        listen(&worker, &loads).await;
        loads.send_replace(None);
        sleep(PAUSE).await;
    }
}

/// Returns where the worker ends it, or says what is no load.
async fn listen(worker: &Path, loads: &channel::Sender<Option<Load>>) {
    let read = |mut body: Incoming| async move {
        let mut line = Vec::new();
        while let Some(frame) = body.frame().await {
            for part in frame.ok()?.data_ref()?.split_inclusive(|&byte| byte == b'\n') {
                line.extend_from_slice(part);
                if part.ends_with(b"\n") {
                    loads.send_replace(Some(serde_json::from_slice(&line).ok()?));
                    line.clear();
                }
            }
            if line.len() > LONGEST_LINE {
                return None;
            }
        }
        Some(())
    };
    socket::get(worker, "/load", read).await;
}
