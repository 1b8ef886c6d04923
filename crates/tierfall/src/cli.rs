//! The command line.

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  tierfall                                  serve on 127.0.0.1:7860, by .env.local and .env
  tierfall --listen 0.0.0.0:7860            serve other machines too (needs TIERFALL_API_KEYS)
  tierfall ask \"Write a haiku about tides\"  one answer, with the tiers that were tried on stderr
  tierfall doctor                           try every tier, and say how to mend those that fail
  tierfall models list                      the models that are here, and those that can be fetched

Documentation of every key: docs/configuration.md";

const SERVE_EXAMPLES: &str = "\
Examples:
  tierfall serve
  tierfall serve --listen 127.0.0.1:8080 --config tierfall.toml
  TIER1_TIMEOUT=5000 tierfall serve --log json";

const ASK_EXAMPLES: &str = "\
Examples:
  tierfall ask \"Write a haiku about tides\"
  tierfall ask --system \"Answer in one word\" \"Capital of France?\"
  tierfall ask - < prompt.txt
  tierfall ask --json \"Say hello\" | jq .usage";

const DOCTOR_EXAMPLES: &str = "\
Examples:
  tierfall doctor
  tierfall doctor && tierfall serve         serve only where some tier can answer";

const TIERS_EXAMPLES: &str = "\
Examples:
  tierfall tiers                            limits, what of them is spent, who pays, who reads, as of when
  tierfall tiers --json | jq '.tiers[] | select(.can_bill)'
  tierfall tiers check                      whether the providers still have the models that are asked for; 1 if not";

const MODELS_EXAMPLES: &str = "\
Examples:
  tierfall models list
  tierfall models pull smollm2-135m-instruct
  tierfall models pull hf:Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF:Q4_K_M
  tierfall models path smollm2-135m-instruct
  tierfall models remove smollm2-135m-instruct";

const SPACE_EXAMPLES: &str = "\
Examples:
  tierfall space init primary --role primary
  tierfall space init fast --role fast --model smollm2-135m-instruct
  tierfall space init proxy --role proxy --name \"My proxy\"
  tierfall space push primary you/primary   with HF_TOKEN in .env.local or the environment

From nothing to an address: docs/spaces.md";

const SIMULATE_EXAMPLES: &str = "\
Examples:
  tierfall simulate docs/examples/four-tiers.toml
  tierfall simulate --runs 20 day.toml      shares that chance moves less: 20 days, each with another seed
  tierfall simulate export.jsonl            a ledger's export, with tiers as fast as they were in it
  tierfall simulate --json day.toml | jq '.tiers[].share_percent'

The exit code is 1 where what the file expects does not hold. What a file may say: docs/simulate.md";

const BENCH_EXAMPLES: &str = "\
Examples:
  tierfall bench                            each model that the local tiers run
  tierfall bench smollm2-135m-instruct      this one
  tierfall bench ./own.gguf
  tierfall bench --json | jq '.models[].decode.tokens_per_second'

It takes a minute or two for each model. Other work on this machine makes every figure worse, so close what you can.
What the figures mean: docs/performance.md";

const LEDGER_EXAMPLES: &str = "\
Examples:
  tierfall ledger export > decisions.jsonl  every decision that is kept, one JSON object a line
  tierfall ledger export --since 7          those of the last seven days";

const WALL_EXAMPLES: &str = "\
Examples:
  tierfall wall                             an upstream on 127.0.0.1:8090 for TIER1_BASE_URL
  tierfall wall --names                     every fault and its name
  TIER1_BASE_URL=http://127.0.0.1:8090/v1 TIER1_MODEL=stall-after-20 tierfall serve

What it saw of each call is printed as a line of JSON.";

/// Answers LLM requests through an ordered cascade of tiers: your own model first, the cloud only as a fallback.
#[derive(Debug, Parser)]
#[command(name = "tierfall", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    /// What to do; `serve` where nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// `serve`'s arguments, where no command is given.
    #[command(flatten)]
    pub serve: Serve,
    /// Where the configuration is.
    #[command(flatten)]
    pub shared: Shared,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub struct Shared {
    /// Read this file of tiers, routes and keys [default: tierfall.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read this file in place of .env.local and .env
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// How to print what happens
    #[arg(long, global = true, value_name = "FORM", value_enum, default_value = "plain")]
    pub log: LogForm,
}

/// What the log looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// Lines for people
    Plain,
    /// One JSON object a line
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the gateway (the default)
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Serve),
    /// Send one request through the cascade
    #[command(after_help = ASK_EXAMPLES)]
    Ask(Ask),
    /// Try every tier; say the cause of each failure and its fix
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor,
    /// Each tier's facts: limits, what is spent, who pays, who reads
    #[command(after_help = TIERS_EXAMPLES)]
    Tiers(Tiers),
    /// See, fetch and delete the engine's models
    #[command(after_help = MODELS_EXAMPLES)]
    Models {
        /// What to do with them.
        #[command(subcommand)]
        command: Models,
    },
    /// Make a Hugging Face Space that serves one tier
    #[command(after_help = SPACE_EXAMPLES)]
    Space {
        /// What to do with it.
        #[command(subcommand)]
        command: Space,
    },
    /// Measure what this machine can do: tokens a second, a page, an edit
    #[command(after_help = BENCH_EXAMPLES)]
    Bench(Bench),
    /// Play a day of traffic in virtual time: which tier would have answered what
    #[command(after_help = SIMULATE_EXAMPLES)]
    Simulate(Simulate),
    /// Read what was decided
    #[command(after_help = LEDGER_EXAMPLES)]
    Ledger {
        /// What to do with it.
        #[command(subcommand)]
        command: Ledger,
    },
    /// Run a scripted upstream whose faults are chosen by model name, to test your own setup against
    #[command(after_help = WALL_EXAMPLES)]
    Wall(Wall),
    /// The worker of a local tier; started by the gateway.
    #[command(hide = true)]
    Engine {
        /// What the gateway tells the worker; the worker reads it itself.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<std::ffi::OsString>,
    },
}

/// Arguments of `serve`.
#[derive(Clone, Debug, Default, Args)]
pub struct Serve {
    /// Listen on this address and port [default: 127.0.0.1:7860]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
}

/// Arguments of `ask`.
#[derive(Clone, Debug, Args)]
pub struct Ask {
    /// What to ask; `-` reads it from the standard input
    pub prompt: String,
    /// How the model is to behave
    #[arg(long, value_name = "TEXT")]
    pub system: Option<String>,
    /// Print the whole answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `tiers`.
#[derive(Clone, Debug, Args)]
pub struct Tiers {
    /// What to do in place of printing them.
    #[command(subcommand)]
    pub command: Option<TiersCommand>,
    /// Print everything as JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do with the tiers' facts.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum TiersCommand {
    /// Compare them with the lists of models that the providers give
    Check,
}

/// Arguments of `simulate`.
#[derive(Clone, Debug, Args)]
pub struct Simulate {
    /// The traffic and the tiers, as TOML; or a ledger's export, as .jsonl
    pub file: PathBuf,
    /// Draw everything from this number: the same one gives the same output for ever
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Play it so many times, each with another seed, and count all together
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub runs: u32,
    /// Print the whole report as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `bench`.
#[derive(Clone, Debug, Args)]
pub struct Bench {
    /// A name of the catalogue, NAME:QUANT, hf:OWNER/REPO:QUANT, or a path to a .gguf [default: those of the local tiers]
    pub model: Option<String>,
    /// Print all figures as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `wall`.
#[derive(Clone, Debug, Args)]
pub struct Wall {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8090")]
    pub listen: std::net::SocketAddr,
    /// How many threads serve
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub threads: usize,
    /// Answer a model name that means no fault with 404, and not as a healthy model
    #[arg(long)]
    pub strict: bool,
    /// Print no line for each call
    #[arg(long)]
    pub quiet: bool,
    /// List the names and what each does, and end
    #[arg(long)]
    pub names: bool,
}

/// What to do with models.
#[derive(Debug, Subcommand)]
pub enum Models {
    /// The models that are here, and those that can be fetched
    List,
    /// Fetch a model, or all that the configuration's local tiers run
    Pull {
        /// A name of the catalogue, NAME:QUANT, or hf:OWNER/REPO:QUANT
        name: Option<String>,
    },
    /// Print where a model is, or will be
    Path(Model),
    /// Delete a model
    Remove(Model),
}

/// What to do with a Space.
#[derive(Debug, Subcommand)]
pub enum Space {
    /// Write the folder that a Docker Space is built from
    Init(SpaceInit),
    /// Bring the folder to the Hub, which builds it; the Space is made where there is none
    Push(SpacePush),
}

/// Arguments of `space init`.
#[derive(Clone, Debug, Args)]
pub struct SpaceInit {
    /// The folder to write; it is made where it is not there
    pub folder: PathBuf,
    /// What the Space does
    #[arg(long, value_enum)]
    pub role: Role,
    /// The model: a name of the catalogue, NAME:QUANT, or hf:OWNER/REPO:QUANT; for zerogpu OWNER/NAME [default: by role]
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// What the Space's page is called [default: by role]
    #[arg(long, value_name = "TITLE")]
    pub name: Option<String>,
    /// Write over what is in the folder
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `space push`.
#[derive(Clone, Debug, Args)]
pub struct SpacePush {
    /// The folder that `space init` wrote
    pub folder: PathBuf,
    /// The Space: OWNER/NAME
    pub space: String,
    /// Let everybody see a Space that is made now; it is private otherwise
    #[arg(long)]
    pub public: bool,
}

/// What a Space does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// A model that answers most requests
    Primary,
    /// A smaller one that is always quick
    Fast,
    /// No model: it forwards to MODEL_URL
    Proxy,
    /// A model on a GPU that ZeroGPU lends
    Zerogpu,
}

/// What to do with the ledger.
#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// Print the decisions as JSON lines, the oldest first
    Export {
        /// Only those of the last so many days
        #[arg(long, value_name = "DAYS")]
        since: Option<u32>,
    },
}

/// A model by name.
#[derive(Clone, Debug, Args)]
pub struct Model {
    /// A name of the catalogue, NAME:QUANT, or hf:OWNER/REPO:QUANT
    pub name: String,
}

impl Cli {
    /// Reads the process's arguments. Ends the process with 2 where they cannot be read, and with 0 after `--help`.
    #[must_use]
    pub fn read() -> Self {
        let mut cli = Self::parse();
        if let (Some(_), Some(_)) = (&cli.command, &cli.serve.listen) {
            if let Some(Command::Serve(serve)) = &mut cli.command {
                serve.listen = serve.listen.take().or(cli.serve.listen.take());
                return cli;
            }
            let message = "--listen belongs to serve: no other command listens";
            Self::command().error(clap::error::ErrorKind::ArgumentConflict, message).exit();
        }
        cli
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serve_is_the_default_and_takes_its_arguments_without_its_name() {
        let cli = Cli::parse_from(["tierfall", "--listen", "127.0.0.1:1", "--env-file", "x", "--log", "json"]);
        assert!(cli.command.is_none());
        assert_eq!(cli.serve.listen.as_deref(), Some("127.0.0.1:1"));
        assert_eq!(cli.shared.log, LogForm::Json);
        let cli = Cli::parse_from(["tierfall", "doctor", "--env-file", "x"]);
        assert_eq!(cli.shared.env_file.as_deref(), Some("x".as_ref()));
    }
}
