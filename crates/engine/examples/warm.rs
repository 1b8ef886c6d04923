//! What a warm prefix is worth on this machine: the time to the first token of a prompt whose start of 1,500 tokens is read for the first
//! time, for the second, and for the first time after a restart.
//!
//! ```text
//! cargo run --release --workspace --example warm -- MODEL.gguf
//! ```

use std::path::Path;
use std::time::{Duration, Instant};

use engine::model::{Done, Job, Model, ModelSettings, Output, Sampling, Token};

const START: usize = 1500;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: warm MODEL.gguf")?;
    let folder = tempfile::tempdir()?;
    let model = load(&path, folder.path())?;
    let start = start(&model);
    // Both speeds are measured, and the memory is there, before anything counts.
    ask(&model, &model.tokenize("Good morning to all of you. ", false).repeat(8), "").await?;
    let first = ask(&model, &start, "What is a bakery?").await?;
    let second = ask(&model, &start, "Describe a florist.").await?;
    report("the first", &first, &first);
    report("the second", &second, &first);
    let begun = Instant::now();
    if !model.save_warm(Duration::from_secs(60)) {
        return Err("it could not be saved".into());
    }
    println!("saved in {:.2} s", begun.elapsed().as_secs_f64());
    drop(model);
    let begun = Instant::now();
    let model = load(&path, folder.path())?;
    println!("loaded again in {:.2} s", begun.elapsed().as_secs_f64());
    let third = ask(&model, &start, "Where is the garage?").await?;
    report("after the restart", &third, &first);
    Ok(())
}

fn load(path: &str, folder: &Path) -> Result<Model, Box<dyn std::error::Error>> {
    let settings = ModelSettings { warm: Some(folder.to_owned()), ..ModelSettings::new(path) };
    Ok(Model::load(settings, |_| {})?)
}

fn start(model: &Model) -> Vec<Token> {
    let text: String = (0..200).map(|line| format!("Rule {line}: write whole pages, short and plain. ")).collect();
    let mut tokens = model.tokenize(&text, false);
    tokens.truncate(START);
    tokens
}

async fn ask(model: &Model, start: &[Token], question: &str) -> Result<Done, Box<dyn std::error::Error>> {
    let prompt = [start, &model.tokenize(question, false)].concat();
    let sampling = Sampling { temperature: 0.0, ..Sampling::default() };
    let mut answer = model.generate(Job { prompt, max_tokens: Some(1), sampling, ..Job::default() })?;
    loop {
        match answer.next().await {
            Some(Output::Done(done)) => return Ok(done),
            Some(Output::Failed(reason)) => return Err(reason.into()),
            Some(_) => {}
            None => return Err("no end".into()),
        }
    }
}

fn report(which: &str, done: &Done, first: &Done) {
    let took = |done: &Done| (done.timings.queued + done.timings.prompt).as_secs_f64();
    println!(
        "{which}: {} of {} tokens from the cache, first token after {:.3} s, {:.3} of the first",
        done.cached_tokens,
        done.prompt_tokens,
        took(done),
        took(done) / took(first),
    );
}
