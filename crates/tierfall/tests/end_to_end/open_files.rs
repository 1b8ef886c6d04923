//! How many files the process may have open, and what comes of it where they run out.

use std::fs;
use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use crate::answer::Stream;
use crate::served::{Served, Setup, chat};
use crate::{four_tiers, wall};

#[test]
fn a_low_soft_limit_is_raised_and_every_stream_comes_to_its_end() {
    const STREAMS: usize = 150;
    let wall = wall();
    wall.script("slowly", "trickle-50ms".parse::<wall::Script>().expect("a script"));
    let keys = four_tiers(&wall, ["slowly", "ok", "ok", "ok"]);
    let served = Served::with(&Setup { keys: &keys, open_files: Some("64:4096"), ..Setup::default() });
    let open = || {
        let mut stream = served.stream("tier-1");
        stream.read_chunks(1);
        stream
    };
    let streams: Vec<_> = thread::scope(|scope| {
        let streams: Vec<_> = (0..STREAMS).map(|_| scope.spawn(open)).collect();
        streams.into_iter().map(|stream| stream.join().expect("it begins")).collect()
    });
    for stream in streams {
        let text = stream.rest().text();
        assert!(text.ends_with("w60"), "{text}");
    }
    let limits = fs::read_to_string(format!("/proc/{}/limits", served.pid())).expect("it runs");
    let files = limits.lines().find(|line| line.starts_with("Max open files")).expect("a line");
    assert_eq!(files.split_whitespace().collect::<Vec<_>>()[3..5], ["4096", "4096"]);
    assert!(!served.out().iter().any(|line| line.contains("files may be open")));
}

#[test]
fn where_the_files_run_out_streams_that_run_come_to_their_end_and_no_breaker_opens() {
    const CALLERS: usize = 300;
    let wall = wall();
    wall.script("slowly", "trickle-50ms".parse::<wall::Script>().expect("a script"));
    // A name, so that it must be resolved too.
    let keys = four_tiers(&wall, ["slowly", "ok", "ok", "ok"]).replace("127.0.0.1", "localhost");
    let served = Served::with(&Setup { keys: &keys, open_files: Some("256:256"), ..Setup::default() });
    let warned = served.out().into_iter().any(|line| line.contains("only 256 files may be open at once"));
    assert!(warned, "{:?}", served.out());

    let mut body = chat("auto");
    body["stream"] = json!(true);
    let (mut whole, mut refused) = (0, 0);
    let begin = Barrier::new(CALLERS);
    let answers: Vec<_> = thread::scope(|scope| {
        let ask = || {
            begin.wait();
            let answer = served.send("POST", "/v1/chat/completions", Some(&body), &[("connection", "close")]);
            if answer.status() == 200 {
                return Ok(Stream::new(answer).rest().text());
            }
            let (parts, mut body) = answer.into_parts();
            Err((parts.status.as_u16(), body.read_json::<Value>().expect("JSON")))
        };
        let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(ask)).collect();
        callers.into_iter().map(|caller| caller.join().expect("answered")).collect()
    });
    for answer in answers {
        match answer {
            Ok(text) => {
                assert!(text.ends_with("w60"), "{text}");
                whole += 1;
            }
            Err((status, error)) => {
                assert_eq!(status, 503, "{error}");
                let reasons = error["error"]["attempts"].as_array().expect("a list");
                assert!(reasons.iter().all(|attempt| attempt["reason"] == "too many open files here"), "{error}");
                refused += 1;
            }
        }
    }
    assert!(whole > 0 && refused > 0, "{whole} whole, {refused} refused");

    let answer = served.chat("auto");
    assert_eq!((answer.status, answer.json()["model"].as_str()), (200, Some("slowly")));
    assert!(!served.log().iter().any(|line| line.contains("breaker")), "{:?}", served.log());
}
