//! Why a configuration was refused: each error is one line that names the key, the value and what the key takes.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The longest value that an error shows, in characters.
const SHOWN: usize = 80;

/// Where a value came from, as an error or a warning shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The process's own environment.
    Environment,
    /// A line (counted from 1) of a `.env` file.
    Line(PathBuf, usize),
    /// `tierfall.toml`.
    Toml(PathBuf),
    /// A command-line argument.
    Argument,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::Line(path, line) => write!(f, "{}:{line}", short(path)),
            Self::Toml(path) => f.write_str(&short(path)),
            Self::Argument => f.write_str("command line"),
        }
    }
}

/// A configuration that cannot be used. `Display` is one line and never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key's value is not of the form that the key takes.
    #[error("{key}={value} ({origin}): takes {takes}")]
    BadValue {
        /// The key as the user wrote it.
        key: String,
        /// The value, shortened; a placeholder where the key is a secret.
        value: String,
        /// Where it stands.
        origin: Origin,
        /// What the key takes.
        takes: String,
    },
    /// Two keys that say the same were given different values in one place.
    #[error("{first} and {second} ({origin}) mean the same and differ: keep one of them")]
    Differ {
        /// One key.
        first: String,
        /// The other.
        second: String,
        /// Where they stand.
        origin: Origin,
    },
    /// A tier beyond the fourth has no default type.
    #[error("TIER{number}_TYPE is not set: tier {number} takes {takes}")]
    NoType {
        /// The tier's number.
        number: u32,
        /// The types that there are.
        takes: String,
    },
    /// A configuration file cannot be read.
    #[error("{}: cannot be read: {why}", short(path))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        why: String,
    },
    /// A line of a `.env` file is not `KEY=value`.
    #[error("{origin}: takes KEY=value, without spaces round =; a value with spaces stands in double quotes")]
    BadLine {
        /// The file and the line.
        origin: Origin,
    },
    /// `tierfall.toml` is not TOML, or holds something that is not known there.
    #[error("{}:{line}: {why}", short(path))]
    BadToml {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong, in one line.
        why: String,
    },
    /// A route cannot be built.
    #[error("route {name:?} (tierfall.toml): {why}")]
    BadRoute {
        /// The route's name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// Listening beyond this machine without caller keys.
    #[error(
        "listening on {listen} needs TIERFALL_API_KEYS (keys that callers must send), or TIERFALL_OPEN=true to let anyone in"
    )]
    Exposed {
        /// The address.
        listen: SocketAddr,
    },
    /// There is no home folder to keep models and the ledger in.
    #[error(
        "TIERFALL_DATA_DIR is not set, and neither XDG_DATA_HOME nor HOME says where data is kept: set TIERFALL_DATA_DIR"
    )]
    NoDataDir,
}

/// Something that does not stop the start and that the user should know. `Display` is one line without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A key that is not known and looks like one that is.
    Misspelt {
        /// The key as written.
        key: String,
        /// The key that was probably meant.
        nearest: Option<String>,
        /// Where it stands.
        origin: Origin,
    },
    /// Spaces round `=`: read here, refused or misread by shells and Docker.
    Spaces {
        /// The key.
        key: String,
        /// Where it stands.
        origin: Origin,
    },
    /// A key that one file gives twice: the last one counts.
    Twice {
        /// The key.
        key: String,
        /// The line that counts.
        origin: Origin,
    },
    /// An address had no `/v1`, and is used with it.
    Mended {
        /// The key.
        key: String,
        /// The address that is used.
        used: String,
        /// Where it stands.
        origin: Origin,
    },
    /// A key that has no effect beside what else was configured.
    Unused {
        /// The key.
        key: String,
        /// Why it has none.
        why: &'static str,
        /// Where it stands.
        origin: Origin,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misspelt { key, nearest: Some(nearest), origin } => {
                write!(f, "{key} ({origin}) is not a key of Tierfall: is {nearest} meant?")
            }
            Self::Misspelt { key, nearest: None, origin } => write!(f, "{key} ({origin}) is not a key of Tierfall"),
            Self::Spaces { key, origin } => {
                write!(f, "{key} ({origin}) has spaces round =: write {key}=value, other programs misread it")
            }
            Self::Twice { key, origin } => write!(f, "{key} is given twice: {origin} counts"),
            Self::Mended { key, used, origin } => write!(f, "{key} ({origin}) does not end in /v1: using {used}"),
            Self::Unused { key, why, origin } => write!(f, "{key} ({origin}) has no effect: {why}"),
        }
    }
}

/// `value` as an error may show it: one line, without control characters, at most [`SHOWN`] characters.
pub(super) fn shown(value: &str) -> String {
    let clean: String = value.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if value.chars().nth(SHOWN).is_some() { clean + "…" } else { clean }
}

/// The file's own name: the folder is the one that the user started Tierfall in, or named.
fn short(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}
