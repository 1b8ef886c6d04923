//! Drafts with a real model (`TIERFALL_TEST_MODEL`): whatever is guessed, the answer is the one that single steps give.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use engine::model::{Chat, Done, Drafting, Finish, Generation, Job, Model, ModelSettings, Output, Sampling, Token};
use serde_json::json;
use serde_json::value::to_raw_value;

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let path = std::env::var_os("TIERFALL_TEST_MODEL").expect("TIERFALL_TEST_MODEL is not set: run `make test`");
    Model::load(ModelSettings { context: Some(4096), parallel: 4, ..ModelSettings::new(path) }, |_| {}).unwrap()
});

/// One test at a time: how much may be guessed at once depends on who else is answered.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn finish(mut generation: Generation) -> (String, Done) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut text = String::new();
    loop {
        match runtime.block_on(generation.next()).expect("an end comes before nothing") {
            Output::Text(more) => text.push_str(&more),
            Output::Reading { .. } | Output::Prompt(_) | Output::Logprobs(_) => {}
            Output::Failed(reason) => panic!("{reason}"),
            Output::Done(done) => return (text, done),
        }
    }
}

fn run(job: Job) -> (String, Done) {
    finish(MODEL.generate(job).unwrap())
}

/// The answer by single steps, and by drafts.
fn both(job: &Job) -> ((String, Done), (String, Done)) {
    (run(Job { drafting: Drafting::Never, ..job.clone() }), run(job.clone()))
}

/// A list of towns, each with a number that follows from its place.
fn list(from: u32) -> String {
    let towns = ["Aarhus", "Bergen", "Cadiz", "Delft", "Erfurt", "Faro", "Ghent", "Hvar", "Izmir", "Jena"];
    let line = |(index, town): (usize, &&str)| format!("{}. {town} has a harbour.\n", from + index as u32);
    towns.iter().enumerate().map(line).collect()
}

/// A chat in which the list was copied twice and is being copied again: each next token is far likelier than any other.
fn copying(from: u32, most: u32) -> Job {
    let list = list(from);
    let begun: String = list.lines().take(2).map(|line| format!("{line}\n")).collect();
    let messages = json!([
        {"role": "user", "content": format!("Copy this list.\n{list}")},
        {"role": "assistant", "content": list},
        {"role": "user", "content": format!("Copy this list.\n{list}")},
        {"role": "assistant", "content": begun},
    ]);
    job(&messages, most)
}

fn job(messages: &serde_json::Value, most: u32) -> Job {
    let messages = to_raw_value(messages).unwrap();
    let prompt = MODEL.render_chat(&Chat { messages: &messages, tools: None, extra: None }).unwrap().tokens;
    let sampling = Sampling { temperature: 0.0, ..Sampling::default() };
    Job { prompt, max_tokens: Some(most), sampling, drafting: Drafting::Always, ..Job::default() }
}

fn rest(from: u32) -> String {
    list(from).lines().skip(2).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_copied_text_is_guessed_and_ends_where_single_steps_end_it() {
    let _turn = turn();
    let ((alone, plain), (drafted, done)) = both(&copying(1, 300));
    assert_eq!(alone.trim_end(), rest(1).trim_end());
    assert_eq!(drafted, alone);
    assert_eq!((plain.drafts.tokens, done.finish, plain.finish), (0, Finish::Stop, Finish::Stop));
    assert_eq!(done.completion_tokens, plain.completion_tokens);
    assert!(done.drafts.accepted >= 40 && done.drafts.accepted <= done.drafts.tokens, "{done:?}");
    assert!(done.completion_tokens > done.drafts.accepted, "{done:?}");
}

#[test]
fn max_tokens_ends_a_draft() {
    let _turn = turn();
    let ((alone, _), (drafted, done)) = both(&copying(11, 33));
    assert_eq!((drafted, done.completion_tokens, done.finish), (alone, 33, Finish::Length));
    assert!(done.drafts.accepted > 0, "{done:?}");
}

#[test]
fn a_stop_string_ends_a_draft_and_nothing_of_it_is_shown() {
    let _turn = turn();
    let stop = vec!["Ghent has".to_owned()];
    let (drafted, done) = run(Job { stop, ..copying(21, 300) });
    let rest = rest(21);
    assert_eq!((drafted.as_str(), done.finish), (&rest[..rest.find("Ghent").unwrap()], Finish::Stop));
    assert!(done.drafts.accepted > 0, "{done:?}");
}

#[test]
fn what_was_refused_is_cut_from_the_cache() {
    let _turn = turn();
    let job = copying(31, 300);
    let (text, done) = run(job.clone());
    assert!(done.drafts.tokens > done.drafts.accepted, "{done:?}");
    let longer: Vec<Token> = [job.prompt.clone(), MODEL.tokenize(&text, false)].concat();
    let (_, next) = run(Job { prompt: longer.clone(), max_tokens: Some(0), ..Job::default() });
    assert!(next.cached_tokens as usize >= longer.len() - 4, "{} of {}", next.cached_tokens, longer.len());
    let other = Job { prompt: [longer, MODEL.tokenize("<|im_end|>\n<|im_start|>user\nAgain.", true)].concat(), ..job };
    let (_, other) = run(Job { max_tokens: Some(0), ..other });
    assert!(other.cached_tokens >= next.cached_tokens, "{other:?}");
}

#[test]
fn answers_at_once_are_guessed_each_from_its_own_text() {
    let _turn = turn();
    let jobs = [41, 61, 81].map(|from| copying(from, 300));
    let running = jobs.map(|job| MODEL.generate(job).unwrap());
    let mut accepted = 0;
    for (generation, from) in running.into_iter().zip([41, 61, 81]) {
        let (text, done) = finish(generation);
        assert_eq!(text.trim_end(), rest(from).trim_end());
        accepted += done.drafts.accepted;
    }
    assert!(accepted >= 40, "{accepted}");
}

#[test]
fn a_draw_at_a_temperature_is_the_one_of_single_steps() {
    let _turn = turn();
    let sampling = Sampling { temperature: 0.2, seed: Some(7), ..Sampling::default() };
    let ((alone, _), (drafted, done)) = both(&Job { sampling, ..copying(101, 60) });
    assert_eq!(drafted, alone);
    assert!(done.drafts.accepted > 0 && done.drafts.near_ties == 0, "{done:?}");
}
