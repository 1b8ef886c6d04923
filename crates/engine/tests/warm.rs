//! Warm prefixes with a real model, the smallest there is: `TIERFALL_TEST_MODEL` names its file (`make test` sets it).

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::model::{Chat, Done, Generation, Job, Load, Model, ModelSettings, Output, Sampling, Token, Warmth};
use serde_json::json;
use serde_json::value::RawValue;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::timeout;

/// Longer than anything here takes; a test that hangs ends by it.
const PATIENCE: Duration = Duration::from_secs(240);

fn path() -> PathBuf {
    std::env::var_os("TIERFALL_TEST_MODEL").expect("TIERFALL_TEST_MODEL is not set: run `make test`").into()
}

fn load(context: u32, parallel: u32, folder: Option<&Path>) -> Model {
    let warm = folder.map(Path::to_owned);
    let settings = ModelSettings { context: Some(context), parallel, warm, ..ModelSettings::new(path()) };
    Model::load(settings, |_| {}).unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

/// What is told, once it is like this.
fn once<T: Clone>(mut told: watch::Receiver<T>, like: impl FnMut(&T) -> bool) -> T {
    runtime().block_on(async { timeout(PATIENCE, told.wait_for(like)).await.expect("in time").unwrap().clone() })
}

fn finish(mut generation: Generation) -> (String, Done) {
    let mut text = String::new();
    let end = async {
        loop {
            match generation.next().await.expect("an end comes before nothing") {
                Output::Text(more) => text.push_str(&more),
                Output::Reading { .. } | Output::Prompt(_) | Output::Logprobs(_) => {}
                Output::Failed(reason) => panic!("{reason}"),
                Output::Done(done) => return done,
            }
        }
    };
    let done = runtime().block_on(async { timeout(PATIENCE, end).await.expect("in time") });
    (text, done)
}

fn run(model: &Model, prompt: Vec<Token>, most: u32) -> (String, Done) {
    finish(model.generate(greedy(prompt, most)).unwrap())
}

fn greedy(prompt: Vec<Token>, most: u32) -> Job {
    let sampling = Sampling { temperature: 0.0, ..Sampling::default() };
    Job { prompt, max_tokens: Some(most), sampling, ..Job::default() }
}

/// A system prompt and an example of some hundred tokens, and perhaps a question.
fn messages(lines: usize, question: Option<&str>) -> Box<RawValue> {
    let rules: String = (0..lines).map(|line| format!("Rule {line}: write whole pages, short and plain. ")).collect();
    let mut messages = vec![
        json!({"role": "system", "content": rules}),
        json!({"role": "user", "content": "A page for a bakery."}),
        json!({"role": "assistant", "content": "<!doctype html><title>Bakery</title>"}),
    ];
    messages.extend(question.map(|question| json!({"role": "user", "content": question})));
    serde_json::value::to_raw_value(&messages).unwrap()
}

fn start(model: &Model, lines: usize) -> Vec<Token> {
    model.start_of(&Chat { messages: &messages(lines, None), tools: None, extra: None }).unwrap()
}

fn prompt(model: &Model, lines: usize, question: &str) -> Vec<Token> {
    let messages = messages(lines, Some(question));
    model.render_chat(&Chat { messages: &messages, tools: None, extra: None }).unwrap().tokens
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn held(warmth: &Warmth) -> u32 {
    warmth.prefixes.iter().map(|prefix| prefix.held).sum()
}

/// Two requests with the same start, saved, and the model gone.
fn leave_a_shared_start_in(folder: &Path) -> u32 {
    let model = load(2048, 2, Some(folder));
    run(&model, prompt(&model, 20, "A page for a florist."), 1);
    let (_, second) = run(&model, prompt(&model, 20, "Which colour fits a garage?"), 1);
    let warmth = once(model.warmth(), |warmth| warmth.prefixes.len() == 1);
    assert_eq!((warmth.prefixes[0].tokens, warmth.prefixes[0].known), (second.cached_tokens, false));
    assert!(model.save_warm(PATIENCE));
    assert!(model.warmth().borrow().prefixes[0].saved);
    second.cached_tokens
}

#[test]
fn what_requests_share_is_in_the_cache_after_a_restart_and_the_answer_is_the_same() {
    let folder = TempDir::new().unwrap();
    let shared = leave_a_shared_start_in(folder.path());
    assert!(shared > 200, "{shared}");
    let model = load(2048, 2, Some(folder.path()));
    assert_eq!(held(&model.warmth().borrow()), shared);
    // Each next token is far likelier than any other: the answer does not hang on how a sum was rounded.
    let question = [prompt(&model, 20, "Count on."), model.tokenize("101, 102, 103, 104,", false)].concat();
    let (warm, done) = run(&model, question.clone(), 24);
    assert!(done.cached_tokens >= shared - 1, "{done:?}");
    let (cold, done) = run(&load(2048, 2, None), question, 24);
    assert!(cold.starts_with(" 105, 106, 107"), "{cold}");
    assert_eq!((done.cached_tokens, warm), (0, cold));
}

#[test]
fn what_does_not_fit_is_dropped_and_named_and_the_model_works() {
    let folder = TempDir::new().unwrap();
    leave_a_shared_start_in(folder.path());
    let file = files(folder.path()).pop().unwrap();
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let cut = &whole[..whole.len() - 100];
    for (bytes, why) in [(&flipped[..], "it is damaged"), (cut, "its head says"), (b"<html>", "it is no warm prefix")] {
        fs::write(&file, bytes).unwrap();
        let model = load(2048, 2, Some(folder.path()));
        let warmth = model.warmth().borrow().clone();
        assert!(warmth.prefixes.is_empty());
        let [dropped] = &warmth.dropped[..] else { panic!("{warmth:?}") };
        assert!(dropped.starts_with(file.file_name().unwrap().to_str().unwrap()) && dropped.contains(why), "{dropped}");
        // Only the word of it is left.
        let note = folder.path().join("dropped");
        assert_eq!(files(folder.path()), [note.as_path()]);
        assert_eq!(fs::read_to_string(note).unwrap(), *dropped);
        assert_eq!(run(&model, prompt(&model, 20, "Go on."), 1).1.cached_tokens, 0);
    }
    fs::write(&file, &whole).unwrap();
    let other_settings = load(1024, 2, Some(folder.path()));
    let dropped = other_settings.warmth().borrow().dropped.join("");
    assert!(dropped.contains("another model, other settings"), "{dropped}");
}

#[test]
fn what_is_known_to_come_is_read_while_nobody_asks() {
    let folder = TempDir::new().unwrap();
    let model = load(2048, 2, Some(folder.path()));
    let known = start(&model, 20);
    for question in ["A page for a florist.", "\n\n\u{1F680} café", "   ", "1"] {
        assert!(prompt(&model, 20, question).starts_with(&known), "{question:?}");
    }
    model.keep_warm(known.clone()).unwrap();
    let length = u32::try_from(known.len()).unwrap();
    once(model.warmth(), |warmth| held(warmth) == length);
    let (_, first) = run(&model, prompt(&model, 20, "A page for a florist."), 1);
    assert_eq!(first.cached_tokens, length);
    // Nobody asks for a moment: then it is saved.
    once(model.warmth(), |warmth| warmth.prefixes.iter().any(|prefix| prefix.known && prefix.saved));
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn a_request_lays_an_idle_read_aside_within_one_batch_and_it_is_taken_up_again() {
    let model = load(4096, 2, None);
    let known = start(&model, 120);
    let length = u32::try_from(known.len()).unwrap();
    model.keep_warm(known).unwrap();
    once(model.warmth(), |warmth| held(warmth) > 0);
    let asked = model.generate(greedy(model.tokenize("Good morning", false), 1)).unwrap();
    let begun = model.batches();
    let laid_aside = held(&model.warmth().borrow());
    let (_, done) = finish(asked);
    // The one that was under way, and the request's own.
    assert!(done.batch <= begun + 2, "{} after {begun}", done.batch);
    assert!(laid_aside < length, "it was read too soon to be laid aside: {laid_aside} of {length}");
    once(model.warmth(), |warmth| held(warmth) == length);
    assert_eq!(run(&model, prompt(&model, 120, "Go on."), 1).1.cached_tokens, length);
}

#[test]
fn an_idle_read_is_no_load_and_nobody_is_told_to_wait_for_it() {
    let model = load(4096, 2, None);
    let known = start(&model, 120);
    let length = u32::try_from(known.len()).unwrap();
    model.keep_warm(known).unwrap();
    let mut loads = model.loads();
    loads.mark_unchanged();
    once(model.warmth(), |warmth| held(warmth) > 0);
    assert!(loads.borrow().is_idle() && loads.borrow().wait == Duration::ZERO);
    once(model.warmth(), |warmth| held(warmth) == length);
    assert!(loads.borrow().is_idle() && loads.borrow().wait == Duration::ZERO);
}

#[test]
fn what_had_to_make_way_comes_back() {
    let model = load(1024, 1, None);
    let known = start(&model, 20);
    let length = u32::try_from(known.len()).unwrap();
    model.keep_warm(known).unwrap();
    once(model.warmth(), |warmth| held(warmth) == length);
    // As long as the whole context: all else makes way.
    let (_, done) = run(&model, vec![5; 1020], 1);
    assert_eq!(done.prompt_tokens, 1020);
    once(model.warmth(), |warmth| held(warmth) == length);
    assert_eq!(run(&model, prompt(&model, 20, "Go on."), 1).1.cached_tokens, length);
}

#[test]
fn the_other_jobs_of_a_full_engine_are_answered_beside_what_is_warm() {
    let model = load(512, 4, None);
    model.keep_warm(start(&model, 10)).unwrap();
    once(model.warmth(), |warmth| warmth.prefixes.iter().all(|prefix| prefix.held == prefix.tokens));
    let running: Vec<_> = (0..6).map(|from| model.generate(greedy(vec![100 + from; 300], 40)).unwrap()).collect();
    for generation in running {
        assert_eq!(finish(generation).1.prompt_tokens, 300);
    }
    once(model.loads(), Load::is_idle);
}

#[test]
fn a_cancelled_request_frees_its_sequence_within_one_batch() {
    let model = load(2048, 1, None);
    let endless = |prompt: &str, most| {
        let mut job = greedy(model.tokenize(prompt, false), most);
        let ends = ["<|im_end|>", "<|endoftext|>"].map(|end| model.tokenize(end, true)[0]);
        job.sampling.logit_bias = ends.map(|end| (end, f32::NEG_INFINITY)).to_vec();
        job
    };
    for _ in 0..3 {
        let mut first = model.generate(endless("Once upon a time", 1900)).unwrap();
        let begun = runtime().block_on(async { timeout(PATIENCE, first.next()).await.expect("in time") });
        assert!(matches!(begun, Some(Output::Text(_))), "{begun:?}");
        let second = model.generate(endless("In the beginning", 1)).unwrap();
        drop(first);
        let begun = model.batches();
        let (_, done) = finish(second);
        // The one that was under way, and the next one's own.
        assert!(done.batch <= begun + 2, "{} after {begun}", done.batch);
    }
}
