//! Requests as clients and browsers send them.

use std::io::{Read, Write};
use std::time::Duration;

use gateway::{AllowedOrigins, Gateway, Settings};
use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use wall::{End, Wall};

use crate::caller::{chat, get, post};
use crate::stand::{CALLER_LEFT, Log, Stand, within};

const CHAT: &str = "/v1/chat/completions";

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(body, flate2::Compression::best()).read_to_end(&mut packed).unwrap();
    packed
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::ZlibEncoder::new(body, flate2::Compression::fast()).read_to_end(&mut packed).unwrap();
    packed
}

fn deflate(body: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(body).unwrap();
    packed.finish().unwrap()
}

fn zstd(body: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(body, ruzstd::encoding::CompressionLevel::Fastest)
}

/// `{"model":"auto","messages":[{"role":"user","content":"Say the words."}]}`, as Node's zlib packs it.
fn brotli(_: &[u8]) -> Vec<u8> {
    const PACKED: &str = "1b4700882c0eecb61eef4c994221ea9b922d5f8a6ced75181a5d9eeceb9a2a169d14012903879c0864df0ac240b45e8d\
                          4ccc5a4142e0cd66a295118ee2f2d33865";
    (0..PACKED.len()).step_by(2).map(|at| u8::from_str_radix(&PACKED[at..at + 2], 16).unwrap()).collect()
}

/// Packs a body.
type Packer = fn(&[u8]) -> Vec<u8>;

#[tokio::test]
async fn r02_a_packed_body_is_read() {
    let stand = Stand::new(&["ok"]);
    let body = chat("auto").body().to_vec();
    let packers: [(&str, Packer); 6] =
        [("gzip", gzip), ("x-gzip", gzip), ("deflate", zlib), ("deflate", deflate), ("zstd", zstd), ("br", brotli)];
    for (name, pack) in packers {
        let ask = post(CHAT, pack(&body)).header("content-encoding", name);
        ask.of(&stand).await.assert_whole(name);
        let answer = post(CHAT, body.clone()).header("content-encoding", name).of(&stand).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (400, Some("unreadable_body")), "{name}");
    }
    post(CHAT, body.clone()).header("content-encoding", "identity").of(&stand).await.assert_whole("identity");
    post(CHAT, zstd(&gzip(&body))).header("content-encoding", "gzip, zstd").of(&stand).await.assert_whole("two");
    for unknown in ["compress", "gzip, gzip, gzip"] {
        let answer = post(CHAT, body.clone()).header("content-encoding", unknown).of(&stand).await;
        assert_eq!((answer.status, answer.body.contains("gzip, deflate, br and zstd")), (415, true), "{answer:?}");
    }
}

#[tokio::test]
async fn r02_a_bomb_is_a_413() {
    let stand = Stand::new(&["ok"]);
    let body = vec![b' '; 200 * 1024 * 1024];
    for (name, packed) in [("gzip", gzip(&body)), ("gzip, gzip", gzip(&gzip(&body)))] {
        let answer = post(CHAT, packed).header("content-encoding", name).of(&stand).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["code"].as_str()),
            (413, Some("request_too_large")),
            "{name}"
        );
    }
    assert!(stand.asked().is_empty());
}

#[tokio::test]
async fn r03_a_page_of_an_allowed_origin_asks_first_and_calls() {
    let allowed = |settings: &mut Settings| {
        settings.allowed_origins = AllowedOrigins::new(["https://app.example"]).unwrap();
    };
    let stand = Stand::with(&["ok"], allowed);
    let asks = |origin: &str| {
        get(CHAT)
            .method(Method::OPTIONS)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization, content-type")
            .header("access-control-request-private-network", "true")
    };
    let answer = asks("https://app.example").of(&stand).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    for (name, value) in [
        ("access-control-allow-origin", "https://app.example"),
        ("access-control-allow-methods", "GET, POST, PUT, DELETE"),
        ("access-control-allow-headers", "authorization, content-type"),
        ("access-control-allow-private-network", "true"),
        ("vary", "origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let answer = chat("auto").header("origin", "https://app.example").streamed().of(&stand).await;
    answer.assert_whole("allowed");
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example"));
    assert!(answer.header("access-control-expose-headers").unwrap().contains("x-tierfall-tier"));

    let asked = stand.asked().len();
    for stand in [&stand, &Stand::new(&["ok"])] {
        assert_eq!(asks("https://other.example").of(stand).await.status, 403);
        let refused = chat("auto").header("origin", "https://other.example").of(stand).await;
        assert_eq!((refused.status, refused.header("access-control-allow-origin")), (403, None));
        assert_eq!(get(CHAT).method(Method::OPTIONS).of(stand).await.status, 405, "no preflight");
    }
    assert_eq!(stand.asked().len(), asked, "no tier hears of it");
}

#[tokio::test]
async fn r04_a_bound_in_any_form_is_told_in_the_plain_one() {
    for streamed in [false, true] {
        let stand = Stand::new(&["ok"]);
        for bound in ["64.0", "6.4e1", "-1"] {
            let body = format!(
                r#"{{"model":"auto","max_tokens":{bound},"stream":{streamed},"messages":[{{"role":"user","content":"x"}}]}}"#
            );
            post(CHAT, body).of(&stand).await.assert_whole(bound);
        }
    }
}

#[tokio::test]
async fn r05_options_that_nobody_knows_are_nobodys_fault() {
    let stand = Stand::new(&["ok"]);
    for options in [r#"{"include_usage":true,"continuous_usage_stats":true}"#, r#"{"include_usage":null,"x":[1]}"#] {
        let options: serde_json::Value = serde_json::from_str(options).unwrap();
        chat("auto").with("stream_options", options.clone()).of(&stand).await.assert_whole("whole");
        chat("auto").with("stream_options", options).streamed().of(&stand).await.assert_whole("streamed");
    }
}

#[tokio::test]
async fn r09_one_model_is_described() {
    let stand = Stand::new(&["ok"]);
    for path in ["/v1/models/auto", "/v1/models/tier%2D1", "/models/private"] {
        let answer = get(path).of(&stand).await;
        assert_eq!((answer.status, answer.json()["object"].as_str()), (200, Some("model")), "{path}");
    }
    let answer = get("/v1/models/org/auot").of(&stand).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (404, Some("model_not_found")));
    assert!(answer.body.contains("'org/auot'"), "{answer:?}");
}

#[tokio::test]
async fn r10_an_api_that_is_not_here_is_a_404_that_names_what_is() {
    let stand = Stand::new(&["ok"]);
    for path in ["/v1/responses", "/v1/messages", "/v1/audio/speech", "/v1/nothing"] {
        let answer = post(path, "{}").of(&stand).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (404, Some("unknown_url")), "{path}");
        assert!(answer.body.contains("/v1/chat/completions"), "{answer:?}");
    }
}

#[tokio::test]
async fn r11_the_usual_slips_in_an_address_are_served() {
    let stand = Stand::new(&["ok"]);
    let body = chat("auto").body().to_vec();
    for path in ["/v1/chat/completions/", "/v1/v1/chat/completions", "//v1/chat/completions", "/chat/completions"] {
        post(path, body.clone()).of(&stand).await.assert_whole(path);
        assert_eq!(get(path).of(&stand).await.status, 405, "{path}");
    }
}

#[tokio::test]
async fn a_misspelt_model_is_told_which_was_meant_and_may_be_caught() {
    let stand = Stand::new(&["ok"]);
    let answer = chat("auot").of(&stand).await;
    assert!(answer.status == 404 && answer.body.contains("did you mean 'auto'?"), "{answer:?}");
    let catching = Stand::with(&["ok"], |settings| settings.catch_all = Some("auto".to_owned()));
    chat("gpt-5").of(&catching).await.assert_whole("caught");
    chat("gpt-5").streamed().of(&catching).await.assert_whole("caught");
    assert_eq!(get("/v1/models/gpt-5").of(&catching).await.status, 404, "it is served, and not there");

    let wall = Wall::start("127.0.0.1:0").unwrap();
    let settings = crate::stand::settings(&wall, &["ok"]);
    let settings = Settings { catch_all: Some("atuo".to_owned()), ..settings };
    let error = Gateway::new(settings, std::sync::Arc::new(Log::default()), 1).unwrap_err();
    assert_eq!(error.to_string(), "there is no route atuo to catch all");
}

#[tokio::test]
async fn h01_no_page_spends_a_token() {
    let stand = Stand::new(&["ok"]);
    for (ask, status, code) in [
        (
            chat("auto").header("origin", "https://evil.example").header("content-type", "text/plain"),
            403,
            "foreign_origin",
        ),
        (chat("auto").header("origin", "http://127.0.0.1:1"), 403, "foreign_origin"),
        (chat("auto").header("origin", "null").streamed(), 403, "foreign_origin"),
        (
            get("/v1/models").header("sec-fetch-site", "cross-site").header("sec-fetch-mode", "no-cors"),
            403,
            "foreign_origin",
        ),
        (chat("auto").header("host", "rebound.example"), 403, "foreign_host"),
        (get("/health").header("host", "rebound.example"), 403, "foreign_host"),
        (chat("auto").header("content-type", "text/plain"), 415, "not_json"),
        (
            chat("auto")
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin"),
            415,
            "not_json",
        ),
    ] {
        let answer = ask.of(&stand).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (status, Some(code)), "{answer:?}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    assert!(stand.asked().is_empty(), "no tier hears of it");
    let answer = chat("auto").header("content-type", "application/json; charset=utf-8").of(&stand).await;
    answer.assert_whole("own");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn a_caller_who_reads_nothing_gives_their_place_back() {
    let change = |settings: &mut Settings| {
        settings.longest_stall = Duration::from_millis(200);
        settings.tiers[0].concurrency = Some(1);
    };
    let stand = Stand::with(&["ok-100000"], change);
    let mut connection = knock(&stand, b"").await;
    within(connection.read_u8()).await.unwrap();
    let log = stand.log.until(CALLER_LEFT).await;
    assert_eq!(log.last().unwrap(), CALLER_LEFT);
    assert_eq!(stand.settled().await[0].ended.unwrap().how, End::ClientLeft);
}

#[tokio::test]
async fn a_caller_who_left_is_noticed_behind_a_stray_line_end() {
    for streamed in [false, true] {
        let stand = Stand::new(&[if streamed { "stall-after-3" } else { "hang" }]);
        let connection = knock(&stand, b"\r\n").await;
        within(stand.wall.seen(1)).await;
        drop(connection);
        stand.log.until(CALLER_LEFT).await;
    }
}

async fn knock(stand: &Stand, behind: &[u8]) -> TcpStream {
    let ask = chat("auto").streamed();
    let length = ask.body().len();
    let mut request =
        format!("POST {CHAT} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n").into_bytes();
    request.extend_from_slice(ask.body());
    request.extend_from_slice(behind);
    // What the two kernels take in is little, so that a caller who does not read is soon felt.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let mut connection = socket.connect(stand.server.address()).await.unwrap();
    connection.write_all(&request).await.unwrap();
    connection
}

#[tokio::test]
async fn a_refusal_is_read_while_three_megabytes_are_on_their_way() {
    let stand = Stand::with(&["ok"], |settings| settings.api_keys = vec!["key".into()]);
    let body = vec![b'x'; 3 * 1024 * 1024];
    for path in [CHAT, "/v1/responses"] {
        let mut connection = TcpStream::connect(stand.server.address()).await.unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", body.len());
        connection.write_all(head.as_bytes()).await.unwrap();
        within(connection.write_all(&body)).await.unwrap();
        let mut answer = [0; 13];
        within(connection.read_exact(&mut answer)).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 40"), "{path}");
    }
}
