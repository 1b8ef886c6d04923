//! A worker that ends at any moment, in any way, costs no caller an answer that can still be given: by the next tier, else by
//! the worker that takes its place.

use std::fs;
use std::process::Command;
use std::thread;

use serde_json::{Value, json};

use crate::engine::{and_tier_2, local, local_with, model, short, until_tier_1_answers};
use crate::served::{Served, chat, is_alive, signal};
use crate::{until, wall};

const SIGSEGV: u32 = 11;
/// What an operator, a wild pointer and a failed assertion send.
const SIGNALS: [&str; 3] = ["KILL", "SEGV", "ABRT"];

/// A streamed chat of so many tokens: the model's two ends are forbidden.
fn streamed(tokens: u32) -> Value {
    let mut body = short("auto", tokens);
    body["stream"] = json!(true);
    body["logit_bias"] = json!({"0": -100, "2": -100});
    body
}

/// The worker, once it answers and the next SIGSEGV ends it: the standard library's handler lets the first one pass that
/// comes from outside.
fn mortal_worker(served: &Served) -> u32 {
    until_tier_1_answers(served);
    let worker = served.worker();
    signal(worker, "SEGV");
    until("nobody handles SIGSEGV", || {
        let status = fs::read_to_string(format!("/proc/{worker}/status")).expect("a process");
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("Linux");
        let caught = u64::from_str_radix(caught.trim(), 16).expect("a mask");
        (caught & 1 << (SIGSEGV - 1) == 0).then_some(())
    });
    worker
}

/// Asks while the worker stands still, ends it once it is asked, and gives the answer's attempts, without their times.
fn ended_before_a_word(served: &Served, end: impl FnOnce(u32)) -> (String, String) {
    let (worker, before) = (served.worker(), served.log().len());
    signal(worker, "STOP");
    thread::scope(|scope| {
        let asked = scope.spawn(|| served.ask(&short("auto", 4)));
        until("tier 1 is asked", || {
            served.log()[before..].iter().any(|line| line.starts_with("→ Trying: Tier 1")).then_some(())
        });
        end(worker);
        let answer = asked.join().expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(!answer.text().is_empty());
        (answer.header("x-tierfall-tier").to_owned(), answer.header("x-tierfall-attempts").to_owned())
    })
}

#[test]
fn before_the_first_token_the_next_tier_answers() {
    let wall = wall();
    let served = Served::start(&(local() + &and_tier_2(&wall, "ok-6")));
    for name in SIGNALS {
        mortal_worker(&served);
        let (tier, attempts) = ended_before_a_word(&served, |worker| {
            signal(worker, name);
            signal(worker, "CONT");
        });
        assert_eq!(tier, "2", "SIG{name}: {attempts}");
        assert!(attempts.starts_with("1=") && attempts.contains(",2=ok@"), "SIG{name}: {attempts}");
    }
}

#[test]
fn before_the_first_token_and_with_no_other_tier_the_next_worker_answers() {
    let served = Served::start(&local());
    for name in SIGNALS {
        let first = mortal_worker(&served);
        let (tier, attempts) = ended_before_a_word(&served, |worker| {
            signal(worker, name);
            signal(worker, "CONT");
        });
        assert_eq!(tier, "1", "SIG{name}: {attempts}");
        assert!(attempts.contains(",1=ok@"), "SIG{name}: {attempts}");
        assert!(!is_alive(first));
    }
}

#[test]
fn in_the_middle_of_a_stream_the_next_tier_goes_on() {
    let wall = wall();
    let served = Served::start(&(local() + &and_tier_2(&wall, "repeats")));
    for name in SIGNALS {
        let first = mortal_worker(&served);
        let mut stream = served.stream_of(&streamed(4_000));
        stream.read_chunks(4);
        signal(first, name);
        let spoken = stream.rest();
        assert!(spoken.text().ends_with("w59 w60"), "SIG{name}: {}", spoken.text());
        assert!(spoken.comments[0].starts_with("tierfall tier=2 seam="), "SIG{name}: {:?}", spoken.comments);
    }
}

#[test]
fn in_the_middle_of_a_stream_and_with_no_other_tier_the_next_worker_goes_on() {
    /// Enough that it is still at it when it is ended.
    const TOKENS: u32 = 200;
    let served = Served::start(&local());
    for name in SIGNALS {
        let first = mortal_worker(&served);
        let mut stream = served.stream_of(&streamed(TOKENS));
        stream.read_chunks(4);
        signal(first, name);
        let spoken = stream.rest();
        assert_eq!(spoken.finishes(), ["length"], "SIG{name}");
        let seams = spoken.comments.iter().filter(|comment| comment.starts_with("tierfall tier=1 seam=")).count();
        assert_eq!(seams, 1, "SIG{name}: {:?}", spoken.comments);
        assert!(spoken.text().split_whitespace().count() > 20, "SIG{name}: {}", spoken.text());
        assert!(!is_alive(first));
    }
}

#[test]
fn a_model_file_that_is_cut_under_the_worker_costs_no_answer_and_is_named() {
    let wall = wall();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cut.gguf");
    fs::copy(model(), &path).expect("copied");
    let served = Served::start(&(local_with(&path) + &and_tier_2(&wall, "ok-6")));
    until_tier_1_answers(&served);
    let first = served.worker();
    // The kernel ends whoever reads a page of a map that the file no longer has (SIGBUS).
    fs::OpenOptions::new().write(true).open(&path).and_then(|file| file.set_len(4096)).expect("cut");
    let answer = served.ask(&short("auto", 4));
    assert_eq!((answer.status, answer.header("x-tierfall-tier")), (200, "2"), "{}", answer.body);
    until("the worker ends", || (!is_alive(first)).then_some(()));
    let skipped = until("the reason", || {
        assert_eq!(served.chat("auto").status, 200);
        served.log().into_iter().find(|line| line.starts_with("↷ Skipped: ") && line.contains("truncated"))
    });
    assert!(skipped.contains("(unavailable (cut.gguf is truncated: "), "{skipped}");
}

#[test]
fn a_worker_without_memory_costs_no_answer_and_comes_back() {
    let wall = wall();
    let served = Served::start(&(local() + &and_tier_2(&wall, "ok-6")));
    until_tier_1_answers(&served);
    let first = served.worker();
    let bound = Command::new("prlimit").args(["--pid", &first.to_string(), "--data=1048576"]).status();
    assert!(bound.expect("util-linux").success());
    // Its text alone takes more than is left.
    let mut long = chat("auto");
    long["messages"][0]["content"] = json!("xylophones ".repeat(400_000));
    let answer = served.ask(&long);
    assert_eq!((answer.status, answer.header("x-tierfall-tier")), (200, "2"), "{}", answer.body);
    until("the worker ends", || (!is_alive(first)).then_some(()));
    until_tier_1_answers(&served);
}
