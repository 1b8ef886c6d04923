//! Whole days, as a file describes them and a report counts them.

mod export;
mod free;
mod refusals;
mod tiers;
mod whatever;

use std::io;

use cascade::{FirstToken, Hosting, Limits, Tier};
use simulate::{BadFile, Kind, Reader, Report, Scenario};

/// `space` and `local` are one's own, `groq`, `serverless` and `commercial` are clouds.
fn kind(number: u32, word: Option<&str>) -> Result<Kind, String> {
    let hosting = match word.unwrap_or("groq") {
        "space" | "local" => Hosting::SelfHosted,
        "groq" | "serverless" | "commercial" => Hosting::Cloud,
        _ => return Err("one of space, local, groq, serverless, commercial".to_owned()),
    };
    let first_token = match hosting {
        Hosting::SelfHosted => FirstToken::GrowsWithPrompt,
        Hosting::Cloud => Limits::default().first_token,
    };
    let (limits, paid) = (Limits { first_token, ..Limits::default() }, word == Some("commercial"));
    let settings = Tier { limits, paid, ..Tier::new(number, hosting) };
    Ok(Kind { name: format!("Tier {number}"), settings, reports_progress: word == Some("local") })
}

fn read_beside(name: &str, text: &str, load: &dyn Fn(&str) -> io::Result<String>) -> Result<Scenario, BadFile> {
    Reader { kinds: &kind, load }.read(name, text)
}

fn read(text: &str) -> Result<Scenario, BadFile> {
    read_beside("day.toml", text, &|_| Err(io::ErrorKind::NotFound.into()))
}

fn day(text: &str) -> Report {
    run(&read(text).expect("a good file"), 1)
}

fn run(scenario: &Scenario, seed: u64) -> Report {
    scenario.run(seed, 1, &mut |_| true).expect("nobody stops it")
}

/// A healthy tier of a cloud.
const QUICK: &str = "[[tier]]
prompt_tokens_per_s = 2000
answer_tokens_per_s = 200
";
