//! The ledger: the stored decisions, usage and budgets. SQLite in a file, or Postgres.
//!
//! A request never waits for it. What the gateway has decided goes into a bounded queue, which a [`Writer`] empties once a
//! second; budgets are read from where they stand. What is not written is counted and said, and the gateway goes on.
//!
//! No prompt, no answer and no key is ever stored: a tier's budget is kept under a salted hash.

#![forbid(unsafe_code)]

mod account;
mod clock;
mod error;
mod location;
mod row;
mod store;
mod writer;

pub use account::Accounts;
pub use clock::Clock;
pub use error::LedgerError;
pub use location::Location;
pub use row::{AttemptRow, DecisionRow, Ending, SkipRow};
pub use store::{Store, StoredModel};
pub use writer::{Budgets, Ledger, News, Writer};
