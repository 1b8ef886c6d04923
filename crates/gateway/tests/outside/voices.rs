//! Each provider's dialect as tier 1: the caller sees one whole answer in OpenAI's form, and what is refused goes to tier 2.

use serde_json::{Value, json};
use upstream::Kind;
use wall::Voice;

use crate::caller::{Answer, Ask, chat};
use crate::stand::Stand;

/// The kind that a user of this provider would set.
fn kind(provider: &str) -> Kind {
    match provider {
        "groq" => Kind::named("groq"),
        "huggingface" => Kind::named("serverless"),
        "vllm" | "llama-cpp" | "ollama" | "lm-studio" | "tgi" => Kind::space(),
        _ => Kind::commercial(),
    }
}

/// Tier 1 speaks in this voice and does this besides; tier 2 is healthy and says OpenAI's form.
fn stand(provider: &str, fault: &str) -> Stand {
    let model = format!("as-{provider}{fault}");
    Stand::with(&[&model, "ok"], |settings| settings.tiers[0].target.kind = kind(provider))
}

fn asks() -> [Ask; 2] {
    [chat("auto"), chat("auto").streamed()]
}

/// The calls of an answer, whole or put together from a stream: identity, name and arguments.
fn calls(answer: &Answer) -> Vec<(String, String, Value)> {
    let mut calls: Vec<(String, String, String)> = Vec::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pieces: Vec<Value> = if answer.is_stream() {
        answer.chunks().iter().map(|chunk| chunk["choices"][0]["delta"]["tool_calls"].clone()).collect()
    } else {
        vec![answer.json()["choices"][0]["message"]["tool_calls"].clone()]
    };
    for piece in pieces.iter().filter_map(Value::as_array).flatten() {
        let index = match piece["index"].as_u64() {
            Some(index) => index as usize,
            None if answer.is_stream() => panic!("a call without an index: {piece}"),
            None => calls.len(),
        };
        if calls.len() <= index {
            calls.resize(index + 1, Default::default());
        }
        let (id, name, arguments) = &mut calls[index];
        if id.is_empty() {
            *id = text(&piece["id"]);
        }
        *name += &text(&piece["function"]["name"]);
        *arguments += &text(&piece["function"]["arguments"]);
    }
    calls.into_iter().map(|(id, name, arguments)| (id, name, serde_json::from_str(&arguments).unwrap())).collect()
}

#[tokio::test]
async fn every_voice_gives_one_whole_answer() {
    for provider in Voice::all().map(Voice::name) {
        for ask in asks() {
            let stand = stand(provider, "");
            let answer = ask.of(&stand).await;
            answer.assert_whole(provider);
            assert_eq!(answer.attempts(), "1=ok", "{provider}");
            if answer.is_stream() {
                let chunks = answer.chunks();
                assert!(chunks[0]["id"].as_str().is_some_and(|id| !id.is_empty()), "{provider}: {:?}", chunks[0]);
                assert_eq!(chunks[0]["choices"].as_array().map(Vec::len), Some(1), "{provider}: {:?}", chunks[0]);
            }
        }
    }
}

#[tokio::test]
async fn every_voice_may_think_first() {
    for provider in Voice::all().map(Voice::name) {
        for ask in asks() {
            let answer = ask.of(&stand(provider, "+reasoning-5")).await;
            answer.assert_whole(provider);
            assert_eq!(answer.attempts(), "1=ok", "{provider}");
        }
    }
}

#[tokio::test]
async fn a_tool_call_of_every_voice_arrives_whole() {
    let tools = json!([{ "type": "function", "function": { "name": "get_weather", "parameters": {} } }]);
    for provider in Voice::all().map(Voice::name) {
        for ask in asks() {
            let answer = ask.with("tools", tools.clone()).of(&stand(provider, "+tool-call")).await;
            assert_eq!((answer.status, answer.attempts()), (200, "1=ok".to_owned()), "{provider}: {answer:?}");
            let calls = calls(&answer);
            let [(id, name, arguments)] = &calls[..] else { panic!("{provider}: {calls:?}") };
            assert!(!id.is_empty(), "{provider}");
            assert_eq!((name.as_str(), arguments), ("get_weather", &json!({ "city": "Paris" })), "{provider}");
        }
    }
}

#[tokio::test]
async fn what_a_voice_refuses_is_answered_by_the_next_tier() {
    for provider in Voice::all().map(Voice::name) {
        for fault in ["+400", "+429", "+401"] {
            for ask in asks() {
                let answer = ask.of(&stand(provider, fault)).await;
                answer.assert_whole(&format!("{provider}{fault}"));
                assert_eq!(answer.header("x-tierfall-tier"), Some("2"), "{provider}{fault}");
            }
        }
    }
}

#[tokio::test]
async fn a_stream_of_every_voice_that_breaks_off_is_carried_on() {
    for provider in Voice::all().map(Voice::name) {
        for fault in ["+cut-after-20", "+error-frame-after-20", "+finish-insufficient_system_resource+ok-20"] {
            for ask in asks() {
                let answer = ask.of(&stand(provider, fault)).await;
                answer.assert_whole(&format!("{provider}{fault}"));
            }
        }
    }
}
