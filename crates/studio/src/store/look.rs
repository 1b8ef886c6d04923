//! Whether projects could be kept, without changing anything: another process may be serving them.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use super::{FILE, PATIENCE, StoreError, counted, unopened, words};

/// What is kept in a data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projects {
    /// The file that they lie in, or will.
    pub file: PathBuf,
    /// How many there are.
    pub count: u64,
}

/// Looks whether the projects in `data_dir` can be opened and written, or a file for them made.
///
/// # Errors
/// They cannot.
pub async fn look(data_dir: &Path) -> Result<Projects, StoreError> {
    let file = data_dir.join(FILE);
    let found = if file.exists() {
        count(&file).await.map_err(|error| words(&error))
    } else {
        try_to_write(data_dir).map(|()| 0).map_err(|error| error.to_string())
    };
    match found {
        Ok(count) => Ok(Projects { file, count }),
        Err(why) => Err(unopened(&file, why)),
    }
}

/// How many projects there are, counted by one who may write.
async fn count(file: &Path) -> Result<u64, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(PATIENCE);
    let mut connection = options.connect().await?;
    let counted = count_as_writer(&mut connection).await;
    connection.close().await?;
    counted
}

async fn count_as_writer(connection: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    // Before the first start has come to its end there is no table.
    let tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'projects'";
    let tables: i64 = sqlx::query_scalar(tables).fetch_one(&mut *connection).await?;
    let count = if tables == 0 {
        0
    } else {
        sqlx::query_scalar("SELECT count(*) FROM projects").fetch_one(&mut *connection).await?
    };
    sqlx::query("ROLLBACK").execute(&mut *connection).await?;
    Ok(counted(count))
}

/// Makes a file in the folder, which the first start makes too, and removes it again.
fn try_to_write(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let tried = folder.join(format!("{FILE}.tried-{}", std::process::id()));
    OpenOptions::new().write(true).create_new(true).open(&tried)?;
    std::fs::remove_file(tried)
}
