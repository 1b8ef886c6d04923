//! A tier on a lent GPU: the folder that `tierfall space init` writes, run by the real Gradio and the real package `spaces`. What
//! lends the GPU, and the edge of the Hub before the Space, are scripted.

mod edge;
mod lender;
mod program;

use std::sync::Arc;

use serde_json::{Value, json};
use wall::Wall;

use crate::answer::without_the_time_of_ok;
use crate::served::{Served, Setup};
use crate::{until, wall};

use edge::Edge;
use lender::Lender;
use program::Program;

struct Space {
    lender: Lender,
    program: Program,
    edge: Edge,
}

impl Space {
    /// A Space that is awake, and whose model takes `pause` seconds a number.
    fn start(pause: &str) -> Self {
        let lender = Lender::start();
        let program = Program::start(&lender, pause);
        let edge = Edge::before(program.address);
        Self { lender, program, edge }
    }

    /// It as tier 1, and a wall as tier 2.
    fn keys(&self, wall: &Wall, then: &str) -> String {
        format!(
            "TIER1_TYPE=zerogpu\nTIER1_BASE_URL=http://{}\nHF_TOKEN=hf_hunter2\nTIER4_ENABLED=false\n\
             TIER2_BASE_URL={}\nTIER2_API_KEY=two-hunter2\nTIER2_MODEL={then}\n",
            self.edge.address,
            wall.base_url()
        )
    }
}

/// A request to count up to `last`, in an answer of `most` tokens.
fn count(last: u32, most: u32) -> Value {
    let content = format!("xylophones: count to {last}");
    json!({ "model": "auto", "max_tokens": most, "messages": [{ "role": "user", "content": content }] })
}

fn streamed(mut request: Value) -> Value {
    request["stream"] = json!(true);
    request
}

#[test]
fn a_written_space_answers_through_auto_whole_and_streamed_and_its_spent_seconds_survive_a_kill() {
    let (space, wall) = (Space::start("0.01"), wall());
    let keys = space.keys(&wall, "ok-5");
    let served = Served::start(&keys);
    let answer = served.ask(&count(5, 100));
    assert_eq!((answer.status, answer.text().as_str()), (200, "1 2 3 4 5 "), "{}", answer.body);
    assert_eq!(without_the_time_of_ok(answer.header("x-tierfall-attempts")), "1=ok@Nms");
    let whole = answer.json();
    assert_eq!(whole["model"], "Qwen/Qwen2.5-Coder-7B-Instruct");
    assert_eq!(whole["usage"], json!({ "prompt_tokens": 4, "completion_tokens": 6, "total_tokens": 10 }));

    let spoken = served.stream_of(&streamed(count(5, 3))).rest();
    assert_eq!((spoken.text().as_str(), spoken.finishes()), ("1 2 3 ", vec!["length"]));
    let numbers = spoken.chunks.iter().filter(|chunk| chunk["choices"][0]["delta"]["content"].is_string());
    assert_eq!(numbers.count(), 3, "token by token: {:?}", spoken.chunks);
    let mut stopped = count(500, 400);
    stopped["stop"] = json!("7 8");
    assert_eq!(served.ask(&stopped).text(), "1 2 3 4 5 6 ");
    // Ten seconds to begin with, and one for each twenty tokens.
    assert_eq!(space.lender.durations(), [15, 11, 30]);
    assert_eq!(space.edge.callers(), ["Bearer hf_hunter2"; 6], "the time of the token's owner");

    // What another tier can do is left to that.
    let mut with_tools = count(5, 100);
    with_tools["tools"] = json!([{ "type": "function", "function": { "name": "f" } }]);
    let answer = served.ask(&with_tools);
    let attempts = answer.header("x-tierfall-attempts");
    assert!(attempts.starts_with("1=unsupported@") && attempts.contains(",2=ok@"), "{attempts}");
    assert_eq!(space.lender.durations().len(), 3);

    // A caller who leaves gives the GPU back.
    space.lender.has_back(3);
    let mut stream = served.stream_of(&streamed(count(4_000, 4_000)));
    stream.read_chunks(2);
    drop(stream);
    space.lender.has_back(4);
    drop(served);

    let keys = keys + "TIER1_GPU_SECONDS=11\n";
    let mut served = Served::start(&keys);
    let folder = served.folder();
    assert_eq!(served.ask(&count(5, 20)).text(), "1 2 3 4 5 ");
    let written = || crate::ledger::export(folder.path(), &[]).len() == 1;
    until("what it took is written down", || written().then_some(()));
    served.kill();
    let served = Served::with(&Setup { keys: &keys, folder: Some(Arc::clone(&folder)), ..Setup::default() });
    assert_eq!(served.ask(&count(5, 20)).json()["model"], "ok-5");
    served.said("↷ Skipped: Tier 1: Your ZeroGPU Space (quota used up, room again in ");
    assert_eq!(space.lender.durations().len(), 5, "no GPU was asked for");
}

#[test]
fn a_spent_quota_is_believed_and_a_space_that_is_cut_off_or_asleep_is_stood_in_for_until_it_is_back() {
    let (mut space, wall) = (Space::start("0.05"), wall());
    let served = Served::start(&space.keys(&wall, "ok-5+repeats"));
    let mut stream = served.stream_of(&streamed(count(2_000, 2_000)));
    stream.read_chunks(3);
    space.edge.set(None);
    let awake = Program::start(&space.lender, "0");
    // The Space is killed in the middle of its answer.
    drop(std::mem::replace(&mut space.program, awake));
    let spoken = stream.rest();
    assert!(spoken.text().starts_with("1 2 3"), "{}", spoken.text());
    assert!(
        spoken.comments.iter().any(|comment| comment.starts_with("tierfall tier=2 seam=")),
        "{:?}",
        spoken.comments
    );

    let asleep = served.ask(&count(5, 20));
    assert_eq!(asleep.text(), "w1 w2 w3 w4 w5");
    served.said("✗ Failed: Tier 1: Your ZeroGPU Space (waking (503 Service Unavailable))");
    space.edge.set(Some(space.program.address));
    let lent = space.lender.durations().len();
    until("it is awake", || (served.ask(&count(5, 20)).text() == "1 2 3 4 5 ").then_some(()));
    assert_eq!(space.lender.durations().len(), lent + 1, "no GPU is taken to see whether it is");

    space.lender.spend(21, 413);
    let spent = served.ask(&count(5, 20));
    let attempts = spent.header("x-tierfall-attempts");
    assert!(attempts.starts_with("1=429@") && attempts.contains(",2=ok@"), "{attempts}");
    let skipped = served.ask(&count(5, 20));
    assert_eq!(without_the_time_of_ok(skipped.header("x-tierfall-attempts")), "2=ok@Nms");
    assert_eq!(space.lender.durations().len(), lent + 2, "it is asked once");
}
