//! Every key's value with its origin, whichever of the files or the environment it came from: the highest layer wins.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;
use upstream::{Kind, Providers, UnknownKind};

use super::error::{ConfigError, Origin, shown};
use super::form::Form;
use super::keys;

/// What stands in an error for a secret's value.
const HIDDEN: &str = "(not shown)";

/// One key's value as text.
#[derive(Clone)]
pub(super) struct Entry {
    /// The key as the user wrote it, for errors.
    pub(super) key: String,
    pub(super) text: String,
    pub(super) origin: Origin,
    /// No error shows the text.
    pub(super) secret: bool,
}

impl Entry {
    /// The value `text` of `key`, as the user wrote both; `name` is the key's own name.
    pub(super) fn new(name: &str, key: impl Into<String>, text: String, origin: Origin) -> Self {
        Self { key: key.into(), text, origin, secret: keys::is_secret(name) }
    }

    /// The error for a value of the wrong form.
    pub(super) fn bad(&self, takes: impl Into<String>) -> ConfigError {
        let value = if self.secret { HIDDEN.to_owned() } else { shown(&without_login(&self.text)) };
        ConfigError::BadValue { key: self.key.clone(), value, origin: self.origin.clone(), takes: takes.into() }
    }
}

/// One source of keys: a file or the environment.
pub(super) type Layer = BTreeMap<String, Entry>;

/// The layers laid over one another, by the key's own name (`TIER1_…` for `CUSTOM_LLM_…`).
#[derive(Default)]
pub(super) struct Values {
    entries: BTreeMap<String, Entry>,
    wanted: BTreeMap<String, String>,
}

impl Values {
    /// Lays `layer` over what is there.
    ///
    /// # Errors
    /// The layer gives one thing two different values, under its two names.
    pub(super) fn overlay(&mut self, layer: Layer) -> Result<(), ConfigError> {
        let mut named: BTreeMap<String, Entry> = BTreeMap::new();
        for (key, mut entry) in layer {
            entry.text = entry.text.trim().to_owned();
            let name = canonical(&key);
            match named.get(&name) {
                Some(other) if other.text.is_empty() => {}
                Some(_) if entry.text.is_empty() => continue,
                Some(other) if other.text != entry.text => {
                    let (first, second) = (other.key.clone(), entry.key);
                    return Err(ConfigError::Differ { first, second, origin: entry.origin });
                }
                _ => {}
            }
            named.insert(name, entry);
        }
        self.entries.extend(named);
        Ok(())
    }

    /// The value of `key`; an empty one counts as none, and hides those of the layers below.
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| !entry.text.is_empty())
    }

    /// The value of `key` read by `form`.
    ///
    /// # Errors
    /// The value is not of that form.
    pub(super) fn read<T>(&self, key: &str, form: &Form<T>) -> Result<Option<T>, ConfigError> {
        let Some(entry) = self.get(key) else { return Ok(None) };
        (form.read)(&entry.text).map(Some).ok_or_else(|| entry.bad(form.takes))
    }

    /// The kind of provider that `key` names.
    ///
    /// # Errors
    /// There is no such kind.
    pub(super) fn kind(&self, key: &str, providers: &Providers) -> Result<Option<Kind>, ConfigError> {
        let Some(entry) = self.get(key) else { return Ok(None) };
        let takes = |unknown: UnknownKind| unknown.to_string().trim_start_matches("takes ").to_owned();
        providers.kind(&entry.text).map(Some).map_err(|unknown| entry.bad(takes(unknown)))
    }

    /// The text of `key`.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.get(key).map(|entry| entry.text.clone())
    }

    /// The secret of `key`, fit for a header.
    ///
    /// # Errors
    /// It holds something that no key or token has: a space, a line break, a letter beyond ASCII.
    pub(super) fn secret(&self, key: &str) -> Result<Option<SecretString>, ConfigError> {
        let Some(entry) = self.get(key) else { return Ok(None) };
        secret(&entry.text).map(Some).ok_or_else(|| entry.bad("a key of visible ASCII characters, without spaces"))
    }

    /// Sets `key` to what `other` holds (with `other`'s name in errors).
    ///
    /// # Errors
    /// `key` has a value of its own that differs.
    pub(super) fn alias(&mut self, key: &str, other: &str) -> Result<(), ConfigError> {
        let Some(entry) = self.get(other).cloned() else { return Ok(()) };
        if let Some(own) = self.get(key).filter(|own| own.text != entry.text) {
            let (first, second) = (entry.key, own.key.clone());
            return Err(ConfigError::Differ { first, second, origin: own.origin.clone() });
        }
        self.entries.insert(key.to_owned(), entry);
        Ok(())
    }

    /// Notes that `key` is to come from the variable `variable`, and takes it from there where it is set.
    pub(super) fn take_from(&mut self, key: String, variable: String) {
        let named = self.get(&canonical(&variable)).cloned();
        if let Some(entry) = named.filter(|_| self.get(&key).is_none()) {
            self.entries.insert(key.clone(), Entry { secret: keys::is_secret(&key), ..entry });
        }
        self.wanted.insert(key, variable);
    }

    /// The name to tell the user to set for `key`, which is not set; `shared` is the name of one that serves as well.
    pub(super) fn name_to_set(&self, key: &str, shared: Option<&str>) -> String {
        match (self.wanted.get(key), shared, key.strip_prefix("TIER1_")) {
            (Some(variable), _, _) => variable.clone(),
            (None, Some(shared), _) => shared.to_owned(),
            // It is there without a value, as in the image of a proxy.
            (None, None, Some("BASE_URL")) if self.entries.contains_key("MODEL_URL") => "MODEL_URL".to_owned(),
            (None, None, Some(rest)) => format!("CUSTOM_LLM_{rest}"),
            (None, None, None) => key.to_owned(),
        }
    }

    /// The numbers of the tiers that any key speaks of.
    pub(super) fn tiers(&self) -> BTreeSet<u32> {
        self.entries
            .keys()
            .filter(|key| keys::is_known(key))
            .filter_map(|key| keys::tier_key(key))
            .map(|(n, _)| n)
            .collect()
    }

    /// Whether any value is given whose key `wanted` picks.
    pub(super) fn any(&self, wanted: impl Fn(&str) -> bool) -> bool {
        self.entries.iter().any(|(key, entry)| !entry.text.is_empty() && wanted(key))
    }
}

/// `text` as a secret, where it can be sent in a header.
pub(super) fn secret(text: &str) -> Option<SecretString> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| SecretString::from(text))
}

fn canonical(key: &str) -> String {
    match key.strip_prefix("CUSTOM_LLM_") {
        Some(rest @ ("BASE_URL" | "API_KEY" | "MODEL")) => format!("TIER1_{rest}"),
        _ => key.to_owned(),
    }
}

/// An address as an error may show it: what stands before `@` or after `?` may be a password or a key.
fn without_login(text: &str) -> String {
    let text = text.split_once('?').map_or(text, |(address, _)| address);
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}…{}", &text[..scheme + 3], &text[at..]),
        _ => text.to_owned(),
    }
}
