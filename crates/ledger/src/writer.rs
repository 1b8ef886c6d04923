//! The one task that writes, and the queue before it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cascade::{Budget, Moment};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::clock::Clock;
use crate::error::LedgerError;
use crate::row::DecisionRow;
use crate::store::{Store, StoredModel};

/// What comes is gathered for so long: where the process is killed, as much is lost.
const GATHERING: Duration = Duration::from_secs(1);
/// So many decisions wait to be written; what comes on top is lost and counted.
const WAITING: usize = 4096;
/// How often what is old is forgotten.
const PRUNING: Duration = Duration::from_secs(3600);
/// The same moment, told twice, differs by less.
const TELLABLE: Duration = Duration::from_secs(60);
/// How long the end of the process waits for the last to be written.
const LAST: Duration = Duration::from_secs(5);

/// Where requests leave their decisions. It never waits.
#[derive(Clone, Debug)]
pub struct Ledger {
    queue: mpsc::Sender<DecisionRow>,
    lost: Arc<AtomicU64>,
}

/// Says how each tier stands.
pub trait Budgets: Send {
    /// Each account's budget now, and the moment by which it counts.
    fn now(&self) -> (Moment, Vec<(String, Budget)>);

    /// What stands in the place of each account's own model now.
    fn models(&self) -> Vec<(String, Option<StoredModel>)> {
        Vec::new()
    }
}

impl<F: Fn() -> (Moment, Vec<(String, Budget)>) + Send> Budgets for F {
    fn now(&self) -> (Moment, Vec<(String, Budget)>) {
        self()
    }
}

/// What became of the writing, for the log.
#[derive(Debug)]
pub enum News<'a> {
    /// It has failed, and is tried again and again.
    Failing(&'a LedgerError),
    /// It works again; so many decisions have been lost meanwhile.
    Again(u64),
    /// More came than can be written: so many decisions were lost.
    Lost(u64),
    /// The end has come, and so many decisions could not be written before it.
    Unwritten(u64),
}

/// The task that writes. It is spawned, and told to end.
#[derive(Debug)]
pub struct Writer {
    store: Store,
    queue: mpsc::Receiver<DecisionRow>,
    lost: Arc<AtomicU64>,
    /// What is not written yet.
    waiting: Vec<DecisionRow>,
    /// Each account's budget, as it stands in the database.
    stored: HashMap<String, Budget>,
    /// What was last written of each account's model, and when its own is tried again.
    models: HashMap<String, (String, Instant)>,
    failing: bool,
    pruned: Option<Instant>,
}

impl Ledger {
    /// A queue, and the writer that is to empty it into `store`.
    #[must_use]
    pub fn new(store: Store) -> (Self, Writer) {
        let (sender, queue) = mpsc::channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let writer = Writer {
            store,
            queue,
            lost: Arc::clone(&lost),
            waiting: Vec::new(),
            stored: HashMap::new(),
            models: HashMap::new(),
            failing: false,
            pruned: None,
        };
        (Self { queue: sender, lost }, writer)
    }

    /// Leaves a decision to be written. Where the queue is full it is not even made: it is lost, and counted.
    pub fn leave(&self, decision: impl FnOnce() -> DecisionRow) {
        match self.queue.try_reserve() {
            Ok(permit) => permit.send(decision()),
            Err(mpsc::error::TrySendError::Full(())) => {
                self.lost.fetch_add(1, Ordering::Relaxed);
            }
            // The process is ending, and has written its last.
            Err(mpsc::error::TrySendError::Closed(())) => {}
        }
    }
}

impl Writer {
    /// Writes once a second, until `end` comes; then all that is left, for five seconds at most.
    pub async fn run(mut self, budgets: impl Budgets, tell: impl Fn(News<'_>) + Send, end: oneshot::Receiver<()>) {
        let mut ticks = interval(GATHERING);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut end = std::pin::pin!(end);
        loop {
            tokio::select! {
                // Whoever would tell it has gone: that is the end too.
                _ = &mut end => break,
                _ = ticks.tick() => self.write(&budgets, &tell).await,
            }
        }
        // What comes from now on finds the queue closed.
        self.queue.close();
        let last = async {
            self.write(&budgets, &tell).await;
            while !self.failing && !self.queue.is_empty() {
                self.write(&budgets, &tell).await;
            }
            self.store.close().await;
        };
        // What the database has not taken by then, it does not take.
        let _ = tokio::time::timeout(LAST, last).await;
        let unwritten = self.waiting.len() + self.queue.len();
        let lost = self.lost.load(Ordering::Relaxed) + u64::try_from(unwritten).unwrap_or(u64::MAX);
        if lost > 0 {
            tell(News::Unwritten(lost));
        }
    }

    async fn write(&mut self, budgets: &impl Budgets, tell: &impl Fn(News<'_>)) {
        self.gather();
        match self.try_write(budgets).await {
            Ok(()) => {
                let lost = self.lost.swap(0, Ordering::Relaxed);
                match (std::mem::take(&mut self.failing), lost) {
                    (true, lost) => tell(News::Again(lost)),
                    (false, 0) => {}
                    (false, lost) => tell(News::Lost(lost)),
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    tell(News::Failing(&error));
                }
            }
        }
    }

    /// Takes what has come, as long as there is room to keep it.
    fn gather(&mut self) {
        while self.waiting.len() < WAITING
            && let Ok(decision) = self.queue.try_recv()
        {
            self.waiting.push(decision);
        }
    }

    async fn try_write(&mut self, budgets: &impl Budgets) -> Result<(), LedgerError> {
        // First what a restart would have to know.
        self.keep(budgets).await?;
        self.keep_models(budgets).await?;
        self.store.write(&self.waiting).await?;
        self.waiting.clear();
        if self.pruned.is_none_or(|pruned| pruned.elapsed() > PRUNING) {
            self.store.prune().await?;
            self.pruned = Some(Instant::now());
        }
        Ok(())
    }

    /// Writes down the budgets that have changed since they were last written.
    async fn keep(&mut self, budgets: &impl Budgets) -> Result<(), LedgerError> {
        let ((now, budgets), clock) = (budgets.now(), Clock::now());
        let changed: Vec<_> =
            budgets.into_iter().filter(|(account, budget)| self.has_changed(account, budget)).collect();
        let spent: Vec<_> = changed.iter().map(|(account, budget)| (account.clone(), budget.spent(now))).collect();
        self.store.keep(&spent, &clock).await?;
        self.stored.extend(changed);
        Ok(())
    }

    /// Writes down the models that have changed since they were last written.
    async fn keep_models(&mut self, budgets: &impl Budgets) -> Result<(), LedgerError> {
        let (now, clock) = (Instant::now(), Clock::now());
        let changed: Vec<_> = budgets
            .models()
            .into_iter()
            .filter(|(account, stored)| self.has_another_model(account, stored.as_ref(), now))
            .collect();
        self.store.keep_models(&changed, &clock).await?;
        for (account, stored) in changed {
            match stored {
                Some(StoredModel { model, retry_in }) => self.models.insert(account, (model, now + retry_in)),
                None => self.models.remove(&account),
            };
        }
        Ok(())
    }

    fn has_another_model(&self, account: &str, stored: Option<&StoredModel>, now: Instant) -> bool {
        match (self.models.get(account), stored) {
            (None, stored) => stored.is_some(),
            (Some(_), None) => true,
            (Some((model, retry_at)), Some(stored)) => {
                let later = (now + stored.retry_in).saturating_duration_since(*retry_at);
                *model != stored.model || later > TELLABLE
            }
        }
    }

    /// A budget of which nothing was ever spent has nothing to be written.
    fn has_changed(&self, account: &str, budget: &Budget) -> bool {
        match self.stored.get(account) {
            Some(stored) => stored != budget,
            None => !budget.spent(Moment::ZERO).is_empty(),
        }
    }
}
