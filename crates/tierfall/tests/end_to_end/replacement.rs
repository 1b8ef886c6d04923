//! A tier whose model its provider has retired.

use std::sync::Arc;

use tempfile::TempDir;
use wall::{ModelList, Wall};

use crate::served::{Served, Setup};
use crate::{until, wall};

/// What `TIER3_MODEL` is where nothing is set, by the file of providers.
fn configured() -> &'static str {
    let groq: upstream::Kind = "groq".parse().expect("a kind");
    groq.facts().model.as_deref().expect("a model")
}

/// A scripted Groq that has retired the configured model and lists these.
fn groq(models: &[&str]) -> Wall {
    let wall = wall();
    wall.script(configured(), "refuse-model-decommissioned".parse::<wall::Script>().expect("a script"));
    wall.list(ModelList::of(models));
    wall
}

/// All that the user has set: a key, and here the address of the script.
fn only_a_key(wall: &Wall) -> String {
    format!("GROQ_API_KEY=hunter2\nGROQ_BASE_URL={}\n", wall.base_url())
}

fn asked(wall: &Wall) -> Vec<String> {
    wall.log().into_iter().filter(|seen| seen.method == "POST").map(|seen| seen.model).collect()
}

fn again(keys: &str, folder: &Arc<TempDir>) -> Served {
    Served::with(&Setup { keys, folder: Some(Arc::clone(folder)), ..Setup::default() })
}

/// Waits until the ledger holds a decision: what a restart has to know is written before it.
fn written(served: &Served) {
    let folder = served.folder();
    until("it is written", || {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tierfall"))
            .args(["ledger", "export"])
            .current_dir(folder.path())
            .env_clear()
            .env("TIERFALL_DATA_DIR", folder.path().join("data"))
            .output()
            .expect("the binary runs");
        (!output.stdout.is_empty()).then_some(())
    });
}

#[test]
fn with_only_a_key_the_first_request_is_answered_by_the_successor_and_says_so() {
    for streamed in [false, true] {
        let wall = groq(&[configured(), "whisper-large-v3", "openai/gpt-oss-20b", "qwen/qwen3.6-27b"]);
        let served = Served::start(&only_a_key(&wall));
        let successor = "openai/gpt-oss-20b";
        let note = format!("{} is gone: asked {successor} instead", configured());
        if streamed {
            let stream = served.stream("auto");
            assert_eq!(stream.header("x-tierfall-note"), note);
            let spoken = stream.rest();
            assert!(spoken.text().ends_with("w60"), "{}", spoken.text());
        } else {
            let answer = served.chat("auto");
            assert_eq!(answer.header("x-tierfall-note"), note);
            assert_eq!(answer.json()["model"], successor);
        }
        assert_eq!(asked(&wall), [configured(), successor]);
        let tier = "Tier 3: Groq Cloud API";
        let replaced = format!("⇄ Replaced: {tier} ({note})");
        let success = format!("✓ Success: {tier} (Nms, total: Nms)");
        assert_eq!(served.end(), [format!("→ Trying: {tier}"), replaced, success]);
    }
}

#[test]
fn what_was_found_is_remembered_after_a_kill_and_said_at_the_start() {
    let wall = groq(&["qwen/qwen3.6-27b"]);
    let keys = only_a_key(&wall);
    let mut served = Served::start(&keys);
    assert_eq!(served.chat("auto").json()["model"], "qwen/qwen3.6-27b");
    written(&served);
    let folder = served.folder();
    served.kill();

    let before = asked(&wall).len();
    let served = again(&keys, &folder);
    let said = format!("Tier 3: Groq Cloud API: {} is gone: asked qwen/qwen3.6-27b instead; ", configured());
    assert!(served.out().iter().any(|line| line.starts_with(&said)), "{:?}", served.out());
    assert_eq!(served.chat("tier-3").json()["model"], "qwen/qwen3.6-27b");
    assert_eq!(asked(&wall)[before..], ["qwen/qwen3.6-27b"]);
}

#[test]
fn a_reload_keeps_it_and_mend_false_wants_none_of_it() {
    let wall = groq(&["qwen/qwen3.6-27b"]);
    let keys = only_a_key(&wall);
    let served = Served::start(&keys);
    assert_eq!(served.chat("auto").json()["model"], "qwen/qwen3.6-27b");
    let taken_up = |times: usize| {
        let said = || served.log().iter().filter(|line| *line == "the changed configuration is taken up").count();
        until("the change", || (said() == times).then_some(()));
    };
    served.configure(&(keys.clone() + "TIER3_TIMEOUT=20000\n"));
    taken_up(1);
    assert_eq!(served.chat("auto").json()["model"], "qwen/qwen3.6-27b");
    assert_eq!(asked(&wall), [configured(), "qwen/qwen3.6-27b", "qwen/qwen3.6-27b"]);
    served.configure(&(keys.clone() + "TIER3_MEND=false\n"));
    taken_up(2);
    let refused = served.chat("auto");
    assert_eq!((refused.status, refused.has_header("x-tierfall-note")), (503, false));
    assert_eq!(refused.json()["error"]["attempts"][0]["reason"], "model not found");
}

#[test]
fn an_order_of_the_users_own_is_followed_whatever_the_list_says() {
    let wall = groq(&["openai/gpt-oss-20b"]);
    let keys = format!("{}TIER3_MODEL=\"{}, ok-5 ,ok-6\"\nTIER3_MEND=false\n", only_a_key(&wall), configured());
    let served = Served::start(&keys);
    assert_eq!(served.chat("auto").json()["model"], "ok-5");
    assert!(wall.log().iter().all(|seen| seen.method == "POST"), "no list is read");
}

#[test]
fn a_list_that_is_none_mends_nothing_and_another_tier_is_untouched_by_all_of_it() {
    let huge = || {
        let mut body = br#"{"data":[{"id":"ok-5"}],"padding":""#.to_vec();
        body.resize(100 << 20, b' ');
        ModelList { body, ..ModelList::of(&[]) }
    };
    let html = ModelList { body: b"<html></html>".to_vec(), content_type: "text/html", ..ModelList::of(&[]) };
    for list in [html, huge(), ModelList::of(&vec!["ok-5"; 100_000])] {
        let (wall, other) = (groq(&[]), wall());
        wall.list(list);
        let base = other.base_url();
        let keys = format!("{}HF_TOKEN=hf_hunter2\nHF_BASE_URL={base}\nTIER4_MODEL=ok-7\n", only_a_key(&wall));
        let served = Served::start(&keys);
        let answer = served.chat("auto");
        assert_eq!((&answer.json()["model"], answer.has_header("x-tierfall-note")), (&"ok-7".into(), false));
        assert_eq!((asked(&wall), asked(&other)), (vec![configured().to_owned()], vec!["ok-7".to_owned()]));
    }
}
