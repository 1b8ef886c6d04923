//! What is kept beyond the process.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::served::{Served, Setup};
use crate::{SECRETS, four_tiers, until, wall};

/// What `tierfall ledger export` prints of the ledger in `folder`.
pub(crate) fn export(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_tierfall"))
        .args(["ledger", "export"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("TIERFALL_DATA_DIR", folder.join("data"))
        .output()
        .expect("the binary runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{err}");
    out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The JSON that `tierfall tiers` or `GET /api/tiers` says of tier 1's requests a day.
fn of_the_day(said: &Value) -> &Value {
    let limits = said["tiers"][0]["limits"].as_array().expect("limits");
    limits.iter().find(|limit| limit["per"] == "day").expect("a day's")
}

#[test]
fn what_is_spent_and_until_when_it_lasts_is_told_by_the_server_by_the_ledger_and_at_the_next_start() {
    let wall = wall();
    let keys = four_tiers(&wall, ["ok-5", "ok-6", "ok-7", "ok-8"]) + "TIER1_RPD=3\n";
    let mut served = Served::start(&keys);
    let folder = served.folder();
    assert_eq!(served.chat("auto").status, 200);
    assert_eq!(served.chat("auto").status, 200);
    let said = served.send("GET", "/api/tiers", None, &[]).into_body().read_to_string().expect("text");
    let said: Value = serde_json::from_str(&said).expect("JSON");
    let day = of_the_day(&said);
    assert_eq!((&day["limit"], &day["spent"], &day["source"]), (&json!(3), &json!(2), &json!("user")));
    assert!(day["used_up_at"].is_string() && day["whole_at"].is_string(), "two in half an hour: {day}");
    until("both are written", || (export(folder.path(), &[]).len() == 2).then_some(()));
    served.kill();

    let told = Command::new(env!("CARGO_BIN_EXE_tierfall"))
        .args(["tiers", "--json"])
        .current_dir(folder.path())
        .env_clear()
        .env("TIERFALL_DATA_DIR", folder.path().join("data"))
        .output()
        .expect("the binary runs");
    let told: Value = serde_json::from_slice(&told.stdout).expect("JSON");
    assert_eq!(of_the_day(&told)["spent"], 2, "{told}");

    let served = Served::with(&Setup { keys: &keys, folder: Some(folder), ..Setup::default() });
    served.said("Warning: Tier 1: Your HF Space: at this pace it is used up at ");
}

#[test]
fn a_quota_that_is_used_up_is_used_up_after_a_kill_too() {
    for quota in ["TIER1_RPM=2\n", "TIER1_RPD=2\n"] {
        let wall = wall();
        let keys = four_tiers(&wall, ["ok-5", "ok-6", "ok-7", "ok-8"]) + quota;
        let mut served = Served::start(&keys);
        let folder = served.folder();
        assert_eq!(served.chat("auto").json()["model"], "ok-5");
        assert_eq!(served.chat("auto").json()["model"], "ok-5");
        // Budgets are written before the decisions that spent them.
        until("both are written", || (export(folder.path(), &[]).len() == 2).then_some(()));
        served.kill();

        let served = Served::with(&Setup { keys: &keys, folder: Some(folder), ..Setup::default() });
        assert_eq!(served.chat("auto").json()["model"], "ok-6", "{quota}");
        served.said("↷ Skipped: Tier 1: Your HF Space (quota used up, room again in ");
    }
}

#[test]
fn a_tier_with_another_key_has_a_quota_of_its_own() {
    let wall = wall();
    let keys = four_tiers(&wall, ["ok-5", "ok-6", "ok-7", "ok-8"]) + "TIER1_RPD=1\n";
    let served = Served::start(&keys);
    let folder = served.folder();
    assert_eq!(served.chat("auto").json()["model"], "ok-5");
    served.end();
    let keys = keys.replace("one-hunter2", "another-hunter2");
    let served = Served::with(&Setup { keys: &keys, folder: Some(folder), ..Setup::default() });
    assert_eq!(served.chat("auto").json()["model"], "ok-5");
}

#[test]
fn a_tier_that_is_switched_off_and_on_again_finds_what_it_had_spent() {
    let wall = wall();
    let keys = four_tiers(&wall, ["ok-5", "ok-6", "ok-7", "ok-8"]) + "TIER1_RPD=1\n";
    let taken_up = |served: &Served, times: usize| {
        let said = || served.log().iter().filter(|line| *line == "the changed configuration is taken up").count();
        until("the change", || (said() == times).then_some(()));
    };
    let served = Served::start(&keys);
    let folder = served.folder();
    assert_eq!(served.chat("auto").json()["model"], "ok-5");
    until("it is written", || (export(folder.path(), &[]).len() == 1).then_some(()));
    served.configure(&(keys.clone() + "TIER1_ENABLED=false\n"));
    taken_up(&served, 1);
    served.configure(&keys);
    taken_up(&served, 2);
    assert_eq!(served.chat("auto").json()["model"], "ok-6");
}

#[test]
fn every_decision_is_exported_and_no_prompt_and_no_key_is_stored() {
    let wall = wall();
    let served = Served::start(&four_tiers(&wall, ["status-500", "ok-6", "ok-7", "ok-8"]));
    let folder = served.folder();
    served.chat("auto");
    served.stream("tier-3").rest();
    served.end();

    let decisions = export(folder.path(), &[]);
    let [first, second] = &decisions[..] else { panic!("{decisions:?}") };
    assert_eq!(
        (&first["route"], &first["ending"], &first["streamed"]),
        (&"auto".into(), &"answered".into(), &false.into())
    );
    let outcomes: Vec<_> =
        first["attempts"].as_array().expect("a list").iter().map(|a| (&a["tier"], &a["outcome"])).collect();
    let retried = (&1.into(), &"500".into());
    assert_eq!(outcomes, [retried, retried, (&2.into(), &"ok".into())]);
    assert_eq!(
        (&second["route"], &second["streamed"], &second["answer_tokens"]),
        (&"tier-3".into(), &true.into(), &7.into())
    );
    assert!(first["at"].as_str() <= second["at"].as_str() && second["at"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert!(export(folder.path(), &["--since", "0"]).is_empty());
    assert_eq!(export(folder.path(), &["--since", "1"]), decisions);

    for entry in
        fs::read_dir(folder.path().join("data")).expect("a folder").flatten().filter(|entry| entry.path().is_file())
    {
        let stored = fs::read(entry.path()).expect("a file");
        for secret in SECRETS {
            let held = stored.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
            assert!(!held, "{:?} holds {secret}", entry.path());
        }
    }
}

#[test]
fn an_export_is_traffic_for_a_simulation() {
    let wall = wall();
    let served = Served::start(&four_tiers(&wall, ["cut-after-40", "ok-60", "ok-7", "ok-8"]));
    let folder = served.folder();
    served.chat("tier-2");
    served.stream("auto").rest();
    served.end();
    let lines: String = export(folder.path(), &[]).iter().map(|line| line.to_string() + "\n").collect();
    fs::write(folder.path().join("export.jsonl"), lines).expect("written");
    // The wall is faster than a speed can be learned from.
    let tier = |number| format!("[[tier]]\nnumber = {number}\nprompt_tokens_per_s = 40\nanswer_tokens_per_s = 20\n");
    let day = format!("traffic = \"export.jsonl\"\n{}{}", tier(1), tier(2));
    fs::write(folder.path().join("day.toml"), day).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_tierfall"))
        .args(["simulate", "--json", "day.toml"])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .expect("the binary runs");
    let err = String::from_utf8_lossy(&output.stderr);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {err}"));
    assert_eq!(told["requests"], 2, "{told}");
}

#[test]
fn a_ledger_that_cannot_be_opened_is_said_and_requests_are_answered_without_it() {
    let wall = wall();
    let folder = std::sync::Arc::new(tempfile::tempdir().expect("a folder"));
    let data = folder.path().join("data");
    fs::create_dir(&data).expect("made");
    fs::write(data.join("ledger.sqlite"), "This is no database. ".repeat(100)).expect("written");
    let keys = four_tiers(&wall, ["ok-5", "ok-6", "ok-7", "ok-8"]);
    let served = Served::with(&Setup { keys: &keys, folder: Some(folder), ..Setup::default() });
    assert_eq!(served.chat("auto").json()["model"], "ok-5");
    let said: Vec<_> = served.out().into_iter().filter(|line| line.starts_with("Warning: ")).collect();
    let expected = format!(
        "Warning: the ledger {} cannot be opened (file is not a database): move it away, and the next start makes a new \
         one; until the next start, nothing is recorded and quotas begin anew",
        data.join("ledger.sqlite").display()
    );
    assert_eq!(said, [expected]);
}
