//! A tier that sends given bytes: what no name of the wall says.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Sends these bytes, each so much later than the ones before it; then nothing more until the client leaves.
pub(crate) type Play = Vec<(Duration, String)>;

/// Serves every connection the same play, and returns its base URL.
pub(crate) async fn play(play: Play) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(perform(stream, play.clone()));
        }
    });
    base_url
}

/// The client may leave at any point; then there is nobody to play to.
async fn perform(mut stream: TcpStream, play: Play) -> std::io::Result<()> {
    let mut read = Vec::new();
    while !is_request(&read) {
        if stream.read_buf(&mut read).await? == 0 {
            return Ok(());
        }
    }
    for (pause, bytes) in play {
        tokio::time::sleep(pause).await;
        stream.write_all(bytes.as_bytes()).await?;
    }
    while stream.read_buf(&mut read).await? > 0 {}
    Ok(())
}

/// Whether head and body are there.
fn is_request(read: &[u8]) -> bool {
    let text = String::from_utf8_lossy(read);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.to_ascii_lowercase();
    let length = length.split_once("content-length:").and_then(|(_, rest)| rest.lines().next()?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// The head of an event stream that ends with its connection.
pub(crate) fn stream_head() -> String {
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n".to_owned()
}

/// An event that says `text`.
pub(crate) fn token(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
}
