//! The ledger of a process that serves: opened before the gateway, written while that runs, closed behind it.

use std::collections::HashMap;
use std::sync::Arc;

use ::ledger::{Accounts, Budgets, Clock, Ledger, LedgerError, News, Store, StoredModel, Writer};
use cascade::{Budget, Moment, Spent};
use gateway::{Account, Gateway, Replacement};
use secrecy::ExposeSecret as _;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::config::{Configuration, TierConfig};
use crate::log::{Line, Log};

/// The books of a process; empty where it goes on without a ledger.
#[derive(Debug, Default)]
pub(crate) struct Books(Option<Open>);

#[derive(Debug)]
struct Open {
    store: Store,
    ledger: Ledger,
    writing: Writing,
}

#[derive(Debug)]
enum Writing {
    NotYet(Box<Writer>),
    /// Ended by the sender.
    By(oneshot::Sender<()>, JoinHandle<()>),
    Over,
}

/// What the books know of the tiers' budgets at one moment.
#[derive(Debug, Default)]
pub(crate) struct Balance {
    accounts: Option<Accounts>,
    spent: HashMap<String, Vec<Spent>>,
    models: HashMap<String, StoredModel>,
}

/// How the tiers of a gateway stand, for whoever writes that down.
struct Standing(Arc<Gateway>);

impl Budgets for Standing {
    fn now(&self) -> (Moment, Vec<(String, Budget)>) {
        self.0.budgets()
    }

    fn models(&self) -> Vec<(String, Option<StoredModel>)> {
        let stored =
            |replacement: Replacement| StoredModel { model: replacement.model, retry_in: replacement.tried_again_in };
        let kept = self.0.models().into_iter().filter(|model| !model.account.is_empty());
        kept.map(|model| (model.account, model.replacement.map(stored))).collect()
    }
}

impl Books {
    /// Opens the ledger. One that the user has named must open; the file in the data folder may fail, which is logged.
    ///
    /// # Errors
    /// What `DATABASE_URL` names cannot be opened.
    pub(crate) async fn open(configuration: &Configuration, log: &Log) -> Result<Self, LedgerError> {
        match Store::open(&super::location(configuration)).await {
            Ok(store) => {
                let (ledger, writer) = Ledger::new(store.clone());
                Ok(Self(Some(Open { store, ledger, writing: Writing::NotYet(Box::new(writer)) })))
            }
            Err(error) if configuration.database_url.is_some() => Err(error),
            Err(error) => {
                let text = format!("{error}; until the next start, nothing is recorded and quotas begin anew");
                log.print(&Line::Warning { text: &text });
                Ok(Self(None))
            }
        }
    }

    /// Where requests leave their decisions.
    pub(crate) fn ledger(&self) -> Option<Ledger> {
        self.0.as_ref().map(|open| open.ledger.clone())
    }

    /// What is spent now, as far as it was written down.
    pub(crate) async fn balance(&self, log: &Log) -> Balance {
        let Some(open) = &self.0 else { return Balance::default() };
        let spent = open.store.spent(&Clock::now()).await.unwrap_or_else(|error| {
            log.print(&Line::Warning { text: &format!("{error}: quotas begin anew") });
            HashMap::new()
        });
        let models = open.store.models(&Clock::now()).await.unwrap_or_else(|error| {
            log.print(&Line::Warning { text: &format!("{error}: models that are gone are found out again") });
            HashMap::new()
        });
        Balance { accounts: Some(open.store.accounts()), spent, models }
    }

    /// Begins to write down what `gateway` spends.
    pub(crate) fn begin(&mut self, gateway: &Arc<Gateway>, log: &Log) {
        let Some(open) = &mut self.0 else { return };
        if let Writing::NotYet(writer) = std::mem::replace(&mut open.writing, Writing::Over) {
            let (end, ended) = oneshot::channel();
            let (gateway, log) = (Arc::clone(gateway), log.clone());
            let task = tokio::spawn(writer.run(Standing(gateway), move |news| tell(&log, &news), ended));
            open.writing = Writing::By(end, task);
        }
    }

    /// Writes down what is left, and closes the ledger; bounded in time.
    pub(crate) async fn close(self) {
        if let Some(Open { writing: Writing::By(end, task), .. }) = self.0 {
            // Whoever has ended already has nothing left to write; one that has panicked has said so.
            let _ = end.send(());
            let _ = task.await;
        }
    }
}

impl Balance {
    /// What a ledger that another process may be writing says is spent; nothing where there is none yet.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) async fn look(configuration: &Configuration) -> Result<Self, LedgerError> {
        let store = match Store::look(&super::location(configuration)).await {
            Ok(store) => store,
            Err(LedgerError::Missing { .. }) => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let spent = store.spent(&Clock::now()).await?;
        // A ledger of an earlier version has none.
        let models = store.models(&Clock::now()).await.unwrap_or_default();
        let accounts = Some(store.accounts());
        store.close().await;
        Ok(Self { accounts, spent, models })
    }

    /// The account of `tier`: its kind, address, model and key say which it is.
    pub(crate) fn of(&mut self, tier: &TierConfig) -> Account {
        let Some(accounts) = &mut self.accounts else { return Account::default() };
        // A local tier's socket has another name in each process.
        let address = tier.base_url.as_ref().filter(|_| !tier.kind.is_engine()).map(ToString::to_string);
        let key = tier.key.as_ref().map(|key| key.expose_secret()).unwrap_or_default();
        let name = accounts.name(&[tier.kind.as_str(), address.as_deref().unwrap_or_default(), &tier.model, key]);
        let spent = self.spent.remove(&name).unwrap_or_default();
        let replacement = self.models.remove(&name);
        let replacement =
            replacement.map(|stored| Replacement { model: stored.model, tried_again_in: stored.retry_in });
        Account { name, spent, replacement }
    }
}

fn tell(log: &Log, news: &News<'_>) {
    let (text, warns) = match news {
        News::Failing(error) => (format!("{error}: it is tried again, and requests go on without it"), true),
        News::Again(0) => ("the ledger is written again".to_owned(), false),
        News::Again(lost) => (format!("the ledger is written again; {lost} decisions were lost meanwhile"), false),
        News::Unwritten(lost) => (format!("{lost} decisions could not be written before the end, and are lost"), true),
        News::Lost(lost) => (format!("{lost} decisions came faster than the ledger takes them, and were lost"), true),
    };
    log.print(&if warns { Line::Warning { text: &text } } else { Line::Info { text: &text } });
}
