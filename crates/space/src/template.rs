//! The Dockerfile and the README of each role.

use models::{Library, Reference, Source};

use crate::role::Role;

/// What every Dockerfile of ours begins with.
pub(crate) const FIRST_WORDS: &str = "# Written by `tierfall space init`";

/// The two files that say what a Space is.
pub(crate) struct Pair {
    pub(crate) dockerfile: String,
    pub(crate) readme: String,
}

/// `model`: what the role serves; none for a proxy.
pub(crate) fn fill(role: Role, model: Option<&Reference>, title: Option<&str>, library: &Library) -> Pair {
    let (dockerfile, readme) = match role {
        Role::Primary | Role::Fast => {
            (include_str!("../../../spaces/model.Dockerfile"), include_str!("../../../spaces/model.md"))
        }
        Role::Proxy => (include_str!("../../../spaces/proxy.Dockerfile"), include_str!("../../../spaces/proxy.md")),
    };
    let own_title = format!("Tierfall {}", role.as_str());
    // A JSON string is a YAML scalar, whatever is in it.
    let title = serde_json::Value::from(title.unwrap_or(&own_title)).to_string();
    let model_name = model.map(ToString::to_string).unwrap_or_default();
    let page = model.and_then(|model| page(model, library)).unwrap_or_default();
    let filled = |text: &str| {
        text.replace("{{version}}", env!("CARGO_PKG_VERSION"))
            .replace("{{rust}}", env!("CARGO_PKG_RUST_VERSION"))
            .replace("{{model}}", &model_name)
            .replace("{{page}}", &page)
            .replace("{{title}}", &title)
    };
    Pair { dockerfile: filled(dockerfile), readme: filled(readme) }
}

/// The repository of the Hub that the model's file comes from.
fn page(model: &Reference, library: &Library) -> Option<String> {
    if let Reference::Hub { repo, .. } = model {
        return Some(repo.clone());
    }
    let (_, quantisation) = library.entry(model)?;
    quantisation.sources.iter().find_map(|source| match source {
        Source::Hub(file) => Some(file.repo.clone()),
        Source::Pip(_) => None,
    })
}
