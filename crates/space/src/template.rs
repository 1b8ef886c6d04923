//! The files of each role.

use models::{Library, Reference, Source};

use crate::PARALLEL;
use crate::role::Role;

/// What every file of ours begins with that says what a Space runs.
pub(crate) const FIRST_WORDS: &str = "# Written by `tierfall space init`";

/// The model that a Space serves.
#[derive(Debug, Clone)]
pub(crate) enum Model {
    /// One that the engine runs.
    Engine(Reference),
    /// A repository of the Hub, which `transformers` loads.
    Repository(String),
}

impl std::fmt::Display for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Engine(reference) => reference.fmt(f),
            Self::Repository(name) => f.write_str(name),
        }
    }
}

/// A file of the folder: its name, its text.
pub(crate) type Template = (&'static str, &'static str);

/// The files of `role`, beside the program's source where it is built from that.
pub(crate) fn of(role: Role) -> &'static [Template] {
    match role {
        Role::Primary | Role::Fast => &[
            ("Dockerfile", include_str!("../../../spaces/model.Dockerfile")),
            ("README.md", include_str!("../../../spaces/model.md")),
        ],
        Role::Proxy => &[
            ("Dockerfile", include_str!("../../../spaces/proxy.Dockerfile")),
            ("README.md", include_str!("../../../spaces/proxy.md")),
        ],
        Role::Zerogpu => &[
            ("app.py", include_str!("../../../spaces/zerogpu/app.py")),
            ("requirements.txt", include_str!("../../../spaces/zerogpu/requirements.txt")),
            ("README.md", include_str!("../../../spaces/zerogpu/README.md")),
        ],
    }
}

/// `text` as it is written. `model`: what the role serves; none for a proxy.
pub(crate) fn fill(text: &str, role: Role, model: Option<&Model>, title: Option<&str>, library: &Library) -> String {
    let own_title = format!("Tierfall {}", role.as_str());
    // A JSON string is a YAML scalar, whatever is in it.
    let title = serde_json::Value::from(title.unwrap_or(&own_title)).to_string();
    let model_name = model.map(ToString::to_string).unwrap_or_default();
    let page = model.and_then(|model| page(model, library)).unwrap_or_default();
    text.replace("{{version}}", env!("CARGO_PKG_VERSION"))
        .replace("{{rust}}", env!("CARGO_PKG_RUST_VERSION"))
        .replace("{{model}}", &model_name)
        .replace("{{page}}", &page)
        .replace("{{parallel}}", &PARALLEL.to_string())
        .replace("{{title}}", &title)
}

/// The repository of the Hub that the model's files come from.
fn page(model: &Model, library: &Library) -> Option<String> {
    let reference = match model {
        Model::Repository(name) => return Some(name.clone()),
        Model::Engine(Reference::Hub { repo, .. }) => return Some(repo.clone()),
        Model::Engine(reference) => reference,
    };
    let (_, quantisation) = library.entry(reference)?;
    quantisation.sources.iter().find_map(|source| match source {
        Source::Hub(file) => Some(file.repo.clone()),
        Source::Pip(_) => None,
    })
}
