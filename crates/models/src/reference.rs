//! What a user calls a model.

use std::path::{Path, PathBuf};

use crate::catalogue::Catalogue;

/// A model that a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// An entry of the catalogue.
    Catalogue {
        /// The entry's name.
        model: String,
        /// The quantisation's name, as the catalogue spells it.
        quantisation: String,
    },
    /// The file of one quantisation in a repository of the Hugging Face Hub.
    Hub {
        /// `OWNER/REPO`.
        repo: String,
        /// In upper case.
        quantisation: String,
    },
    /// A file that the user has put somewhere; it is used where it is.
    File(PathBuf),
}

/// A name that stands for no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Neither in the catalogue nor of one of the other forms.
    #[error(
        "no model `{name}`: name one of {}, or hf:OWNER/REPO:QUANT, or a path to a .gguf",
        known.join(", ")
    )]
    Unknown {
        /// As typed.
        name: String,
        /// What the catalogue has.
        known: Vec<String>,
    },
    /// The model is there, that quantisation of it is not.
    #[error("{model} has no `{quantisation}`: it comes in {}", known.join(", "))]
    Quantisation {
        /// The catalogue's name.
        model: String,
        /// As typed.
        quantisation: String,
        /// What it comes in.
        known: Vec<String>,
    },
    /// `hf:` with something else behind it than a repository and a quantisation.
    #[error(
        "`{0}`: a model of the Hub is written hf:OWNER/REPO:QUANT, such as hf:Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF:Q4_K_M"
    )]
    Hub(String),
}

impl Reference {
    pub(crate) fn parse(name: &str, catalogue: &Catalogue) -> Result<Reference, BadName> {
        if let Some(rest) = name.strip_prefix("hf:") {
            return hub(rest).ok_or_else(|| BadName::Hub(name.to_owned()));
        }
        if is_path(name) {
            return Ok(Reference::File(PathBuf::from(name)));
        }
        let (model, quantisation) = match name.split_once(':') {
            Some((model, quantisation)) => (model, Some(quantisation)),
            None => (name, None),
        };
        let Some(model) = catalogue.model(model) else {
            let known = catalogue.models().iter().map(|model| model.name.clone()).collect();
            return Err(BadName::Unknown { name: name.to_owned(), known });
        };
        let wanted = quantisation.unwrap_or(&model.default);
        let Some(found) = model.quantisation(wanted) else {
            let known = model.quantisations.iter().map(|quantisation| quantisation.name.clone()).collect();
            return Err(BadName::Quantisation { model: model.name.clone(), quantisation: wanted.to_owned(), known });
        };
        Ok(Reference::Catalogue { model: model.name.clone(), quantisation: found.name.clone() })
    }

    /// The name under which the library keeps the file: it is found again without asking anybody. `None` for a file
    /// of the user's own.
    pub(crate) fn file_name(&self) -> Option<String> {
        match self {
            Reference::Catalogue { model, quantisation } => Some(format!("{model}.{quantisation}.gguf")),
            // The Hub allows no `--` in a name, so that this reads back.
            Reference::Hub { repo, quantisation } => {
                Some(format!("hf--{}--{quantisation}.gguf", repo.replace('/', "--")))
            }
            Reference::File(_) => None,
        }
    }

    /// The reference that a file of the library was fetched under, if its name is one that the library gives.
    pub(crate) fn of_file_name(file_name: &str, catalogue: &Catalogue) -> Option<Reference> {
        let stem = file_name.strip_suffix(".gguf")?;
        if let Some(rest) = stem.strip_prefix("hf--") {
            let parts: Vec<&str> = rest.split("--").collect();
            let [owner, repo, quantisation] = parts.as_slice() else { return None };
            return hub(&format!("{owner}/{repo}:{quantisation}"));
        }
        let (model, quantisation) = stem.rsplit_once('.')?;
        Reference::parse(&format!("{model}:{quantisation}"), catalogue).ok()
    }
}

impl std::fmt::Display for Reference {
    /// As a user would type it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reference::Catalogue { model, quantisation } => write!(f, "{model}:{quantisation}"),
            Reference::Hub { repo, quantisation } => write!(f, "hf:{repo}:{quantisation}"),
            Reference::File(path) => write!(f, "{}", path.display()),
        }
    }
}

fn is_path(name: &str) -> bool {
    name.contains(['/', '\\']) || Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("gguf"))
}

fn hub(text: &str) -> Option<Reference> {
    let (repo, quantisation) = text.split_once(':')?;
    let (owner, name) = repo.split_once('/')?;
    let word = |text: &str, also: &[char]| {
        !text.is_empty()
            && !text.starts_with('.')
            && !text.contains("--")
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || also.contains(&letter))
    };
    let punctuation = ['-', '_', '.'];
    (word(owner, &punctuation) && word(name, &punctuation) && word(quantisation, &['_']))
        .then(|| Reference::Hub { repo: repo.to_owned(), quantisation: quantisation.to_ascii_uppercase() })
}

/// The one file of `quantisation` among a repository's files. Publishers write `name-q4_k_m.gguf`, `name.Q4_K_M.gguf` or
/// `name_Q4_K_M.gguf`; `Q2_K` is not `Q2_K_L`. Parts of a split file and projectors of vision models are not meant.
///
/// # Errors
/// What there is to choose from, where it is not exactly one.
pub(crate) fn pick<'f>(files: &'f [String], quantisation: &str) -> Result<&'f str, Vec<String>> {
    let ending = format!("{}.gguf", quantisation.to_ascii_lowercase());
    let whole: Vec<&'f String> = files
        .iter()
        .filter(|file| {
            let file = file.to_ascii_lowercase();
            file.ends_with(".gguf") && !file.contains("-of-0") && !file.contains("mmproj")
        })
        .collect();
    let matching: Vec<&'f String> = whole
        .iter()
        .copied()
        .filter(|file| {
            let file = file.to_ascii_lowercase();
            file.strip_suffix(&ending).is_some_and(|rest| rest.is_empty() || rest.ends_with(['-', '.', '_', '/']))
        })
        .collect();
    match matching.as_slice() {
        [one] => Ok(one),
        [] => Err(whole.into_iter().cloned().collect()),
        several => Err(several.iter().copied().cloned().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str) -> Result<Reference, BadName> {
        Reference::parse(name, Catalogue::built_in())
    }

    #[test]
    fn a_bare_name_is_its_default_quantisation() {
        assert_eq!(parse("smollm2-135m-instruct").unwrap().to_string(), "smollm2-135m-instruct:Q4_1");
        assert_eq!(parse("tinyllama-1.1b-chat:q2_k").unwrap().to_string(), "tinyllama-1.1b-chat:Q2_K");
    }

    #[test]
    fn the_four_forms_are_told_apart() {
        assert!(matches!(parse("hf:Qwen/Some-GGUF:q4_k_m"), Ok(Reference::Hub { .. })));
        assert!(matches!(parse("./models/own.gguf"), Ok(Reference::File(_))));
        assert!(matches!(parse("own.GGUF"), Ok(Reference::File(_))));
        assert!(matches!(parse("qwen2.5-coder-0.5b-instruct"), Ok(Reference::Catalogue { .. })));
    }

    #[test]
    fn an_unknown_name_says_what_there_is() {
        let said = parse("llama-9").unwrap_err().to_string();
        assert!(said.starts_with("no model `llama-9`: name one of qwen2.5-coder-1.5b-instruct, "), "{said}");
        let said = parse("smollm2-135m-instruct:Q9").unwrap_err().to_string();
        assert_eq!(said, "smollm2-135m-instruct has no `Q9`: it comes in Q4_1");
    }

    #[test]
    fn a_hub_name_cannot_leave_its_folder() {
        for name in
            ["hf:a/b", "hf:a:Q4_0", "hf:../b:Q4_0", "hf:a/b/c:Q4_0", "hf:a/b:../x", "hf:a/b--c:Q4_0", "hf:/b:Q4"]
        {
            assert!(matches!(parse(name), Err(BadName::Hub(_))), "{name}");
        }
    }

    #[test]
    fn a_file_name_reads_back_as_the_reference() {
        for name in ["qwen2.5-coder-1.5b-instruct", "hf:Qwen/Some-GGUF:Q4_K_M"] {
            let reference = parse(name).unwrap();
            let file = reference.file_name().unwrap();
            assert_eq!(Reference::of_file_name(&file, Catalogue::built_in()), Some(reference));
        }
    }

    #[test]
    fn the_file_of_a_quantisation_is_picked_by_its_whole_name() {
        let files: Vec<String> =
            ["README.md", "m-Q2_K.gguf", "m-Q2_K_L.gguf", "m-q4_k_m.gguf", "m.IQ4_XS.gguf", "mmproj-Q2_K.gguf"]
                .map(String::from)
                .to_vec();
        assert_eq!(pick(&files, "Q2_K"), Ok("m-Q2_K.gguf"));
        assert_eq!(pick(&files, "Q4_K_M"), Ok("m-q4_k_m.gguf"));
        assert_eq!(pick(&files, "IQ4_XS"), Ok("m.IQ4_XS.gguf"));
    }

    #[test]
    fn none_or_several_files_are_an_error_that_lists_them() {
        let files: Vec<String> = ["a-Q4_0.gguf", "b-Q4_0.gguf", "c-Q8_0.gguf"].map(String::from).to_vec();
        assert_eq!(pick(&files, "Q4_0"), Err(vec!["a-Q4_0.gguf".into(), "b-Q4_0.gguf".into()]));
        assert_eq!(pick(&files, "Q2_K").unwrap_err().len(), 3);
    }
}
