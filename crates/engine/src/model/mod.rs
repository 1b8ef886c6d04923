//! The model: llama.cpp on a thread of its own, many jobs over one context.
//!
//! [`Model`] is a handle that any thread may use. It renders and tokenizes on the caller's thread, and hands jobs to
//! the engine's thread, which alone owns the llama context and is the only one that ever waits for it.

mod cells;
mod cgroup;
mod cores;
mod costs;
mod crew;
mod draft;
mod forecast;
mod gain;
mod idle;
mod job;
mod lane;
mod lengths;
mod load;
mod log;
mod logprobs;
mod mailbox;
mod memory;
mod openmp;
mod pace;
mod run;
mod sampler;
mod scheduler;
mod steps;
mod text;
mod ticket;
mod warm;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

pub use forecast::Load;
pub use job::{Done, Drafted, Drafting, Finish, Generation, Job, Output, Refused, Sampling, Timings, Token};
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
pub use logprobs::{Logprob, Logprobs};
use serde_json::value::RawValue;
use tokio::sync::watch;

use crate::grammar::{Constraint, Grammar, GrammarError, Grammars};
pub use crate::template::Chat;
use crate::template::{Rendered, Template, TemplateError};
use crate::{confine, gguf};
use load::Plan;
use mailbox::Mailbox;
use scheduler::{Scheduler, Size, Told};
pub(crate) use text::Unshown;
use ticket::{Errand, Place, Reply, Ticket};
pub(crate) use warm::MOST_KNOWN;
pub(crate) use warm::store::{DROPPED, make_folder};
pub use warm::{WarmPrefix, Warmth};

/// Jobs that may wait for a sequence; at a page a minute, the last of them waits for a quarter of an hour.
const MOST_WAITING: u32 = 64;

/// How many requests an engine works at, at once, unless it is told otherwise.
pub const PARALLEL: u32 = 4;

/// More answers at once than this are of no use to anybody on a CPU; llama.cpp's own bound is 256 sequences.
pub const MOST_PARALLEL: u32 = 64;

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
    /// How many jobs run at once; [`MOST_PARALLEL`] at most.
    pub parallel: u32,
    /// Bytes of memory that this process may use; `None` where that is not known.
    pub available: Option<u64>,
    /// Whether this process may never take more memory than the model can need. For one that does nothing else.
    pub bounded: bool,
    /// The folder in which warm prefixes outlive the process. It holds prompts.
    pub warm: Option<PathBuf>,
}

impl ModelSettings {
    /// The defaults, for this file and the memory that is free now.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let (path, available) = (path.into(), memory::available());
        Self { path, context: None, threads: None, parallel: PARALLEL, available, bounded: false, warm: None }
    }

    /// Chooses the threads now, while the machine can still be looked at.
    #[must_use]
    pub fn with_threads_chosen(mut self) -> Self {
        self.threads.get_or_insert_with(cores::usable);
        self
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

/// A rendered chat.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// The text, special tokens spelled out.
    pub text: String,
    /// The same as tokens.
    pub tokens: Vec<Token>,
    /// The end of the text that is the answer's beginning already.
    pub opening: String,
}

/// A handle to a loaded model. The engine's thread ends after the last handle is gone and the last job has ended.
#[derive(Debug, Clone)]
pub struct Model {
    shared: Arc<Shared>,
    errands: Sender<Errand>,
}

#[derive(Debug)]
struct Shared {
    model: Arc<LlamaModel>,
    info: ModelInfo,
    template: Template,
    /// Made for the first grammar that is asked for.
    grammars: OnceLock<Result<Grammars, GrammarError>>,
    waiting: Arc<AtomicU32>,
    told: Told,
}

impl Model {
    /// Checks the file, loads it and starts the engine's thread. Blocks until that is done, for seconds.
    ///
    /// `progress` hears whole percents, each once, rising.
    pub fn load(settings: ModelSettings, progress: impl FnMut(u8) + Send + 'static) -> Result<Self, LoadError> {
        let bounded = settings.bounded;
        let plan = Plan::new(settings)?;
        if bounded && let Some(most) = plan.most_memory() {
            confine::bound_memory(most);
        }
        let model = Arc::new(plan.load(progress)?);
        let template = template(&plan, &model).map_err(|source| LoadError::Template { file: plan.file(), source })?;
        let (errands, inbox) = mpsc::channel();
        let told = Told::default();
        let context = start(model.clone(), &plan, inbox, told.clone())
            .map_err(|reason| LoadError::Refused { file: plan.file(), reason })?;
        let info = plan.info(&model, context);
        let shared = Shared { model, info, template, grammars: OnceLock::new(), waiting: Arc::default(), told };
        Ok(Self { shared: Arc::new(shared), errands })
    }

    /// What is known about the model.
    pub fn info(&self) -> &ModelInfo {
        &self.shared.info
    }

    /// What there is to do, as it changes: at most once a batch, and once for each job that comes.
    pub fn loads(&self) -> watch::Receiver<Load> {
        self.shared.told.load.subscribe()
    }

    /// What is kept warm, as it changes.
    pub fn warmth(&self) -> watch::Receiver<Warmth> {
        self.shared.told.warmth.subscribe()
    }

    /// How many batches the engine's thread has begun.
    pub fn batches(&self) -> u64 {
        self.shared.told.batches.load(Ordering::SeqCst)
    }

    /// Renders a chat by the model's own template. A last message whose role is `assistant` is left open: the answer
    /// carries it on.
    pub fn render_chat(&self, chat: &Chat<'_>) -> Result<Prompt, TemplateError> {
        let Rendered { text, opening } = self.shared.template.render(chat)?;
        let tokens = self.tokenize(&text, true);
        Ok(Prompt { text, tokens, opening })
    }

    /// The tokens of a text, with the token that begins a text before them, where the model wants one and the text
    /// has not already spelled it out. `special` reads special tokens that are spelled out, such as `<|im_end|>`;
    /// without it they are plain text.
    pub fn tokenize(&self, text: &str, special: bool) -> Vec<Token> {
        let tokens = self.shared.model.vocab().tokenize(text.as_bytes(), true, special);
        let twice = tokens.len() > 1 && tokens[0] == tokens[1] && Some(tokens[0].0) == self.shared.info.bos;
        tokens.into_iter().skip(usize::from(twice)).map(|token| token.0).collect()
    }

    /// A token as it is spelled out.
    pub fn spelled(&self, token: Token) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.shared.model.vocab().token_to_piece_into(LlamaToken(token), &mut bytes, true, None);
        bytes
    }

    /// A prompt that asks for what stands between two texts; `None` where the model's vocabulary has no tokens for that.
    pub fn between(&self, before: &[Token], after: &str) -> Option<Vec<Token>> {
        let vocab = self.shared.model.vocab();
        let signs = [vocab.fim_pre().0, vocab.fim_suf().0, vocab.fim_mid().0];
        let [prefix, suffix, middle] = signs.iter().all(|&sign| sign >= 0).then_some(signs)?;
        let (bos, before) = match before {
            [first, rest @ ..] if Some(*first) == self.shared.info.bos => (Some(*first), rest),
            _ => (None, before),
        };
        let after = vocab.tokenize(after.as_bytes(), false, false).into_iter().map(|token| token.0);
        let before = before.iter().copied();
        let start = bos.into_iter().chain([prefix]).chain(before);
        Some(start.chain([suffix]).chain(after).chain([middle]).collect())
    }

    /// The tokens with which every chat begins that goes on from these messages with one of the user's.
    pub fn start_of(&self, chat: &Chat<'_>) -> Result<Vec<Token>, TemplateError> {
        /// What may follow: texts whose first characters join with what stands before them in different ways.
        const NEXT: [&str; 3] = ["a", "\n\n0", " Z"];
        let messages: Vec<&RawValue> = serde_json::from_str(chat.messages.get())
            .map_err(|error| TemplateError::Messages(format!("messages: {error}")))?;
        let mut start: Option<Vec<Token>> = None;
        for content in NEXT {
            let next = serde_json::value::to_raw_value(&serde_json::json!({"role": "user", "content": content}));
            let next = next.map_err(|error| TemplateError::Messages(error.to_string()))?;
            let longer: Vec<&RawValue> = messages.iter().copied().chain([&*next]).collect();
            let messages = serde_json::value::to_raw_value(&longer);
            let messages = messages.map_err(|error| TemplateError::Messages(error.to_string()))?;
            let tokens = self.render_chat(&Chat { messages: &messages, ..*chat })?.tokens;
            let common = |start: &Vec<Token>| start.iter().zip(&tokens).take_while(|(a, b)| a == b).count();
            let length = start.as_ref().map_or(tokens.len(), common);
            start = Some(tokens[..length].to_vec());
        }
        Ok(start.unwrap_or_default())
    }

    /// Keeps the start of prompts warm that are known to come: it is read while nobody asks, and laid aside within one batch
    /// where somebody does. What is longer than half the context is cut; of several, the latest three stay.
    pub fn keep_warm(&self, start: Vec<Token>) -> Result<(), Refused> {
        self.check_tokens(&start)?;
        self.errands.send(Errand::Warm(start)).map_err(|_| Refused::Stopped)
    }

    /// Saves what is warm now, and waits until that is done, but no longer than `patience`; false where it took longer.
    pub fn save_warm(&self, patience: Duration) -> bool {
        let (done, saved) = mpsc::sync_channel(1);
        self.errands.send(Errand::Save(done)).is_ok() && saved.recv_timeout(patience).is_ok()
    }

    /// Compiles what an answer has to be, whose beginning is given: milliseconds of work, a second for a large one.
    pub fn grammar(&self, constraint: Constraint<'_>, opening: &str) -> Result<Grammar, GrammarError> {
        let grammars = self.shared.grammars.get_or_init(|| grammars(&self.shared.model));
        let mut grammar = grammars.as_ref().map_err(GrammarError::clone)?.compile(constraint)?;
        grammar.begin_with(opening)?;
        Ok(grammar)
    }

    /// Hands a job to the engine's thread. Never waits.
    pub fn generate(&self, job: Job) -> Result<Generation, Refused> {
        self.check(&job)?;
        let place = Place::take(&self.shared.waiting, MOST_WAITING)?;
        let mailbox = Arc::new(Mailbox::default());
        let prompt = u32::try_from(job.prompt.len()).unwrap_or(u32::MAX);
        let reply = Reply::new(mailbox.clone());
        let ticket = Ticket { job, reply, place, arrived: Instant::now() };
        // Before it is sent: what the engine's thread tells of it comes later, and stays.
        self.shared.told.load.send_modify(|load| load.announce(prompt));
        self.errands.send(Errand::Job(Box::new(ticket))).map_err(|_| Refused::Stopped)?;
        Ok(Generation::new(mailbox))
    }

    fn check(&self, job: &Job) -> Result<(), Refused> {
        let context = self.shared.info.context;
        let prompt = u32::try_from(job.prompt.len()).unwrap_or(u32::MAX);
        if prompt >= context {
            return Err(Refused::TooLong { prompt, context: context.saturating_sub(1) });
        }
        self.check_tokens(&job.prompt)?;
        let biased: Vec<Token> = job.sampling.logit_bias.iter().map(|&(token, _)| token).collect();
        self.check_known(&biased)
    }

    fn check_tokens(&self, prompt: &[Token]) -> Result<(), Refused> {
        if prompt.is_empty() { Err(Refused::Empty) } else { self.check_known(prompt) }
    }

    fn check_known(&self, tokens: &[Token]) -> Result<(), Refused> {
        let vocabulary = self.shared.info.vocabulary;
        let known = |token: Token| u32::try_from(token).is_ok_and(|token| token < vocabulary);
        match tokens.iter().copied().find(|&token| !known(token)) {
            Some(token) => Err(Refused::UnknownToken { token, vocabulary }),
            None => Ok(()),
        }
    }
}

/// The template of the file, or the plain one; it spells out the model's own begin and end.
fn template(plan: &Plan, model: &LlamaModel) -> Result<Template, TemplateError> {
    let vocab = model.vocab();
    let spelled = |token: LlamaToken| match token.0 {
        0.. => vocab.text(token).map(|text| text.to_string_lossy().into_owned()).unwrap_or_default(),
        _ => String::new(),
    };
    Template::new(plan.header.chat_template.as_deref(), spelled(vocab.bos()), spelled(vocab.eos()))
}

/// What grammars have to know of the vocabulary.
fn grammars(model: &LlamaModel) -> Result<Grammars, GrammarError> {
    let vocab = model.vocab();
    let word = |token| {
        let mut piece = Vec::new();
        vocab.token_to_piece_into(token, &mut piece, false, None);
        piece
    };
    let ends = vocab.tokens().filter(|&token| vocab.is_eog(token)).map(|token| token.0).collect();
    Grammars::new(vocab.tokens().map(word).collect(), ends)
}

/// Starts the engine's thread, and waits until it has its context and what was saved; gives that context's length.
fn start(model: Arc<LlamaModel>, plan: &Plan, inbox: Receiver<Errand>, told: Told) -> Result<u32, String> {
    let (ready, made) = mpsc::sync_channel(1);
    let size = Size { parallel: plan.parallel(), places: Plan::places(&model), threads: plan.threads() };
    let params = plan.context_params(size.places);
    let store = plan.store(&params);
    let work = move || {
        let context = load::backend().and_then(|backend| {
            model.new_context(backend, params).map_err(|error| log::take_first_error().unwrap_or(error.to_string()))
        });
        match context {
            Ok(context) => {
                let length = context.n_ctx();
                let mut scheduler = Scheduler::new(&model, context, size, store, told);
                scheduler.load_saved();
                let _ = ready.send(Ok(length));
                scheduler.run(&inbox);
            }
            Err(reason) => {
                let _ = ready.send(Err(reason));
            }
        }
    };
    thread::Builder::new().name("engine".to_owned()).spawn(work).map_err(|error| error.to_string())?;
    made.recv().unwrap_or_else(|_| Err("its thread ended".to_owned()))
}
