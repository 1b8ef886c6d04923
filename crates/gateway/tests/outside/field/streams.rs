//! Streams as providers send them: S01 to S16.

use serde_json::{Value, json};

use crate::caller::{Answer, Ask, chat, words};
use crate::stand::Stand;

fn each_way(ask: Ask) -> [Ask; 2] {
    [ask.clone(), ask.streamed()]
}

/// The answer of `model` before a healthy tier 2, whole and streamed.
async fn answers(model: &str, ask: Ask) -> Vec<Answer> {
    let mut answers = Vec::new();
    for ask in each_way(ask) {
        answers.push(ask.of(&Stand::new(&[model, "ok"])).await);
    }
    answers
}

/// Each tool call: id, name, arguments.
fn calls(answer: &Answer) -> Vec<[String; 3]> {
    let mut calls: Vec<[String; 3]> = Vec::new();
    let mut add = |index: usize, call: &Value| {
        calls.resize_with(calls.len().max(index + 1), Default::default);
        for (at, pointer) in ["/id", "/function/name", "/function/arguments"].into_iter().enumerate() {
            calls[index][at].push_str(call.pointer(pointer).and_then(Value::as_str).unwrap_or_default());
        }
    };
    if answer.is_stream() {
        for chunk in answer.chunks() {
            for call in chunk["choices"][0]["delta"]["tool_calls"].as_array().into_iter().flatten() {
                add(usize::try_from(call["index"].as_u64().expect("an index")).expect("small"), call);
            }
        }
    } else {
        let whole = answer.json();
        let all = whole["choices"][0]["message"]["tool_calls"].as_array().cloned().unwrap_or_default();
        all.iter().enumerate().for_each(|(index, call)| add(index, call));
    }
    calls
}

#[tokio::test]
async fn s01_an_apology_is_never_glued_to_half_an_answer() {
    let stand = Stand::new(&["cut-after-40", "apology"]);
    let answer = chat("auto").streamed().of(&stand).await;
    assert!(!answer.body.contains("apologize"), "{}", answer.body);
    let text: String = (answer.data().iter())
        .filter_map(|data| {
            serde_json::from_str::<Value>(data).ok()?["choices"][0]["delta"]["content"].as_str().map(str::to_owned)
        })
        .collect();
    assert!(words(60).starts_with(text.trim_end()) && text.len() >= words(40).len(), "{text}");
}

#[tokio::test]
async fn s02_two_calls_at_one_index_are_two_calls() {
    let tools = json!([{ "type": "function", "function": { "name": "f" } }]);
    for answer in answers("tool-calls-same-index", chat("auto").with("tools", tools)).await {
        let calls = calls(&answer);
        assert_eq!(calls.len(), 2, "{answer:?}");
        assert!(calls[0][0] != calls[1][0], "{calls:?}");
        for [_, _, arguments] in calls {
            assert!(serde_json::from_str::<Value>(&arguments).is_ok(), "{arguments}");
        }
    }
}

#[tokio::test]
async fn s05_s06_a_reason_that_is_no_end_is_a_cut() {
    for reason in ["insufficient_system_resource", "network_error", "abort", "cancelled", "error"] {
        for answer in answers(&format!("ok-3+finish-{reason}"), chat("auto")).await {
            answer.assert_whole(reason);
        }
    }
    for answer in answers("error-in-choice-after-3", chat("auto")).await {
        answer.assert_whole("an error inside the choice");
    }
}

#[tokio::test]
async fn s07_fields_of_eventsource_stay_behind() {
    for answer in answers("event-ids", chat("auto")).await {
        answer.assert_whole("S07");
        assert!(
            !answer.body.lines().any(|line| line.starts_with("id:") || line.starts_with("retry:")),
            "{}",
            answer.body
        );
        assert_eq!(answer.attempts(), "1=ok");
    }
}

#[tokio::test]
async fn s09_a_reason_is_said_where_the_tier_says_none_and_missed_where_it_says_one() {
    for answer in answers("no-finish", chat("auto")).await {
        answer.assert_whole("S09");
        assert_eq!(answer.attempts(), "1=ok");
    }
    let stand = Stand::new(&["no-finish-once", "other"]);
    stand.wall.script("no-finish-once", "ok".parse::<wall::Script>().expect("a script"));
    chat("auto").streamed().of(&stand).await.assert_whole("it says reasons");
    stand.wall.script("no-finish-once", "ok-3+no-finish".parse::<wall::Script>().expect("a script"));
    let answer = chat("auto").streamed().of(&stand).await;
    answer.assert_whole("cut, and carried on");
    assert_eq!(answer.comments().len(), 1, "a seam");
}

#[tokio::test]
async fn s10_parts_are_text() {
    for answer in answers("parts", chat("auto")).await {
        answer.assert_whole("S10");
        assert_eq!(answer.attempts(), "1=ok");
    }
}

#[tokio::test]
async fn s11_a_letter_that_was_cut_in_two_is_whole() {
    for answer in answers("surrogate-halves", chat("auto")).await {
        assert!(
            answer.text().contains('😀') || answer.text().chars().any(|char| u32::from(char) > 0xffff),
            "{answer:?}"
        );
        assert_eq!((answer.status, answer.attempts().as_str()), (200, "1=ok"));
        assert!(words(60).split(' ').all(|word| answer.text().contains(word)), "no other letter is lost");
    }
}

#[tokio::test]
async fn s13_a_usage_that_cannot_be_read_costs_no_word() {
    for answer in answers("broken-usage", chat("auto")).await {
        answer.assert_whole("S13");
        assert_eq!(answer.attempts(), "1=ok");
    }
}

#[tokio::test]
async fn s16_a_thought_that_its_length_ended_is_no_answer() {
    for ask in [chat("auto"), chat("auto").with("max_tokens", 12_000)] {
        for answer in answers("reasoning-20+length-20", ask).await {
            answer.assert_whole("S16");
        }
    }
    for answer in answers("reasoning-20+length-20", chat("auto").with("max_tokens", 20)).await {
        assert_eq!((answer.status, answer.attempts().as_str()), (200, "1=ok"), "the bound is the caller's own");
    }
}
