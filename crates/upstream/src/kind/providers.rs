//! `providers.toml`: the file that is built in, and the user's own rows over it.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use http::uri::PathAndQuery;
use serde::Deserialize;
use strsim::osa_distance;

use super::facts::{AsOf, Facts};
use super::{Kind, Ways};

static BUILT_IN: LazyLock<Providers> = LazyLock::new(|| {
    let rows = Rows::read(include_str!("../../providers.toml")).expect("the built-in file is sound, as a test says");
    Providers::default().with_rows(rows)
});

/// A word of another task that is shorter has to stand alone in a name.
const STANDS_ALONE: usize = 5;

/// Every row that was ever read.
static INTERNED: Mutex<Vec<&'static Facts>> = Mutex::new(Vec::new());

/// All kinds of provider, and the models that are gone.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    /// In the order in which tiers that a key alone makes stand behind one another.
    kinds: Vec<Kind>,
    successors: Vec<Successor>,
    other_tasks: Vec<String>,
}

/// Models that are gone, and what the provider names in their place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// Whose models they are.
    pub kind: String,
    /// The model to ask instead.
    pub to: String,
    /// Those that are gone.
    pub from: Vec<String>,
    /// Where that is written.
    pub sources: Vec<String>,
    /// Since when.
    pub as_of: AsOf,
}

/// A `providers.toml` that cannot be used: its line, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadProviders {
    /// Counted from 1.
    pub line: usize,
    /// In one line.
    pub why: String,
}

/// A word that names no kind of provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("takes {takes}{}", .nearest.map(|word| format!("; did you mean {word}?")).unwrap_or_default())]
pub struct UnknownKind {
    /// All that there are.
    pub takes: String,
    /// The one that was probably meant.
    pub nearest: Option<&'static str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    #[serde(default)]
    provider: Vec<Facts>,
    #[serde(default)]
    successor: Vec<Successor>,
    #[serde(default)]
    other_tasks: OtherTasks,
}

/// What models are for that are not for chats.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct OtherTasks {
    /// Words in their names.
    words: Vec<String>,
}

impl Providers {
    /// What is built in.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// What is built in, with the rows of a user's own file: a row of a kind that is there takes its place, another one
    /// stands behind all.
    ///
    /// # Errors
    ///
    /// The file is no TOML, or a row is malformed.
    pub fn with(text: &str) -> Result<Self, BadProviders> {
        Ok(Self::built_in().clone().with_rows(Rows::read(text)?))
    }

    fn with_rows(mut self, rows: Rows) -> Self {
        for facts in rows.provider {
            let kind = Kind(interned(facts));
            match self.kinds.iter_mut().find(|known| **known == kind) {
                Some(known) => *known = kind,
                None => self.kinds.push(kind),
            }
        }
        self.successors.splice(0..0, rows.successor);
        self.other_tasks.extend(rows.other_tasks.words.into_iter().map(|word| word.to_ascii_lowercase()));
        self
    }

    /// All kinds, in the file's order.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The kind of this word.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn kind(&self, word: &str) -> Result<Kind, UnknownKind> {
        let known = self.kinds.iter().copied().find(|kind| kind.as_str().eq_ignore_ascii_case(word));
        known.ok_or_else(|| {
            let word = word.to_ascii_lowercase();
            let distance = |kind: &&'static str| osa_distance(kind, &word);
            let nearest = self.kinds.iter().map(|kind| kind.as_str()).min_by_key(distance);
            UnknownKind { takes: self.takes(), nearest: nearest.filter(|kind| distance(kind) <= 3) }
        })
    }

    /// The words that name a kind, for an error.
    #[must_use]
    pub fn takes(&self) -> String {
        let words: Vec<_> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        format!("one of {}", words.join(", "))
    }

    /// What the file names in the place of `model` of the kind of this word, which is gone.
    #[must_use]
    pub fn successor(&self, kind: &str, model: &str) -> Option<&str> {
        let named = |row: &&Successor| row.kind == kind && row.from.iter().any(|gone| gone == model);
        self.successors.iter().find(named).map(|row| row.to.as_str())
    }

    /// Whether the name of a model says that it is for something else than chats.
    #[must_use]
    pub fn is_for_another_task(&self, model: &str) -> bool {
        let model = model.to_ascii_lowercase();
        let words: Vec<_> = model.split(|char: char| !char.is_ascii_alphanumeric()).collect();
        self.other_tasks.iter().any(|task| match task.len() {
            STANDS_ALONE.. => model.contains(task),
            _ => words.contains(&task.as_str()),
        })
    }
}

impl Rows {
    fn read(text: &str) -> Result<Self, BadProviders> {
        let rows: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            BadProviders { line: before.matches('\n').count() + 1, why: error.message().replace('\n', "; ") }
        })?;
        let mut kinds = BTreeSet::new();
        for facts in &rows.provider {
            let line = text.lines().position(|line| line.contains(&format!("kind = \"{}\"", facts.kind)));
            let bad = |why: String| BadProviders { line: line.map_or(1, |line| line + 1), why };
            facts.check().map_err(|why| bad(format!("{}: {why}", facts.kind)))?;
            if !kinds.insert(&facts.kind) {
                return Err(bad(format!("{} stands here twice", facts.kind)));
            }
        }
        Ok(rows)
    }
}

impl Facts {
    /// What serde cannot see.
    fn check(&self) -> Result<(), &'static str> {
        let is_word = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
        let is_web = |address: &String| address.starts_with("https://") || address.starts_with("http://");
        let is_name = |name: &String| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        match () {
            () if self.kind.is_empty() || !self.kind.chars().all(is_word) => Err("kind takes a lower-case word"),
            () if self.title.is_empty() || self.title.chars().any(char::is_control) => Err("title takes one line"),
            () if !self.base_url.iter().chain(&self.keys_page).chain(&self.sources).all(is_web) => {
                Err("an address takes http:// or https://")
            }
            () if self.list.as_ref().is_some_and(|path| format!("/{path}").parse::<PathAndQuery>().is_err()) => {
                Err("list takes a path")
            }
            () if self.sources.is_empty() => Err("sources says where this is written"),
            () if !self.key.iter().chain(&self.base_url_key).all(is_name) => {
                Err("key and base_url_key take the names of environment variables")
            }
            () if [self.limits.rpm, self.limits.rpd, self.limits.tpm, self.limits.tpd].contains(&Some(0)) => {
                Err("a limit is above 0")
            }
            () if self.ways == Ways::Engine && self.kind != "local" => Err("only local is served by the engine"),
            () => Ok(()),
        }
    }
}

fn interned(facts: Facts) -> &'static Facts {
    let mut all = INTERNED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.iter().find(|known| ***known == facts) {
        return known;
    }
    let facts: &'static Facts = Box::leak(Box::new(facts));
    all.push(facts);
    facts
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it fails")]
mod tests {
    use super::*;
    use crate::kind::{Costs, Hosting};
    use crate::target::Address;

    const ROW: &str = r#"
        [[provider]]
        kind = "groq"
        title = "Groq"
        hosting = "cloud"
        base_url = "https://groq.example/v1"
        costs = "free"
        learns = "no"
        limits = { rpm = 7 }
        sources = ["https://groq.example/docs"]
        as_of = 2027-01-02
    "#;

    #[test]
    fn the_file_that_is_built_in_is_sound_and_has_what_code_names() {
        assert_eq!((Kind::space().as_str(), Kind::commercial().as_str()), ("space", "commercial"));
        assert!(Kind::local().is_engine());
        for kind in Providers::built_in().kinds() {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
            if let Some(address) = kind.base_url.as_ref().filter(|address| !address.contains('{')) {
                address.parse::<Address>().unwrap();
            }
            assert_eq!(kind.needs_key, kind.hosting == Hosting::Cloud, "{kind}");
            assert!(!kind.can_bill(kind.model.as_deref().unwrap_or_default()) || kind.costs == Costs::Bills, "{kind}");
        }
    }

    #[test]
    fn every_type_of_the_contract_is_a_row() {
        for word in [
            "space",
            "local",
            "zerogpu",
            "ollama",
            "groq",
            "serverless",
            "openrouter",
            "gemini",
            "mistral",
            "cloudflare",
            "zai",
            "sambanova",
            "cohere",
            "cerebras",
            "openai",
            "commercial",
        ] {
            assert!(word.parse::<Kind>().is_ok(), "{word}");
        }
        let unknown = "Grok".parse::<Kind>().unwrap_err();
        assert_eq!(unknown.nearest, Some("groq"));
        assert!(unknown.to_string().ends_with("commercial; did you mean groq?"), "{unknown}");
        assert_eq!("elephants".parse::<Kind>().unwrap_err().nearest, None);
    }

    #[test]
    fn a_users_own_row_takes_the_place_of_the_one_that_is_built_in() {
        let providers = Providers::with(ROW).unwrap();
        let groq = providers.kind("groq").unwrap();
        assert_eq!((groq.limits.rpm, groq.limits.rpd), (Some(7), None));
        assert_eq!(providers.kinds().len(), Providers::built_in().kinds().len());
        let own = Providers::with(&ROW.replace("\"groq\"", "\"mine\"")).unwrap();
        assert_eq!(own.kinds().last().unwrap().as_str(), "mine");
        let again = Providers::with(ROW).unwrap().kind("groq").unwrap();
        assert!(std::ptr::eq(again.facts(), groq.facts()), "a row is kept once");
    }

    #[test]
    fn the_documentation_has_a_row_for_each_kind() {
        // Read when the test runs: a Space is built from the source without its documentation.
        let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/providers.md")).unwrap();
        for kind in Providers::built_in().kinds() {
            let row = docs.lines().find(|line| line.starts_with(&format!("| `{kind}` | "))).unwrap_or_default();
            let told = [&kind.key, &kind.model, &kind.limits.other].into_iter().flatten();
            assert!(told.cloned().chain([kind.as_of.0.to_string()]).all(|fact| row.contains(&fact)), "{kind}: {row}");
        }
    }

    #[test]
    fn a_malformed_row_names_its_line() {
        for (what, with, line, why) in [
            ("hosting = \"cloud\"", "hosting = \"moon\"", 5, "moon"),
            ("title", "titel", 4, "titel"),
            ("2027-01-02", "\"soon\"", 11, "datetime"),
            ("https://groq.example/v1", "groq.example/v1", 3, "http://"),
            ("rpm = 7", "rpm = 0", 3, "above 0"),
            ("[\"https://groq.example/docs\"]", "[]", 3, "sources"),
        ] {
            let bad = Providers::with(&ROW.replace(what, with)).unwrap_err();
            assert_eq!(bad.line, line, "{bad}");
            assert!(bad.why.contains(why) && !bad.why.contains('\n'), "{bad}");
        }
        assert!(Providers::with(&format!("{ROW}{ROW}")).unwrap_err().why.contains("twice"));
    }

    #[test]
    fn a_model_that_is_gone_has_a_successor_of_its_own_provider() {
        let providers = Providers::built_in();
        assert_eq!(providers.successor("groq", "llama-3.1-8b-instant"), Some("openai/gpt-oss-20b"));
        assert_eq!(providers.successor("cohere", "llama-3.1-8b-instant"), None);
        assert_eq!(providers.successor("groq", "openai/gpt-oss-120b"), None);
    }

    #[test]
    fn a_models_name_says_that_it_is_for_something_else_than_chats() {
        let providers = Providers::built_in();
        for other in [
            "whisper-large-v3",
            "meta-llama/Llama-Guard-4-12B",
            "openai/gpt-oss-safeguard-20b",
            "gemini-2.5-flash-preview-tts",
            "text-embedding-004",
            "mistral-ocr-latest",
            "aqa",
            "@cf/baai/bge-m3",
            "black-forest-labs/FLUX.1-schnell",
            "veo-3",
        ] {
            assert!(providers.is_for_another_task(other), "{other}");
        }
        for chat in
            ["openai/gpt-oss-120b", "attsomething", "oliveira-7b", "clippy-2b", "gemini-3.5-flash", "qwen3-coder"]
        {
            assert!(!providers.is_for_another_task(chat), "{chat}");
        }
    }

    #[test]
    fn who_pays_may_depend_on_the_model() {
        let of = |kind: &str, model| kind.parse::<Kind>().unwrap().can_bill(model);
        assert!(!of("openrouter", "openai/gpt-oss-120b:free") && of("openrouter", "openai/gpt-5"));
        assert!(!of("local", "x") && !of("groq", "x") && of("serverless", "x"));
    }

    #[test]
    fn the_least_effort_is_that_of_the_models_name() {
        let groq: Kind = "groq".parse().unwrap();
        assert_eq!(groq.least_effort("openai/gpt-oss-20b"), Some("low"));
        assert_eq!(groq.least_effort("llama-3.1-8b-instant"), None);
    }
}
