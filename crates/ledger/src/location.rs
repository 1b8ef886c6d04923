//! Where the ledger is.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::error::LedgerError;

/// Its file in the data folder.
const FILE: &str = "ledger.sqlite";

/// Where the ledger is. Its `Display` shows no user and no password.
#[derive(Clone, Debug)]
pub struct Location(Kind);

#[derive(Clone, Debug)]
enum Kind {
    /// SQLite, in this file.
    File(PathBuf),
    /// SQLite or Postgres, at the user's own address.
    Address(SecretString),
}

impl Location {
    /// What `DATABASE_URL` says; where it says nothing, a file in the data folder.
    #[must_use]
    pub fn new(database_url: Option<SecretString>, data_dir: &Path) -> Self {
        Self(database_url.map_or_else(|| Kind::File(data_dir.join(FILE)), Kind::Address))
    }

    /// Whether it is a Postgres.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(&self.0, Kind::Address(address) if address.expose_secret().starts_with("postgres"))
    }

    /// The address to open. What is not there yet is made, where `create`.
    pub(crate) fn url(&self, create: bool) -> Result<Url, LedgerError> {
        let mut url = match &self.0 {
            Kind::File(path) => {
                let path = std::path::absolute(path).map_err(|_| LedgerError::Address)?;
                let file = Url::from_file_path(path).map_err(|()| LedgerError::Address)?;
                Url::parse(&format!("sqlite://{}", file.path())).map_err(|_| LedgerError::Address)?
            }
            Kind::Address(address) => Url::parse(address.expose_secret()).map_err(|_| LedgerError::Address)?,
        };
        if create && url.scheme() == "sqlite" && !url.query_pairs().any(|(key, _)| key == "mode") {
            url.query_pairs_mut().append_pair("mode", "rwc");
        }
        Ok(url)
    }

    /// Makes the file of the data folder, for this user alone to read.
    pub(crate) fn make_file(&self) -> io::Result<()> {
        let Kind::File(path) = &self.0 else { return Ok(()) };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        OpenOptions::new().append(true).create(true).mode(0o600).open(path).map(drop)
    }

    /// Whether it is a file that is not there.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(&self.0, Kind::File(path) if !path.exists())
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::File(path) => path.display().fmt(f),
            Kind::Address(address) => match Url::parse(address.expose_secret()) {
                Ok(url) if url.scheme() == "sqlite" => {
                    let address = url.as_str().trim_start_matches("sqlite:").trim_start_matches("//");
                    f.write_str(address.split('?').next().unwrap_or_default())
                }
                Ok(url) => {
                    write!(f, "postgres://{}", url.host_str().unwrap_or("localhost"))?;
                    url.port().map_or(Ok(()), |port| write!(f, ":{port}"))?;
                    f.write_str(url.path())
                }
                Err(_) => f.write_str("of DATABASE_URL"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(url: &str) -> Location {
        Location::new(Some(url.into()), Path::new("/data"))
    }

    #[test]
    fn it_is_a_file_of_the_data_folder_unless_the_user_says_where() {
        let file = Location::new(None, Path::new("/data of ?mine"));
        assert_eq!(file.to_string(), "/data of ?mine/ledger.sqlite");
        assert_eq!(
            file.url(true).map(String::from).ok().as_deref(),
            Some("sqlite:///data%20of%20%3Fmine/ledger.sqlite?mode=rwc")
        );
    }

    #[test]
    fn what_is_shown_holds_no_login() {
        for (url, shown) in [
            ("postgres://me:hunter2@db:5433/x?sslmode=require&password=hunter2", "postgres://db:5433/x"),
            ("postgresql://me:hunter2@db/x", "postgres://db/x"),
            ("sqlite:/var/lib/x.db?mode=rw", "/var/lib/x.db"),
            ("sqlite://x.db", "x.db"),
        ] {
            assert_eq!(location(url).to_string(), shown);
        }
        assert!(!format!("{:?}", location("postgres://me:hunter2@db/x")).contains("hunter2"));
    }

    #[test]
    fn a_mode_that_the_user_has_chosen_stays() {
        let query = |location: Location| location.url(true).ok().and_then(|url| url.query().map(str::to_owned));
        assert_eq!(query(location("sqlite:x.db?mode=ro")).as_deref(), Some("mode=ro"));
        assert_eq!(query(location("sqlite:x.db")).as_deref(), Some("mode=rwc"));
        assert_eq!(query(location("postgres://db/x")), None);
    }
}
