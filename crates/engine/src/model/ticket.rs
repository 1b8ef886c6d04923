//! What goes to the engine's thread. A job on its way: its place in the queue and its way back to whoever asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::Instant;

use super::job::{Job, Output, Refused, Token};
use super::mailbox::Mailbox;

/// What the engine's thread is asked to do.
#[derive(Debug)]
pub(super) enum Errand {
    Job(Box<Ticket>),
    /// To keep the start of a prompt warm that is known to come.
    Warm(Vec<Token>),
    /// To save what is warm now, whoever waits, and to say when that is done.
    Save(SyncSender<()>),
}

/// A taken job. However it ends, its reader hears of it.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) job: Job,
    pub(super) reply: Reply,
    pub(super) place: Place,
    pub(super) arrived: Instant,
}

/// The writing end of a job's output; dropped before the end, it says that the engine has failed.
#[derive(Debug)]
pub(super) struct Reply(Arc<Mailbox>);

impl Reply {
    pub(super) fn new(mailbox: Arc<Mailbox>) -> Self {
        Self(mailbox)
    }

    pub(super) fn mailbox(&self) -> &Mailbox {
        &self.0
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.0.end(Output::Failed("the engine has stopped".to_owned()));
    }
}

/// One of the bounded number of jobs that wait.
#[derive(Debug)]
pub(super) struct Place(Arc<AtomicU32>);

impl Place {
    /// Takes a place, unless `most` are taken.
    pub(super) fn take(waiting: &Arc<AtomicU32>, most: u32) -> Result<Self, Refused> {
        waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| (waiting < most).then_some(waiting + 1))
            .map(|_| Self(waiting.clone()))
            .map_err(|waiting| Refused::Busy { waiting })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
