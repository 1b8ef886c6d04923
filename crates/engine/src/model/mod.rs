//! The model: llama.cpp on a thread of its own, many jobs over one context.
//!
//! [`Model`] is a handle that any thread may use. It renders and tokenizes on the caller's thread, and hands jobs to
//! the engine's thread, which alone owns the llama context and is the only one that ever waits for it.

mod job;
mod mailbox;

use std::path::PathBuf;

use serde_json::value::RawValue;

pub use job::{Done, Finish, Generation, Job, Output, Refused, Sampling, Timings, Token};

use crate::gguf;
use crate::template::TemplateError;

/// What to load, and how.
#[derive(Debug, Clone)]
pub struct ModelSettings {
    /// The GGUF file.
    pub path: PathBuf,
    /// The context, in tokens, shared by all sequences. By default the model's training context, 8192 at most, and no
    /// more than memory has room for.
    pub context: Option<u32>,
    /// Threads that compute. By default the physical cores that this process may use.
    pub threads: Option<usize>,
    /// How many jobs run at once.
    pub parallel: u32,
}

impl ModelSettings {
    /// The defaults, for this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), context: None, threads: None, parallel: 4 }
    }
}

/// Why a model could not be loaded; each says which file.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file is not a GGUF that may be given to llama.cpp.
    #[error(transparent)]
    Gguf(#[from] gguf::GgufError),
    /// The file is larger than the memory that this process may use.
    #[error("{file} needs {needed} MiB of memory, {available} MiB are available")]
    Memory {
        /// The file's name.
        file: String,
        /// What the weights and the smallest useful context take.
        needed: u64,
        /// What this process may still use.
        available: u64,
    },
    /// A model that writes no text: an encoder, an embedding model, a projector.
    #[error("{file} is a model of architecture {architecture:?}, which writes no text")]
    NotGenerative {
        /// The file's name.
        file: String,
        /// The file's `general.architecture`.
        architecture: String,
    },
    /// The chat template cannot be used.
    #[error("{file}: {source}")]
    Template {
        /// The file's name.
        file: String,
        /// What is wrong with it.
        source: TemplateError,
    },
    /// llama.cpp refused the file, or the system had no thread left for it.
    #[error("{file} cannot be loaded: {reason}")]
    Refused {
        /// The file's name.
        file: String,
        /// In llama.cpp's words.
        reason: String,
    },
}

/// What is known about a loaded model.
#[derive(Debug, Clone)]
pub struct ModelInfo {
    /// The context, in tokens, shared by all sequences; one sequence may use all of it.
    pub context: u32,
    /// The longest context that the model was trained on.
    pub training_context: u32,
    /// `general.architecture`.
    pub architecture: String,
    /// `general.name`, where the file has one.
    pub name: Option<String>,
    /// How many parameters the model has.
    pub parameters: u64,
    /// The file's size in bytes.
    pub size: u64,
    /// How most of the weights are stored, such as `Q4_K`.
    pub quantisation: String,
    /// Whether the file brings a chat template; the plain ChatML form stands in where it does not.
    pub has_chat_template: bool,
    /// The token that begins a text, where the model has one.
    pub bos: Option<Token>,
    /// The token that ends a text, where the model has one.
    pub eos: Option<Token>,
    /// How many tokens the vocabulary has.
    pub vocabulary: u32,
    /// How many jobs run at once.
    pub parallel: u32,
    /// Threads that compute.
    pub threads: usize,
}

/// A chat as the OpenAI form has it: each part is the request's own JSON.
#[derive(Debug, Clone, Copy)]
pub struct Chat<'a> {
    /// `messages`.
    pub messages: &'a RawValue,
    /// `tools`.
    pub tools: Option<&'a RawValue>,
    /// `chat_template_kwargs`: more variables for the template, an object.
    pub extra: Option<&'a RawValue>,
}

/// A rendered chat.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// The text, special tokens spelled out.
    pub text: String,
    /// The same as tokens.
    pub tokens: Vec<Token>,
}

/// A handle to a loaded model. The engine's thread ends after the last handle is gone.
#[derive(Debug, Clone)]
pub struct Model {
    info: std::sync::Arc<ModelInfo>,
}

impl Model {
    /// Checks the file, loads it and starts the engine's thread. Blocks until that is done, for seconds.
    ///
    /// `progress` hears whole percents, each once, rising.
    pub fn load(settings: ModelSettings, progress: impl FnMut(u8) + Send + 'static) -> Result<Self, LoadError> {
        let _ = progress;
        Err(LoadError::Refused { file: settings.path.display().to_string(), reason: String::new() })
    }

    /// What is known about the model.
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// Renders a chat by the model's own template. A last message whose role is `assistant` is left open: the answer
    /// carries it on.
    pub fn render_chat(&self, chat: &Chat<'_>) -> Result<Prompt, TemplateError> {
        let _ = chat;
        Err(TemplateError::OutOfFuel)
    }

    /// The tokens of a text. `special` reads special tokens that are spelled out in it, such as `<|im_end|>`; without
    /// it they are plain text.
    pub fn tokenize(&self, text: &str, special: bool) -> Vec<Token> {
        let _ = (text, special);
        Vec::new()
    }

    /// Hands a job to the engine's thread. Never waits.
    pub fn generate(&self, job: Job) -> Result<Generation, Refused> {
        let _ = job;
        Err(Refused::Empty)
    }
}
