//! `tierfall serve`: the gateway, the workers of its local tiers, and what happens to them until the process ends.

mod data_lock;
mod local;
mod plan;
mod settings;

use std::net::SocketAddr;
use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use engine::supervisor::WarmPrefixes;
use gateway::{Gateway, InPlace, Server, TierModel};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use studio::Studio;
use tokio::signal::unix::{SignalKind, signal};

use crate::banner;
use crate::config::{Configuration, Loaded, Sources, Warning, Watch};
use crate::discovery;
use crate::ledger::{Balance, Books, Witness};
use crate::log::{Line, Log};
use crate::open_files;

use data_lock::DataLock;
pub(crate) use local::LocalTiers;
use plan::Forewarned;
use settings::gateway_settings;
pub(crate) use settings::page_writers;

/// How long requests under way may go on after the process was told to end.
const GRACE: Duration = Duration::from_secs(25);
/// How often the configuration's files are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often it is looked when providers' days end and quotas are used up.
const MINUTE: Duration = Duration::from_secs(60);

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// The configuration cannot be used, the address is taken, or a tier's setting cannot be served.
pub(crate) fn run(sources: Sources, log: &Log) -> anyhow::Result<ExitCode> {
    open_files::raise();
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

async fn serve(Loaded { mut configuration, warnings }: Loaded, mut watch: Watch, log: &Log) -> anyhow::Result<()> {
    let _data = DataLock::take(&configuration.data_dir)?;
    discovery::name_models(&mut configuration).await;
    introduce(&configuration, &warnings, log);
    if let Some(text) = open_files::warning() {
        log.print(&Line::Warning { text: &text });
    }
    // Before anybody is told that it serves, and may tell it to end.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut books = Books::open(&configuration, log).await?;
    let mut locals = LocalTiers::new(known_to_come());
    locals.take_up(&configuration)?;
    let gateway = gateway(&configuration, &locals, (&books, books.balance(log).await), log, cores())?;
    books.begin(&gateway, log);
    say_replaced(&gateway, log);
    let studio = open_studio(&configuration, log).await;
    let server = Server::start_with(&gateway, configuration.listen, |entry| {
        studio.as_ref().map(|studio| studio.routes(entry)).unwrap_or_default()
    })?;
    if studio.is_some() {
        log.print(&Line::Info { text: &format!("Studio: http://{}/", server.address()) });
    }
    log.print(&Line::Listening { address: &server.address().to_string() });
    let offers = tokio::spawn(offer(configuration.clone(), log.clone()));
    let (mut minute, mut forewarned) = (tokio::time::interval(MINUTE), Forewarned::default());

    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = minute.tick() => {
                gateway.look_at_the_clock();
                let due = forewarned.due(&gateway.facts(), Timestamp::now(), &TimeZone::system());
                due.iter().for_each(|text| log.print(&Line::Warning { text }));
                continue;
            }
            () = tokio::time::sleep(LOOK) => {}
        }
        let Some(mut change) = watch.poll() else { continue };
        if let Ok(loaded) = &mut change {
            discovery::name_models(&mut loaded.configuration).await;
        }
        let balance = books.balance(log).await;
        let taken = change.map_err(anyhow::Error::from).and_then(|Loaded { configuration: newer, warnings }| {
            take_up(&newer, balance, server.address(), &gateway, &mut locals)?;
            log.print(&Line::Info { text: "the changed configuration is taken up" });
            introduce(&newer, &warnings, log);
            say_replaced(&gateway, log);
            Ok(configuration.needs_restart(&newer))
        });
        match taken {
            Ok(keys) => keys.into_iter().for_each(|key| {
                let text = format!("{key} has changed, and counts from the next start");
                log.print(&Line::Warning { text: &text });
            }),
            Err(error) => {
                let text = format!("the changed configuration is refused, the old one stays: {error:#}");
                log.print(&Line::Warning { text: &text });
            }
        }
    }
    offers.abort();
    log.print(&Line::Info { text: "ending: no new requests; those under way have 25 s (Ctrl-C again: at once)" });
    tokio::select! {
        _ = tokio::task::spawn_blocking(move || server.stop(GRACE)) => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    locals.shutdown().await;
    if let Some(studio) = studio {
        studio.close().await;
    }
    books.close().await;
    Ok(())
}

/// On a start where nothing is configured, says which servers of models run on this machine already, and how each becomes a
/// tier. Nothing waits for it.
async fn offer(configuration: Configuration, log: Log) {
    if !configuration.first_run {
        return;
    }
    for found in discovery::look(&configuration).await {
        let text = format!("{}; to use it, put into .env.local: {}", found.words(), found.lines.join(" "));
        log.print(&Line::Info { text: &text });
    }
}

/// The starts of what the Studio will ask, which workers read before anybody does.
fn known_to_come() -> WarmPrefixes {
    let known = WarmPrefixes::default();
    for start in studio::warm_starts() {
        known.tell(&start);
    }
    known
}

/// Opens the Studio. Where its projects cannot be opened, the gateway serves without it.
async fn open_studio(configuration: &Configuration, log: &Log) -> Option<Arc<Studio>> {
    match Studio::open(&configuration.data_dir).await {
        Ok(studio) => Some(studio),
        Err(error) => {
            log.print(&Line::Warning { text: &format!("{error}; until the next start there is no Studio") });
            None
        }
    }
}

/// Says what is configured: what may be a slip, what has no effect, and each tier, and each route.
fn introduce(configuration: &Configuration, warnings: &[Warning], log: &Log) {
    warnings.iter().for_each(|warning| log.print(&Line::Warning { text: &warning.to_string() }));
    for what in configuration.without_effect() {
        log.print(&Line::Warning { text: &format!("{what} has no effect in this version") });
    }
    for tier in &configuration.tiers {
        log.print(&Line::Tier { number: tier.number, text: &banner::line(tier) });
    }
    for route in &configuration.routes {
        log.print(&Line::Route { name: &route.name, text: &banner::route_line(route, &configuration.tiers) });
    }
}

/// Says which tiers are not asked for the model that is configured.
fn say_replaced(gateway: &Gateway, log: &Log) {
    for TierModel { tier, wanted, replacement, .. } in gateway.models() {
        let Some(replacement) = replacement else { continue };
        let hours = replacement.tried_again_in.as_secs().div_ceil(3_600);
        let in_place = InPlace { gone: &wanted, model: &replacement.model };
        let text = format!("{tier}: {in_place}; {wanted} is tried again in {hours} h");
        log.print(&Line::Info { text: &text });
    }
}

fn take_up(
    newer: &Configuration,
    mut balance: Balance,
    bound: SocketAddr,
    gateway: &Gateway,
    locals: &mut LocalTiers,
) -> anyhow::Result<()> {
    // The configuration has checked the address that it names; this is the one that is listened on until the next start.
    anyhow::ensure!(
        bound.ip().is_loopback() || newer.open || !newer.api_keys.is_empty(),
        "it has no keys for callers, and {bound} is open to other machines until the next start"
    );
    let mut changed = locals.clone();
    changed.take_up(newer)?;
    gateway.replace(gateway_settings(newer, &changed, |tier| balance.of(tier))?)?;
    *locals = changed;
    Ok(())
}

/// A gateway of `configuration`'s tiers, whose log goes to `log` and whose decisions go into the books. Its budgets begin
/// with their balance.
///
/// # Errors
/// A tier's setting cannot be served.
pub(crate) fn gateway(
    configuration: &Configuration,
    locals: &LocalTiers,
    (books, mut balance): (&Books, Balance),
    log: &Log,
    threads: usize,
) -> anyhow::Result<Arc<Gateway>> {
    let settings = gateway_settings(configuration, locals, |tier| balance.of(tier))?;
    let observer = Arc::new(Witness { log: log.clone(), ledger: books.ledger() });
    Ok(Arc::new(Gateway::new(settings, observer, threads).context("the configuration cannot be served")?))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
