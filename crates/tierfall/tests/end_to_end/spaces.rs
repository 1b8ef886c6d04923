//! The whole architecture on one machine: a process for each role, started as its Space's Dockerfile says, and a fourth one in
//! front of them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::json;

use crate::answer::{Answer, without_the_time_of_ok};
use crate::engine::{endless, model, short};
use crate::served::{Served, Setup};
use crate::{until, wall};

const MODEL: &str = "smollm2-135m-instruct:Q4_1";
const KEY: &str = "space-hunter2";

/// What a written Dockerfile tells the process that it starts.
struct Image {
    environment: Vec<(String, String)>,
    command: Vec<String>,
}

impl Image {
    /// Writes the folder of a Space and reads its Dockerfile.
    fn of(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut init = tierfall();
        let made = init.args(["space", "init", "made"]).args(arguments).current_dir(folder.path()).output();
        assert!(made.expect("the binary runs").status.success());
        let text = fs::read_to_string(folder.path().join("made/Dockerfile")).expect("a Dockerfile");
        let text = text.replace("\\\n", " ");
        let after = |name: &'static str| text.lines().filter_map(move |line| line.strip_prefix(name));
        let model = after("ARG MODEL=").next().unwrap_or_default();
        let pairs = after("ENV ").flat_map(str::split_whitespace).filter_map(|pair| pair.split_once('='));
        let environment = pairs.map(|(key, value)| (key.to_owned(), value.replace("${MODEL}", model)));
        // RUSTFLAGS are the first stage's.
        let environment = environment.filter(|(key, _)| key != "RUSTFLAGS").collect();
        let command = serde_json::from_str(after("CMD ").next_back().expect("a CMD")).expect("its JSON form");
        Self { environment, command }
    }

    fn says(&self, key: &str) -> &str {
        self.environment.iter().find(|(own, _)| own == key).map_or("", |(_, value)| value)
    }

    /// Starts what the image starts, but for its port and its data folder, with the Space's own secrets and variables.
    fn start(&self, settings: &[(&str, &str)]) -> Served {
        assert_eq!(self.command, ["tierfall", "serve", "--listen", "0.0.0.0:7860"]);
        assert_eq!(self.says("TIERFALL_DATA_DIR"), "/data");
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        if self.says("TIER1_TYPE") == "local" {
            bake(&folder.path().join("data"));
        }
        let own = self.environment.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let environment: Vec<(&str, &str)> =
            own.filter(|(key, _)| *key != "TIERFALL_DATA_DIR").chain(settings.iter().copied()).collect();
        Served::with(&Setup { environment: &environment, folder: Some(folder), ..Setup::default() })
    }
}

fn tierfall() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tierfall"));
    command.env_clear().env("HOME", "/nowhere");
    command
}

/// Puts the model where the image has it.
fn bake(data: &Path) {
    let mut path = tierfall();
    let path = path.args(["models", "path", MODEL]).env("TIERFALL_DATA_DIR", data).output().expect("the binary runs");
    let path = String::from_utf8(path.stdout).expect("UTF-8");
    fs::create_dir_all(data.join("models")).expect("a folder");
    std::os::unix::fs::symlink(model(), path.trim_end()).expect("a link");
}

fn base(served: &Served) -> String {
    format!("http://{}/v1", served.address())
}

/// A tier's lines of `.env.local`.
fn tier(number: u32, served: &Served, key: &str) -> String {
    let base = base(served);
    format!("TIER{number}_TYPE=space\nTIER{number}_BASE_URL={base}\nTIER{number}_API_KEY={key}\n")
}

fn until_ready(served: &Served) {
    until("it is ready", || (Answer::whole(served.send("GET", "/ready", None, &[])).status == 200).then_some(()));
}

#[test]
fn three_roles_and_a_fourth_in_front_answer_as_one() {
    let (first_wall, second_wall) = (wall(), wall());
    let with_model = |role| Image::of(&["--role", role, "--model", MODEL]).start(&[("TIERFALL_API_KEYS", KEY)]);
    let (mut primary, mut fast) = (with_model("primary"), with_model("fast"));
    let image = Image::of(&["--role", "proxy"]);
    let proxy = |url: &str| {
        let settings =
            [("TIERFALL_API_KEYS", KEY), ("MODEL_URL", url), ("TIER1_MODEL", "repeats"), ("TIER1_API_KEY", "x")];
        image.start(&settings)
    };
    let proxy_before = proxy(&first_wall.base_url());
    let front = tier(1, &primary, KEY) + &tier(2, &fast, KEY);
    let front = Served::start(&(front + &tier(3, &proxy_before, KEY)));
    [&primary, &fast].into_iter().for_each(until_ready);

    let body = short("auto", 8);
    let answer = front.ask(&body);
    assert_eq!((answer.status, answer.header("x-tierfall-tier")), (200, "1"), "{}", answer.body);
    assert_eq!(answer.json()["model"], MODEL, "the one that answered, whoever stands between");
    assert_eq!(answer.json()["usage"]["completion_tokens"], 8);
    fast.kill();

    let before = front.log().len();
    let mut stream = front.stream_of(&endless());
    assert_eq!(stream.header("x-tierfall-tier"), "1");
    stream.read_chunks(6);
    primary.kill();
    let spoken = stream.rest();
    assert!(spoken.text().ends_with("w59 w60"), "the proxy's server carried it on: {}", spoken.text());
    assert_eq!(spoken.finishes(), ["stop"]);
    let log = front.log_of(before + 5)[before..].join("\n");
    assert!(log.contains("✗ Failed: Tier 2: Ultra-Fast Fallback (") && log.contains("↳ Carried on: Tier 3"), "{log}");

    let answer = front.ask(&body);
    assert_eq!((answer.status, answer.header("x-tierfall-tier")), (200, "3"), "{}", answer.body);
    assert_eq!(answer.json()["model"], "repeats");
    assert_eq!(second_wall.calls("repeats").len(), 0);
    let proxy_after = proxy(&second_wall.base_url());
    front.configure(&tier(1, &proxy_after, KEY));
    until("the other server is asked", || {
        let answer = front.ask(&short("auto", 8));
        (answer.status == 200 && !second_wall.calls("repeats").is_empty()).then_some(())
    });
}

#[test]
fn a_space_asks_nobody_else_whatever_it_is_given() {
    let image = Image::of(&["--role", "fast", "--model", MODEL]);
    let served =
        image.start(&[("TIERFALL_API_KEYS", KEY), ("HF_TOKEN", "hf_hunter2"), ("GROQ_API_KEY", "gsk_hunter2")]);
    let authorization = format!("Bearer {KEY}");
    let listed = Answer::whole(served.send("GET", "/v1/models", None, &[("authorization", &authorization)]));
    let listed = listed.json();
    let names: Vec<_> = listed["data"].as_array().expect("a list").iter().map(|model| &model["id"]).collect();
    assert!(names.contains(&&json!("tier-1")), "{names:?}");
    assert!(!names.contains(&&json!("tier-3")) && !names.contains(&&json!("tier-4")), "{names:?}");
    assert_eq!(served.ask(&short("auto", 1)).status, 401, "not without its key");
}

#[test]
fn a_proxy_without_its_variable_says_what_is_missing_and_fetches_nothing() {
    let served = Image::of(&["--role", "proxy"]).start(&[("TIERFALL_OPEN", "true")]);
    assert_eq!(Answer::whole(served.send("GET", "/health", None, &[])).status, 200);
    assert_eq!(served.chat("auto").status, 503);
    let said = served.out().join("\n");
    assert!(said.contains("off: no MODEL_URL"), "{said}");
}

#[test]
fn without_a_key_a_space_does_not_start() {
    for role in ["primary", "proxy"] {
        let image = Image::of(&["--role", role]);
        let folder = tempfile::tempdir().expect("a folder");
        let own = image.environment.iter().filter(|(key, _)| key != "TIERFALL_DATA_DIR").cloned();
        let mut start = tierfall();
        let start = start.args(&image.command[1..]).envs(own).env("TIERFALL_DATA_DIR", folder.path());
        let ended = start.current_dir(folder.path()).output().expect("the binary runs");
        assert_eq!(ended.status.code(), Some(2));
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(said.starts_with("error: listening on 0.0.0.0:7860 needs TIERFALL_API_KEYS"), "{said}");
    }
}

#[test]
fn a_wrong_key_goes_to_the_next_space() {
    let wall = wall();
    let image = Image::of(&["--role", "proxy"]);
    let start = || image.start(&[("TIERFALL_API_KEYS", KEY), ("MODEL_URL", &wall.base_url())]);
    let (first, second) = (start(), start());
    let front = Served::start(&(tier(1, &first, "wrong-hunter2") + &tier(2, &second, KEY)));
    let answer = front.chat("auto");
    assert_eq!((answer.status, answer.header("x-tierfall-tier")), (200, "2"));
    let attempts = without_the_time_of_ok(answer.header("x-tierfall-attempts"));
    assert!(attempts.starts_with("1=401@") && attempts.ends_with(",2=ok@Nms"), "{attempts}");
}
