//! The binary, served and asked: its tiers are scripted upstreams on loopback, and the engine with a real model.

mod answer;
mod callers;
mod deaths;
mod discovery;
mod engine;
mod forty;
mod held;
mod ledger;
mod log;
mod open_files;
mod privacy;
mod reload;
mod replacement;
mod scenarios;
mod sdks;
mod seams;
mod served;
mod sixteen;
mod spaces;
mod stop;
mod studio;
mod zerogpu;

use std::time::Duration;

use wall::Wall;

/// After so long a test gives up. No test passes by it.
const PATIENCE: Duration = Duration::from_secs(120);

/// What every test asks; its last word is in no log.
const PROMPT: &str = "Say a few words about xylophones";
/// What no output may hold: every key of these tests has the first in it, and every prompt the second.
const SECRETS: [&str; 2] = ["hunter2", "xylophones"];

fn wall() -> Wall {
    Wall::start("127.0.0.1:0").expect("a port")
}

/// Four tiers at `wall` with these models, each with a key.
fn four_tiers(wall: &Wall, models: [&str; 4]) -> String {
    let (base, [first, second, third, fourth]) = (wall.base_url(), models);
    format!(
        "CUSTOM_LLM_BASE_URL={base}\nCUSTOM_LLM_API_KEY=one-hunter2\nCUSTOM_LLM_MODEL={first}\n\
         TIER2_BASE_URL={base}\nTIER2_API_KEY=two-hunter2\nTIER2_MODEL={second}\n\
         GROQ_API_KEY=gsk_hunter2\nGROQ_BASE_URL={base}\nTIER3_MODEL={third}\n\
         HF_TOKEN=hf_hunter2\nHF_BASE_URL={base}\nTIER4_MODEL={fourth}\n"
    )
}

/// Waits for something that must come.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = std::time::Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
