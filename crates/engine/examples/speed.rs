//! How fast a model reads and answers on this machine: `cargo run -p engine --example speed -- MODEL.gguf [THREADS]`.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;

use engine::model::{Done, Generation, Job, Load, Model, ModelSettings, Output, Sampling, Token};

const READ: usize = 512;
const ANSWER: u32 = 64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: speed MODEL.gguf [THREADS]")?;
    let threads = arguments.next().map(|threads| threads.parse()).transpose()?;
    let settings = ModelSettings { threads, ..ModelSettings::new(path) };
    let model = Model::load(settings, |_| {})?;
    let info = model.info();
    println!("{} {}, {} threads, context {}", info.architecture, info.quantisation, info.threads, info.context);

    let prompt = long_prompt(&model);
    let first = wait(model.generate(job(&prompt, ANSWER))?)?;
    report("one caller", &[first]);
    let again = wait(model.generate(job(&prompt, ANSWER))?)?;
    report("the same again", &[again]);
    let others = (0..info.parallel).map(|index| {
        let mut own = prompt.clone();
        own.push(prompt[index as usize]);
        model.generate(job(&own, ANSWER))
    });
    let others = others.collect::<Result<Vec<_>, _>>()?;
    let done = others.into_iter().map(wait).collect::<Result<Vec<_>, _>>()?;
    report("callers at once", &done);
    foresee(&model, &prompt)
}

/// What the engine says of the wait for its last caller, beside what that caller then waits.
fn foresee(model: &Model, prompt: &[Token]) -> Result<(), Box<dyn std::error::Error>> {
    let loads = model.loads();
    while !loads.borrow().is_idle() {
        thread::yield_now();
    }
    let callers = 2 * model.info().parallel;
    let mut generations = Vec::new();
    for index in 0..callers {
        let mut own = prompt[..READ / 4].to_vec();
        own.insert(0, prompt[index as usize]);
        generations.push(model.generate(job(&own, ANSWER))?);
    }
    while loads.borrow().running < model.info().parallel {
        thread::yield_now();
    }
    let load = *loads.borrow();
    let begun = Instant::now();
    let last = model.generate(job(prompt, 1))?;
    generations.into_iter().map(wait).collect::<Result<Vec<_>, _>>()?;
    let waited = wait(last)?.timings.queued;
    let Load { running, waiting, wait: foreseen, .. } = load;
    println!(
        "behind {running} that run and {waiting} that wait: foreseen {:.2} s, waited {:.2} s of {:.2} s",
        foreseen.as_secs_f64(),
        waited.as_secs_f64(),
        begun.elapsed().as_secs_f64(),
    );
    Ok(())
}

fn long_prompt(model: &Model) -> Vec<Token> {
    let text = "Write a web page for a small bakery in the old town, with its opening hours, a price list and a map. ";
    let mut tokens = model.tokenize(&text.repeat(40), false);
    tokens.truncate(READ);
    tokens
}

fn job(prompt: &[Token], most: u32) -> Job {
    let sampling = Sampling { temperature: 0.0, ..Sampling::default() };
    Job { prompt: prompt.to_vec(), max_tokens: Some(most), sampling, ..Job::default() }
}

fn report(what: &str, done: &[Done]) {
    let answered: u32 = done.iter().map(|done| done.completion_tokens).sum();
    let longest = done.iter().map(|done| done.timings.answer).max().unwrap_or_default();
    let first = &done[0];
    let read = first.prompt_tokens - first.cached_tokens;
    println!(
        "{} {what}: read {read} tokens in {:.2} s ({:.1}/s, {} from the cache), answered {answered} in {:.2} s ({:.1}/s)",
        done.len(),
        first.timings.prompt.as_secs_f64(),
        f64::from(read) / first.timings.prompt.as_secs_f64(),
        first.cached_tokens,
        longest.as_secs_f64(),
        f64::from(answered - u32::try_from(done.len()).unwrap_or(0)) / longest.as_secs_f64(),
    );
}

/// Reads an answer to its end on this thread.
fn wait(mut generation: Generation) -> Result<Done, String> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        match generation.poll_next(&mut cx) {
            Poll::Pending => thread::park(),
            Poll::Ready(Some(Output::Done(done))) => return Ok(done),
            Poll::Ready(Some(Output::Failed(reason))) => return Err(reason),
            Poll::Ready(Some(_)) => {}
            Poll::Ready(None) => return Err("no end".to_owned()),
        }
    }
}
