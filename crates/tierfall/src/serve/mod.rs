//! `tierfall serve`: the gateway, the workers of its local tiers, and what happens to them until the process ends.

mod local;
mod settings;

use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use gateway::{Gateway, Server};
use tokio::signal::unix::{SignalKind, signal};

use crate::banner;
use crate::config::{Configuration, Loaded, Sources, Watch};
use crate::log::{Line, Log};

pub(crate) use local::LocalTiers;
use settings::gateway_settings;

/// How long requests under way may go on after the process was told to end.
const GRACE: Duration = Duration::from_secs(25);
/// How often the configuration's files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// The configuration cannot be used, the address is taken, or a tier's setting cannot be served.
pub(crate) fn run(sources: Sources, log: &Log) -> anyhow::Result<ExitCode> {
    // Before the files are read, so that no change falls between the two.
    let watch = Watch::new(sources.clone());
    let loaded = sources.load()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let served = runtime.block_on(serve(loaded, watch, log));
    // Dropped, the runtime would wait for the requests under way, also where the user has said: at once.
    runtime.shutdown_background();
    log.flush();
    served.map(|()| ExitCode::SUCCESS)
}

async fn serve(Loaded { configuration, warnings }: Loaded, mut watch: Watch, log: &Log) -> anyhow::Result<()> {
    warnings.iter().for_each(|warning| log.print(&Line::Warning { text: &warning.to_string() }));
    for what in configuration.without_effect() {
        log.print(&Line::Warning { text: &format!("{what} has no effect in this version") });
    }
    for tier in &configuration.tiers {
        log.print(&Line::Tier { number: tier.number, text: &banner::line(tier) });
    }
    // Before anybody is told that it serves, and may tell it to end.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut locals = LocalTiers::default();
    locals.take_up(&configuration)?;
    let gateway = gateway(&configuration, &locals, log, cores())?;
    let server = Server::start(&gateway, configuration.listen)?;
    log.print(&Line::Listening { address: &server.address().to_string() });

    let mut current = configuration;
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            () = tokio::time::sleep(LOOK) => {}
        }
        if let Some(change) = watch.poll() {
            match change.map_err(anyhow::Error::from).and_then(|loaded| take_up(loaded, &gateway, &mut locals)) {
                Ok(newer) => {
                    for key in current.needs_restart(&newer) {
                        log.print(&Line::Warning {
                            text: &format!("{key} has changed, and counts from the next start"),
                        });
                    }
                    log.print(&Line::Info { text: "the changed configuration is taken up" });
                    current = newer;
                }
                Err(error) => {
                    let text = format!("the changed configuration is refused, the old one stays: {error:#}");
                    log.print(&Line::Warning { text: &text });
                }
            }
        }
    }
    log.print(&Line::Info { text: "ending: no new requests; those under way have 25 s (Ctrl-C again: at once)" });
    tokio::select! {
        _ = tokio::task::spawn_blocking(move || server.stop(GRACE)) => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    locals.shutdown().await;
    Ok(())
}

fn take_up(loaded: Loaded, gateway: &Gateway, locals: &mut LocalTiers) -> anyhow::Result<Configuration> {
    let newer = loaded.configuration;
    let mut changed = locals.clone();
    changed.take_up(&newer)?;
    gateway.replace(gateway_settings(&newer, &changed)?)?;
    *locals = changed;
    Ok(newer)
}

/// A gateway of `configuration`'s tiers, whose log goes to `log`.
///
/// # Errors
/// A tier's setting cannot be served.
pub(crate) fn gateway(
    configuration: &Configuration,
    locals: &LocalTiers,
    log: &Log,
    threads: usize,
) -> anyhow::Result<Arc<Gateway>> {
    let settings = gateway_settings(configuration, locals)?;
    let observer = Arc::new(log.clone());
    Ok(Arc::new(Gateway::new(settings, observer, threads).context("the configuration cannot be served")?))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
