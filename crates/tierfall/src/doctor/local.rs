//! Examines a local tier: whether its model is here and whole, and whether it fits into the memory.

use std::path::Path;

use engine::gguf::Header;
use models::{Library, Reference, human_bytes};

use super::{Trouble, Verdict, memory};
use crate::config::{Configuration, TierConfig};

/// The context that the cache is reckoned for where the model takes more.
const CONTEXT: u64 = 8192;
/// What llama.cpp takes beside the weights and the cache: buffers for a batch, the vocabulary, the process itself.
const BESIDE: u64 = 200_000_000;

/// Whether the tier's model could be loaded.
///
/// # Errors
/// What stands in the way, and its remedy.
pub(super) fn examine(tier: &TierConfig, configuration: &Configuration) -> Result<Verdict, Trouble> {
    let library = crate::models::library(configuration);
    let trouble = |cause: String, fix: String| Trouble { cause, fix };
    let reference =
        library.find(&tier.model).map_err(|error| trouble(error.to_string(), "correct the tier's model".to_owned()))?;
    let path = library.path(&reference);
    if !library.is_present(&reference) {
        return Err(absent(&library, &reference, &path));
    }
    let header = Header::read(&path).map_err(|error| trouble(error.to_string(), to_fetch_again(&reference)))?;
    let (need, available) = (need(&header), memory::available());
    if let Some(available) = available.filter(|available| *available < need) {
        let cause =
            format!("the model needs about {} of memory, {} are available", human_bytes(need), human_bytes(available));
        return Err(trouble(cause, to_fit(&library, &reference, available)));
    }
    Ok(Verdict::Sound(format!("has its model ({reference}, {}) and room for it", human_bytes(header.file_size))))
}

fn absent(library: &Library, reference: &Reference, path: &Path) -> Trouble {
    if let Reference::File(path) = reference {
        let fix = "put the file there, or name another model".to_owned();
        return Trouble { cause: format!("{}: no such file", path.display()), fix };
    }
    let begun = library.list().unwrap_or_default().into_iter().find(|entry| entry.path == path && !entry.whole);
    let cause = match begun {
        Some(entry) => format!("only {} of {reference} are here", human_bytes(entry.size)),
        None => format!("{reference} is not here"),
    };
    Trouble { cause, fix: format!("tierfall models pull {reference}") }
}

fn to_fetch_again(reference: &Reference) -> String {
    match reference {
        Reference::File(_) => "the file is damaged or no model: fetch it again from where it came".to_owned(),
        _ => format!("tierfall models remove {reference} && tierfall models pull {reference}"),
    }
}

/// The weights, the keys and values of a whole context, and what stands beside them.
fn need(header: &Header) -> u64 {
    let context = header.context_length.unwrap_or(CONTEXT).min(CONTEXT);
    let cache = header.cache_bytes_per_token.unwrap_or(0).saturating_mul(context);
    header.file_size.saturating_add(cache).saturating_add(BESIDE)
}

fn to_fit(library: &Library, reference: &Reference, available: u64) -> String {
    let room = available.saturating_sub(2 * BESIDE);
    let quantisations = library.catalogue().models().iter().flat_map(|model| {
        model.quantisations.iter().map(move |quantisation| (quantisation.size.unwrap_or(u64::MAX), model, quantisation))
    });
    let fitting = quantisations.filter(|(size, ..)| *size <= room).max_by_key(|(size, ..)| *size);
    match fitting {
        Some((_, model, quantisation)) => {
            format!(
                "free some memory, or use a smaller model than {reference}, such as {}:{}",
                model.name, quantisation.name
            )
        }
        None => format!("free some memory: no model of the catalogue fits, {reference} among them"),
    }
}
