//! What is being measured, while it is.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::measure::STEPS;

/// Often enough to be seen to live, and too seldom to cost anything.
const TICK: Duration = Duration::from_millis(250);

/// A bar on the standard error, where that is a terminal. Dropped, it is gone.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(model: String) -> Self {
        if !io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template("{prefix} {bar:20} {pos}/{len} {msg} {elapsed}");
        let style = style.expect("indicatif reads the template");
        let bar = ProgressBar::new(STEPS).with_style(style).with_prefix(model);
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// What begins now; what came before is done.
    pub(super) fn begin(&self, what: &'static str) {
        self.0.set_message(what);
    }

    pub(super) fn done(&self) {
        self.0.inc(1);
    }

    /// How much of the model has been read.
    pub(super) fn loading(&self, percent: u8) {
        self.0.set_message(format!("loading {percent} %"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
