//! One binary that answers LLM requests through an ordered cascade of tiers.

fn main() -> std::process::ExitCode {
    tierfall::run(tierfall::cli::Cli::read())
}
