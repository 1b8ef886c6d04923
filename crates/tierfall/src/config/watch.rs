//! Takes up changed configuration files while the gateway runs.

use std::path::PathBuf;
use std::time::SystemTime;

use super::error::ConfigError;
use super::sources::{Loaded, Sources};

/// How a file looked: its time of modification and its size; `None` where it is not there.
type Look = Option<(Option<SystemTime>, u64)>;

/// Looks whether the files of a configuration have changed. Polled rather than notified: editors replace files, containers
/// mount them, and network file systems notify nobody.
pub struct Watch {
    sources: Sources,
    looks: Vec<(PathBuf, Look)>,
}

impl Watch {
    /// Watches the files of `sources`, beginning with how they look now.
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        let looks = looks(&sources);
        Self { sources, looks }
    }

    /// The new configuration where a file has changed since the last look, or why it is refused; `None` where none has. A bad
    /// file is told once, and read again when it changes again.
    pub fn poll(&mut self) -> Option<Result<Loaded, ConfigError>> {
        let looks = looks(&self.sources);
        if looks == self.looks {
            return None;
        }
        self.looks = looks;
        Some(self.sources.load())
    }
}

fn looks(sources: &Sources) -> Vec<(PathBuf, Look)> {
    let look = |path: &PathBuf| std::fs::metadata(path).ok().map(|file| (file.modified().ok(), file.len()));
    sources.files().into_iter().map(|path| (path.clone(), look(&path))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_changed_file_is_read_once_and_a_bad_one_leaves_the_next_change_to_mend_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let environment = BTreeMap::from([("HOME".to_owned(), "/home/me".to_owned())]);
        let sources =
            Sources { folder: folder.path().to_owned(), env_file: None, config_file: None, listen: None, environment };
        let mut watch = Watch::new(sources);
        assert!(watch.poll().is_none());

        std::fs::write(folder.path().join(".env.local"), "TIER1_BASE_URL=http://127.0.0.1:1/v1\n").expect("written");
        let loaded = watch.poll().expect("a change").expect("a good one");
        assert!(loaded.configuration.tiers[0].base_url.is_some());
        assert!(watch.poll().is_none());

        std::fs::write(folder.path().join(".env.local"), "TIER1_TIMEOUT=soon\n").expect("written");
        let error = watch.poll().expect("a change").expect_err("a bad one");
        assert!(error.to_string().starts_with("TIER1_TIMEOUT=soon (.env.local:1)"), "{error}");
        assert!(watch.poll().is_none());

        std::fs::remove_file(folder.path().join(".env.local")).expect("removed");
        assert!(watch.poll().expect("a change").is_ok());
    }
}
