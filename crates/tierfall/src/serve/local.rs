//! The local tiers: each one's model is fetched, then served by a worker.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use engine::supervisor::{Folder, Supervisor, WarmPrefixes, WorkerSettings, WorkerState};
use gateway::{Availability, Load, Presence};
use models::{Fetch, FetchState, Library, Pages, Reference, Terminal};

use crate::config::Configuration;
use crate::models::library;
use crate::worker;

use super::settings;

/// How often a fetch is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// The first pause before a failed fetch is tried again; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// The local tiers that run, by their model. Tiers of one model share a worker.
#[derive(Clone, Debug, Default)]
pub(crate) struct LocalTiers {
    tiers: BTreeMap<String, Arc<LocalTier>>,
    known: WarmPrefixes,
}

/// One model and its worker.
#[derive(Debug)]
pub(crate) struct LocalTier {
    socket: PathBuf,
    stage: Arc<Mutex<Stage>>,
    /// Ends the fetch and the worker with the tier.
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
enum Stage {
    /// The model is being fetched.
    Fetching(String),
    /// The worker has been started.
    Running(Supervisor),
}

impl LocalTiers {
    /// None yet; each that will run is told what is known to come.
    pub(crate) fn new(known: WarmPrefixes) -> Self {
        Self { tiers: BTreeMap::new(), known }
    }

    /// Starts what `configuration` names and does not run yet, and forgets what it names no longer. A worker that is
    /// forgotten ends once no request is under way to it.
    ///
    /// # Errors
    /// No folder can be made for a worker's socket, or a model's name is none.
    pub(crate) fn take_up(&mut self, configuration: &Configuration) -> anyhow::Result<()> {
        let library = Arc::new(library(configuration));
        let mut tiers = BTreeMap::new();
        for tier in configuration.local_tiers() {
            let local = match self.tiers.get(&tier.model) {
                Some(running) => Arc::clone(running),
                None => {
                    // A model that writes no pages is not asked for any.
                    let known =
                        if settings::pages(tier) == Pages::None { WarmPrefixes::default() } else { self.known.clone() };
                    Arc::new(LocalTier::start(&library, &tier.model, configuration, known)?)
                }
            };
            tiers.insert(tier.model.clone(), local);
        }
        self.tiers = tiers;
        Ok(())
    }

    /// The tier that serves `model`.
    pub(super) fn of(&self, model: &str) -> Option<Arc<LocalTier>> {
        self.tiers.get(model).map(Arc::clone)
    }

    /// Waits until each tier whose model is here can answer, or has failed.
    pub(crate) async fn settled(&self) {
        for tier in self.tiers.values() {
            while tier.is_coming_up() {
                tokio::time::sleep(LOOK).await;
            }
        }
    }

    /// Ends every worker, and returns once they are gone.
    pub(crate) async fn shutdown(self) {
        for tier in self.tiers.into_values() {
            let stage = std::mem::replace(&mut *tier.stage(), Stage::Fetching("ended".to_owned()));
            if let Stage::Running(supervisor) = stage {
                supervisor.shutdown().await;
            }
        }
    }
}

impl LocalTier {
    fn start(
        library: &Arc<Library>,
        model: &str,
        configuration: &Configuration,
        known: WarmPrefixes,
    ) -> anyhow::Result<Self> {
        let reference = library.find(model)?;
        let settings = worker::settings(configuration, &reference, model, library.path(&reference))?;
        let warm = Some(worker::warm(configuration));
        let settings = WorkerSettings { warm, known, ..settings };
        let dir = &settings.dir;
        let folder = Folder::make(dir).with_context(|| format!("{} cannot be written", dir.display()))?;
        let socket = folder.socket();
        let stage = Stage::Fetching("starting".to_owned());
        let stage = Arc::new(Mutex::new(stage));
        let (library, shared) = (Arc::clone(library), Arc::clone(&stage));
        let task = tokio::spawn(async move {
            let file = fetched(library, reference, &shared).await;
            let supervisor = Supervisor::start_in(folder, WorkerSettings { model: file, ..settings });
            *shared.lock().unwrap_or_else(PoisonError::into_inner) = Stage::Running(supervisor);
        });
        Ok(Self { socket, stage, task })
    }

    /// Where its worker listens, once it does.
    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    fn is_coming_up(&self) -> bool {
        match &*self.stage() {
            Stage::Fetching(what) => what == "starting",
            Stage::Running(supervisor) => {
                matches!(supervisor.state(), WorkerState::Starting | WorkerState::Loading { .. })
            }
        }
    }

    fn stage(&self) -> std::sync::MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LocalTier {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Presence for LocalTier {
    fn now(&self) -> Availability {
        match &*self.stage() {
            Stage::Fetching(how_far) => Availability::Unavailable(how_far.clone()),
            Stage::Running(supervisor) => match supervisor.state() {
                WorkerState::Ready { .. } => Availability::Ready,
                WorkerState::Starting => Availability::Returning("starting".to_owned()),
                WorkerState::Loading { percent } => Availability::Returning(format!("loading {percent} %")),
                WorkerState::Restarting { why, .. } => Availability::Returning(format!("coming back: {why}")),
                WorkerState::Failed { reason } => Availability::Unavailable(reason),
            },
        }
    }

    fn load(&self) -> Option<Load> {
        match &*self.stage() {
            Stage::Fetching(_) => None,
            Stage::Running(supervisor) => {
                let engine::model::Load { running, waiting, wait, .. } = supervisor.load()?;
                Some(Load { running, waiting, wait })
            }
        }
    }
}

/// The model's file, once it is here. A fetch that fails is tried again for as long as the tier is configured.
async fn fetched(library: Arc<Library>, reference: Reference, stage: &Mutex<Stage>) -> PathBuf {
    let tell = |what: String| *stage.lock().unwrap_or_else(PoisonError::into_inner) = Stage::Fetching(what);
    let mut pause = FIRST_PAUSE;
    loop {
        let progress = Terminal::lines().show(&reference.to_string());
        let fetch = Fetch::start(Arc::clone(&library), reference.clone(), progress);
        let reason = loop {
            match fetch.state() {
                FetchState::Ready(file) => return file,
                FetchState::Failed(reason) => break reason,
                FetchState::Starting => {}
                under_way => tell(under_way.to_string()),
            }
            tokio::time::sleep(LOOK).await;
        };
        tell(format!("{reason}; trying again in {} s", pause.as_secs()));
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
