//! A real page in Chromium, at another port of this machine: what it may ask, and what it may not.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;

use gateway::AllowedOrigins;

use crate::stand::Stand;

/// What the page tries, each way that needs no leave and the one that asks for it; its text is what came of them.
const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><title>a page</title><body>waiting<script>
const gateway = "http://GATEWAY", body = JSON.stringify({ model: "auto", messages: [{ role: "user", content: "hi" }] });
const call = (options) => fetch(gateway + "/v1/chat/completions", { method: "POST", body, ...options })
  .then((answer) => answer.text(), (error) => "refused");
const form = () => new Promise((done) => {
  const form = document.createElement("form"), frame = document.createElement("iframe");
  frame.name = "sink"; frame.onload = () => done("sent");
  form.method = "POST"; form.action = gateway + "/v1/chat/completions"; form.target = "sink"; form.enctype = "text/plain";
  form.innerHTML = `<input name='{"model":"auto","messages":[{"role":"user","content":"hi"}],"x":"' value='"}'>`;
  document.body.append(frame, form); form.submit();
});
const picture = () => new Promise((done) => {
  const picture = new Image(); picture.onload = picture.onerror = () => done("asked"); picture.src = gateway + "/v1/models";
});
Promise.all([
  call({ mode: "no-cors", headers: { "content-type": "text/plain" } }),
  call({ mode: "no-cors" }),
  call({ headers: { "content-type": "application/json" } }),
  form(),
  picture(),
]).then((all) => { document.body.textContent = "came: " + JSON.stringify(all); });
</script>"#;

/// Serves `page` on a port of its own for as long as the process lives.
fn serve(page: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let length = page.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{page}"
            );
        }
    });
    address
}

/// The text of the page once all that it tried has come to an end.
async fn visited(page: SocketAddr) -> String {
    let profile = tempfile::tempdir().unwrap();
    let mut chromium = Command::new("chromium");
    chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
    chromium.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    chromium.arg(format!("--user-data-dir={}", profile.path().display()));
    chromium.args(["--virtual-time-budget=20000", "--dump-dom"]).arg(format!("http://{page}/"));
    let seen = tokio::task::spawn_blocking(move || chromium.output()).await.unwrap();
    let seen = seen.expect("chromium starts: scripts/setup tests installs it");
    let text = String::from_utf8(seen.stdout).unwrap();
    assert!(text.contains("came: "), "the page did not come to its end: {text}");
    text
}

fn page_for(gateway: SocketAddr) -> SocketAddr {
    serve(PAGE.replace("GATEWAY", &gateway.to_string()))
}

#[tokio::test]
async fn a_page_at_another_port_cannot_spend_a_token() {
    let stand = Stand::new(&["ok"]);
    let text = visited(page_for(stand.server.address())).await;
    assert!(!text.contains("w1 w2"), "{text}");
    assert!(stand.asked().is_empty(), "a tier was asked for a page: {:?}", stand.asked());
}

#[tokio::test]
async fn a_page_of_an_origin_that_the_user_allowed_is_answered() {
    let stand = Stand::with(&["ok"], |settings| settings.allowed_origins = AllowedOrigins::new(["*"]).unwrap());
    let text = visited(page_for(stand.server.address())).await;
    assert!(text.contains("w1 w2 w3"), "{text}");
}
