use serde_json::Value;

use super::{finish, folder, signal, start, tierfall, workers};

fn real_model() -> String {
    std::env::var("TIERFALL_TEST_MODEL").expect("TIERFALL_TEST_MODEL is not set: run `make test`")
}

#[test]
fn a_real_model_is_measured_and_every_figure_is_a_figure() {
    let folder = folder();
    let said = tierfall(folder.path(), &[], &["bench", &real_model(), "--json"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.out);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    let model = &report["models"][0];
    for figure in [
        "file_bytes",
        "context",
        "threads",
        "load_seconds",
        "prompt.tokens",
        "prompt.first_token_seconds",
        "prompt.tokens_per_second",
        "known_prefix.first_token_seconds",
        "known_prefix.tokens_per_second",
        "decode.tokens",
        "decode.tokens_per_second",
        "page.prompt_tokens",
        "page.tokens",
        "page.seconds",
        "page.tokens_per_second",
        "edit.tokens",
        "edit.seconds",
        "edit.tokens_per_second",
        "callers.callers",
        "callers.tokens",
        "callers.seconds",
        "callers.tokens_per_second",
        "roofline.memory_bytes_per_second",
        "roofline.bytes_per_token",
        "roofline.tokens_per_second",
        "roofline.decode_share",
    ] {
        let value = figure.split('.').fold(model, |value, name| &value[name]).as_f64();
        assert!(value.is_some_and(|value| value > 0.0 && value.is_finite()), "{figure}: {value:?} in {report}");
    }
    assert_eq!(model["prompt"]["cached_tokens"], 0, "nobody knew the start: {report}");
    let (known, of) = (&model["known_prefix"]["cached_tokens"], &model["known_prefix"]["tokens"]);
    let (known, of) = (known.as_u64().expect("a number"), of.as_u64().expect("a number"));
    assert!(known * 10 > of * 9 && known < of, "{report}");
    let prompt = model["prompt"]["tokens"].as_u64().expect("a number");
    assert!((450..600).contains(&prompt), "about 512: {prompt}");
    assert_eq!(std::fs::read_dir(folder.path().join("data/run")).expect("a folder").count(), 0, "its socket's folder");
}

#[test]
fn ctrl_c_ends_it_with_its_worker() {
    let folder = folder();
    let bench = start(folder.path(), &[], &["bench", &real_model()]);
    let pid = bench.id();
    let worker = super::until("a worker", || workers(pid).first().copied());
    signal(pid, "INT");
    let said = finish(bench, "bench");
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (130, "", ""));
    assert!(!std::path::Path::new(&format!("/proc/{worker}")).exists());
    assert_eq!(std::fs::read_dir(folder.path().join("data/run")).expect("a folder").count(), 0, "its socket's folder");
}

#[test]
fn a_model_that_is_not_here_is_told_how_to_be_fetched() {
    let said = tierfall(folder().path(), &[], &["bench", "smollm2-135m-instruct"]);
    let expected = "error: smollm2-135m-instruct:Q4_1 is not here: tierfall models pull smollm2-135m-instruct:Q4_1\n";
    assert_eq!((said.code, said.err.as_str()), (1, expected));
    let said = tierfall(folder().path(), &[], &["bench", "./gone.gguf"]);
    assert_eq!((said.code, said.err.as_str()), (1, "error: ./gone.gguf: no such file\n"));
    let said = tierfall(folder().path(), &[], &["bench", "smollm9"]);
    assert_eq!(said.code, 2, "{}", said.err);
}

#[test]
fn where_no_tier_is_local_a_model_must_be_named() {
    let said = tierfall(folder().path(), &[("CUSTOM_LLM_BASE_URL", "http://127.0.0.1:1/v1")], &["bench"]);
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with("error: no tier is local: name a model"), "{}", said.err);
}

#[test]
fn a_file_that_is_no_model_is_refused_by_name() {
    let folder = folder();
    std::fs::write(folder.path().join("own.gguf"), "GGUF and nothing more").expect("written");
    let said = tierfall(folder.path(), &[], &["bench", "./own.gguf"]);
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with("error: ./own.gguf cannot be run: own.gguf"), "{}", said.err);
    assert_eq!(said.err.lines().count(), 1);
}
