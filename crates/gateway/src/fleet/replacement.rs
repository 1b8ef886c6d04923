//! The model that a tier is asked for: the one that the user wants, or the one in its place once that is gone.
//!
//! A model is gone where the provider says so. The next of the user's own order is asked then, else the provider's list of
//! models is read, once however many requests wait for it, and a successor chosen from it ([`upstream::Succession`]). The
//! tier is asked for that one from then on, and once a day for the model that the user wants.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cascade::Moment;
use tokio::sync::watch;
use upstream::{Succession, Upstream};

use crate::fleet::Gateway;
use crate::settings::{ModelChoice, Replacement};

/// After so long the model that the user wants is tried again.
const TRIED_AGAIN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// A list that held no successor is not read again for so long.
const IN_VAIN_FOR: Duration = Duration::from_secs(60);
/// As much of a refusal is searched for the name of a successor, in bytes.
const MOST_OF_A_REFUSAL: usize = 2_048;

/// A successor, once there is one or it is certain that there is none.
type Found = Option<Option<Arc<str>>>;

/// The models of one tier.
#[derive(Debug)]
pub(crate) struct TierModels {
    wanted: Arc<str>,
    choice: ModelChoice,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    current: Option<Current>,
    /// What the provider has said to be gone, and when.
    gone: Vec<(String, Moment)>,
    /// The list is being read.
    reading: Option<watch::Receiver<Found>>,
    in_vain_until: Option<Moment>,
    /// Whether a request tries the wanted model again.
    retried: bool,
    /// Whether the wanted model has come back, and nobody was told.
    restored: bool,
}

/// The model in the wanted one's place.
#[derive(Debug, Clone)]
struct Current {
    model: Arc<str>,
    /// When the wanted one is tried again.
    retry_at: Moment,
    /// Whether somebody was told.
    announced: bool,
}

/// What an attempt has to say of the model that it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ModelNews {
    /// It stands in the wanted one's place; `first` where nobody was told before.
    Replaced { first: bool },
    /// It is the wanted one, which was gone and has come back.
    Restored,
}

/// Where a list of models is read from, and what was said.
pub(crate) struct Search<'a> {
    pub(crate) gateway: &'a Arc<Gateway>,
    pub(crate) upstream: &'a Arc<Upstream>,
    /// The provider's refusal.
    pub(crate) refusal: &'a [u8],
}

impl TierModels {
    /// The models of a tier that wants `wanted`; `remembered` is what stood in its place when somebody last looked.
    pub(crate) fn new(wanted: &str, choice: ModelChoice, remembered: Option<&Replacement>, now: Moment) -> Self {
        let models = Self { wanted: wanted.into(), choice, state: Mutex::default() };
        models.state().current =
            remembered.filter(|replacement| models.may_ask_for(&replacement.model)).map(|replacement| Current {
                model: replacement.model.as_str().into(),
                retry_at: now + replacement.tried_again_in.min(TRIED_AGAIN_AFTER),
                announced: true,
            });
        models
    }

    /// Takes over what `older` knows of the same tier.
    pub(crate) fn take_over(&self, older: &Self) {
        let (current, gone) = {
            let state = older.state();
            (state.current.clone(), state.gone.clone())
        };
        let mut state = self.state();
        state.current = current.filter(|current| self.may_ask_for(&current.model));
        state.gone = gone;
    }

    /// The model that the user wants.
    pub(crate) fn wanted(&self) -> &str {
        &self.wanted
    }

    /// The model that a new request asks for.
    pub(crate) fn ask(&self, now: Moment) -> Arc<str> {
        let mut state = self.state();
        let State { current: Some(current), retried, .. } = &mut *state else { return Arc::clone(&self.wanted) };
        if now < current.retry_at {
            return Arc::clone(&current.model);
        }
        // One request a day tries it; those beside it do not wait for what becomes of that.
        current.retry_at = now + TRIED_AGAIN_AFTER;
        *retried = true;
        Arc::clone(&self.wanted)
    }

    /// The model that is asked for now.
    pub(crate) fn in_use(&self) -> Arc<str> {
        self.state().current.as_ref().map_or_else(|| Arc::clone(&self.wanted), |current| Arc::clone(&current.model))
    }

    /// What stands in the wanted one's place, and for how long yet.
    pub(crate) fn replacement(&self, now: Moment) -> Option<Replacement> {
        let state = self.state();
        let Current { model, retry_at, .. } = state.current.as_ref()?;
        Some(Replacement { model: model.to_string(), tried_again_in: retry_at.since(now) })
    }

    /// Notes that the tier has answered for `model`.
    pub(crate) fn on_answer(&self, model: &str) {
        if *model != *self.wanted {
            return;
        }
        let mut state = self.state();
        state.gone.clear();
        state.retried = false;
        if state.current.take().is_some() {
            state.restored = true;
        }
    }

    /// What is to be said of an attempt that asks for `model`.
    pub(crate) fn news_of(&self, model: &str) -> Option<ModelNews> {
        let mut state = self.state();
        if *model == *self.wanted {
            return std::mem::take(&mut state.restored).then_some(ModelNews::Restored);
        }
        let current = state.current.as_mut().filter(|current| *current.model == *model);
        let first = current.is_some_and(|current| !std::mem::replace(&mut current.announced, true));
        Some(ModelNews::Replaced { first })
    }

    /// The model to ask for where `gone` is gone; `None` where there is none.
    pub(crate) async fn successor_of(self: &Arc<Self>, gone: &str, search: &Search<'_>) -> Option<Arc<str>> {
        let mut reading = match self.known_successor_of(gone, search) {
            Known::Is(successor) => return successor,
            Known::IsLookedFor(reading) => reading,
        };
        reading.wait_for(Option::is_some).await.ok()?.clone()?
    }

    fn known_successor_of(self: &Arc<Self>, gone: &str, search: &Search<'_>) -> Known {
        let now = search.gateway.now();
        let mut state = self.state();
        state.gone.retain(|(model, since)| model != gone && now.since(*since) < TRIED_AGAIN_AFTER);
        state.gone.push((gone.to_owned(), now));
        if let Some(current) = state.current.clone().filter(|current| *current.model != *gone) {
            // The list may name a better one by now; this request need not wait for that.
            if std::mem::take(&mut state.retried) && self.choice.alternatives.is_empty() && self.choice.mend {
                self.read_list(&mut state, search);
            }
            return Known::Is(Some(current.model));
        }
        state.current = None;
        let is_gone = |model: &String| state.gone.iter().any(|(gone, _)| gone == model);
        if let Some(next) = self.choice.alternatives.iter().find(|model| !is_gone(model)) {
            let model: Arc<str> = next.as_str().into();
            state.replace_by(Arc::clone(&model), now);
            return Known::Is(Some(model));
        }
        if !self.choice.mend || state.in_vain_until.is_some_and(|until| now < until) {
            return Known::Is(None);
        }
        Known::IsLookedFor(self.read_list(&mut state, search))
    }

    /// Has the list read by one task, whoever asks for it.
    fn read_list(self: &Arc<Self>, state: &mut State, search: &Search<'_>) -> watch::Receiver<Found> {
        // Whoever read it may have ended with its runtime.
        if let Some(reading) = state.reading.as_ref().filter(|reading| reading.has_changed().is_ok()) {
            return reading.clone();
        }
        let (found, reading) = watch::channel(None);
        state.reading = Some(reading.clone());
        let (models, gateway, upstream) = (Arc::clone(self), Arc::clone(search.gateway), Arc::clone(search.upstream));
        let refusal =
            String::from_utf8_lossy(&search.refusal[..search.refusal.len().min(MOST_OF_A_REFUSAL)]).into_owned();
        tokio::spawn(async move {
            let list = upstream.list().await.unwrap_or_default();
            let gone: Vec<String> = models.state().gone.iter().map(|(model, _)| model.clone()).collect();
            let succession = Succession {
                target: upstream.target(),
                providers: &models.choice.providers,
                gone: &gone,
                refusal: &refusal,
            };
            let successor = succession.of(&list).map(Arc::from);
            models.settle(successor.clone(), gateway.now());
            found.send_replace(Some(successor));
        });
        reading
    }

    fn settle(&self, successor: Option<Arc<str>>, now: Moment) {
        let mut state = self.state();
        state.reading = None;
        match successor {
            Some(successor) => state.replace_by(successor, now),
            None => state.in_vain_until = Some(now + IN_VAIN_FOR),
        }
    }

    /// Whether the user would have `model` asked for: one of their own, or, where they name none, whichever the provider has.
    fn may_ask_for(&self, model: &str) -> bool {
        let ModelChoice { alternatives, mend, .. } = &self.choice;
        if alternatives.is_empty() { *mend } else { alternatives.iter().any(|own| own == model) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of a successor at once.
enum Known {
    Is(Option<Arc<str>>),
    IsLookedFor(watch::Receiver<Found>),
}

impl State {
    fn replace_by(&mut self, model: Arc<str>, now: Moment) {
        let announced = self.current.as_ref().is_some_and(|current| current.model == model && current.announced);
        self.current = Some(Current { model, retry_at: now + TRIED_AGAIN_AFTER, announced });
    }
}
