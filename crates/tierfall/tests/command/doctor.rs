use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use wall::{ClosedPort, Wall};

use super::{Said, finish, folder, is_alive, kill, start, tierfall, until, workers};

/// A server that answers every request whose path ends in `path` with `answer`, and every other with 404.
pub(super) fn serve(answers: &'static [(&'static str, &'static str)]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let asked = read_request(&mut stream);
            let path = asked.split(' ').nth(1).unwrap_or_default().to_owned();
            let answer = answers.iter().find(|(end, _)| path.ends_with(end)).map_or(NOT_FOUND, |(_, answer)| answer);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

fn read_request(stream: &mut impl Read) -> String {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return text;
            }
        }
        match stream.read(&mut buffer) {
            Ok(read @ 1..) => request.extend_from_slice(&buffer[..read]),
            _ => return text,
        }
    }
}

macro_rules! answer {
    ($status:literal, $kind:literal, $body:literal) => {
        concat!("HTTP/1.1 ", $status, "\r\ncontent-type: ", $kind, "\r\nconnection: close\r\n\r\n", $body)
    };
}

const NOT_FOUND: &str = answer!("404 Not Found", "application/json", "{\"detail\":\"Not Found\"}");
const GOOD: &str = answer!(
    "200 OK",
    "application/json",
    "{\"id\":\"1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"ok\"},\"finish_reason\":\"length\"}]}"
);
const SILENT: &str = answer!(
    "200 OK",
    "application/json",
    "{\"id\":\"1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":\"length\"}]}"
);
const BAD_KEY: &str = answer!(
    "401 Unauthorized",
    "application/json",
    "{\"error\":{\"message\":\"Invalid API Key\",\"type\":\"invalid_request_error\",\"code\":\"invalid_api_key\"}}"
);
const NO_MODEL: &str = answer!(
    "404 Not Found",
    "application/json",
    "{\"error\":{\"message\":\"The model `llama-3.3-70b-versatile` does not exist\",\"type\":\"invalid_request_error\",\"code\":\"model_not_found\"}}"
);
const MODELS: &str = answer!(
    "200 OK",
    "application/json",
    "{\"object\":\"list\",\"data\":[{\"id\":\"whisper-large-v3\"},{\"id\":\"llama-3.1-8b-instant\"},{\"id\":\"llama-4.1-70b-versatile\"},{\"id\":\"gemma2-9b-it\"},{\"id\":\"llama-3.4-70b\"}]}"
);
pub(super) const LISTED: &str = answer!(
    "200 OK",
    "application/json",
    "{\"object\":\"list\",\"data\":[{\"id\":\"openai/gpt-oss-20b\"},{\"id\":\"openai/gpt-oss-120b\"}]}"
);
const OF_OLLAMA: &str = answer!(
    "200 OK",
    "application/json",
    "{\"object\":\"list\",\"data\":[{\"id\":\"nomic-embed-text:latest\"},{\"id\":\"qwen2.5-coder:7b\"}]}"
);
const PAGE: &str = answer!("200 OK", "text/html", "<!DOCTYPE html><html><body>Building</body></html>");
const STARTING: &str = answer!("503 Service Unavailable", "text/html", "<html>Space is starting</html>");

/// Runs the doctor on tier 1 at `address`, which lacks nothing but what it answers.
fn tier_1_at(address: SocketAddr) -> Said {
    let base = format!("http://{address}/v1");
    tierfall(folder().path(), &[("CUSTOM_LLM_BASE_URL", &base)], &["doctor"])
}

#[test]
fn a_tier_that_answers_is_enough() {
    let said = tier_1_at(serve(&[("/chat/completions", GOOD)]));
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.starts_with("✓ Tier 1: Your HF Space answers ("), "{}", said.out);
    assert!(
        said.out.contains("\n- Tier 3: Groq Cloud API is off: no GROQ_API_KEY\n  fix: set GROQ_API_KEY in .env.local")
    );
    assert!(said.out.ends_with("\n1 of 4 tiers can answer\n"), "{}", said.out);
}

#[test]
fn a_tier_that_says_nothing_has_not_answered() {
    let said = tier_1_at(serve(&[("/chat/completions", SILENT)]));
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(said.out.starts_with("✗ Tier 1: Your HF Space: empty answer\n"), "{}", said.out);
}

#[test]
fn a_space_that_sleeps_or_builds_is_told_from_a_broken_one() {
    for answer in [&[("/chat/completions", PAGE)][..], &[("/chat/completions", STARTING)]] {
        let address = serve(answer);
        let said = tier_1_at(address);
        assert_eq!(said.code, 1);
        assert!(said.out.starts_with("✗ Tier 1: Your HF Space: "), "{}", said.out);
        let fix = format!("fix: the Space sleeps, builds or starts: open http://{address} in a browser");
        assert!(said.out.contains(&fix), "{}", said.out);
        assert!(said.out.ends_with("\n0 of 4 tiers can answer\n"));
    }
}

#[test]
fn a_wrong_groq_key_is_named_and_never_shown() {
    let base = format!("http://{}/v1", serve(&[("/chat/completions", BAD_KEY)]));
    let said = tierfall(folder().path(), &[("GROQ_API_KEY", "gsk_hunter2"), ("GROQ_BASE_URL", &base)], &["doctor"]);
    assert_eq!(said.code, 1);
    let expected = "✗ Tier 3: Groq Cloud API: 401 Unauthorized\n  fix: the key is wrong or expired: make one at https://console.groq.com/keys and set GROQ_API_KEY\n";
    assert!(said.out.contains(expected), "{}", said.out);
    assert!(!said.out.contains("hunter2") && !said.err.contains("hunter2"));
}

#[test]
fn a_model_that_is_gone_is_answered_by_its_successor_and_the_doctor_says_which() {
    let wall = Wall::start("127.0.0.1:0").expect("a port");
    wall.script("llama-3.3-70b-versatile", "refuse-model-decommissioned".parse::<wall::Script>().expect("a script"));
    wall.list(wall::ModelList::of(&["whisper-large-v3", "qwen/qwen3.6-27b", "openai/gpt-oss-120b"]));
    let base = wall.base_url();
    let keys = [("GROQ_API_KEY", "gsk_hunter2"), ("GROQ_BASE_URL", &*base), ("TIER3_MODEL", "llama-3.3-70b-versatile")];
    let said = tierfall(folder().path(), &keys, &["doctor"]);
    assert_eq!(said.code, 0, "{}", said.out);
    let mended = "ms): llama-3.3-70b-versatile is gone, openai/gpt-oss-120b answers in its place\n  \
                  fix: set TIER3_MODEL to openai/gpt-oss-120b, or to another model that it has\n";
    assert!(
        said.out.starts_with("✓ Tier 3: Groq Cloud API answers (")
            || said.out.contains("\n✓ Tier 3: Groq Cloud API answers (")
    );
    assert!(said.out.contains(mended) && said.out.ends_with("1 of 4 tiers can answer\n"), "{}", said.out);
    let keys = [&keys[..], &[("TIER3_MEND", "false")]].concat();
    let said = tierfall(folder().path(), &keys, &["doctor"]);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(said.out.contains("✗ Tier 3: Groq Cloud API: model not found\n"), "{}", said.out);
}

#[test]
fn a_model_that_is_gone_is_answered_with_the_three_nearest() {
    let base = format!("http://{}/v1", serve(&[("/chat/completions", NO_MODEL), ("/models", MODELS)]));
    let keys = [("GROQ_API_KEY", "gsk_x"), ("GROQ_BASE_URL", &base), ("TIER3_MODEL", "llama-3.3-70b-versatile")];
    let said = tierfall(folder().path(), &keys, &["doctor"]);
    let expected = "✗ Tier 3: Groq Cloud API: model not found\n  fix: it does not have llama-3.3-70b-versatile: set TIER3_MODEL to one that it has, such as llama-4.1-70b-versatile, llama-3.4-70b, llama-3.1-8b-instant\n";
    assert!(said.out.contains(expected), "{}", said.out);
}

#[test]
fn where_nobody_listens_the_address_is_named() {
    let closed = ClosedPort::take().expect("a port");
    let address = closed.address();
    let said = tier_1_at(address);
    let expected = format!(
        "✗ Tier 1: Your HF Space: connection refused\n  fix: nothing listens at http://{address}/v1: start the server, or correct CUSTOM_LLM_BASE_URL\n"
    );
    assert!(said.out.starts_with(&expected), "{}", said.out);
}

#[test]
fn a_path_that_is_not_there_points_at_the_address() {
    let said = tier_1_at(serve(&[]));
    assert!(said.out.contains("has no /chat/completions: CUSTOM_LLM_BASE_URL ends in /v1 as a rule"), "{}", said.out);
}

#[test]
fn slips_in_the_files_come_first() {
    let folder = folder();
    let base = format!("http://{}", serve(&[("/chat/completions", GOOD)]));
    let text = format!("CUSTOM_LLM_BASE_URL = {base}\nTEIR2_TIMEOUT=5\n");
    std::fs::write(folder.path().join(".env.local"), text).expect("written");
    let said = tierfall(folder.path(), &[], &["doctor"]);
    assert_eq!(said.code, 0);
    let lines: Vec<_> = said.out.lines().take(3).map(|line| line.split(": write").next().unwrap_or_default()).collect();
    assert_eq!(lines[0], "! CUSTOM_LLM_BASE_URL (.env.local:1) has spaces round =");
    assert_eq!(lines[1], "! TEIR2_TIMEOUT (.env.local:2) is not a key of Tierfall: is TIER2_TIMEOUT meant?");
    assert!(lines[2].starts_with("! CUSTOM_LLM_BASE_URL (.env.local:1) does not end in /v1: using "));
}

#[test]
fn a_local_model_that_is_absent_is_told_how_to_be_fetched() {
    let said = tierfall(folder().path(), &[], &["doctor"]);
    assert_eq!(said.code, 1);
    let expected = "✗ Tier 2: This machine, quick: smollm2-135m-instruct:Q4_1 is not here\n  fix: tierfall models pull smollm2-135m-instruct:Q4_1\n";
    assert!(said.out.contains(expected), "{}", said.out);
}

#[test]
fn a_local_file_that_is_no_model_is_refused_by_name() {
    let folder = folder();
    std::fs::write(folder.path().join("own.gguf"), "GGUF and nothing more").expect("written");
    let said = tierfall(folder.path(), &[("TIER1_TYPE", "local"), ("TIER1_MODEL", "./own.gguf")], &["doctor"]);
    assert_eq!(said.code, 1);
    assert!(said.out.starts_with("✗ Tier 1: This machine: own.gguf"), "{}", said.out);
    assert!(said.out.contains("fix: the file is damaged or no model"), "{}", said.out);
}

/// The line of a Studio that can be served with this, or what every binary says that has no front end.
fn studio_line(served: &str) -> String {
    if studio::has_front_end() {
        format!("\n✓ Studio on http://127.0.0.1:7860/: {served}\n")
    } else {
        "\n✗ Studio: its front end is not built into this binary\n  fix: run `make web`, then `make build`\n".to_owned()
    }
}

#[test]
fn where_the_studio_is_served_and_with_what_is_told_behind_the_tiers() {
    let said = tier_1_at(serve(&[("/chat/completions", GOOD)]));
    let line = studio_line("no projects yet in data/studio.db, tier 1 writes words and whole pages");
    assert!(said.out.contains(&line), "{}", said.out);
    assert!(said.out.ends_with("\n1 of 4 tiers can answer\n"), "{}", said.out);
}

#[test]
fn a_studio_whose_projects_cannot_be_opened_or_that_no_tier_may_write_for_is_told() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("data")).expect("a folder");
    std::fs::write(folder.path().join("data/studio.db"), "no database".repeat(100)).expect("written");
    let own = [("TIER1_TYPE", "local"), ("TIER1_MODEL", "smollm2-135m-instruct"), ("TIER2_ENABLED", "false")];
    let said = tierfall(folder.path(), &own, &["doctor"]);
    let unopened =
        "\n✗ Studio: the projects in data/studio.db cannot be opened (file is not a database)\n  fix: move it away";
    assert!(said.out.contains(unopened), "{}", said.out);
    let unwritten =
        "\n✗ Studio: no tier that is on may write pages\n  fix: switch on a tier whose model may, such as qwen2.5";
    assert!(said.out.contains(unwritten), "{}", said.out);
}

#[test]
fn saved_starts_that_the_last_worker_could_not_use_are_named() {
    let folder = folder();
    let model = real_model();
    let served = [("TIER1_TYPE", "local"), ("TIER1_MODEL", model.as_str()), ("TIER2_ENABLED", "false")];
    // As a worker leaves it: its folder's name is the engine's own, which a served gateway makes.
    let mut gateway = start(folder.path(), &served, &["serve", "--listen", "127.0.0.1:0"]);
    let warm = folder.path().join("data/warm");
    let own = until("the worker's folder", || std::fs::read_dir(&warm).ok()?.flatten().next());
    let left = workers(gateway.id());
    kill(gateway.id());
    gateway.wait().expect("it ends");
    // At its start it forgets what the one before it has dropped.
    until("its worker ends", || left.iter().all(|&worker| !is_alive(worker)).then_some(()));
    std::fs::write(own.path().join("dropped"), "0123456789abcdef.warm: it is damaged").expect("written");
    let said = tierfall(folder.path(), &served, &["doctor"]);
    let expected = "! Tier 1: This machine: its last worker could not use a saved start of prompts, and removed it from warm: 0123456789abcdef.warm: it is damaged\n";
    assert!(said.out.starts_with(expected), "{}", said.out);
}

fn real_model() -> String {
    std::env::var("TIERFALL_TEST_MODEL").expect("TIERFALL_TEST_MODEL is not set: run `make test`")
}

#[test]
fn a_local_tier_is_run_and_asked_and_nothing_of_it_is_left() {
    let folder = folder();
    let said = tierfall(folder.path(), &[("TIER1_TYPE", "local"), ("TIER1_MODEL", &real_model())], &["doctor"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.starts_with("✓ Tier 1: This machine answers ("), "{}", said.out);
    assert_eq!(std::fs::read_dir(folder.path().join("data/run")).expect("a folder").count(), 0, "its socket's folder");
}

#[test]
fn a_worker_that_dies_three_times_at_its_start_is_told_with_the_reason_and_a_fix() {
    let folder = folder();
    let model = real_model();
    let said = std::thread::scope(|scope| {
        let doctor = start(folder.path(), &[("TIER1_TYPE", "local"), ("TIER1_MODEL", &model)], &["doctor"]);
        let pid = doctor.id();
        let said = scope.spawn(move || finish(doctor, "doctor"));
        // Whatever ends it before it is ready: here it is killed as soon as it has begun, as the kernel does without memory.
        while !said.is_finished() {
            workers(pid).into_iter().for_each(kill);
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        said.join().expect("it ends")
    });
    assert_eq!(said.code, 1, "{}", said.out);
    let expected = "✗ Tier 1: This machine: died 3 times at its start, at last: killed by SIGKILL\n  fix: the file is damaged or no model: fetch it again from where it came; if that does not help, free some memory, or use another model";
    assert!(said.out.starts_with(expected), "{}", said.out);
    assert_eq!(said.out.lines().nth(2).map(|line| line.starts_with("- Tier")), Some(true), "{}", said.out);
}

#[test]
fn a_model_that_only_llama_cpp_refuses_is_told_in_its_words() {
    let folder = folder();
    let whole = std::fs::read(real_model()).expect("the model");
    // The tensor's name is as long as before, and is none that the architecture has.
    let at = whole.windows(18).position(|bytes| bytes == b"blk.0.attn_q.weigh").expect("a tensor of that name");
    let mut renamed = whole;
    renamed[at..at + 18].copy_from_slice(b"blk.0.attn_x.weigh");
    std::fs::write(folder.path().join("own.gguf"), renamed).expect("written");
    let said = tierfall(folder.path(), &[("TIER1_TYPE", "local"), ("TIER1_MODEL", "./own.gguf")], &["doctor"]);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(said.out.starts_with("✗ Tier 1: This machine: own.gguf cannot be loaded: "), "{}", said.out);
    assert!(said.out.contains("blk.0.attn_q.weight"), "{}", said.out);
}

#[test]
fn a_server_of_models_on_this_machine_is_offered_with_the_lines_that_make_it_a_tier() {
    let (ollama, closed) = (serve(&[("/models", OF_OLLAMA)]), ClosedPort::take().expect("a port"));
    let places = format!("ollama:{},llama.cpp:{}", ollama.port(), closed.address().port());
    let base = format!("http://{}/v1", serve(&[("/chat/completions", GOOD)]));
    let keys = [("TIERFALL_DISCOVER", places.as_str()), ("CUSTOM_LLM_BASE_URL", &base)];
    let said = tierfall(folder().path(), &keys, &["doctor"]);
    let port = ollama.port();
    let expected = format!(
        "\n+ Ollama answers on 127.0.0.1:{port} (2 models, such as qwen2.5-coder:7b)\n  to use it, put into .env.local:\n    \
         TIER2_TYPE=ollama\n    TIER2_BASE_URL=http://127.0.0.1:{port}/v1\n    TIER2_MODEL=qwen2.5-coder:7b\n"
    );
    assert!(said.out.contains(&expected), "{}", said.out);
    assert!(!said.out.contains("llama.cpp"), "nobody listens there: {}", said.out);
    let none = tierfall(folder().path(), &[("TIERFALL_DISCOVER", "none"), keys[1]], &["doctor"]);
    assert!(!none.out.contains("Ollama"), "{}", none.out);
}

#[test]
fn an_ollama_tier_without_a_model_is_asked_for_the_first_of_its_list_that_writes_answers() {
    let base = format!("http://{}/v1", serve(&[("/chat/completions", GOOD), ("/models", OF_OLLAMA)]));
    let keys = [("TIER1_TYPE", "ollama"), ("TIER1_BASE_URL", base.as_str()), ("TIERFALL_DISCOVER", "none")];
    let said = tierfall(folder().path(), &keys, &["doctor"]);
    assert!(said.out.starts_with("✓ Tier 1: Ollama answers ("), "{}", said.out);
    let said = tierfall(folder().path(), &[keys[0], keys[1], ("TIER1_MODEL", "m"), keys[2]], &["tiers", "check"]);
    assert_eq!((said.code, said.out.as_str()), (1, "✗ Tier 1: Ollama: m is not among its 2 models\n"), "{}", said.err);
}
