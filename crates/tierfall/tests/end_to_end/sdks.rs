//! OpenAI's own SDKs, for Python and for Node, before the binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};
use wall::{End, Wall};

use crate::answer::Stream;
use crate::served::{Served, chat};
use crate::{four_tiers, wall};

/// S07, R01, a call, an answer.
const MODELS: [&str; 4] = ["event-ids+silence-12s-after-3", "trickle-1s+ok-12", "tool-call", "ok"];
const KEY: &str = "caller-hunter2";

/// Where `scripts/setup tests` installs them.
fn installed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/sdks")
}

/// What one of the SDKs said of the gateway, once it has come to its end.
fn said_by(mut sdk: Command) -> Value {
    let shown = format!("{sdk:?}");
    let ran =
        sdk.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{shown}: {error}: `scripts/setup tests`"));
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{shown}: {error}: {out}{err}"))
}

/// One of the scripts of `tests/sdks`, run by `program`, before the gateway at `address`.
fn script(program: PathBuf, name: &str, address: &str) -> Command {
    let mut command = Command::new(program);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdks").join(name)).args([address, KEY]);
    command
}

fn words(count: u32) -> String {
    (1..=count).map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ")
}

fn served(wall: &Wall) -> Served {
    let limits = "TIER1_IDLE_TIMEOUT=100000\nTIER2_IDLE_TIMEOUT=100000\n";
    Served::start(&(four_tiers(wall, MODELS) + limits + &format!("TIERFALL_API_KEYS={KEY}\n")))
}

/// Each in its own words, where they differ.
fn assert_right(said: &Value, timeout: &str, no_key: &str) {
    let bad_key = json!({ "error": no_key, "status": 401, "code": "invalid_api_key" });
    assert_eq!(said["a silence"], json!({ "text": words(60), "odd": null }), "S07");
    assert_eq!(said["a token a second"], json!({ "text": words(12), "odd": null }), "R01: it is the longest silence");
    let hurried = &said["whole and hurried"];
    assert!(
        hurried["error"] == timeout || hurried["code"] == "all_tiers_failed",
        "R01: it bounds a whole answer: {hurried}"
    );
    assert_eq!([&said["a call"], &said["a streamed call"]][..], [&said["a call"]; 2][..]);
    assert_eq!(said["a call"][0], true, "it has an id");
    assert!(said["a call"][1].is_string() && said["a call"][2].is_object(), "{}", said["a call"]);
    assert_eq!([&said["a bad key"], &said["a bad key and three megabytes"]], [&bad_key; 2]);
    assert_eq!(said["raw"], json!({ "tier": "4", "id": true, "text": words(60) }));
    assert_eq!(said["raw stream"], json!({ "tier": "4", "id": true, "text": words(60), "odd": null }));
    assert_eq!(said["usage"], json!([60]));
    assert_eq!(said["models"], json!(["auto", true]));
}

#[test]
fn openais_sdks_read_every_answer_to_its_end() {
    let wall = wall();
    let served = served(&wall);
    let address = format!("http://{}/v1", served.address());
    let python = script(installed().join("python/bin/python"), "openai_python.py", &address);
    let mut node = script("node".into(), "openai_node.mjs", &address);
    node.arg(installed().join("node"));
    let (python, node) = (thread::spawn(|| said_by(python)), thread::spawn(|| said_by(node)));
    assert_right(&python.join().expect("it runs"), "APITimeoutError", "AuthenticationError");
    assert_right(&node.join().expect("it runs"), "APIConnectionTimeoutError", "AuthenticationError");

    let hurried = wall.log().into_iter().filter(|seen| seen.model == MODELS[1]);
    let left = hurried.filter(|seen| seen.ended.is_some_and(|ended| ended.how == End::ClientLeft));
    assert_eq!(left.count(), 2, "the tier is told to stop where an SDK no longer waits");

    let mut body = chat("tier-1");
    body["stream"] = json!(true);
    let key = format!("Bearer {KEY}");
    let headers = [("authorization", key.as_str())];
    let stream = Stream::new(served.send("POST", "/v1/chat/completions", Some(&body), &headers)).rest();
    assert_eq!(stream.comments, ["tierfall waiting"], "the silence is one that a comment breaks");
}
