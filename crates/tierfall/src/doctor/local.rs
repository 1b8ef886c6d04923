//! Tries a local tier: whether its model is here and whole, whether it fits into the memory, and what a worker of it answers.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use engine::gguf::Header;
use engine::supervisor::Supervisor;
use models::{Library, Reference, human_bytes};
use tokio::time::timeout;

use super::{PATIENCE, Trouble, memory, remote};
use crate::config::{Configuration, TierConfig};
use crate::worker::{self, NotReady};

/// The context that the cache is reckoned for where the model takes more.
const CONTEXT: u64 = 8192;
/// What llama.cpp takes beside the weights and the cache: buffers for a batch, the vocabulary, the process itself.
const BESIDE: u64 = 200_000_000;

/// Runs the tier's model in a worker of its own, and says how long it took to answer once it was loaded.
///
/// # Errors
/// What stands in the way, and its remedy.
pub(super) async fn try_out(tier: &TierConfig, configuration: &Configuration) -> Result<Duration, Trouble> {
    let library = crate::models::library(configuration);
    let reference = library
        .find(&tier.model)
        .map_err(|error| Trouble { cause: error.to_string(), fix: "correct the tier's model".to_owned() })?;
    let (header, path) = whole(&library, &reference)?;
    if let Some(trouble) = memory::available().and_then(|left| too_large(&header, left, &library, &reference)) {
        return Err(trouble);
    }
    let settings = worker::settings(configuration, &reference, &tier.model, path)
        .map_err(|error| Trouble { cause: error.to_string(), fix: "install the program anew".to_owned() })?;
    let supervisor = Supervisor::start(settings);
    let answered = asked(&supervisor, &tier.model, PATIENCE.min(tier.limits.total)).await;
    supervisor.shutdown().await;
    answered.map_err(|cause| Trouble { cause, fix: to_run(&header, &library, &reference) })
}

/// The model's file, which is here and promises to be a model.
fn whole(library: &Library, reference: &Reference) -> Result<(Header, PathBuf), Trouble> {
    let path = library.path(reference);
    if !library.is_present(reference) {
        return Err(absent(library, reference, &path));
    }
    match Header::read(&path) {
        Ok(header) => Ok((header, path)),
        Err(error) => Err(Trouble { cause: error.to_string(), fix: to_fetch_again(reference) }),
    }
}

/// How long the worker takes to answer once it is ready; else why it does not, in words.
async fn asked(supervisor: &Supervisor, model: &str, limit: Duration) -> Result<Duration, String> {
    worker::ready(supervisor, PATIENCE, |_| {}).await.map_err(|error: NotReady| error.to_string())?;
    let begun = Instant::now();
    match timeout(limit, remote::ask(&worker::client(supervisor, model), model)).await {
        Ok(Ok(())) => Ok(begun.elapsed()),
        Ok(Err(failure)) => Err(failure.to_string()),
        Err(_) => Err(format!("timeout after {}ms", limit.as_millis())),
    }
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

/// What to do about a file that promised to be a model, and cannot be run.
fn to_run(header: &Header, library: &Library, reference: &Reference) -> String {
    let smaller = smaller(library, header.file_size).map(|name| format!(", such as {name}")).unwrap_or_default();
    format!("{}; if that does not help, free some memory, or use another model{smaller}", to_fetch_again(reference))
}

fn too_large(header: &Header, available: u64, library: &Library, reference: &Reference) -> Option<Trouble> {
    let need = need(header);
    let cause =
        format!("the model needs about {} of memory, {} are available", human_bytes(need), human_bytes(available));
    (available < need).then(|| Trouble { cause, fix: to_fit(library, reference, available) })
}

/// The weights, the keys and values of a whole context, and what stands beside them.
fn need(header: &Header) -> u64 {
    let context = header.context_length.unwrap_or(CONTEXT).min(CONTEXT);
    let cache = header.cache_bytes_per_token.unwrap_or(0).saturating_mul(context);
    header.file_size.saturating_add(cache).saturating_add(BESIDE)
}

fn to_fit(library: &Library, reference: &Reference, available: u64) -> String {
    match smaller(library, available.saturating_sub(2 * BESIDE)) {
        Some(name) => format!("free some memory, or use a smaller model than {reference}, such as {name}"),
        None => format!("free some memory: no model of the catalogue fits, {reference} among them"),
    }
}

/// The largest model of the catalogue whose file has fewer bytes than this.
fn smaller(library: &Library, bytes: u64) -> Option<String> {
    let quantisations = library.catalogue().models().iter().flat_map(|model| {
        model.quantisations.iter().map(move |quantisation| (quantisation.size.unwrap_or(u64::MAX), model, quantisation))
    });
    let (_, model, quantisation) = quantisations.filter(|(size, ..)| *size < bytes).max_by_key(|(size, ..)| *size)?;
    Some(format!("{}:{}", model.name, quantisation.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GB: u64 = 1_000_000_000;

    fn header(file_size: u64, context_length: u64) -> Header {
        Header {
            architecture: "qwen2".to_owned(),
            name: None,
            context_length: Some(context_length),
            chat_template: None,
            quantisation: "Q4_K_M".to_owned(),
            file_size,
            cache_bytes_per_token: Some(100_000),
        }
    }

    #[test]
    fn the_need_is_weights_a_context_of_cache_and_what_stands_beside() {
        assert_eq!(need(&header(GB, 1000)), GB + 100_000_000 + BESIDE);
        assert_eq!(need(&header(GB, 1_000_000)), GB + 819_200_000 + BESIDE);
    }

    #[test]
    fn a_model_too_large_for_the_memory_is_told_with_one_that_fits() {
        let library = Library::new(&models::Settings::new("/nowhere"));
        let reference = library.find("hf:Qwen/Some-GGUF:Q4_K_M").expect("a reference");
        let large = header(40 * GB, 1000);
        assert_eq!(too_large(&large, 41 * GB, &library, &reference), None);
        let trouble = too_large(&large, GB, &library, &reference).expect("it does not fit");
        assert_eq!(trouble.cause, "the model needs about 40.3 GB of memory, 1.0 GB are available");
        let words = "free some memory, or use a smaller model than hf:Qwen/Some-GGUF:Q4_K_M, such as ";
        let named = trouble.fix.strip_prefix(words).expect("a smaller model");
        let smaller = library.find(named).expect("a name of the catalogue");
        let size = library.entry(&smaller).and_then(|(_, quantisation)| quantisation.size).expect("a size");
        assert!(size < GB, "{named}");
        let trouble = too_large(&large, 1, &library, &reference).expect("it does not fit");
        assert!(trouble.fix.contains("no model of the catalogue fits"), "{}", trouble.fix);
    }
}
