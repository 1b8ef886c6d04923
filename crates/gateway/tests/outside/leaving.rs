//! A caller who leaves takes the attempt with them, and nobody else is asked.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use wall::End;

use crate::caller::{Ask, chat};
use crate::stand::{CALLER_LEFT, SPACE, Stand, succeeded, within};

/// Sends a chat request over a connection that the test can close.
async fn knock(stand: &Stand, streamed: bool) -> TcpStream {
    knock_with(stand, &chat("auto").with("stream", streamed)).await
}

async fn knock_with(stand: &Stand, ask: &Ask) -> TcpStream {
    let body = ask.body();
    let mut connection = TcpStream::connect(stand.server.address()).await.unwrap();
    let head =
        format!("POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", body.len());
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(body).await.unwrap();
    connection
}

/// Once the caller has gone, the one call to the wall was cut off.
async fn assert_left(stand: &Stand, case: &str) {
    let log = stand.log.until(CALLER_LEFT).await;
    assert_eq!(log.last().unwrap(), CALLER_LEFT, "{case}");
    let seen = stand.settled().await;
    assert_eq!(seen.len(), 1, "{case}");
    assert_eq!(seen[0].ended.unwrap().how, End::ClientLeft, "{case}");
}

#[tokio::test]
async fn in_the_middle_of_a_stream() {
    let stand = Stand::new(&["stall-after-3", "ok"]);
    let mut answer = chat("auto").streamed().begin(&stand).await;
    answer.until("w3").await;
    drop(answer);
    assert_left(&stand, "stream").await;
}

#[tokio::test]
async fn before_the_first_token_or_during_a_whole_answer() {
    for fault in ["hang", "role-only-then-hang", "stall-after-3", "whole-only+stall-after-3"] {
        for streamed in [false, true] {
            let stand = Stand::new(&[fault, "ok"]);
            let connection = knock(&stand, streamed).await;
            within(stand.wall.seen(1)).await;
            drop(connection);
            assert_left(&stand, &format!("{fault}, streamed: {streamed}")).await;
        }
    }
}

#[tokio::test]
async fn while_a_retry_is_waited_for() {
    let stand = Stand::with(&["status-503-retry-after-60"], |settings| settings.tiers[0].retries = 3);
    let connection = knock(&stand, false).await;
    stand.settled_after(1).await;
    drop(connection);
    stand.log.until(CALLER_LEFT).await;
    assert_eq!(stand.asked().len(), 1);
}

#[tokio::test]
async fn before_the_request_is_whole() {
    let stand = Stand::new(&["ok"]);
    let mut connection = TcpStream::connect(stand.server.address()).await.unwrap();
    let half = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{\"messages\":";
    connection.write_all(half).await.unwrap();
    drop(connection);
    // Served after it on the same thread, so that the first has been dealt with.
    chat("auto").of(&stand).await.assert_whole("the next caller");
    assert_eq!(stand.asked(), ["ok"]);
}

#[tokio::test]
async fn what_was_reserved_for_a_caller_who_left_is_given_back() {
    let stand = Stand::with(&["hang-once+ok", "ok"], |settings| settings.tiers[0].quota.tpm = Some(3_000));
    let ask = chat("auto").with("max_tokens", 2_000);
    let connection = knock_with(&stand, &ask).await;
    within(stand.wall.seen(1)).await;
    drop(connection);
    stand.log.until(CALLER_LEFT).await;
    assert_eq!(ask.of(&stand).await.attempts(), "1=ok", "there is room for two thousand tokens again");
}

#[tokio::test]
async fn a_tier_is_not_blamed_for_callers_who_leave() {
    let stand = Stand::new(&["trickle-5ms", "ok"]);
    for _ in 0..6 {
        let mut answer = chat("auto").streamed().begin(&stand).await;
        answer.until("w2").await;
        drop(answer);
    }
    stand.settled().await;
    let answer = chat("auto").of(&stand).await;
    answer.assert_whole("who stays");
    assert_eq!(answer.attempts(), "1=ok");
    assert_eq!(stand.log.lines().last().unwrap(), &succeeded(SPACE));
}
