//! The model names that were asked for: their scripts, what they remember, and answers that are ready to be sent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use crate::ask::Ask;
use crate::fault::Script;
use crate::plan::{Answer, Memory, Plan};
use crate::spoken::Wanted;
use crate::steps::{self, Step};

/// Names come from outside: what is kept of them is bounded.
const MOST_MODELS: usize = 4096;
const MOST_ANSWERS: usize = 64;

/// Answers that were given before, by what they depend on.
type Answers = HashMap<(Answer, Wanted), Arc<[Step]>>;

/// All model names that were asked for.
#[derive(Debug, Default)]
pub(crate) struct Models {
    known: RwLock<HashMap<String, Arc<Model>>>,
}

/// One model name.
#[derive(Debug)]
pub(crate) struct Model {
    name: String,
    script: Script,
    memory: Mutex<Memory>,
    answers: Mutex<Answers>,
}

impl Models {
    /// The model of this name. `None` where its name says nothing to the wall.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Model>> {
        if let Some(model) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Some(Arc::clone(model));
        }
        let model = Arc::new(Model::new(name, name.parse().ok()?));
        Some(self.keep(model))
    }

    /// As [`Models::get`]; a name that says nothing is a healthy model.
    pub(crate) fn get_or_healthy(&self, name: &str) -> Arc<Model> {
        self.get(name).unwrap_or_else(|| self.keep(Arc::new(Model::new(name, Script::default()))))
    }

    /// Gives a name a script; what it remembers begins anew.
    pub(crate) fn script(&self, name: &str, script: Script) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(name.to_owned(), Arc::new(Model::new(name, script)));
    }

    fn keep(&self, model: Arc<Model>) -> Arc<Model> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_MODELS {
            return model;
        }
        Arc::clone(known.entry(model.name.clone()).or_insert(model))
    }
}

impl Model {
    fn new(name: &str, script: Script) -> Self {
        Model { name: name.to_owned(), script, memory: Mutex::default(), answers: Mutex::default() }
    }

    pub(crate) fn plan(&self, ask: &Ask<'_>) -> Plan {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        Plan::new(&self.script, &mut memory, ask, Instant::now())
    }

    /// The steps of an answer; the same answer is made once.
    pub(crate) fn answer(&self, answer: Answer, wanted: Wanted) -> Arc<[Step]> {
        let key = (answer, wanted);
        if let Some(steps) = self.answers().get(&key) {
            return Arc::clone(steps);
        }
        let steps: Arc<[Step]> = steps::answer(&key.0, &key.1, &self.name).into();
        let mut answers = self.answers();
        if answers.len() >= MOST_ANSWERS {
            answers.clear();
        }
        answers.insert(key, Arc::clone(&steps));
        steps
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_the_most_are_served_and_not_kept() {
        let models = Models::default();
        for number in 0..MOST_MODELS + 10 {
            models.get_or_healthy(&format!("name {number}"));
        }
        assert_eq!(models.known.read().unwrap().len(), MOST_MODELS);
    }

    #[test]
    fn a_name_keeps_its_model() {
        let models = Models::default();
        assert!(Arc::ptr_eq(&models.get("ok").unwrap(), &models.get("ok").unwrap()));
        assert!(models.get("no such fault").is_none());
    }
}
