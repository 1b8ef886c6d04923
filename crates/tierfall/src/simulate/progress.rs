//! How far a simulation is, and its end by Ctrl-C.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

/// Whether the user has had enough.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A bar on the standard error, where that is a terminal.
pub(super) struct Progress<'a> {
    bar: ProgressBar,
    stop: &'a Stop,
}

/// The bar's length: finer than any terminal is wide.
const LENGTH: u64 = 1_000;

impl<'a> Progress<'a> {
    pub(super) fn new(what: &'static str, stop: &'a Stop) -> Self {
        let bar = if io::stderr().is_terminal() { ProgressBar::new(LENGTH) } else { ProgressBar::hidden() };
        let style =
            ProgressStyle::with_template("{prefix} {wide_bar} {elapsed}").expect("indicatif reads the template");
        Self { bar: bar.with_style(style).with_prefix(what), stop }
    }

    /// Shows how much is done, from 0 to 1, and says whether to go on.
    pub(super) fn at(&mut self, done: f64) -> bool {
        self.bar.set_position((done * LENGTH as f64) as u64);
        !self.stop.is_set()
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// What `work` comes to; it is told to stop at Ctrl-C, and clears its bar before it does.
pub(super) fn until_interrupted<T: Send + 'static>(
    work: impl FnOnce(&Stop) -> Option<T> + Send + 'static,
) -> anyhow::Result<Option<T>> {
    let stop = Stop::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let stopped = stop.clone();
        let mut done = tokio::task::spawn_blocking(move || work(&stopped));
        let interrupted = tokio::select! {
            result = &mut done => return Ok(result?),
            interrupted = tokio::signal::ctrl_c() => interrupted,
        };
        interrupted?;
        stop.0.store(true, Ordering::Relaxed);
        done.await?;
        Ok(None)
    })
}
