//! Asks a worker how it is.

use std::path::Path;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use serde::Deserialize;
use tokio::time::timeout;

use super::socket;

/// A worker answers within a millisecond; on a machine that swaps, later.
const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST_ANSWER: usize = 4 << 10;

/// What a worker says of itself at `/health`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub(super) enum Health {
    Loading { percent: u8 },
    Ok { context: u32, threads: usize },
}

/// The worker's answer; `None` where it gives none.
pub(super) async fn ask(socket: &Path) -> Option<Health> {
    let answer = socket::get(socket, "/health", |body| async {
        Some(Limited::new(body, LONGEST_ANSWER).collect().await.ok()?.to_bytes())
    });
    serde_json::from_slice(&timeout(PATIENCE, answer).await.ok()??).ok()
}
