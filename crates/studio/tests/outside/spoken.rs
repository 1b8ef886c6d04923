//! A tier on loopback that says given texts, one an answer, in pieces of a few letters.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::stand::within;

/// What is said.
#[derive(Clone, Copy)]
pub(crate) enum Told<'a> {
    Text(&'a str),
    /// This is thought first.
    Thought(&'a str, &'a str),
    /// The second part comes when it is let.
    Held(&'a str, &'a str),
    /// The connection closes behind it.
    Cut(&'a str),
    /// It is as long as an answer may be.
    Long(&'a str),
}

/// The tier. Its last text is said again and again.
pub(crate) struct Spoken {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    answers: Vec<Vec<Step>>,
    asked: Mutex<Vec<String>>,
    go_on: Notify,
    left: Notify,
}

#[derive(Clone)]
enum Step {
    Write(String),
    Wait,
    End,
}

impl Spoken {
    pub(crate) async fn start(answers: &[Told<'_>]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answers = answers.iter().map(|told| steps(*told)).collect();
        let (asked, go_on, left) = (Mutex::default(), Notify::new(), Notify::new());
        let shared = Arc::new(Shared { answers, asked, go_on, left });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(answer(socket, Arc::clone(&serving)));
            }
        });
        Self { port, shared }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// The bodies of all requests.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().unwrap().clone()
    }

    pub(crate) fn go_on(&self) {
        self.shared.go_on.notify_one();
    }

    /// Comes when a caller has closed a connection on which something was still to be said.
    pub(crate) async fn left(&self) {
        within(self.shared.left.notified()).await;
    }
}

fn steps(told: Told<'_>) -> Vec<Step> {
    let says = |member: &str, text: &str| {
        let letters: Vec<char> = text.chars().collect();
        let event = |piece: &[char]| {
            let piece: String = piece.iter().collect();
            let delta = serde_json::json!({ member: piece });
            Step::Write(format!("data: {}\n\n", serde_json::json!({ "choices": [{ "index": 0, "delta": delta }] })))
        };
        letters.chunks(5).map(event).collect::<Vec<_>>()
    };
    let ends = |reason: &str| {
        let end = format!(
            "data: {{\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"{reason}\"}}]}}\n\ndata: [DONE]\n\n"
        );
        vec![Step::Write(end), Step::End]
    };
    let end = ends("stop");
    match told {
        Told::Text(text) => [says("content", text), end].concat(),
        Told::Thought(thought, text) => [says("reasoning_content", thought), says("content", text), end].concat(),
        Told::Held(text, rest) => [says("content", text), vec![Step::Wait], says("content", rest), end].concat(),
        Told::Cut(text) => [says("content", text), vec![Step::End]].concat(),
        Told::Long(text) => [says("content", text), ends("length")].concat(),
    }
}

async fn answer(mut socket: TcpStream, shared: Arc<Shared>) {
    let Some(body) = request(&mut socket).await else { return };
    let number = {
        let mut asked = shared.asked.lock().unwrap();
        asked.push(body);
        asked.len() - 1
    };
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let _ = socket.write_all(head.as_bytes()).await;
    let steps = shared.answers.get(number).or(shared.answers.last()).cloned().unwrap_or_default();
    for step in steps {
        match step {
            Step::Write(text) => {
                if socket.write_all(text.as_bytes()).await.is_err() {
                    return;
                }
            }
            Step::Wait => tokio::select! {
                () = shared.go_on.notified() => {}
                _ = socket.read_u8() => return shared.left.notify_one(),
            },
            Step::End => return,
        }
    }
}

/// The body of the request that comes.
async fn request(socket: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = |line: &str| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok();
            let length: usize = head.lines().find_map(length)?;
            if body.len() >= length {
                return Some(body.to_owned());
            }
        }
        if socket.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
}
