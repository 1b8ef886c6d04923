//! From a file to a llama model and the settings of its context.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;

use super::warm::store::Store;
use super::warm::{self, key};
use super::{LoadError, MOST_PARALLEL, ModelInfo, ModelSettings, cores, log};
use crate::gguf::Header;

/// The context where nobody asks for one: a page and its edit, and little memory.
const DEFAULT_CONTEXT: u64 = 8192;
/// A context under which nothing useful can be asked.
const SMALLEST_CONTEXT: u64 = 512;
/// Tokens in one batch; more are no faster on a CPU, and take memory for their logits.
const BATCH: u32 = 512;
/// Memory that the weights and the cache leave for llama.cpp's buffers and for this process.
const BUFFERS: u64 = 192 << 20;
/// Memory beyond what the plan counts with: stacks, requests, the logits of a batch over a large vocabulary, the vocabulary's
/// tables.
const MARGIN: u64 = 1 << 30;
/// Architectures whose cache holds every token for every layer. Of one with a sliding window llama.cpp saves only what the
/// window shows from a sequence's end, and a shorter start of it would have a gap (`llama_kv_cache::state_write`).
const WHOLE_CACHE: [&str; 15] = [
    "llama",
    "qwen2",
    "qwen2moe",
    "qwen3",
    "qwen3moe",
    "smollm3",
    "granite",
    "phi2",
    "starcoder2",
    "stablelm",
    "deepseek",
    "gemma",
    "mistral3",
    "glm4",
    "internlm2",
];
/// A model that one token's cache is not known of gets its context without being measured.
const UNKNOWN_CACHE: u64 = 0;

/// What a file's header and the machine say about how to load it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) header: Header,
    path: PathBuf,
    context: u32,
    threads: usize,
    parallel: u32,
    warm: Option<PathBuf>,
}

impl Plan {
    /// Checks the file and decides on its context.
    pub(super) fn new(settings: ModelSettings) -> Result<Self, LoadError> {
        let header = Header::read(&settings.path)?;
        let file = name(&settings.path);
        if !writes_text(&header.architecture) {
            return Err(LoadError::NotGenerative { file, architecture: header.architecture });
        }
        let context = context(settings.context, &header, settings.available)
            .map_err(|TooLarge { needed, available }| LoadError::Memory { file, needed, available })?;
        let threads = settings.threads.unwrap_or_else(cores::usable).max(1);
        let ModelSettings { path, parallel, warm, .. } = settings;
        Ok(Self { header, path, context, threads, parallel: parallel.clamp(1, MOST_PARALLEL), warm })
    }

    /// Loads the weights. No layer leaves the CPU.
    pub(super) fn load(&self, progress: impl FnMut(u8) + Send + 'static) -> Result<LlamaModel, LoadError> {
        log::silence();
        let refused = |reason: String| LoadError::Refused { file: self.file(), reason };
        let backend = backend().map_err(refused)?;
        let (mut progress, mut said) = (progress, None);
        let params = LlamaModelParams::default().with_n_gpu_layers(0).with_progress_callback(move |share| {
            let percent = (share.clamp(0.0, 1.0) * 100.0) as u8;
            if said.replace(percent) != Some(percent) {
                progress(percent);
            }
            true
        });
        log::take_first_error();
        LlamaModel::load_from_file(backend, &self.path, &params)
            .map_err(|error| refused(log::take_first_error().unwrap_or_else(|| error.to_string())))
    }

    /// Bytes that this process can come to need while it runs the model; `None` where its header does not say. The weights
    /// are mapped, but llama.cpp keeps a copy of those that it lays out anew for the processor.
    pub(super) fn most_memory(&self) -> Option<u64> {
        let cache = self.header.cache_bytes_per_token?.saturating_mul(u64::from(self.context));
        Some(self.header.file_size.saturating_add(cache).saturating_add(BUFFERS).saturating_add(MARGIN))
    }

    /// The settings of the one context that all sequences share.
    pub(super) fn context_params(&self, places: usize) -> LlamaContextParams {
        let threads = i32::try_from(self.threads).unwrap_or(i32::MAX);
        LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(self.context))
            .with_n_batch(BATCH)
            .with_n_ubatch(BATCH)
            .with_n_seq_max(self.parallel.saturating_add(u32::try_from(places).unwrap_or(0)))
            .with_kv_unified(true)
            .with_n_threads(threads)
            .with_n_threads_batch(threads)
            .with_no_perf(true)
    }

    /// How many places for warm prefixes the model can have. A state that is one running sum has no start of its own.
    pub(super) fn places(model: &LlamaModel) -> usize {
        if model.is_recurrent() || model.is_hybrid() { 0 } else { warm::PLACES }
    }

    /// Where its warm prefixes are kept; `None` where they are not.
    pub(super) fn store(&self, params: &LlamaContextParams) -> Option<Store> {
        let folder = self.warm.clone().filter(|_| WHOLE_CACHE.contains(&self.header.architecture.as_str()))?;
        // Where the model cannot be read it is not loaded either.
        key::of(&self.path, params).ok().map(|key| Store::new(folder, key))
    }

    /// The file's name without its folder, for messages.
    pub(super) fn file(&self) -> String {
        name(&self.path)
    }

    /// How many sequences the context has.
    pub(super) fn parallel(&self) -> u32 {
        self.parallel
    }

    /// How many threads compute.
    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// What the handle tells about the model; `context` is what llama.cpp made of the one asked for.
    pub(super) fn info(&self, model: &LlamaModel, context: u32) -> ModelInfo {
        let vocab = model.vocab();
        let known = |token: i32| (token >= 0).then_some(token);
        ModelInfo {
            context,
            training_context: model.n_ctx_train(),
            architecture: self.header.architecture.clone(),
            name: self.header.name.clone(),
            parameters: model.n_params(),
            size: self.header.file_size,
            quantisation: self.header.quantisation.clone(),
            has_chat_template: self.header.chat_template.is_some(),
            bos: known(vocab.bos().0),
            eos: known(vocab.eos().0),
            vocabulary: u32::try_from(vocab.n_tokens()).unwrap_or(0),
            parallel: self.parallel,
            threads: self.threads,
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).display().to_string()
}

/// llama.cpp's global state: made once, never taken down.
pub(super) fn backend() -> Result<&'static LlamaBackend, String> {
    static BACKEND: OnceLock<Result<LlamaBackend, String>> = OnceLock::new();
    BACKEND.get_or_init(|| LlamaBackend::init().map_err(|error| error.to_string())).as_ref().map_err(Clone::clone)
}

/// Encoders and projectors go by these names; llama.cpp would load them, and then have no next token to give.
fn writes_text(architecture: &str) -> bool {
    !(architecture.contains("bert") || architecture.starts_with("t5") || architecture == "clip")
}

#[derive(Debug, PartialEq, Eq)]
struct TooLarge {
    /// In MiB, as `available`.
    needed: u64,
    available: u64,
}

/// The context that was asked for, or the default, halved until memory has room for it.
fn context(asked: Option<u32>, header: &Header, available: Option<u64>) -> Result<u32, TooLarge> {
    let trained = header.context_length.unwrap_or(DEFAULT_CONTEXT);
    let mut context = asked.map_or(trained.min(DEFAULT_CONTEXT), u64::from);
    let per_token = header.cache_bytes_per_token.unwrap_or(UNKNOWN_CACHE);
    let needed =
        |context: u64| header.file_size.saturating_add(BUFFERS).saturating_add(context.saturating_mul(per_token));
    let available = available.unwrap_or(u64::MAX);
    while asked.is_none() && needed(context) > available && context / 2 >= SMALLEST_CONTEXT {
        context /= 2;
    }
    if needed(context) > available {
        return Err(TooLarge { needed: needed(context) >> 20, available: available >> 20 });
    }
    Ok(u32::try_from(context).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    fn header() -> Header {
        Header {
            architecture: "qwen2".to_owned(),
            name: None,
            context_length: Some(32_768),
            chat_template: None,
            quantisation: "Q4_K_M".to_owned(),
            file_size: GIB,
            cache_bytes_per_token: Some(28 << 10),
        }
    }

    #[test]
    fn the_default_context_is_the_trained_one_up_to_a_bound() {
        assert_eq!(context(None, &header(), Some(16 * GIB)), Ok(8192));
        let short = Header { context_length: Some(2048), ..header() };
        assert_eq!(context(None, &short, Some(16 * GIB)), Ok(2048));
    }

    #[test]
    fn little_memory_makes_the_default_context_smaller() {
        assert_eq!(context(None, &header(), Some(GIB + BUFFERS + (60 << 20))), Ok(2048));
    }

    #[test]
    fn a_model_beyond_the_memory_is_refused_with_both_numbers() {
        assert_eq!(context(None, &header(), Some(GIB)), Err(TooLarge { needed: 1024 + 192 + 14, available: 1024 }));
    }

    #[test]
    fn a_context_that_was_asked_for_is_not_made_smaller() {
        assert_eq!(context(Some(16_384), &header(), Some(16 * GIB)), Ok(16_384));
        assert!(context(Some(1 << 20), &header(), Some(16 * GIB)).is_err());
    }

    #[test]
    fn an_encoder_writes_no_text() {
        assert!(!writes_text("nomic-bert"));
        assert!(!writes_text("t5encoder"));
        assert!(writes_text("llama"));
    }
}
