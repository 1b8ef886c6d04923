//! Why projects cannot be kept: each is one line that says what to do.

/// Projects cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be opened.
    #[error("the Studio's projects in {place} cannot be opened ({why}): {remedy}")]
    Open {
        /// Where it is.
        place: String,
        /// What the database or the system says.
        why: String,
        /// What to do.
        remedy: &'static str,
    },
    /// There is no room for what was to be written.
    #[error(
        "the disk is full, so that this was not saved: make room and try again. What was saved before is still there"
    )]
    Full,
    /// The database refuses what is asked of it.
    #[error("the Studio's projects cannot be read or written ({why})")]
    Query {
        /// What the database says.
        why: String,
    },
}

/// A change that did not come about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// There is no such project.
    #[error("there is no such project")]
    NoProject,
    /// There is no such version.
    #[error("there is no such version")]
    NoVersion,
    /// The change was made on another version than the one that is shown now.
    #[error("the page has changed meanwhile: version {head} is shown now")]
    Conflict {
        /// The version that is shown now.
        head: u32,
    },
    /// A request is being carried out.
    #[error("the page is being written: wait for its end, or stop it")]
    Busy,
    /// It could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// SQLite's result codes (<https://www.sqlite.org/rescode.html>): `SQLITE_FULL`, and a write that the system refuses.
const FULL: [&str; 2] = ["13", "778"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        if code.is_some_and(|code| FULL.contains(&&*code)) { Self::Full } else { Self::Query { why: words(&error) } }
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What `error` says, in one line.
pub(super) fn words(error: &sqlx::Error) -> String {
    let words = match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::PoolTimedOut => "no answer in time".to_owned(),
        sqlx::Error::Migrate(error) => error.to_string(),
        other => other.to_string(),
    };
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
