//! Listening, and stopping: what is under way ends, and nothing new begins.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use gateway::{Gateway, Server};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::caller::chat;
use crate::stand::{Log, SPACE, Stand, settings, waiting, within};

/// Longer than any test.
const GRACE: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_stop_lets_what_is_under_way_end_and_takes_nothing_new() {
    let stand = Stand::new(&["trickle-10ms"]);
    let mut answer = chat("auto").streamed().begin(&stand).await;
    answer.until("w3").await;
    let address = stand.server.address();
    let stopping = tokio::task::spawn_blocking(move || stand.server.stop(GRACE));
    within(async { while TcpStream::connect(address).await.is_ok() {} }).await;
    answer.rest().await.assert_whole("under way");
    within(stopping).await.unwrap();
}

#[tokio::test]
async fn nothing_is_listened_for_while_what_is_under_way_ends() {
    let stand = Stand::new(&["stall-after-3"]);
    let mut answer = chat("auto").streamed().begin(&stand).await;
    answer.until("w3").await;
    let address = stand.server.address();
    let stopping = tokio::task::spawn_blocking(move || stand.server.stop(GRACE));
    within(async { while TcpStream::connect(address).await.is_ok() {} }).await;
    drop(answer);
    within(stopping).await.unwrap();
}

#[tokio::test]
async fn a_connection_without_a_request_does_not_hold_a_stop_up() {
    let stand = Stand::new(&["ok"]);
    let mut idle = TcpStream::connect(stand.server.address()).await.unwrap();
    chat("auto").of(&stand).await.assert_whole("served, so that the connection before it is too");
    within(tokio::task::spawn_blocking(move || stand.server.stop(GRACE))).await.unwrap();
    assert_eq!(within(idle.read(&mut [0])).await.unwrap(), 0, "closed");
}

#[tokio::test]
async fn a_stop_does_not_wait_beyond_its_grace() {
    let stand = Stand::new(&["stall-after-3"]);
    let mut answer = chat("auto").streamed().begin(&stand).await;
    answer.until("w3").await;
    let whole = tokio::spawn(chat("auto").of_address(stand.server.address()));
    within(stand.wall.seen(2)).await;
    let (server, log) = (stand.server, stand.log);
    let stopping = tokio::task::spawn_blocking(move || server.stop(Duration::ZERO));
    let cut = answer.rest().await;
    let last: Value = serde_json::from_str(cut.data().last().expect("an event")).expect("JSON");
    assert_eq!((last["error"]["code"].as_str(), cut.dones()), (Some("server_stopping"), 0), "its caller is told");
    let whole = within(whole).await.unwrap();
    assert_eq!((whole.status, whole.json()["error"]["code"].as_str()), (503, Some("server_stopping")));
    within(stopping).await.unwrap();
    let records = log.records();
    assert!(records.iter().any(|record| record.starts_with("broken off")), "and it is recorded: {records:?}");
    assert_eq!(records.len(), 2);
}

#[test]
fn an_address_that_is_taken_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let wall = wall::Wall::start("127.0.0.1:0").unwrap();
    let gateway = Arc::new(Gateway::new(settings(&wall, &["ok"]), Arc::new(Log::default()), 1).unwrap());
    let address = taken.local_addr().unwrap();
    let error = Server::start(&gateway, address).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {address}"));
    assert!(std::error::Error::source(&error).is_some(), "the reason is told with it, once");
    let first = Server::start(&gateway, "127.0.0.1:0".parse().unwrap()).unwrap();
    let second = Server::start(&gateway, first.address());
    assert!(second.is_err(), "a second server takes no share of the first one's callers");
    first.stop(GRACE);
}

#[tokio::test]
async fn every_thread_serves() {
    let mut stand = Stand::new(&["ok"]);
    let gateway = Gateway::new(settings(&stand.wall, &["ok"]), Arc::new(Log::default()), 4).unwrap();
    stand.server = Server::start(&Arc::new(gateway), "127.0.0.1:0".parse().unwrap()).unwrap();
    // The kernel spreads connections over the threads; of forty, each thread has some.
    for _ in 0..40 {
        chat("auto").of(&stand).await.assert_whole("some thread");
    }
    within(tokio::task::spawn_blocking(move || stand.server.stop(GRACE))).await.unwrap();
}

#[tokio::test]
async fn a_stop_serves_also_who_waits_for_their_turn() {
    let stand = Stand::with(&["stall-after-3-once+ok"], |settings| settings.tiers[0].concurrency = Some(1));
    let mut first = chat("auto").streamed().begin(&stand).await;
    first.until("w3").await;
    let address = stand.server.address();
    let second = tokio::spawn(chat("auto").of_address(address));
    stand.log.until(&waiting(SPACE, 0)).await;
    let stopping = tokio::task::spawn_blocking(move || stand.server.stop(GRACE));
    within(async { while TcpStream::connect(address).await.is_ok() {} }).await;
    drop(first);
    within(second).await.unwrap().assert_whole("in the queue");
    within(stopping).await.unwrap();
}
