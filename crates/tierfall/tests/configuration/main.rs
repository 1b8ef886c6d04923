//! Each key of the configuration: its default, what it takes, and the one line that refuses anything else.

use std::collections::BTreeMap;
use std::time::Duration;

use tierfall::config::{Configuration, Sources, State, TierConfig};

mod file;
mod layers;
mod refusals;
mod tiers;

/// Keys of the environment and files of the working folder, by name.
struct Setup<'a> {
    environment: &'a [(&'a str, &'a str)],
    files: &'a [(&'a str, &'a str)],
}

impl Setup<'_> {
    fn sources(&self, folder: &tempfile::TempDir) -> Sources {
        for (name, text) in self.files {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        let home = ("HOME".to_owned(), "/home/me".to_owned());
        let given = self.environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let environment: BTreeMap<_, _> = [home].into_iter().chain(given).collect();
        Sources { folder: folder.path().to_owned(), env_file: None, config_file: None, listen: None, environment }
    }

    fn load(&self) -> Result<(Configuration, Vec<String>), String> {
        let folder = tempfile::tempdir().expect("a folder");
        let loaded = self.sources(&folder).load().map_err(|error| error.to_string())?;
        Ok((loaded.configuration, loaded.warnings.iter().map(ToString::to_string).collect()))
    }
}

fn environment(keys: &[(&str, &str)]) -> Configuration {
    Setup { environment: keys, files: &[] }.load().expect("a configuration").0
}

fn refused(keys: &[(&str, &str)]) -> String {
    Setup { environment: keys, files: &[] }.load().expect_err("an error")
}

fn toml(text: &str) -> Result<(Configuration, Vec<String>), String> {
    Setup { environment: &[], files: &[("tierfall.toml", text)] }.load()
}

fn why_off(tier: &TierConfig) -> &str {
    match &tier.state {
        State::On => "on",
        State::Off { why } => why,
    }
}

fn address(tier: &TierConfig) -> String {
    tier.base_url.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}
