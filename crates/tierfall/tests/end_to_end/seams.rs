//! A real answer, cut off wherever it can be and carried on by the engine: what the caller reads is the answer that the
//! engine gives when nothing is cut.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::engine::{model, until_tier_1_answers};
use crate::served::{Served, Setup};

/// Its answer has code, indents and blank lines, so that many of its cuts lie beside white space.
const WISH: &str =
    "Write a Python function that adds two numbers, with a docstring, and then a list of two uses of it.";
/// How long the uncut answer is.
const TOKENS: u32 = 64;
/// How much of it is asked for behind each cut: the seam, and enough to see that it goes on.
const TOKENS_BEHIND: u32 = 6;
/// Of two tokens that are nearer to each other than this (in nats), another one may win where the prompt was read in other
/// batches: what stands behind such a choice is not compared.
const NEAR_TIE: f64 = 0.5;
/// So many cuts at most, which run side by side.
const MOST_CUTS: usize = 48;
const SIDE_BY_SIDE: usize = 3;

/// A tier whose models are called `cut-N`: each says the first N bytes of `text`, and is cut off.
struct Cutter {
    address: SocketAddr,
    text: Arc<Mutex<String>>,
}

impl Cutter {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its number");
        let text = Arc::new(Mutex::new(String::new()));
        let said = Arc::clone(&text);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let said = Arc::clone(&said);
                thread::spawn(move || serve(stream, &said));
            }
        });
        Self { address, text }
    }
}

/// Whoever leaves in the middle has seen enough.
fn serve(mut stream: TcpStream, text: &Mutex<String>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line).ok()? > 2 {
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(cut) = body["model"].as_str().and_then(|model| model.strip_prefix("cut-")?.parse::<usize>().ok()) else {
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        return None;
    };
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).ok()?;
    let said = text.lock().expect("no panic")[..cut].to_owned();
    let chunk = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": body["model"],
        "choices": [{"index": 0, "delta": {"role": "assistant", "content": said}, "finish_reason": null}]});
    let event = format!("data: {chunk}\n\n");
    stream.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).ok()
}

/// The engine as tier 1, and a route for each cut: a tier that is cut there, then the engine.
fn configuration(cutter: &Cutter, longest: usize) -> String {
    let (local, mut routes) = (model(), String::new());
    let mut tiers = format!("[[tier]]\nnumber = 1\ntype = \"local\"\nmodel = \"{}\"\n", local.display());
    for cut in 1..=longest {
        let number = cut + 1;
        tiers +=
            &format!("[[tier]]\nnumber = {number}\ntype = \"space\"\nbase_url = \"http://{}/v1\"\n", cutter.address);
        tiers += &format!("model = \"cut-{cut}\"\nretries = 0\n");
        routes += &format!("[[route]]\nname = \"cut-{cut}\"\ntiers = [{number}, 1]\n");
    }
    tiers + &routes
}

fn wish(route: &str, tokens: u32) -> Value {
    let messages = json!([{"role": "user", "content": WISH}]);
    json!({"model": route, "messages": messages, "stream": true, "temperature": 0, "max_tokens": tokens})
}

/// The answer when nothing is cut.
struct Uncut {
    text: String,
    /// Where each token ends.
    ends: Vec<usize>,
    /// Where the tokens begin that have won by little.
    near_ties: Vec<usize>,
}

impl Uncut {
    fn of(served: &Served) -> Self {
        let mut wish = wish("tier-1", TOKENS);
        (wish["logprobs"], wish["top_logprobs"]) = (json!(true), json!(2));
        let mut uncut = Self { text: String::new(), ends: Vec::new(), near_ties: Vec::new() };
        for chunk in served.stream_of(&wish).rest().chunks {
            for token in chunk["choices"][0]["logprobs"]["content"].as_array().into_iter().flatten() {
                let best: Vec<f64> =
                    (0..2).filter_map(|place| token["top_logprobs"][place]["logprob"].as_f64()).collect();
                if best.len() < 2 || best[0] - best[1] < NEAR_TIE {
                    uncut.near_ties.push(uncut.text.len());
                }
                uncut.text.push_str(token["token"].as_str().expect("a text"));
                uncut.ends.push(uncut.text.len());
            }
        }
        uncut
    }

    /// Where it is cut: behind each token, and at each byte of the white space behind one. A word that is cut in the middle is
    /// read as other tokens than those it was made of, so that the model itself goes on otherwise.
    fn cuts(&self) -> Vec<usize> {
        let ends_a_token =
            |cut: usize| self.ends.contains(&self.text[..cut].trim_end().len()) || self.ends.contains(&cut);
        let cuts: Vec<_> =
            (1..self.text.len()).filter(|&cut| self.text.is_char_boundary(cut) && ends_a_token(cut)).collect();
        let (beside, others): (Vec<_>, Vec<_>) = cuts.into_iter().partition(|&cut| {
            self.text[..cut].ends_with(char::is_whitespace) || self.text[cut..].starts_with(['\n', '\t'])
        });
        let every = others.len().div_ceil(MOST_CUTS.saturating_sub(beside.len()).max(1));
        beside.into_iter().chain(others.into_iter().step_by(every)).collect()
    }

    /// How much of it is certain to come again where it is cut there.
    fn certain(&self, cut: usize) -> &str {
        let resumed = self.text[..cut].trim_end().len();
        let end = self.near_ties.iter().copied().find(|&at| at >= resumed).unwrap_or(self.text.len());
        &self.text[..end.max(cut)]
    }
}

#[test]
fn an_answer_that_is_cut_anywhere_and_carried_on_by_the_engine_is_the_uncut_one() {
    const LONGEST: usize = 500;
    let cutter = Cutter::start();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tierfall.toml");
    std::fs::write(&file, configuration(&cutter, LONGEST)).expect("written");
    let arguments = ["--config", file.to_str().expect("UTF-8")];
    let served = Served::with(&Setup { arguments: &arguments, ..Setup::default() });
    until_tier_1_answers(&served);
    let uncut = Uncut::of(&served);
    assert!(uncut.text.len() < LONGEST && uncut.text.contains("\n    "), "{}", uncut.text);
    uncut.text.clone_into(&mut cutter.text.lock().expect("no panic"));
    let (cuts, compared) = (Mutex::new(uncut.cuts()), AtomicUsize::new(0));
    let all = cuts.lock().expect("no panic").len();
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some(cut) = { cuts.lock().expect("no panic").pop() } {
                    let behind = assert_goes_on(&served, &uncut, cut);
                    compared.fetch_add(usize::from(behind > 0), Ordering::Relaxed);
                }
            });
        }
    });
    let compared = compared.into_inner();
    assert!(compared * 2 > all, "only {compared} of {all} cuts had anything certain behind them");
}

/// Asks for the answer that is cut there, and says how many bytes behind the cut were compared.
fn assert_goes_on(served: &Served, uncut: &Uncut, cut: usize) -> usize {
    // What was cut off came as one piece.
    let spoken = served.stream_of(&wish(&format!("cut-{cut}"), 1 + TOKENS_BEHIND)).rest();
    let (joined, certain) = (spoken.text(), uncut.certain(cut));
    assert!(
        spoken.comments.iter().any(|comment| comment.starts_with("tierfall tier=1 seam=")),
        "{:?}",
        spoken.comments
    );
    let same = certain.len().min(joined.len());
    assert_eq!(joined.as_bytes()[..same], certain.as_bytes()[..same], "cut at {cut}: {joined:?} and {certain:?}");
    assert!(joined.len() > cut, "cut at {cut}: nothing follows {joined:?}");
    same - cut
}
