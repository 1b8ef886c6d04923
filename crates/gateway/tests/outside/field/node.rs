//! Node's two clients, `fetch` and `node:http`, which are refused while three megabytes are on their way.

use std::process::Command;

use serde_json::Value;

use crate::caller::{chat, words};
use crate::stand::Stand;

/// Sends a body of three megabytes in each way that Node has, and prints what came of it, a line each.
const CALLS: &str = r#"
import http from "node:http";
const gateway = process.argv[1];
const body = JSON.stringify({ model: "auto", messages: [{ role: "user", content: "x".repeat(3 * 1024 * 1024) }] });
const parts = Array.from({ length: 48 }, (_, part) => body.slice(part * 65536, (part + 1) * 65536)).concat(body.slice(48 * 65536));
const json = { "content-type": "application/json" };

const fetched = (whole) => async ({ path, method, headers }) => {
  const streamed = new ReadableStream({ start(out) { parts.forEach((part) => out.enqueue(new TextEncoder().encode(part))); out.close(); } });
  const sent = whole ? { body } : { body: streamed, duplex: "half" };
  const answer = await fetch(gateway + path, { method, headers: { ...json, ...headers }, ...sent });
  return { status: answer.status, code: (await answer.json()).error?.code };
};
const requested = (whole, agent) => ({ path, method, headers }) => new Promise((done, failed) => {
  const length = whole ? { "content-length": Buffer.byteLength(body) } : {};
  const request = http.request(gateway + path, { method, agent, headers: { ...json, ...length, ...headers } }, (answer) => {
    let text = "";
    answer.on("data", (data) => { text += data; }).on("error", failed);
    answer.on("end", () => done({ status: answer.statusCode, code: JSON.parse(text).error?.code }));
  });
  request.on("error", failed);
  if (whole) request.end(body); else { parts.forEach((part) => request.write(part)); request.end(); }
});
const lasting = new http.Agent({ keepAlive: true, maxSockets: 1 });
const ways = {
  "fetch": fetched(true), "fetch, chunked": fetched(false), "http": requested(true),
  "http, chunked": requested(false), "http, kept alive": requested(true, lasting),
};
for (const [way, call] of Object.entries(ways)) for (const refused of JSON.parse(process.argv[2])) {
  const came = await call(refused).catch((error) => ({ failed: String(error.cause?.code ?? error.code ?? error) }));
  console.log(JSON.stringify({ way, path: refused.path, ...came }));
}
lasting.destroy();
"#;

/// What each of Node's ways came to with each of these requests, and the status and the code that are right.
async fn assert_refused(stand: &Stand, refusals: &[(Value, u64, &str)]) {
    let gateway = format!("http://{}", stand.server.address());
    let requests = Value::Array(refusals.iter().map(|(request, ..)| request.clone()).collect()).to_string();
    let mut node = Command::new("node");
    node.args(["--input-type=module", "--eval", CALLS, &gateway, &requests]);
    let ran = tokio::task::spawn_blocking(move || node.output()).await.unwrap();
    let ran = ran.expect("node starts: scripts/setup tests installs it");
    let (out, err) = (String::from_utf8(ran.stdout).unwrap(), String::from_utf8_lossy(&ran.stderr).into_owned());
    let came: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(came.len(), 5 * refusals.len(), "{out}{err}");
    for (came, (_, status, code)) in came.iter().zip(refusals.iter().cycle()) {
        assert_eq!((came["status"].as_u64(), came["code"].as_str()), (Some(*status), Some(*code)), "{came}");
    }
}

#[tokio::test]
async fn a_401_is_read_as_a_401_while_three_megabytes_are_on_their_way() {
    let stand = Stand::with(&["ok"], |settings| settings.api_keys = vec!["key".into()]);
    let to = |path: &str, headers: Value| serde_json::json!({ "path": path, "method": "POST", "headers": headers });
    let none = || serde_json::json!({});
    assert_refused(
        &stand,
        &[
            (to("/v1/chat/completions", none()), 401, "invalid_api_key"),
            (
                to("/v1/chat/completions", serde_json::json!({ "authorization": "Bearer wrong" })),
                401,
                "invalid_api_key",
            ),
            (to("/v1/chat/completions", serde_json::json!({ "content-type": "text/plain" })), 415, "not_json"),
            (to("/v1/nothing", none()), 404, "unknown_url"),
            (to("/v1/models", none()), 405, "method_not_allowed"),
        ],
    )
    .await;
    assert!(stand.asked().is_empty(), "no tier hears of it");
    let answer = chat("auto").header("authorization", "Bearer key").of(&stand).await;
    assert_eq!(answer.text(), words(60), "and it serves on");
}
