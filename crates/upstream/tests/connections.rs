//! Connections: how they fail to come about, how they are used again, and what goes out on them.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

mod support;

use std::time::Duration;

use secrecy::SecretString;
use support::{End, KEY, Play, WHOLE, call, response, serve, serve_unix, upstream};
use tokio::net::{TcpListener, TcpSocket};
use upstream::{Address, Cause, Kind, Target, Upstream};

fn impatient(base_url: &str, connect: Duration) -> Upstream {
    let base_url: Address = base_url.parse().unwrap();
    Upstream::new(Target { kind: Kind::space(), base_url, key: None, model: "m".into(), connect }).unwrap()
}

async fn words(upstream: &Upstream) -> String {
    let failure = upstream.send(call(false)).await.expect_err("a failure");
    format!("{failure} [{}]", failure.code())
}

#[tokio::test]
async fn a_port_where_nobody_listens_refuses() {
    // Bound, so that nobody else takes it meanwhile, and not listened at.
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = closed.local_addr().unwrap();
    assert_eq!(words(&upstream(Kind::space(), &format!("http://{address}/v1"))).await, "connection refused [refused]");
    let folder = tempfile::tempdir().unwrap();
    let gone = format!("unix:{}", folder.path().join("no.sock").display());
    assert_eq!(words(&upstream(Kind::local(), &gone)).await, "connection refused [refused]");
}

#[tokio::test]
async fn a_name_that_cannot_resolve_is_not_found() {
    // A label of more than 63 bytes is refused before anything is asked of the network.
    let host = "a".repeat(64);
    assert_eq!(words(&upstream(Kind::space(), &format!("http://{host}.invalid/v1"))).await, "host not found [dns]");
}

#[tokio::test]
async fn a_server_without_tls_behind_https_is_named() {
    let server = serve([response("200 OK", "application/json", WHOLE)]).await;
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let tls = upstream(Kind::space(), &format!("https://{address}/v1"));
    assert_eq!(words(&tls).await, "TLS: the server does not speak TLS [tls]");
    drop(server);
}

#[tokio::test]
async fn a_connection_that_never_comes_about_ends_at_the_limit() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody accepts: once the queue is full, the kernel leaves further connections unanswered.
    let fillers: Vec<_> = (0..8).map(|_| tokio::spawn(tokio::net::TcpStream::connect(address))).collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let upstream = impatient(&format!("http://{address}/v1"), Duration::from_millis(150));
    assert_eq!(words(&upstream).await, "timeout after 150ms [timeout]");
    fillers.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn the_limit_covers_the_tls_handshake() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = impatient(&format!("https://{}/v1", silent.local_addr().unwrap()), Duration::from_millis(150));
    assert_eq!(words(&upstream).await, "timeout after 150ms [timeout]");
}

#[tokio::test]
async fn a_request_carries_the_key_the_id_and_the_exact_length() {
    let mut server = serve([response("200 OK", "application/json", WHOLE)]).await;
    let upstream = server.upstream(Kind::space());
    upstream.send(call(false)).await.unwrap();
    let (head, body) = server.saw_request().await;
    let head = head.to_lowercase();
    assert!(head.starts_with("post /v1/chat/completions http/1.1\r\n"), "{head}");
    let expected = [
        format!("authorization: bearer {KEY}"),
        format!("user-agent: tierfall/{}", env!("CARGO_PKG_VERSION")),
        "content-type: application/json".into(),
        "accept: application/json".into(),
        "x-request-id: req-1".into(),
        "x-tierfall-deadline-ms: 9000".into(),
        format!("content-length: {}", body.len()),
    ];
    for line in expected {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{line} is missing in {head}");
    }
    assert!(!head.contains("accept-encoding") && !head.contains("transfer-encoding"), "{head}");
    assert_eq!(body, r#"{"model":"tiny","messages":[{"role":"user","content":"hi"}],"seed":7}"#);
}

#[tokio::test]
async fn a_cloud_is_not_told_the_deadline_and_is_asked_for_events() {
    let mut server = serve([response("200 OK", "application/json", WHOLE)]).await;
    server.upstream(Kind::named("groq")).send(call(true)).await.unwrap();
    let head = server.saw_request().await.0.to_lowercase();
    assert!(!head.contains("deadline") && head.contains("\r\naccept: text/event-stream\r\n"), "{head}");
}

#[tokio::test]
async fn a_worker_answers_over_its_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("worker.sock");
    serve_unix(&path, vec![response("200 OK", "application/json", WHOLE)]);
    let worker = upstream(Kind::local(), &format!("unix:{}", path.display()));
    worker.send(call(false)).await.unwrap();
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let mut server = serve([response("200 OK", "application/json", WHOLE)]).await;
    let upstream = server.upstream(Kind::space());
    for _ in 0..3 {
        upstream.send(call(false)).await.unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_kept_connection_that_turns_out_dead_costs_no_failure() {
    let whole = response("200 OK", "application/json", WHOLE);
    for end in [End::Close, End::Reset] {
        let dead = Play { pieces: vec![], end };
        let mut server = serve([whole.clone(), dead, whole.clone()]).await;
        let upstream = server.upstream(Kind::space());
        upstream.send(call(false)).await.unwrap();
        upstream.send(call(false)).await.unwrap();
        assert_eq!(server.connections(), 2);
    }
}

#[tokio::test]
async fn a_fresh_connection_that_dies_is_not_asked_again() {
    let mut server = serve([Play { pieces: vec![], end: End::Reset }]).await;
    let failure = server.upstream(Kind::space()).send(call(false)).await.expect_err("a failure");
    assert_eq!(failure.cause, Cause::Reset);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn the_providers_models_are_listed() {
    let list = r#"{"object":"list","data":[{"id":"a","object":"model"},{"id":"b/c","object":"model"}]}"#;
    let mut server = serve([response("200 OK", "application/json", list)]).await;
    assert_eq!(server.upstream(Kind::named("groq")).models().await.unwrap(), ["a", "b/c"]);
    assert!(server.saw_request().await.0.starts_with("GET /v1/models HTTP/1.1\r\n"));
}

#[tokio::test]
async fn what_is_no_list_of_models_says_what_it_is() {
    let table = [
        ("200 OK", "{}", "not an answer"),
        ("404 Not Found", r#"{"detail":"Not Found"}"#, "404 Not Found"),
        ("401 Unauthorized", "", "401 Unauthorized"),
        ("503 Service Unavailable", "<html>", "waking (503 Service Unavailable)"),
        ("200 OK", "<html>", "HTML instead of JSON"),
    ];
    for (status, body, words) in table {
        let server = serve([response(status, "text/plain", body)]).await;
        let failure = server.upstream(Kind::space()).models().await.expect_err(body);
        assert_eq!(failure.to_string(), words, "{status} {body}");
    }
}

#[test]
fn a_key_that_no_header_carries_is_refused_and_not_shown() {
    let target = Target {
        kind: Kind::named("groq"),
        base_url: "https://host/v1".parse().unwrap(),
        key: Some(SecretString::from("hunter2\r\nx-evil: 1")),
        model: "m".into(),
        connect: Duration::from_secs(1),
    };
    let error = Upstream::new(target).expect_err("a refusal");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    let shown = format!("{:?}", upstream(Kind::named("groq"), "https://host/v1"));
    assert!(!shown.contains(KEY), "{shown}");
}
