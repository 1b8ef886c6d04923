//! Servers of models that run on this machine already.

use wall::ClosedPort;

use crate::served::Served;
use crate::wall;

#[test]
fn a_first_start_says_which_server_runs_already_and_how_it_becomes_a_tier() {
    let (ollama, closed) = (wall(), ClosedPort::take().expect("a port"));
    let (port, nobody) = (ollama.address().port(), closed.address());
    // No model comes from anywhere: what is said is said before any is here.
    let keys = format!("TIERFALL_DISCOVER=lm-studio:{},ollama:{port}\nHF_ENDPOINT=http://{nobody}\n", nobody.port());
    let served = Served::start(&keys);
    let said = served.said(&format!("Ollama answers on 127.0.0.1:{port} ("));
    let lines = format!(
        "; to use it, put into .env.local: TIER1_TYPE=ollama TIER1_BASE_URL=http://127.0.0.1:{port}/v1 TIER1_MODEL="
    );
    assert!(said.contains(&lines), "{said}");
    assert!(said.ends_with(" TIER2_TYPE=local TIER2_MODEL=smollm2-135m-instruct"), "{said}");
    assert!(!served.log().iter().any(|line| line.starts_with("LM Studio")), "nobody listens there");
}

#[test]
fn an_ollama_tier_that_names_no_model_answers_with_one_of_its_list() {
    let ollama = wall();
    let served = Served::start(&format!("TIER1_TYPE=ollama\nTIER1_BASE_URL={}\n", ollama.base_url()));
    let line = served.out().into_iter().find(|line| line.starts_with("Tier 1: Ollama [ollama, ")).expect("its line");
    assert!(!line.starts_with("Tier 1: Ollama [ollama, auto"), "{line}");
}
