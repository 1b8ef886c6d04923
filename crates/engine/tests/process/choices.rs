//! Several answers to a request, several prompts, and what is told of the tokens.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{ask, call, chat, endless, stream};
use crate::serving::{CHAT, TEXT, until_idle};
use crate::worker::Tested;

async fn text(worker: &Tested, body: &Value) -> Value {
    let (status, _, answer) = call(worker.socket(), Method::POST, TEXT, body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

/// The chunks of a stream, without its last word.
async fn chunks(worker: &Tested, path: &str, body: &Value) -> Vec<Value> {
    let mut body = body.clone();
    body["stream"] = true.into();
    body["stream_options"] = json!({"include_usage": true});
    let data = stream(worker.socket(), path, &body).await.unwrap().data().await;
    let (last, chunks) = data.split_last().unwrap();
    assert_eq!(last, "[DONE]");
    chunks.iter().map(|chunk| serde_json::from_str(chunk).unwrap()).collect()
}

/// What `path` finds in the chunks of one choice.
fn of_choice<'a>(chunks: &'a [Value], index: usize, path: &'a str) -> impl Iterator<Item = &'a Value> {
    let choices = chunks.iter().filter_map(|chunk| chunk["choices"].get(0));
    choices.filter(move |choice| choice["index"] == index).filter_map(move |choice| choice.pointer(path))
}

fn strings<'a>(values: impl IntoIterator<Item = &'a Value>) -> String {
    values.into_iter().filter_map(Value::as_str).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value}"))
}

#[tokio::test]
async fn a_chat_tells_how_likely_its_tokens_were_whole_and_streamed() {
    let worker = Tested::ready().await;
    let body = ask(&json!({"max_tokens": 8, "temperature": 0, "logprobs": true, "top_logprobs": 2}));
    let (status, _, answer) = chat(worker.socket(), &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let choice = &answer["choices"][0];
    let whole = list(&choice["logprobs"]["content"]);
    assert_eq!((whole.len(), &choice["logprobs"]["refusal"]), (8, &Value::Null));
    assert_eq!(strings(whole.iter().map(|entry| &entry["token"])), choice["message"]["content"].as_str().unwrap());
    for entry in whole {
        let spelled = entry["token"].as_str().unwrap().as_bytes();
        assert_eq!(entry["bytes"], json!(spelled));
        let top = list(&entry["top_logprobs"]);
        assert_eq!((top.len(), &top[0]["token"], &top[0]["logprob"]), (2, &entry["token"], &entry["logprob"]));
        assert!(top[1]["logprob"].as_f64() <= top[0]["logprob"].as_f64() && top[0]["logprob"].as_f64() <= Some(0.0));
    }
    let chunks = chunks(&worker, CHAT, &body).await;
    let streamed: Vec<_> = of_choice(&chunks, 0, "/logprobs/content").flat_map(list).collect();
    assert_eq!(
        strings(streamed.iter().map(|entry| &entry["token"])),
        strings(whole.iter().map(|entry| &entry["token"]))
    );
    for chunk in &chunks {
        let Some(said) = chunk.pointer("/choices/0/delta/content").and_then(Value::as_str) else { continue };
        let tokens = chunk.pointer("/choices/0/logprobs/content").map(list).unwrap_or_default();
        assert_eq!(strings(tokens.iter().map(|entry| &entry["token"])), said, "a chunk tells its own tokens");
    }
    let (_, _, plain) = chat(worker.socket(), &ask(&json!({"max_tokens": 2}))).await;
    assert_eq!(plain["choices"][0]["logprobs"], Value::Null);
}

#[tokio::test]
async fn a_text_begins_with_its_prompt_and_tells_its_tokens_too() {
    let worker = Tested::ready().await;
    let body = json!({"prompt": "1, 2, 3, 4,", "echo": true, "logprobs": 2, "max_tokens": 5, "temperature": 0});
    let answer = text(&worker, &body).await;
    let choice = &answer["choices"][0];
    assert_eq!(choice["text"], "1, 2, 3, 4, 5, 6");
    let logprobs = &choice["logprobs"];
    let names = ["tokens", "token_logprobs", "top_logprobs", "text_offset"];
    let count = list(&logprobs["tokens"]).len();
    names.iter().for_each(|name| assert_eq!(list(&logprobs[name]).len(), count, "{name}"));
    assert_eq!(strings(list(&logprobs["tokens"])), "1, 2, 3, 4, 5, 6");
    assert_eq!((&logprobs["token_logprobs"][0], &logprobs["top_logprobs"][0]), (&Value::Null, &Value::Null));
    for index in 0..count {
        let offset = usize::try_from(logprobs["text_offset"][index].as_u64().unwrap()).unwrap();
        let token = logprobs["tokens"][index].as_str().unwrap();
        assert!(choice["text"].as_str().unwrap()[offset..].starts_with(token), "{logprobs}");
        if index > 0 {
            let top = logprobs["top_logprobs"][index].as_object().unwrap();
            assert_eq!(top[token], logprobs["token_logprobs"][index]);
            assert!((2..=3).contains(&top.len()));
        }
    }
    let chunks = chunks(&worker, TEXT, &body).await;
    assert_eq!(strings(of_choice(&chunks, 0, "/text")), choice["text"].as_str().unwrap());
    for name in ["tokens", "text_offset"] {
        let path = format!("/logprobs/{name}");
        let joined: Vec<_> = of_choice(&chunks, 0, &path).flat_map(list).cloned().collect();
        assert_eq!(joined, list(&logprobs[name]));
    }
    let nothing = json!({"prompt": "1, 2, 3, 4,", "echo": true, "logprobs": 1, "max_tokens": 0});
    let nothing = text(&worker, &nothing).await;
    assert_eq!(nothing["choices"][0]["text"], "1, 2, 3, 4,");
    assert_eq!(strings(list(&nothing["choices"][0]["logprobs"]["tokens"])), "1, 2, 3, 4,");
    assert_eq!(nothing["usage"]["completion_tokens"], 0);
}

#[tokio::test]
async fn several_answers_share_their_prompt_and_are_drawn_apart() {
    let worker = Tested::ready().await;
    let body = ask(&json!({"n": 3, "seed": 7, "temperature": 1.5, "max_tokens": 12}));
    let (status, _, answer) = chat(worker.socket(), &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let choices = list(&answer["choices"]);
    assert_eq!(choices.iter().map(|choice| choice["index"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(choices[1..].iter().any(|other| other["message"]["content"] != choices[0]["message"]["content"]));
    let (_, _, one) = chat(worker.socket(), &ask(&json!({"max_tokens": 1}))).await;
    assert_eq!(answer["usage"]["prompt_tokens"], one["usage"]["prompt_tokens"]);
    let most = answer["usage"]["completion_tokens"].as_u64().unwrap();
    assert!((13..=36).contains(&most), "{answer}");

    let chunks = chunks(&worker, CHAT, &body).await;
    for index in 0..3 {
        assert_eq!(of_choice(&chunks, index, "/delta/role").count(), 1);
        assert!(!strings(of_choice(&chunks, index, "/delta/content")).is_empty());
        assert_eq!(of_choice(&chunks, index, "/finish_reason").filter(|end| end.is_string()).count(), 1);
    }
    let usages: Vec<_> = chunks.iter().filter(|chunk| chunk["usage"].is_object()).collect();
    assert_eq!((usages.len(), &usages[0]["choices"]), (1, &json!([])));
    assert_eq!(usages[0]["usage"]["prompt_tokens"], one["usage"]["prompt_tokens"]);
}

#[tokio::test]
async fn several_prompts_are_answered_in_their_order() {
    let worker = Tested::ready().await;
    let body =
        json!({"prompt": ["1, 2, 3, 4,", "11, 12, 13,"], "n": 2, "temperature": 0, "max_tokens": 3, "echo": true});
    let answer = text(&worker, &body).await;
    let texts: Vec<_> = list(&answer["choices"]).iter().map(|choice| choice["text"].as_str().unwrap()).collect();
    assert_eq!(texts.iter().filter(|text| text.starts_with("1, 2, 3, 4, 5")).count(), 2, "{texts:?}");
    assert!(texts[2..].iter().all(|text| text.starts_with("11, 12, 13, 1")), "{texts:?}");
    let alone: Vec<_> =
        [json!("1, 2, 3, 4,"), json!("11, 12, 13,")].map(|prompt| json!({"prompt": prompt, "max_tokens": 1})).into();
    let mut tokens = 0;
    for body in alone {
        tokens += text(&worker, &body).await["usage"]["prompt_tokens"].as_u64().unwrap();
    }
    assert_eq!(answer["usage"]["prompt_tokens"], tokens);
    let streamed = chunks(&worker, TEXT, &body).await;
    for (index, text) in texts.iter().enumerate() {
        assert_eq!(&strings(of_choice(&streamed, index, "/text")), text);
    }
    let lists = text(&worker, &json!({"prompt": [[33, 28], [34]], "echo": true, "max_tokens": 0})).await;
    assert_eq!(list(&lists["choices"]).len(), 2);
    assert_eq!(lists["usage"]["prompt_tokens"], 3);
}

#[tokio::test]
async fn the_best_of_several_answers_is_the_likeliest() {
    let worker = Tested::ready().await;
    let mean = |choice: &Value| {
        let logprobs = list(&choice["logprobs"]["token_logprobs"]);
        logprobs.iter().map(|logprob| logprob.as_f64().unwrap()).sum::<f64>() / logprobs.len() as f64
    };
    let asked = json!({"prompt": "Once upon a time", "seed": 3, "temperature": 1.8, "max_tokens": 8, "logprobs": 0});
    let mut body = asked.clone();
    body["n"] = 2.into();
    body["best_of"] = 6.into();
    let answer = text(&worker, &body).await;
    let given: Vec<_> = list(&answer["choices"]).iter().map(mean).collect();
    assert!(given.len() == 2 && given[0] >= given[1], "{given:?}");
    assert!(answer["usage"]["completion_tokens"].as_u64().unwrap() > 2 * 8, "all that were made cost");
    let mut all = asked;
    all["n"] = 6.into();
    let all = text(&worker, &all).await;
    let all: Vec<_> = list(&all["choices"]).iter().map(mean).collect();
    let average = all.iter().sum::<f64>() / 6.0;
    assert!(given[1] > average - 0.5 && given[0] > average, "{given:?} of {all:?}");
}

#[tokio::test]
async fn what_a_model_cannot_fill_is_refused_by_name() {
    let worker = Tested::ready().await;
    let body = json!({"prompt": "def add(a, b):", "suffix": "return c"});
    let (status, _, answer) = call(worker.socket(), Method::POST, TEXT, &body).await;
    assert_eq!((status, &answer["error"]["param"]), (StatusCode::BAD_REQUEST, &json!("suffix")), "{answer}");
    let unknown = json!({"prompt": [[5], [99_999_999]], "echo": true});
    let (status, _, answer) = call(worker.socket(), Method::POST, TEXT, &unknown).await;
    assert_eq!((status, &answer["error"]["param"]), (StatusCode::BAD_REQUEST, &json!("prompt")), "{answer}");
}

#[tokio::test]
async fn a_client_who_leaves_ends_all_answers() {
    let worker = Tested::ready().await;
    let pid = worker.pid().await;
    let mut body = endless(true);
    body["n"] = 6.into();
    body["max_tokens"] = 300.into();
    let mut call = stream(worker.socket(), CHAT, &body).await.unwrap();
    for _ in 0..10 {
        http_body_util::BodyExt::frame(call.response.body_mut()).await.unwrap().unwrap();
    }
    call.hang_up();
    until_idle(pid).await;
    assert_eq!(worker.pid().await, pid);
}
