//! Tier 1 is the engine with a real model, in a worker that these tests harm.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::answer::{Answer, without_the_time_of_ok};
use crate::served::{Served, Setup, chat, is_alive, signal};
use crate::{until, wall};

pub(crate) fn model() -> PathBuf {
    std::env::var_os("TIERFALL_TEST_MODEL").expect("TIERFALL_TEST_MODEL is not set: run `make test`").into()
}

/// Tier 1 as the engine, and nothing else.
pub(crate) fn local() -> String {
    local_with(&model())
}

/// The same with another file.
pub(crate) fn local_with(model: &Path) -> String {
    format!("TIER1_TYPE=local\nTIER1_MODEL={}\n", model.display())
}

/// Tier 2 at `wall`.
pub(crate) fn and_tier_2(wall: &wall::Wall, model: &str) -> String {
    format!("TIER2_BASE_URL={}\nTIER2_API_KEY=two-hunter2\nTIER2_MODEL={model}\n", wall.base_url())
}

/// A chat with tier 1 that ends after so many tokens.
pub(crate) fn short(model: &str, tokens: u32) -> Value {
    let mut body = chat(model);
    body["max_tokens"] = json!(tokens);
    body["temperature"] = json!(0);
    body
}

/// A streamed chat whose answer goes on until the context is full: the model's two ends are forbidden.
pub(crate) fn endless() -> Value {
    let mut body = chat("auto");
    body["stream"] = json!(true);
    body["temperature"] = json!(0);
    body["logit_bias"] = json!({"0": -100, "2": -100});
    body
}

/// Waits until tier 1 answers, and says how many lines are logged by then.
pub(crate) fn until_tier_1_answers(served: &Served) -> usize {
    until("tier 1", || (served.ask(&short("tier-1", 1)).status == 200).then_some(()));
    until("its line", || {
        let log = served.log();
        log.last()?.starts_with("✓ Success: Tier 1").then_some(log.len())
    })
}

#[test]
fn a_real_model_answers_whole_and_streamed() {
    let served = Served::start(&local());
    until("it is ready", || (Answer::whole(served.send("GET", "/ready", None, &[])).status == 200).then_some(()));
    let answer = served.ask(&short("auto", 8));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("x-tierfall-tier"), "1");
    assert_eq!(without_the_time_of_ok(answer.header("x-tierfall-attempts")), "1=ok@Nms");
    assert_eq!(answer.json()["usage"]["completion_tokens"], 8);
    assert!(!answer.text().is_empty());

    let mut body = short("auto", 8);
    body["stream"] = json!(true);
    let stream = served.stream_of(&body);
    assert_eq!((stream.status, stream.header("x-tierfall-tier")), (200, "1"));
    let spoken = stream.rest();
    assert_eq!(spoken.text(), answer.text(), "the same at temperature 0");
    assert_eq!(spoken.finishes(), ["length"]);
    assert_eq!(spoken.chunks[0]["choices"][0]["delta"]["role"], "assistant");

    let asked = ["→ Trying: Tier 1: This machine", "✓ Success: Tier 1: This machine (Nms, total: Nms)"];
    assert_eq!(served.end(), asked.repeat(2));
}

#[test]
fn while_it_loads_the_next_tier_answers() {
    let wall = wall();
    // A worker that was stopped before it said that it is ready keeps loading. Where it was too quick for that, tier 1 is
    // asked and reaches its limit, and another one is tried.
    let keys = local() + &and_tier_2(&wall, "ok-6") + "TIER1_FIRST_TOKEN_TIMEOUT=3000\n";
    let (served, worker) = until("a worker that loads", || {
        let served = Served::start(&keys);
        let worker = served.worker();
        signal(worker, "STOP");
        let answer = served.chat("auto");
        assert_eq!((answer.status, answer.header("x-tierfall-tier")), (200, "2"));
        let skipped = without_the_time_of_ok(answer.header("x-tierfall-attempts")) == "2=ok@Nms";
        if !skipped {
            signal(worker, "CONT");
        }
        skipped.then_some((served, worker))
    });
    let log = served.log_of(3);
    let reason = log[0].strip_prefix("↷ Skipped: Tier 1: This machine (unavailable (");
    let reason = reason.and_then(|reason| reason.strip_suffix("))")).unwrap_or_else(|| panic!("{log:?}"));
    let percent = reason.strip_prefix("loading ").and_then(|reason| reason.strip_suffix(" %"));
    assert!(reason == "starting" || percent.is_some_and(|percent| percent.parse::<u8>().is_ok()), "{log:?}");
    assert_eq!(
        log[1..],
        ["→ Trying: Tier 2: Ultra-Fast Fallback", "✓ Success: Tier 2: Ultra-Fast Fallback (Nms, total: Nms)"]
    );
    let pinned = short("tier-1", 1);
    let deadline = [("x-tierfall-deadline-ms", "300")];
    let late = Answer::whole(served.send("POST", "/v1/chat/completions", Some(&pinned), &deadline));
    assert_eq!(late.status, 503);
    assert_eq!(late.json()["error"]["attempts"], json!([]), "it waited in vain");
    signal(worker, "CONT");
    until_tier_1_answers(&served);
}

#[test]
fn a_worker_killed_in_the_middle_of_a_stream_costs_the_caller_nothing() {
    let wall = wall();
    let served = Served::start(&(local() + &and_tier_2(&wall, "repeats")));
    let before = until_tier_1_answers(&served);
    let worker = served.worker();
    let mut stream = served.stream_of(&endless());
    assert_eq!(stream.header("x-tierfall-tier"), "1");
    stream.read_chunks(6);
    signal(worker, "KILL");
    let spoken = stream.rest();

    let (said, carried) =
        spoken.text().split_once("w1 ").map(|(a, b)| (a.to_owned(), b.to_owned())).expect("tier 2's words");
    assert!(!said.is_empty() && carried.ends_with("w59 w60"), "{}", spoken.text());
    assert_eq!(spoken.comments, [format!("tierfall tier=2 seam={}", said.chars().count())]);
    assert_eq!(spoken.finishes(), ["stop"]);
    let role = |chunk: &&Value| chunk["choices"][0]["delta"]["role"].is_string();
    assert_eq!(spoken.chunks.iter().filter(role).count(), 1, "one beginning");
    spoken.assert_all_the_same("id");
    spoken.assert_all_the_same("object");
    let models = [&spoken.chunks[0]["model"], &spoken.chunks[spoken.chunks.len() - 1]["model"]];
    let file = model();
    let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("a name");
    assert_eq!(models, [stem, "repeats"], "each part names its own");
    let asked = wall.calls("repeats");
    let asked: Value = serde_json::from_slice(&asked.last().expect("a call").body).expect("JSON");
    let messages = asked["messages"].as_array().expect("messages");
    let unfinished = &messages[messages.len() - 2];
    let content = unfinished["content"].as_str().expect("text");
    assert_eq!((&unfinished["role"], content.trim_end()), (&json!("assistant"), said.trim_end()));

    let log = [
        "→ Trying: Tier 1: This machine".to_owned(),
        "✗ Failed: Tier 1: This machine (stream cut off)".to_owned(),
        "→ Trying: Tier 2: Ultra-Fast Fallback".to_owned(),
        format!("↳ Carried on: Tier 2: Ultra-Fast Fallback (after {} characters)", said.chars().count()),
        "✓ Success: Tier 2: Ultra-Fast Fallback (Nms, total: Nms)".to_owned(),
    ];
    assert_eq!(served.log_of(before + log.len())[before..], log);

    until_tier_1_answers(&served);
    assert!(!is_alive(worker));
    assert_ne!(served.worker(), worker);
}

#[test]
fn a_gateway_that_is_killed_takes_its_worker_along() {
    let mut served = Served::start(&local());
    until_tier_1_answers(&served);
    let worker = served.worker();
    assert!(is_alive(worker));
    served.kill();
    until("the worker ends", || (!is_alive(worker)).then_some(()));
}

#[test]
fn a_gateway_that_is_told_to_end_leaves_no_worker_and_no_socket() {
    let served = Served::start(&local());
    until_tier_1_answers(&served);
    let worker = served.worker();
    let folder = served.folder();
    let sockets = || fs::read_dir(folder.path().join("data/run")).expect("a folder").count();
    assert_eq!(sockets(), 1);
    served.end();
    assert!(!is_alive(worker));
    assert_eq!(sockets(), 0);
}

#[test]
fn a_worker_knows_no_key() {
    let wall = wall();
    let keys = local() + &and_tier_2(&wall, "ok") + "GROQ_API_KEY=gsk_hunter2\n";
    let environment = [("HF_TOKEN", "hf_hunter2"), ("TIERFALL_API_KEYS", "caller-hunter2"), ("SOME_SECRET", "hunter2")];
    let served = Served::with(&Setup { keys: &keys, environment: &environment, ..Setup::default() });
    let read = |pid: u32, file: &str| {
        String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/{file}")).expect("a process")).into_owned()
    };
    assert!(read(served.pid(), "environ").contains("caller-hunter2"), "the gateway itself has them");
    let worker = served.worker();
    // Between fork and exec it is still the gateway.
    until("the worker's own command line", || read(worker, "cmdline").contains("\0engine\0").then_some(()));
    let held = read(worker, "environ") + &read(worker, "cmdline");
    for secret in ["hunter2", "HF_TOKEN", "GROQ_API_KEY", "TIERFALL_API_KEYS", "SOME_SECRET"] {
        assert!(!held.contains(secret), "{held}");
    }
}

#[test]
fn the_engine_works_at_as_many_requests_at_once_as_its_tier_has_places() {
    let served = Served::start(&(local() + "TIER1_CONCURRENCY=2\n"));
    until_tier_1_answers(&served);
    let told = fs::read(format!("/proc/{}/cmdline", served.worker())).expect("a process");
    let told = String::from_utf8_lossy(&told).into_owned();
    assert!(told.contains("\0--parallel\x002\0"), "{told:?}");
}

#[test]
fn a_damaged_model_is_named_and_the_next_tier_answers() {
    let wall = wall();
    let folder = tempfile::tempdir().expect("a folder");
    let whole = fs::read(model()).expect("the model");
    for (name, bytes, fault) in [
        ("half.gguf", &whole[..whole.len() / 2], "truncated"),
        ("page.gguf", b"<html>not found</html>".as_slice(), "is not a GGUF"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("written");
        let keys = format!("TIER1_TYPE=local\nTIER1_MODEL={}\n", path.display()) + &and_tier_2(&wall, "ok-6");
        let served = Served::start(&keys);
        let skipped = until("the reason", || {
            let answer = served.chat("auto");
            assert_eq!((answer.status, answer.header("x-tierfall-tier")), (200, "2"));
            served.log().into_iter().find(|line| line.starts_with("↷ Skipped: ") && line.contains(fault))
        });
        assert!(skipped.starts_with(&format!("↷ Skipped: Tier 1: This machine (unavailable ({name}")), "{skipped}");
    }
}

#[test]
fn a_model_file_that_is_not_there_is_named_and_the_next_tier_answers() {
    let wall = wall();
    let served =
        Served::start(&("TIER1_TYPE=local\nTIER1_MODEL=./gone.gguf\n".to_owned() + &and_tier_2(&wall, "ok-6")));
    let skipped = until("the reason", || {
        assert_eq!(served.chat("auto").header("x-tierfall-tier"), "2");
        served.log().into_iter().find(|line| line.contains("gone.gguf"))
    });
    assert!(skipped.starts_with("↷ Skipped: Tier 1: This machine (unavailable ("), "{skipped}");
}

#[test]
fn a_prompt_too_long_for_the_engine_goes_to_the_next_tier() {
    let wall = wall();
    let served = Served::start(&(local() + &and_tier_2(&wall, "ok-6")));
    let before = until_tier_1_answers(&served);
    let mut body = chat("auto");
    body["messages"][0]["content"] = json!("xylophones ".repeat(40_000));
    let answer = served.ask(&body);
    assert_eq!((answer.status, answer.header("x-tierfall-tier")), (200, "2"), "{}", answer.body);
    assert_eq!(without_the_time_of_ok(answer.header("x-tierfall-attempts")).split('@').next(), Some("1=too-long"));
    let log = served.log_of(before + 4)[before..].to_vec();
    let numbers = log[1].strip_prefix("✗ Failed: Tier 1: This machine (prompt too long: ");
    let numbers = numbers.and_then(|rest| rest.strip_suffix(" fit)")?.split_once(" tokens, "));
    let (asked, fits) = numbers.unwrap_or_else(|| panic!("{log:?}"));
    let (asked, fits): (u32, u32) = (asked.parse().expect("a number"), fits.parse().expect("a number"));
    assert!(asked > fits, "{log:?}");
    assert_eq!(log[0], "→ Trying: Tier 1: This machine");
    assert_eq!(
        log[2..],
        ["→ Trying: Tier 2: Ultra-Fast Fallback", "✓ Success: Tier 2: Ultra-Fast Fallback (Nms, total: Nms)"]
    );
    until_tier_1_answers(&served);
}

#[test]
fn a_picture_goes_past_a_local_tier_without_eyes() {
    let wall = wall();
    let served = Served::start(&(local() + &and_tier_2(&wall, "ok-5")));
    let before = until_tier_1_answers(&served);
    for (round, part) in [
        json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}),
        json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
        json!({"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "x.pdf"}}),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = chat("auto");
        body["messages"][0]["content"] = json!([{"type": "text", "text": crate::PROMPT}, part]);
        let whole = served.ask(&body);
        assert_eq!((whole.status, whole.text().as_str()), (200, "w1 w2 w3 w4 w5"), "{}", whole.body);
        assert!(whole.header("x-tierfall-attempts").starts_with("1=unsupported@"), "{part}");
        body["stream"] = json!(true);
        let stream = served.stream_of(&body);
        assert!(stream.header("x-tierfall-attempts").starts_with("1=unsupported@"), "{part}");
        assert_eq!(stream.rest().text(), "w1 w2 w3 w4 w5");
        assert_eq!(wall.log().len(), 2 * (round + 1), "tier 2 is asked each time");
    }
    assert_eq!(served.ask(&short("auto", 1)).header("x-tierfall-tier"), "1", "nobody is benched for it");
    let skipped = served.log()[before..].iter().filter(|line| line.starts_with("↷ Skipped")).count();
    assert_eq!(skipped, 0);
}
