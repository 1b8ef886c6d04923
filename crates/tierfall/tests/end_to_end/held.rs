//! An answer that a fault must not show in: all sixty words, each once, in one well-formed whole or stream.

use serde_json::{Value, json};
use wall::Wall;

use crate::served::{Served, chat};

/// How the caller asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Whole,
    Streamed,
}

pub(crate) const FORMS: [Form; 2] = [Form::Whole, Form::Streamed];

/// What the caller of a whole answer got beside its words.
#[derive(Debug)]
pub(crate) struct Held {
    /// `x-tierfall-tier`: who answered, or began to.
    pub(crate) tier: String,
    /// `x-tierfall-attempts` without its times: `1=503,2=ok`.
    pub(crate) attempts: String,
    /// The model that said the last word.
    pub(crate) model: String,
    pub(crate) usage: Value,
    /// Where another tier carried the answer on: the comments that say so.
    pub(crate) seams: Vec<String>,
}

/// Asks `served` and holds the answer to being whole.
pub(crate) fn ask(served: &Served, form: Form) -> Held {
    match form {
        Form::Whole => whole(served),
        Form::Streamed => streamed(served),
    }
}

fn whole(served: &Served) -> Held {
    let answer = served.chat("auto");
    assert_eq!((answer.status, answer.text()), (200, words(60)), "{}", answer.body);
    let body = answer.json();
    assert_eq!(body["choices"][0]["finish_reason"], "stop", "{}", answer.body);
    Held {
        tier: answer.header("x-tierfall-tier").to_owned(),
        attempts: without_times(answer.header("x-tierfall-attempts")),
        model: body["model"].as_str().expect("a model").to_owned(),
        usage: body["usage"].clone(),
        seams: Vec::new(),
    }
}

fn streamed(served: &Served) -> Held {
    let mut body = chat("auto");
    body["stream"] = json!(true);
    body["stream_options"] = json!({ "include_usage": true });
    let stream = served.stream_of(&body);
    assert_eq!(stream.status, 200);
    let tier = stream.header("x-tierfall-tier").to_owned();
    let attempts = without_times(stream.header("x-tierfall-attempts"));
    let spoken = stream.rest();
    assert_eq!((spoken.text(), spoken.finishes()), (words(60), vec!["stop"]));
    spoken.assert_all_the_same("id");
    let roles = spoken.chunks.iter().filter(|chunk| chunk.pointer("/choices/0/delta/role").is_some()).count();
    assert_eq!(roles, 1, "{:?}", spoken.chunks);
    let usages: Vec<&Value> =
        spoken.chunks.iter().map(|chunk| &chunk["usage"]).filter(|usage| !usage.is_null()).collect();
    assert!(usages.len() < 2, "{usages:?}");
    let last = spoken.chunks.iter().rfind(|chunk| chunk["choices"][0].is_object()).expect("a choice");
    Held {
        tier,
        attempts,
        model: last["model"].as_str().expect("a model").to_owned(),
        usage: usages.first().map_or(Value::Null, |usage| (*usage).clone()),
        seams: spoken.comments.into_iter().filter(|comment| comment.contains("seam=")).collect(),
    }
}

/// The models that were asked for an answer, in order. A look at a list of models, in the background, names none.
pub(crate) fn asked(wall: &Wall) -> Vec<String> {
    wall.log().into_iter().map(|seen| seen.model).filter(|model| !model.is_empty()).collect()
}

/// Two tiers of the caller's own at `wall`, with these models.
pub(crate) fn two_tiers(wall: &Wall, [first, second]: [&str; 2]) -> String {
    let base = wall.base_url();
    format!(
        "CUSTOM_LLM_BASE_URL={base}\nCUSTOM_LLM_API_KEY=one-hunter2\nCUSTOM_LLM_MODEL={first}\n\
         TIER2_BASE_URL={base}\nTIER2_API_KEY=two-hunter2\nTIER2_MODEL={second}\n"
    )
}

/// `w1 w2 …`
pub(crate) fn words(count: u32) -> String {
    (1..=count).map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ")
}

fn without_times(attempts: &str) -> String {
    let codes = attempts.split(',').filter_map(|attempt| attempt.split('@').next());
    codes.collect::<Vec<_>>().join(",")
}
