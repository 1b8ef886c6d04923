use std::net::TcpListener;

use super::{Said, folder, tierfall};

/// Starts to serve in a folder with this file, which it should not come to.
fn serve(file: &str, text: &str, arguments: &[&str]) -> Said {
    let folder = folder();
    std::fs::write(folder.path().join(file), text).expect("written");
    let said = tierfall(folder.path(), &[], &[&["serve"], arguments].concat());
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    assert!(said.err.starts_with("error: ") && !said.err.contains("hunter2"), "{}", said.err);
    said
}

#[test]
fn what_is_wrong_with_a_configuration_stops_the_start_with_one_line_and_code_2() {
    const ANY: [&str; 2] = ["--listen", "127.0.0.1:0"];
    for (file, text, arguments, expected) in [
        (
            ".env.local",
            "TIER1_TIMEOUT=5s\n",
            &ANY[..],
            "TIER1_TIMEOUT=5s (.env.local:1): takes whole milliseconds, 1 to 86400000 (a day)",
        ),
        (
            ".env",
            "A=1\nGROQ_API_KEY=\"gsk hunter2\"\n",
            &ANY,
            "GROQ_API_KEY=(not shown) (.env:2): takes a key of visible ASCII characters, without spaces",
        ),
        (
            ".env.local",
            "TIER5_MODEL=m\n",
            &ANY,
            "TIER5_TYPE is not set: tier 5 takes one of space, local, ollama, zerogpu, groq, openrouter, gemini, mistral, cloudflare, zai, sambanova, cohere, cerebras, serverless, openai, commercial",
        ),
        (
            ".env.local",
            "gsk_hunter2\n",
            &ANY,
            ".env.local:1: takes KEY=value, without spaces round =; a value with spaces stands in double quotes",
        ),
        (
            ".env.local",
            "TIER1_ENABLED=false\nTIER2_ENABLED=false\n",
            &["--listen", "0.0.0.0:0"],
            "listening on 0.0.0.0:0 needs TIERFALL_API_KEYS (keys that callers must send), or TIERFALL_OPEN=true to let anyone in",
        ),
        (
            ".env.local",
            "",
            &["--listen", "7860"],
            "--listen=7860 (command line): takes ADDRESS:PORT, such as 127.0.0.1:7860 or [::1]:7860",
        ),
    ] {
        let said = serve(file, text, arguments);
        assert_eq!((said.code, said.err, said.out.as_str()), (2, format!("error: {expected}\n"), ""));
    }
}

#[test]
fn a_file_that_is_named_and_not_there_is_told() {
    for (argument, name) in [("--config", "gone.toml"), ("--env-file", "gone.env")] {
        let said = serve(".env", "", &[argument, name]);
        assert_eq!(said.code, 2);
        assert!(said.err.starts_with(&format!("error: {name}: cannot be read: ")), "{}", said.err);
    }
    let said = serve("tierfall.toml", "[[tier]\n", &[]);
    assert_eq!(said.code, 2);
    assert!(said.err.starts_with("error: tierfall.toml:1: "), "{}", said.err);
}

#[test]
fn an_address_that_is_taken_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let said = serve(".env", "TIER1_ENABLED=false\nTIER2_ENABLED=false\n", &["--listen", &address]);
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with(&format!("error: cannot listen on {address}: ")), "{}", said.err);
    assert!(!said.out.contains("Listening"), "{}", said.out);
}
