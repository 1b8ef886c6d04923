//! A request is carried out in the server, whoever watches: asked for, told as it comes, kept, and saved as a version.

mod event;
mod event_log;
mod exchange;
mod free;
mod interactive;
mod plan;
mod preserve;
mod save;
mod wish;
mod words;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::Stream;
use gateway::Entry;
use tokio::sync::watch;
use uuid::Uuid;

use crate::model_client::Tiers;
use crate::store::{Refused, Running};
use crate::studio::Studio;

pub(crate) use event::{Checked, Done, Event};
pub(crate) use interactive::is_asked_for as is_interactive;
pub(crate) use plan::{Mode, Wanted};
pub(crate) use preserve::put_back;

use event_log::Told;
use exchange::Scribe;
use plan::Plan;

/// So many requests that have ended are remembered for tabs that return.
const REMEMBERED: usize = 64;

const BROKE: &str = "The Studio itself failed at this, and its log says why: what was saved before is still there";

/// The requests that are carried out, and the last one of each project.
#[derive(Debug, Default)]
pub(crate) struct Generations(Mutex<HashMap<String, Arc<Generation>>>);

/// One request.
#[derive(Debug)]
struct Generation {
    id: String,
    told: Arc<Told>,
    stop: watch::Sender<bool>,
}

impl Generations {
    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Generation>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, project: &str) -> Option<Arc<Generation>> {
        self.all().get(project).cloned()
    }

    /// Whether something is written for `project` now.
    pub(crate) fn run(&self, project: &str) -> bool {
        self.of(project).is_some_and(|generation| !generation.told.ended())
    }

    /// What is told of the project's running or last request, from its beginning; `None` where there is none.
    pub(crate) fn listen(&self, project: &str) -> Option<impl Stream<Item = Bytes> + Send + use<>> {
        self.of(project).map(|generation| generation.told.listen())
    }

    /// Stops what is written for `project`. What is there by then becomes a version.
    pub(crate) fn stop(&self, project: &str) {
        if let Some(generation) = self.of(project) {
            generation.stop.send_replace(true);
        }
    }

    /// Stops it, and forgets that there was one.
    pub(crate) fn forget(&self, project: &str) {
        self.stop(project);
        self.all().remove(project);
    }

    /// Takes the project's place for `generation`, where nothing runs there, and returns the one before.
    fn take(&self, project: &str, generation: &Arc<Generation>) -> Result<Option<Arc<Generation>>, Refused> {
        let mut all = self.all();
        if all.get(project).is_some_and(|running| !running.told.ended()) {
            return Err(Refused::Busy);
        }
        if all.len() >= REMEMBERED {
            all.retain(|_, generation| !generation.told.ended());
        }
        Ok(all.insert(project.to_owned(), Arc::clone(generation)))
    }

    /// Gives the place back to the one before.
    fn give_back(&self, project: &str, before: Option<Arc<Generation>>) {
        let mut all = self.all();
        match before {
            Some(before) => all.insert(project.to_owned(), before),
            None => all.remove(project),
        };
    }
}

/// Begins to carry out what is wanted, and returns the name of that. It runs on the thread that it is begun on, and on its
/// connections.
pub(crate) async fn begin(
    studio: &Arc<Studio>,
    entry: &Entry,
    project: &str,
    wanted: Wanted,
) -> Result<String, Refused> {
    let base = match wanted.base {
        0 => None,
        number => Some(studio.store.version(project, number).await?.content),
    };
    let plan = Plan::of(&wanted, base, Tiers::of(entry).pages());
    let running =
        Running { base: wanted.base, cause: plan.cause(), prompt: wanted.prompt.clone(), style: plan.style().cloned() };
    let generation = Arc::new(Generation {
        id: Uuid::now_v7().simple().to_string(),
        told: Arc::default(),
        stop: watch::Sender::new(false),
    });
    let before = studio.generations.take(project, &generation)?;
    if let Err(refused) = studio.store.begin(project, &running).await {
        studio.generations.give_back(project, before);
        let (code, message) = (refused.code().to_owned(), refused.to_string());
        generation.told.tell(&Event::Error { code, message });
        return Err(refused);
    }
    let id = generation.id.clone();
    let work = Work { studio: Arc::clone(studio), entry: entry.clone(), project: project.to_owned(), wanted, plan };
    tokio::spawn(async move {
        let (studio, project) = (Arc::clone(&work.studio), work.project.clone());
        let (told, stopped) = (Arc::clone(&generation.told), generation.stop.subscribe());
        // A task of its own, so that its panic is told as a failure and not as a silence.
        if tokio::spawn(async move { work.carry_out(&told, stopped).await }).await.is_err() {
            let _ = studio.store.give_up(&project, BROKE).await;
            generation.told.tell(&Event::Error { code: "internal".to_owned(), message: BROKE.to_owned() });
        }
    });
    Ok(id)
}

/// What is to be done.
struct Work {
    studio: Arc<Studio>,
    entry: Entry,
    project: String,
    wanted: Wanted,
    plan: Plan,
}

impl Work {
    async fn carry_out(self, told: &Told, stopped: watch::Receiver<bool>) {
        let mut scribe = Scribe::new(&self.entry, &self.studio.store, &self.project, told, stopped);
        let outcome = match &self.plan {
            Plan::Words { style, instead } => words::write(&mut scribe, &self.wanted, *style, *instead).await,
            Plan::Wish { words, style, spot } => wish::grant(&mut scribe, &self.wanted, words, *style, *spot).await,
            Plan::Free { pages } if pages.is_empty() => free::write(&mut scribe, &self.wanted).await,
            Plan::Free { pages } => free::grant(&mut scribe, &self.wanted, pages).await,
        };
        save::end(&scribe, outcome, &self.plan, &self.wanted).await;
    }
}
