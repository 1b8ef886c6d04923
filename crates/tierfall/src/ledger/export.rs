//! `tierfall ledger export`: the decisions as JSON lines.

use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use ledger::Store;

use crate::config::Configuration;
use crate::unless_closed;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Prints the decisions of the last `days`, or all that are kept.
///
/// # Errors
/// There is no ledger, it cannot be read, or nothing can be written.
pub(crate) fn export(configuration: &Configuration, days: Option<u32>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::look(&super::location(configuration)).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        let mut decisions = std::pin::pin!(store.read(days.map(|days| DAY * days)));
        let mut written = Ok(());
        while let (Ok(()), Some(decided)) = (&written, decisions.try_next().await?) {
            let mut line = serde_json::to_vec(&decided)?;
            line.push(b'\n');
            written = out.write_all(&line);
        }
        written.and_then(|()| out.flush()).or_else(unless_closed)?;
        Ok(ExitCode::SUCCESS)
    })
}
