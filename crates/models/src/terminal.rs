//! Progress as a person sees it: bars on a terminal, a line every ten per cent where stderr is no terminal.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::error::SourceFailure;
use crate::progress::Progress;

/// Where progress is shown. Several models at once share it.
#[derive(Clone)]
pub struct Terminal {
    bars: Option<MultiProgress>,
}

impl Default for Terminal {
    fn default() -> Self {
        Self::stderr()
    }
}

impl Terminal {
    /// Bars if stderr is a terminal, lines otherwise.
    pub fn stderr() -> Terminal {
        let bars =
            io::stderr().is_terminal().then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10)));
        Terminal { bars }
    }

    /// Lines, on a terminal too: bars would wipe away what a server logs meanwhile.
    pub fn lines() -> Terminal {
        Terminal { bars: None }
    }

    /// The progress of one model.
    pub fn show(&self, model: &str) -> Box<dyn Progress> {
        match &self.bars {
            Some(bars) => Box::new(Bar { bars: bars.clone(), bar: None, model: model.to_owned() }),
            None => Box::new(Lines { out: io::stderr(), model: model.to_owned(), total: 0, told: 0 }),
        }
    }
}

/// Bytes as people say them, in powers of ten: `98 MB`, `1.1 GB`.
pub fn human_bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

struct Bar {
    bars: MultiProgress,
    bar: Option<ProgressBar>,
    model: String,
}

impl Bar {
    fn say(&self, line: &str) {
        // A terminal that has gone away is no reason to stop the pull.
        let _ = self.bars.println(line);
    }
}

impl Progress for Bar {
    fn waiting(&mut self, holder: Option<u32>) {
        self.say(&waiting_line(&self.model, holder));
    }

    fn started(&mut self, _source: &str, at: u64, total: u64) {
        let bar = self.bar.get_or_insert_with(|| {
            let template = "{prefix} {wide_bar} {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta}";
            let style = ProgressStyle::with_template(template).expect("the template is one that indicatif reads");
            // What an earlier pull left is there before the bar's clock starts: it says nothing about the speed.
            let bar = ProgressBar::hidden().with_style(style).with_prefix(self.model.clone()).with_position(at);
            bar.set_length(total);
            bar.reset_eta();
            self.bars.add(bar)
        });
        bar.set_length(total);
        bar.set_position(at);
    }

    fn at(&mut self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
        }
    }

    fn verifying(&mut self) {
        self.say(&format!("{}: going on where the last pull ended", self.model));
    }

    fn source_failed(&mut self, failure: &SourceFailure) {
        self.say(&failed_line(&self.model, failure));
    }

    fn finished(&mut self, _path: &Path) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.abandon();
        }
    }
}

struct Lines<W> {
    out: W,
    model: String,
    total: u64,
    /// The last tenth that has been told.
    told: u64,
}

impl<W: Write> Lines<W> {
    fn say(&mut self, line: &str) {
        // A log that has gone away is no reason to stop the pull.
        let _ = writeln!(self.out, "{line}");
    }
}

impl<W: Write + Send> Progress for Lines<W> {
    fn waiting(&mut self, holder: Option<u32>) {
        self.say(&waiting_line(&self.model, holder));
    }

    fn started(&mut self, source: &str, at: u64, total: u64) {
        self.total = total;
        self.told = tenths(at, total);
        let line = format!("{}: fetching {} from {source}", self.model, human_bytes(total));
        self.say(&line);
    }

    fn at(&mut self, bytes: u64) {
        let tenths = tenths(bytes, self.total);
        if tenths > self.told {
            self.told = tenths;
            let line = format!("{}: {} %", self.model, tenths * 10);
            self.say(&line);
        }
    }

    fn verifying(&mut self) {
        let line = format!("{}: going on where the last pull ended", self.model);
        self.say(&line);
    }

    fn source_failed(&mut self, failure: &SourceFailure) {
        self.say(&failed_line(&self.model, failure));
    }
}

fn tenths(bytes: u64, total: u64) -> u64 {
    (u128::from(bytes) * 10 / u128::from(total.max(1))) as u64
}

fn waiting_line(model: &str, holder: Option<u32>) -> String {
    match holder {
        Some(pid) => format!("{model}: waiting for process {pid}, which is fetching it"),
        None => format!("{model}: waiting for another process, which is fetching it"),
    }
}

fn failed_line(model: &str, failure: &SourceFailure) -> String {
    format!("{model}: {}: {}", failure.source, failure.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_terminal_each_tenth_is_told_once() {
        let mut lines = Lines { out: Vec::new(), model: "m".to_owned(), total: 0, told: 0 };
        lines.started("pip", 250, 1000);
        for bytes in [260, 299, 300, 350, 720, 1000, 1000] {
            lines.at(bytes);
        }
        let told = String::from_utf8(lines.out).unwrap();
        assert_eq!(told, "m: fetching 1 kB from pip\nm: 30 %\nm: 70 %\nm: 100 %\n");
    }

    #[test]
    fn bytes_are_said_as_people_say_them() {
        let said = [999, 98_362_432, 1_117_320_768].map(human_bytes);
        assert_eq!(said, ["999 B", "98 MB", "1.1 GB"]);
    }
}
