//! The ledger at work: what the gateway decides goes in, and what was spent before comes out.

mod books;
mod export;
mod observer;

pub(crate) use books::{Balance, Books};
pub(crate) use export::export;
pub(crate) use observer::Witness;

use ::ledger::Location;

use crate::config::Configuration;

/// Where `configuration` has the ledger.
fn location(configuration: &Configuration) -> Location {
    Location::new(configuration.database_url.clone(), &configuration.data_dir)
}
