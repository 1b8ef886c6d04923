//! What is known to come, as workers are told of it, and where the warm prefixes of a model are kept.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use serde_json::json;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tokio::sync::watch as channel;
use tokio::time::sleep;

use super::socket;
use crate::model::{DROPPED, MOST_KNOWN};

/// How long after a worker did not answer it is told again.
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_ANSWER: usize = 4 << 10;
/// Characters that are read of what a worker says of a file; it may be a hostile model's worker.
const LONGEST_WORD: usize = 200;
/// Files of which a worker leaves word, at most.
const MOST_WORDS: usize = 8;

/// Starts of chats that are known to come. A worker that is given them reads them while nobody asks, and is told again whenever it
/// was started again. Clones share what they hold.
#[derive(Debug, Clone, Default)]
pub struct WarmPrefixes(Arc<channel::Sender<VecDeque<Bytes>>>);

impl WarmPrefixes {
    /// Tells of a start: the `messages` of a chat up to the one of the user that will follow. Of the
    /// latest, as many are kept as a worker has places for.
    pub fn tell(&self, messages: &RawValue) {
        let body = Bytes::from(json!({"messages": messages}).to_string());
        self.0.send_modify(|starts| {
            starts.retain(|start| *start != body);
            starts.push_back(body);
            let surplus = starts.len().saturating_sub(MOST_KNOWN);
            starts.drain(..surplus);
        });
    }

    /// Tells a worker of all, and of what comes later, for as long as it is polled.
    pub(super) async fn tell_worker(self, worker: PathBuf) {
        let mut starts = self.0.subscribe();
        let mut told = VecDeque::new();
        loop {
            let known = starts.borrow_and_update().clone();
            for start in known.iter().filter(|start| !told.contains(*start)) {
                // It answers as well where it refuses, as it would again.
                while post(&worker, start.clone()).await.is_none() {
                    sleep(PAUSE).await;
                }
            }
            told = known;
            if starts.changed().await.is_err() {
                return;
            }
        }
    }
}

async fn post(worker: &Path, start: Bytes) -> Option<Bytes> {
    let read = |body| async { Some(Limited::new(body, LONGEST_ANSWER).collect().await.ok()?.to_bytes()) };
    socket::post(worker, "/warm", start, read).await
}

/// The name of a model's folder: a worker can open no other's.
pub(super) fn folder(model: &Path) -> String {
    let sum: [u8; 32] = Sha256::digest(model.as_os_str().as_bytes()).into();
    let hex: String = sum[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let stem = model.file_stem().unwrap_or_default().to_string_lossy();
    let plain =
        |character: char| if character.is_ascii_alphanumeric() || "._".contains(character) { character } else { '-' };
    let name: String = stem.chars().map(plain).take(64).collect();
    format!("{name}-{hex}")
}

/// The saved prefixes that the last worker of a model has dropped, each with the reason, where they are kept below `kept`.
///
/// # Errors
///
/// The word that it left cannot be read.
pub fn dropped(kept: &Path, model: &Path) -> io::Result<Vec<String>> {
    let note = kept.join(folder(&std::path::absolute(model)?)).join(DROPPED);
    let mut left = Vec::new();
    match File::open(note) {
        Ok(note) => note.take((MOST_WORDS * 4 * LONGEST_WORD) as u64).read_to_end(&mut left)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let word = |line: &str| line.chars().filter(|character| !character.is_control()).take(LONGEST_WORD).collect();
    Ok(String::from_utf8_lossy(&left).lines().take(MOST_WORDS).map(word).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

    use super::*;

    #[test]
    fn the_latest_starts_are_kept_each_once() {
        let prefixes = WarmPrefixes::default();
        let numbers: Vec<usize> = (0..MOST_KNOWN).chain([0, MOST_KNOWN]).collect();
        for number in numbers {
            prefixes.tell(&RawValue::from_string(format!("[{number}]")).unwrap());
        }
        let told: Vec<_> = prefixes.0.borrow().iter().map(|body| String::from_utf8_lossy(body).into_owned()).collect();
        let latest = (2..MOST_KNOWN).chain([0, MOST_KNOWN]).map(|number| format!(r#"{{"messages":[{number}]}}"#));
        assert_eq!(told, latest.collect::<Vec<_>>());
    }

    #[test]
    fn each_model_has_a_folder_of_its_own_below_the_same_one() {
        let name = folder(Path::new("/models/a b/../Tiny (1).gguf"));
        assert!(name.starts_with("Tiny--1--") && !name.contains(['/', ' ']), "{name}");
        assert_ne!(folder(Path::new("/one/m.gguf")), folder(Path::new("/two/m.gguf")));
    }

    #[test]
    fn what_a_worker_left_word_of_is_read_within_bounds() {
        let kept = tempfile::tempdir().unwrap();
        let model = Path::new("/models/m.gguf");
        assert_eq!(dropped(kept.path(), model).unwrap(), [""; 0]);
        let folder = kept.path().join(folder(model));
        std::fs::create_dir(&folder).unwrap();
        let long = "x".repeat(1000);
        std::fs::write(folder.join(DROPPED), format!("a.warm: \x1b[31mit is damaged\n{long}\n{}", "b\n".repeat(20)))
            .unwrap();
        let words = dropped(kept.path(), model).unwrap();
        assert_eq!((words.len(), words[0].as_str()), (MOST_WORDS, "a.warm: [31mit is damaged"));
        assert_eq!(words[1].len(), LONGEST_WORD);
    }
}
