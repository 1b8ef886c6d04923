//! What stops the start, in which words.

use super::{Setup, environment, refused, toml};

#[test]
fn a_bad_value_is_one_line_with_the_key_the_value_and_what_it_takes() {
    const TIMES: &str = "whole milliseconds, 1 to 86400000 (a day)";
    const QUOTA: &str = "a whole number above 0";
    const ADDRESS: &str =
        "an http:// or https:// address such as https://huggingface.co, without a user, password or ?query";
    const BOOLEAN: &str = "true or false (also 1, 0, yes, no, on, off)";
    for (key, value, takes) in [
        (
            "TIER1_TYPE",
            "spaec",
            "one of space, local, ollama, zerogpu, groq, openrouter, gemini, mistral, cloudflare, zai, sambanova, cohere, cerebras, serverless, openai, commercial; did you mean space?",
        ),
        ("TIER2_BASE_URL", "box:8080", "a URL that begins with http:// or https://"),
        ("CUSTOM_LLM_BASE_URL", "ftp://box/v1", "a URL that begins with http:// or https://"),
        ("GROQ_BASE_URL", "/v1", "a URL that begins with http:// or https://"),
        ("HF_BASE_URL", "/v1", "a URL that begins with http:// or https://"),
        ("HF_ENDPOINT", "nowhere", ADDRESS),
        ("MODEL_URL", "/v1", "a URL that begins with http:// or https://"),
        ("TIER1_ENABLED", "maybe", BOOLEAN),
        ("TIER3_MEND", "perhaps", BOOLEAN),
        ("TIERFALL_OPEN", "wide", BOOLEAN),
        ("TIER1_TIMEOUT", "0", TIMES),
        ("TIER2_TIMEOUT", "5s", TIMES),
        ("TIER3_CONNECT_TIMEOUT", "1.5", TIMES),
        ("TIER4_FIRST_TOKEN_TIMEOUT", "-1", TIMES),
        ("TIER1_IDLE_TIMEOUT", "soon", TIMES),
        ("TIER1_RETRIES", "11", "a whole number, 0 to 10"),
        ("TIER1_CONCURRENCY", "0", "a whole number, 1 to 10000"),
        ("TIER1_CONCURRENCY", "10001", "a whole number, 1 to 10000"),
        ("TIER1_QUEUE", "-1", "a whole number, 0 to 10000"),
        ("TIER1_RPM", "0", QUOTA),
        ("TIER1_RPD", "many", QUOTA),
        ("TIER1_TPM", "1e6", QUOTA),
        ("TIER1_TPD", "4294967296", QUOTA),
        ("TIER1_GPU_SECONDS", "3.5", QUOTA),
    ] {
        assert_eq!(refused(&[(key, value)]), format!("{key}={value} (environment): takes {takes}"));
    }
    assert_eq!(
        refused(&[("TIER5_MODEL", "m")]),
        "TIER5_TYPE is not set: tier 5 takes one of space, local, ollama, zerogpu, groq, openrouter, gemini, mistral, cloudflare, zai, sambanova, cohere, cerebras, serverless, openai, commercial"
    );
    let error = refused(&[("TIER1_NAME", "two\nlines\u{1b}[31m")]);
    assert_eq!(
        error,
        r"TIER1_NAME=two\nlines\u{1b}[31m (environment): takes a name of at most 80 characters in one line"
    );
}

#[test]
fn no_secret_reaches_an_error_or_a_debug_output() {
    for key in ["GROQ_API_KEY", "HF_TOKEN", "CUSTOM_LLM_API_KEY", "TIER9_API_KEY", "TIERFALL_API_KEYS"] {
        let keys = [(key, "hunter2 with spaces"), ("TIER9_TYPE", "commercial"), ("TIER4_TYPE", "serverless")];
        let error = refused(&keys);
        assert!(error.starts_with(&format!("{key}=(not shown) (environment): takes ")), "{error}");
    }
    for key in ["DATABASE_URL", "STATE_URL"] {
        let error = refused(&[(key, "mysql://me:hunter2@db/x")]);
        assert!(
            error.starts_with(&format!("{key}=(not shown) (environment): takes an address that begins with ")),
            "{error}"
        );
    }
    for address in ["https://me:hunter2@box/v1", "https://box/v1?key=hunter2"] {
        let error = refused(&[("TIER1_BASE_URL", address)]);
        assert!(error.contains("takes a URL without") && !error.contains("hunter2"), "{error}");
    }
    let good = [
        ("GROQ_API_KEY", "hunter2"),
        ("HF_TOKEN", "hunter2"),
        ("TIERFALL_API_KEYS", "hunter2"),
        ("DATABASE_URL", "postgres://me:hunter2@db/x"),
        ("STATE_URL", "redis://:hunter2@state"),
    ];
    let shown = format!("{:?}", environment(&good));
    assert!(shown.contains("REDACTED") && !shown.contains("hunter2"), "{shown}");
    for text in
        ["api_keys = [7331]", "[[tier]]\napi_key = 7331", "[[tier]]\napi_key = sk-7331", "database_url = [7331]"]
    {
        let error = toml(text).expect_err("not text");
        assert!(!error.contains("7331") && !error.contains('\n'), "{error}");
    }
    let error = toml("[[tier]]\napi_key = 'hunter2 hunter2'\n").expect_err("a space");
    assert_eq!(
        error,
        "tier 1: api_key=(not shown) (tierfall.toml): takes a key of visible ASCII characters, without spaces"
    );
}

#[test]
fn listening_off_loopback_needs_keys_or_to_be_told_open() {
    for (listen, keys, good) in [
        ("127.0.0.1:0", &[][..], true),
        ("[::1]:0", &[], true),
        ("localhost:0", &[], true),
        ("0.0.0.0:7860", &[], false),
        ("[::]:7860", &[], false),
        ("0.0.0.0:7860", &[("TIERFALL_OPEN", "false")], false),
        ("0.0.0.0:7860", &[("TIERFALL_OPEN", "true")], true),
        ("0.0.0.0:7860", &[("TIERFALL_API_KEYS", "one, two")], true),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut sources = Setup { environment: keys, files: &[] }.sources(&folder);
        sources.listen = Some(listen.to_owned());
        match sources.load() {
            Ok(_) => assert!(good, "{listen} {keys:?}"),
            Err(error) => {
                assert!(!good, "{error}");
                assert_eq!(
                    error.to_string(),
                    format!(
                        "listening on {listen} needs TIERFALL_API_KEYS (keys that callers must send), or TIERFALL_OPEN=true to let anyone in"
                    )
                );
            }
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut sources = Setup { environment: &[], files: &[] }.sources(&folder);
    sources.listen = Some("7860".to_owned());
    let error = sources.load().expect_err("no address").to_string();
    assert_eq!(error, "--listen=7860 (command line): takes ADDRESS:PORT, such as 127.0.0.1:7860 or [::1]:7860");
}

#[test]
fn a_line_that_is_none_stops_the_start_with_its_number() {
    let files = [(".env", "A=1\nnot a line gsk_secret\n")];
    let error = Setup { environment: &[], files: &files }.load().expect_err("a bad line");
    assert_eq!(error, ".env:2: takes KEY=value, without spaces round =; a value with spaces stands in double quotes");
}
