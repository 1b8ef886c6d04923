//! Why the ledger cannot be used: each is one line that says what to do. No address is shown with its login.

/// The ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The address is none.
    #[error("the ledger's address cannot be read: takes sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE")]
    Address,
    /// There is no such file.
    #[error("there is no ledger at {location} yet: `tierfall serve` writes one")]
    Missing {
        /// Where it was looked for.
        location: String,
    },
    /// The database cannot be reached or opened.
    #[error("the ledger {location} cannot be opened ({why}): {remedy}")]
    Open {
        /// Where it is.
        location: String,
        /// What the database or the system says.
        why: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The database refuses what is asked of it.
    #[error("the ledger {location} fails ({why})")]
    Query {
        /// Where it is.
        location: String,
        /// What the database says.
        why: String,
    },
}

/// What `error` says, in one line.
pub(crate) fn words(error: &sqlx::Error) -> String {
    let words = match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::PoolTimedOut => "no answer in time".to_owned(),
        sqlx::Error::Migrate(error) => error.to_string(),
        other => other.to_string(),
    };
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
