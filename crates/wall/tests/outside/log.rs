//! What the wall remembers: the calls it saw, and what a name has used up.

use std::io::{Read, Write};
use std::net::Shutdown;

use crate::client::{assert_silent, chat, connect, post, request, streamed, wall, whole};
use wall::{Break, End, Fault, Options, Script, Wall};

#[test]
fn counters_belong_to_a_whole_name() {
    let wall = wall();
    let statuses = |name: &str| [whole(&wall, name).status(), whole(&wall, name).status()];
    assert_eq!(statuses("status-500-once#one"), [500, 200]);
    assert_eq!(statuses("status-500-once#two"), [500, 200]);
    assert_eq!(statuses("status-503-2-times"), [503, 503]);
    assert_eq!(whole(&wall, "status-503-2-times").status(), 200);
}

#[test]
fn a_script_stands_in_for_a_name_and_begins_anew_when_it_is_set_again() {
    let wall = wall();
    assert_eq!(whole(&wall, "my-model").status(), 200);
    wall.script("my-model", Script::default().and_times(Fault::Status(429, None), 1).and(Fault::Words(2)));
    assert_eq!(whole(&wall, "my-model").status(), 429);
    assert_eq!(whole(&wall, "my-model").said(), "w1 w2");
    wall.script("my-model", Fault::Break(1, Break::End));
    assert_eq!(streamed(&wall, "my-model").streamed_text(), "w1");
    wall.script("my-model", "status-503".parse::<Script>().unwrap());
    assert_eq!(whole(&wall, "my-model").status(), 503);
}

#[test]
fn a_strict_wall_knows_no_other_names() {
    let wall = Wall::start_with("127.0.0.1:0", Options { strict: true, ..Options::default() }).unwrap();
    assert_eq!(whole(&wall, "gpt-4o").json()["error"]["code"], "model_not_found");
    assert_eq!(whole(&wall, "ok").status(), 200);
    wall.script("gpt-4o", Fault::Words(1));
    assert_eq!(whole(&wall, "gpt-4o").status(), 200);
    assert!(wall.log().is_empty());
}

#[test]
fn a_call_is_seen_with_its_body_and_its_key_is_not_shown() {
    let wall = wall();
    let body = chat("ok-1", false);
    let headers = "Authorization: Bearer hunter2\r\nX-Request-Id: abc\r\nconnection: close\r\n";
    let mut stream = connect(&wall);
    stream.write_all(&request("/v1/chat/completions?x=1", &body, headers)).unwrap();
    crate::client::read(stream);
    let seen = &wall.log()[0];
    assert_eq!((seen.method, seen.path.as_str(), seen.model.as_str()), ("POST", "/v1/chat/completions?x=1", "ok-1"));
    assert_eq!(seen.body, body.to_string().as_bytes());
    assert_eq!(seen.header("x-request-id"), Some("abc"));
    assert!(seen.authorized() && seen.has_key("hunter2") && !seen.has_key("hunter") && !seen.has_key(""));
    assert_eq!(seen.header("authorization"), None);
    assert!(!format!("{seen:?}").contains("hunter2"));
}

#[tokio::test]
async fn each_end_of_a_call_is_told() {
    let wall = wall();
    whole(&wall, "ok-1");
    whole(&wall, "reset");
    streamed(&wall, "cut-after-1");
    assert_silent(&wall, "hang", false);
    let seen = wall.settled().await;
    let ends: Vec<_> = seen.iter().map(|call| call.ended.unwrap().how).collect();
    assert_eq!(ends, [End::Answered, End::Broken, End::Broken, End::ClientLeft]);
    assert_eq!(seen.iter().map(|call| call.status).collect::<Vec<_>>(), [Some(200), None, Some(200), None]);
}

#[tokio::test]
async fn a_client_who_leaves_ends_each_kind_of_waiting() {
    let wall = wall();
    let names = [
        "hang",
        "slow-head-2m",
        "slow-first-2m",
        "trickle-2m",
        "stall-after-2",
        "comments-only",
        "role-only-then-hang",
    ];
    for (index, name) in names.into_iter().enumerate() {
        let mut stream = connect(&wall);
        stream.write_all(&request("/v1/chat/completions", &chat(name, true), "")).unwrap();
        let running = wall.seen(index + 1).await;
        assert_eq!(running[index].ended, None);
        stream.shutdown(Shutdown::Both).unwrap();
        assert_eq!(wall.settled().await[index].ended.unwrap().how, End::ClientLeft, "{name}");
    }
    assert_eq!(wall.calls("hang").len(), 1);
}

#[test]
fn a_dropped_wall_closes_its_port_and_its_connections() {
    let wall = wall();
    let address = wall.address();
    let mut stream = connect(&wall);
    stream.write_all(&request("/v1/chat/completions", &chat("stall-after-1", true), "")).unwrap();
    let mut first = [0; 64];
    stream.read_exact(&mut first).unwrap();
    drop(wall);
    // Whether the end is a FIN or a reset is the kernel's to choose.
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_base_url_is_what_a_client_is_given() {
    let wall = wall();
    assert_eq!(wall.base_url(), format!("http://127.0.0.1:{}/v1", wall.address().port()));
    assert_eq!(post(&wall, "/v1/chat/completions", &chat("ok", false)).status(), 200);
}
