//! A worker's lives, one after the other.

use std::time::Duration;

use tokio::sync::watch as channel;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::folder::Folder;
use super::health::{self, Health};
use super::load;
use super::pauses::Pauses;
use super::process::{Exit, Process};
use super::{WorkerSettings, WorkerState};
use crate::model::Load;

/// A worker that dies so often before it was ever ready stays down.
const MOST_EARLY_DEATHS: u32 = 3;
/// How often a worker that loads is asked.
const LOADING_PULSE: Duration = Duration::from_millis(100);
/// How often a worker that is ready is asked.
const READY_PULSE: Duration = Duration::from_secs(5);
/// Its socket is served by a thread of its own, whatever the model is doing: one that is silent for so long is stuck.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// Watches over one worker after another.
#[derive(Debug)]
pub(super) struct Watch {
    settings: WorkerSettings,
    folder: Folder,
    state: channel::Sender<WorkerState>,
    loads: channel::Sender<Option<Load>>,
    process: Option<Process>,
}

/// One worker's end.
#[derive(Debug)]
struct Death {
    exit: Exit,
    /// How long it had been ready; `None` where it never was.
    ready: Option<Duration>,
}

impl Watch {
    pub(super) fn new(
        settings: WorkerSettings,
        folder: Folder,
        state: channel::Sender<WorkerState>,
        loads: channel::Sender<Option<Load>>,
    ) -> Self {
        Self { settings, folder, state, loads, process: None }
    }

    /// Keeps a worker alive until `stop` says so, or its sender is gone, or no further start makes sense.
    pub(super) async fn run(mut self, mut stop: channel::Receiver<bool>) {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => {}
            () = self.live() => {}
        }
        if let Some(process) = self.process.take() {
            process.end().await;
        }
    }

    async fn live(&mut self) {
        let mut pauses = Pauses::default();
        let mut early_deaths = 0;
        loop {
            let Death { exit: Exit { why, refused }, ready } = self.live_once().await;
            early_deaths = if ready.is_some() { 0 } else { early_deaths + 1 };
            if refused {
                return self.say(WorkerState::Failed { reason: why });
            }
            if early_deaths == MOST_EARLY_DEATHS {
                let reason = format!("died {MOST_EARLY_DEATHS} times at its start, at last: {why}");
                return self.say(WorkerState::Failed { reason });
            }
            let pause = pauses.next(ready.unwrap_or_default());
            self.say(WorkerState::Restarting { in_: pause, why });
            sleep(pause).await;
        }
    }

    /// From a start to the death that follows.
    async fn live_once(&mut self) -> Death {
        self.say(WorkerState::Starting);
        self.folder.clear();
        let socket = self.folder.socket();
        let process = match Process::start(&self.settings, &socket) {
            Ok(process) => self.process.insert(process),
            Err(error) => {
                let why = format!("{} cannot be started: {error}", self.settings.program.display());
                return Death { exit: Exit { why, refused: false }, ready: None };
            }
        };
        let (pid, mut ready, mut heard) = (process.pid(), None, Instant::now());
        // Ends with this life.
        let mut followers = JoinSet::new();
        let exit = loop {
            let pulse = if ready.is_some() { READY_PULSE } else { LOADING_PULSE };
            let next = async {
                sleep(pulse).await;
                health::ask(&socket).await
            };
            let health = tokio::select! {
                exit = process.exit() => break exit,
                health = next => health,
            };
            match health {
                Some(_) => heard = Instant::now(),
                None if heard.elapsed() > LONGEST_SILENCE => {
                    let why = format!("silent for {} s", LONGEST_SILENCE.as_secs());
                    break Exit { why, refused: false };
                }
                None => {}
            }
            match health {
                Some(Health::Loading { percent }) => tell(&self.state, WorkerState::Loading { percent }),
                Some(Health::Ok { context, threads }) => {
                    ready.get_or_insert_with(|| {
                        followers.spawn(load::follow(socket.clone(), self.loads.clone()));
                        followers.spawn(self.settings.known.clone().tell_worker(socket.clone()));
                        Instant::now()
                    });
                    tell(&self.state, WorkerState::Ready { pid, context, threads });
                }
                None => {}
            }
        };
        followers.shutdown().await;
        self.loads.send_replace(None);
        if let Some(process) = self.process.take() {
            process.end().await;
        }
        Death { exit, ready: ready.map(|since| since.elapsed()) }
    }

    fn say(&self, state: WorkerState) {
        tell(&self.state, state);
    }
}

/// Publishes what has changed, and nothing else.
fn tell(channel: &channel::Sender<WorkerState>, state: WorkerState) {
    channel.send_if_modified(|known| {
        let changed = *known != state;
        *known = state;
        changed
    });
}
