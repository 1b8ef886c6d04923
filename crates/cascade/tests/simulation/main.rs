//! Worlds in virtual time: tiers that fail in every way, callers who leave, clocks that jump, all drawn from a seed.
//!
//! `--worlds N` says how many worlds are run; `--seed N` runs one of them again and tells what happened in it. All other
//! arguments are the test harness's own.

mod aftermath;
mod ask;
mod books;
mod caller;
mod drive;
mod history;
mod invariants;
mod line;
mod random;
mod restart;
mod tier;
mod turn;
mod watch;
mod world;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use history::{History, Tally};
use libtest_mimic::{Arguments, Failed, Trial};
use world::World;

const WORLDS: u64 = 100_000;
/// How much of what happened before a failure is printed.
const LINES: usize = 60;
/// A thread takes so many seeds at once.
const CHUNK: u64 = 64;

/// One world from its beginning to its aftermath; what broke in it, if anything did.
fn run(seed: u64, history: &mut History, tally: &mut Tally) -> Result<(), String> {
    let whole_life = AssertUnwindSafe(|| {
        let mut world = World::drawn(seed, history, tally);
        world.run()?;
        world.aftermath()
    });
    std::panic::catch_unwind(whole_life).unwrap_or_else(|_| Err("a panic".to_owned()))
}

/// What broke in the world of this seed, and what had happened before.
fn told(seed: u64, lines: usize) -> Result<String, String> {
    let mut history = History::kept();
    let outcome = run(seed, &mut history, &mut Tally::default());
    let last = history.last(lines);
    match outcome {
        Ok(()) => Ok(last),
        Err(why) => Err(format!("{last}\n\nthe world of --seed {seed} broke: {why}")),
    }
}

/// The least of the seeds below `worlds` that broke, and what all worlds have seen.
fn run_all(worlds: u64) -> (Option<u64>, Tally) {
    let (next, broken) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    let work = || {
        let mut tally = Tally::default();
        loop {
            let from = next.fetch_add(CHUNK, Ordering::Relaxed);
            // Whoever stands below the first that broke goes on, so that it is always the same one that is reported.
            if from >= worlds.min(broken.load(Ordering::Relaxed)) {
                return tally;
            }
            let mut seeds = from..(from + CHUNK).min(worlds);
            if let Some(seed) = seeds.find(|&seed| run(seed, &mut History::default(), &mut tally).is_err()) {
                broken.fetch_min(seed, Ordering::Relaxed);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let tally = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().fold(Tally::default(), |mut all, thread| {
            all.join(&thread.join().expect("a world's panic is caught"));
            all
        })
    });
    let broken = broken.into_inner();
    ((broken != u64::MAX).then_some(broken), tally)
}

fn replay(seed: u64) -> Result<(), Failed> {
    println!("{}\n\nthe world of --seed {seed} held", told(seed, usize::MAX)?);
    Ok(())
}

fn every_world_keeps_every_promise(worlds: u64) -> Result<(), Failed> {
    let (broken, tally) = run_all(worlds);
    if let Some(seed) = broken {
        return Err(told(seed, LINES).err().unwrap_or_else(|| format!("--seed {seed} broke only once")).into());
    }
    println!("{worlds} worlds: {tally}");
    let never = tally.never();
    if worlds >= WORLDS && !never.is_empty() {
        return Err(format!("no world came to {never:?}: what none comes to, none tests").into());
    }
    Ok(())
}

/// Takes `name` and the number behind it out of the arguments.
fn take(name: &str, arguments: &mut Vec<String>) -> Option<u64> {
    let at = arguments.iter().position(|argument| argument == name)?;
    let value = arguments.drain(at..(at + 2).min(arguments.len())).nth(1).unwrap_or_default();
    Some(value.parse().unwrap_or_else(|_| panic!("{name} takes a number, not {value:?}")))
}

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().collect();
    let seed = take("--seed", &mut arguments);
    let worlds = take("--worlds", &mut arguments).unwrap_or(WORLDS);
    let trial = match seed {
        Some(seed) => Trial::test("the_world_of_this_seed_keeps_every_promise", move || replay(seed)),
        None => Trial::test("every_world_keeps_every_promise", move || every_world_keeps_every_promise(worlds)),
    };
    libtest_mimic::run(&Arguments::from_iter(arguments), vec![trial]).exit_code()
}
