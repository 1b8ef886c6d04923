//! The thread that writes the log.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread;
use std::time::Duration;

use super::line::{Form, Line};

/// Lines that may wait for a slow terminal; what comes on top is counted and left out.
const WAITING: usize = 8192;
/// The pause behind a write. A line that comes alone is written at once; those that come thick wait so long for each other,
/// and wake this thread once and not each for itself, which would cost a request more than all else that it does.
const GATHERING: Duration = Duration::from_millis(5);
/// How long the end of the process waits for a reader that has stopped reading.
const PATIENCE: Duration = Duration::from_secs(1);

enum Message {
    Line(String),
    Flush(SyncSender<()>),
}

/// Prints lines in their order without ever waiting. Clones print to the same place.
#[derive(Clone, Debug)]
pub struct Log {
    form: Form,
    sender: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

impl Log {
    /// Prints to the standard output, with colours where that is a terminal and the user has not refused them (`NO_COLOR`).
    ///
    /// # Errors
    /// The system gives no further thread.
    pub fn to_stdout(json: bool) -> std::io::Result<Self> {
        let colour = colourful(&std::io::stdout());
        Self::start(if json { Form::Json } else { Form::Plain { colour } }, std::io::stdout())
    }

    /// As [`Log::to_stdout`], to the standard error.
    ///
    /// # Errors
    /// The system gives no further thread.
    pub fn to_stderr(json: bool) -> std::io::Result<Self> {
        let colour = colourful(&std::io::stderr());
        Self::start(if json { Form::Json } else { Form::Plain { colour } }, std::io::stderr())
    }

    /// Prints to `out` from a thread of its own.
    ///
    /// # Errors
    /// The system gives no further thread.
    pub fn start(form: Form, out: impl Write + Send + 'static) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::sync_channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&lost);
        thread::Builder::new().name("log".to_owned()).spawn(move || write(&receiver, &counted, form, out))?;
        Ok(Self { form, sender, lost })
    }

    /// Prints `line` when its turn comes. Returns at once; where the reader is 8,192 lines behind, the line is lost and
    /// counted.
    pub fn print(&self, line: &Line<'_>) {
        if let Err(TrySendError::Full(_)) = self.sender.try_send(Message::Line(line.render(self.form))) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all that was printed so far is written, or for a second where nobody reads.
    pub fn flush(&self) {
        let (done, written) = mpsc::sync_channel(1);
        let start = std::time::Instant::now();
        let mut message = Message::Flush(done);
        while let Err(TrySendError::Full(full)) = self.sender.try_send(message) {
            if start.elapsed() > PATIENCE {
                return;
            }
            message = full;
            thread::sleep(Duration::from_millis(1));
        }
        // An error is a writer that has ended or a reader that does not read: there is nobody to wait for.
        let _ = written.recv_timeout(PATIENCE);
    }
}

fn colourful(stream: &impl anstream::stream::RawStream) -> bool {
    anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never
}

/// Ends with the last [`Log`], or where the reader has gone away.
fn write(receiver: &Receiver<Message>, lost: &AtomicU64, form: Form, out: impl Write) {
    let mut out = std::io::BufWriter::new(out);
    while let Ok(first) = receiver.recv() {
        for message in std::iter::once(first).chain(receiver.try_iter().take(WAITING)) {
            let written = match message {
                Message::Line(line) => out.write_all(line.as_bytes()),
                Message::Flush(done) => out.flush().map(|()| {
                    // Whoever asked may have lost patience.
                    let _ = done.try_send(());
                }),
            };
            if written.is_err() {
                return;
            }
        }
        let lost = lost.swap(0, Ordering::Relaxed);
        let text = format!("{lost} lines of the log were lost: they came faster than they are read");
        let told = if lost > 0 { out.write_all(Line::Warning { text: &text }.render(form).as_bytes()) } else { Ok(()) };
        if told.and_then(|()| out.flush()).is_err() {
            return;
        }
        thread::sleep(GATHERING);
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Shared {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("no panic").clone()).expect("UTF-8")
        }
    }

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const PLAIN: Form = Form::Plain { colour: false };

    #[test]
    fn lines_come_in_their_order_and_a_flush_waits_for_all() {
        let out = Shared::default();
        let log = Log::start(PLAIN, out.clone()).expect("a thread");
        for number in 0..1000 {
            log.print(&Line::Info { text: &number.to_string() });
        }
        log.flush();
        let expected: String = (0..1000).map(|number| format!("{number}\n")).collect();
        assert_eq!(out.text(), expected);
    }

    #[test]
    fn a_reader_that_stands_still_costs_lines_and_no_waiting() {
        let out = Shared::default();
        let log = Log::start(PLAIN, out.clone()).expect("a thread");
        let standing = out.0.lock().expect("no panic");
        for _ in 0..3 * WAITING {
            log.print(&Line::Info { text: "x" });
        }
        drop(standing);
        log.flush();
        log.print(&Line::Info { text: "after" });
        log.flush();
        let text = out.text();
        let written = text.lines().filter(|line| *line == "x").count();
        let lost: usize = text
            .lines()
            .filter_map(|line| line.strip_prefix("Warning: ")?.split(' ').next()?.parse::<usize>().ok())
            .sum();
        assert!(lost > 0);
        assert_eq!(written + lost, 3 * WAITING);
        assert!(text.contains("after\n"));
    }

    #[test]
    fn a_reader_that_has_gone_stops_nobody() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let log = Log::start(PLAIN, Gone).expect("a thread");
        for _ in 0..2 * WAITING {
            log.print(&Line::Info { text: "x" });
        }
        log.flush();
    }
}
