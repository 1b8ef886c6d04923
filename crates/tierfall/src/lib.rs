//! The inside of the `tierfall` binary: arguments, configuration, wiring.

#![forbid(unsafe_code)]

mod ask;
pub mod banner;
mod bench;
pub mod cli;
mod clock;
pub mod config;
mod discovery;
pub mod doctor;
mod ledger;
pub mod log;
pub mod models;
mod open_files;
mod serve;
mod simulate;
mod space;
mod tiers;
mod wall;
mod worker;

use std::io::{self, Write};
use std::process::ExitCode;

use cli::{Cli, Command, LogForm, Shared};
use config::{ConfigError, Loaded, Sources};
use log::Log;

/// The exit code for what the user can mend: arguments, configuration, names.
const MISTAKEN: u8 = 2;

/// Does what the command line says. The code is 0 for success, 1 for a failure, 2 for arguments or a configuration that
/// cannot be used; every failure is one line on the standard error.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    match carry_out(cli) {
        Ok(code) => code,
        Err(error) => {
            let line = format!("{error:#}").replace('\n', " ");
            // Without a standard error there is nobody to tell.
            let _ = writeln!(io::stderr(), "error: {line}");
            ExitCode::from(if is_mistaken(&error) { MISTAKEN } else { 1 })
        }
    }
}

fn carry_out(cli: Cli) -> anyhow::Result<ExitCode> {
    let Cli { command, serve, shared } = cli;
    match command.unwrap_or(Command::Serve(serve)) {
        Command::Models { command } => models(command, &shared),
        Command::Doctor => doctor(&shared),
        Command::Serve(serve) => {
            let sources = sources(&shared, serve.listen)?;
            let log = Log::to_stdout(shared.log == LogForm::Json)?;
            serve::run(sources, &log)
        }
        Command::Ask(ask) => {
            let log = Log::to_stderr(shared.log == LogForm::Json)?;
            ask::run(&ask, load(&shared, None)?, &log).or_else(unless_reader_left)
        }
        Command::Bench(arguments) => {
            bench::run(&arguments, &load(&shared, None)?.configuration).or_else(unless_reader_left)
        }
        Command::Tiers(cli::Tiers { command, json }) => {
            let configuration = load(&shared, None)?.configuration;
            let said = match command {
                Some(cli::TiersCommand::Check) => tiers::check(&configuration, json),
                None => tiers::show(&configuration, json),
            };
            said.or_else(unless_reader_left)
        }
        Command::Simulate(arguments) => simulate::run(&arguments).or_else(unless_reader_left),
        Command::Space { command } => match command {
            cli::Space::Init(arguments) => space::init(&arguments).or_else(unless_reader_left),
            cli::Space::Push(arguments) => {
                space::push(&arguments, &load(&shared, None)?.configuration).or_else(unless_reader_left)
            }
        },
        Command::Ledger { command: cli::Ledger::Export { since } } => {
            ledger::export(&load(&shared, None)?.configuration, since)
        }
        Command::Wall(arguments) => wall::run(&arguments),
        Command::Engine { arguments } => Ok(engine::worker::run(arguments)),
    }
}

fn models(command: cli::Models, shared: &Shared) -> anyhow::Result<ExitCode> {
    let configuration = load(shared, None)?.configuration;
    let said = match command {
        cli::Models::List => {
            models::list(&configuration, io::stdout().lock()).or_else(unless_closed)?;
            return Ok(ExitCode::SUCCESS);
        }
        cli::Models::Pull { name: Some(name) } => models::pull(&configuration, &name)?.display().to_string(),
        cli::Models::Pull { name: None } => {
            models::pull_all(&configuration)?;
            return Ok(ExitCode::SUCCESS);
        }
        cli::Models::Path(model) => models::path(&configuration, &model.name)?.display().to_string(),
        cli::Models::Remove(model) => models::remove(&configuration, &model.name)?,
    };
    writeln!(io::stdout(), "{said}").or_else(unless_closed)?;
    Ok(ExitCode::SUCCESS)
}

fn doctor(shared: &Shared) -> anyhow::Result<ExitCode> {
    let mut loaded = sources(shared, None)?.load()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        discovery::name_models(&mut loaded.configuration).await;
        doctor::examine(&loaded).await
    });
    report.write(io::stdout().lock()).or_else(unless_closed)?;
    Ok(if report.can_answer() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads the configuration that the arguments mean, and tells the user of slips in it.
fn load(shared: &Shared, listen: Option<String>) -> anyhow::Result<Loaded> {
    let loaded = sources(shared, listen)?.load()?;
    for warning in &loaded.warnings {
        let _ = writeln!(io::stderr(), "warning: {warning}");
    }
    Ok(loaded)
}

fn sources(shared: &Shared, listen: Option<String>) -> io::Result<Sources> {
    let Shared { config, env_file, .. } = shared.clone();
    Ok(Sources { config_file: config, env_file, listen, ..Sources::of_process()? })
}

fn is_mistaken(error: &anyhow::Error) -> bool {
    error.is::<ConfigError>()
        || error.is::<::models::BadName>()
        || error.is::<::simulate::BadFile>()
        || error.downcast_ref().is_some_and(::space::InitError::is_mistaken)
        || error.downcast_ref().is_some_and(::space::PushError::is_mistaken)
        || error.is::<::space::BadSpaceName>()
        || error.is::<::ledger::LedgerError>()
}

/// As [`unless_closed`], for an error that came with others.
fn unless_reader_left(error: anyhow::Error) -> anyhow::Result<ExitCode> {
    match error.downcast::<io::Error>() {
        Ok(error) => unless_closed(error).map(|()| ExitCode::SUCCESS).map_err(anyhow::Error::from),
        Err(error) => Err(error),
    }
}

/// A reader that has seen enough, such as `head`, is no failure.
fn unless_closed(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}
