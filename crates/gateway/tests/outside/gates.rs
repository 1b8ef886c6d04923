//! The gates `not-empty`, `json` and `html`: what an answer must be before it counts.

use gateway::Gate;
use serde_json::{Value, json};

use crate::caller::{Answer, chat};
use crate::stand::{FAST, SPACE, Stand, failed, succeeded, trying};

/// What tier 1 says, the gate that it fails, the short word and the reason in the log, and who is healthy by that gate.
const SHORT: [(&str, Gate, &str, &str, &str); 6] = [
    ("blank", Gate::NotEmpty, "gate-not-empty", "says nothing", "ok-5"),
    ("reasoning-9+ok-0", Gate::NotEmpty, "gate-not-empty", "says nothing", "ok-5"),
    ("half-json", Gate::Json, "gate-json", "not the JSON asked for: it ends in the middle of a value", "json"),
    ("fenced-json", Gate::Json, "gate-json", "not the JSON asked for: no JSON at line 1 column 1", "json"),
    ("half-page", Gate::Html, "gate-html", "not a whole page: no </html>", "page"),
    ("ok-5", Gate::Html, "gate-html", "not a whole page: no doctype and no <html>", "page"),
];

/// What `model` says to a caller who asks it alone.
async fn said_by(stand: &Stand, model: &str) -> String {
    chat(model).of_the_wall(stand).await.text()
}

fn error_code(answer: &Answer) -> Value {
    let last: Value = serde_json::from_str(answer.data().last().expect("an event")).expect("JSON");
    last["error"]["code"].clone()
}

fn format(schema: &Value) -> Value {
    json!({ "type": "json_schema", "json_schema": { "name": "words", "schema": schema } })
}

#[tokio::test]
async fn a_whole_answer_that_falls_short_is_made_anew_by_the_next_tier() {
    for (model, gate, code, reason, healthy) in SHORT {
        for form in ["", "+whole-only"] {
            let model = format!("{model}{form}");
            let stand = Stand::gated(&[&model, healthy], &[gate]);
            let answer = chat("gated").of(&stand).await;
            assert_eq!((answer.status, answer.attempts()), (200, format!("1={code},2=ok")), "{model}");
            assert_eq!(answer.text(), said_by(&stand, healthy).await, "{model}");
            assert_eq!(answer.json()["model"], healthy);
            let log = [trying(SPACE), failed(SPACE, reason), trying(FAST), succeeded(FAST)];
            assert_eq!(stand.log.lines(), log, "{model}");
        }
    }
}

#[tokio::test]
async fn what_passes_is_shown_as_it_came() {
    let all = [Gate::NotEmpty, Gate::Finished];
    for (model, gate) in [("page", Gate::Html), ("json", Gate::Json), ("page+whole-only", Gate::Html)] {
        let stand = Stand::gated(&[model, "401"], &[&all[..], &[gate]].concat());
        let direct = chat(model).of_the_wall(&stand).await;
        let whole = chat("gated").of(&stand).await;
        assert_eq!((whole.text(), whole.attempts()), (direct.text(), "1=ok".to_owned()), "{model}");
        let streamed = chat("gated").streamed().of(&stand).await;
        assert_eq!((streamed.text(), streamed.dones()), (direct.text(), 1), "{model}");
        if !model.contains("whole") {
            let direct = chat(model).streamed().of_the_wall(&stand).await;
            assert_eq!(streamed.body, direct.body, "to the byte");
        }
    }
}

#[tokio::test]
async fn half_an_answer_that_was_shown_is_carried_on_as_one_stream() {
    for (half, gate, whole) in [("half-page", Gate::Html, "page"), ("blank", Gate::NotEmpty, "ok-5")] {
        for next in ["", "+refuse-prefill"] {
            let stand = Stand::gated(&[half, &format!("{whole}{next}")], &[gate]);
            let answer = chat("gated").streamed().of(&stand).await;
            let expected = said_by(&stand, whole).await;
            assert_eq!(answer.text().trim_start(), expected, "{half}{next}");
            assert_eq!(answer.dones(), 1, "{half}{next}");
            let chunks = answer.chunks();
            assert!(chunks.iter().all(|chunk| chunk["id"] == chunks[0]["id"]));
            let ends = chunks.iter().filter(|chunk| chunk["choices"][0]["finish_reason"].is_string());
            assert_eq!(ends.count(), 1, "{half}{next}: the first end was held back");
        }
    }
}

#[tokio::test]
async fn json_under_a_gate_alone_is_never_put_together_from_two_answers() {
    for half in ["half-json", "json+cut-after-3", "json+length-3"] {
        let stand = || Stand::gated(&[half, "json"], &[Gate::Finished, Gate::Json]);
        let streamed = chat("gated").streamed().of(&stand()).await;
        assert_eq!((streamed.dones(), error_code(&streamed)), (0, json!("answer_broke_off")), "{half}");
        let asked = stand();
        let whole = chat("gated").of(&asked).await;
        assert_eq!((whole.status, whole.text()), (200, said_by(&asked, "json").await), "{half}: made anew");
        for call in asked.wall.log() {
            let sent: Value = serde_json::from_slice(&call.body).expect("JSON");
            assert_eq!(sent["messages"].as_array().map(Vec::len), Some(1), "{half}: nobody is asked to go on");
        }
    }
}

#[tokio::test]
async fn what_no_text_behind_it_mends_ends_in_the_error_and_stands() {
    for (model, gate) in [("fenced-json", Gate::Json), ("ok-5", Gate::Json), ("ok-5", Gate::Html)] {
        let stand = Stand::gated(&[model, "json", "page"], &[gate]);
        let answer = chat("gated").streamed().of(&stand).await;
        assert_eq!(
            (answer.status, answer.dones(), error_code(&answer)),
            (200, 0, json!("answer_broke_off")),
            "{model}"
        );
        let without_error = &answer.chunks()[..answer.chunks().len() - 1];
        let said: String =
            without_error.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
        assert_eq!(said, said_by(&stand, model).await);
        assert!(without_error.iter().all(|chunk| chunk["choices"][0]["finish_reason"].is_null()));
        stand.log.until(&format!("✗ Broken off: {SPACE}")).await;
    }
}

#[tokio::test]
async fn an_answer_must_fit_the_schema_that_the_request_asks_for() {
    let fits = json!({ "type": "object", "properties": { "count": { "type": "integer" } }, "required": ["words"] });
    let misfits = json!({ "type": "object", "properties": { "count": { "type": "string" } } });
    for (schema, status, attempts) in [(fits, 200, "1=ok"), (misfits, 503, "1=gate-json,2=gate-json")] {
        let stand = Stand::gated(&["json", "json#2"], &[Gate::Json]);
        let answer = chat("gated").with("response_format", format(&schema)).of(&stand).await;
        assert_eq!((answer.status, answer.attempts().as_str()), (status, attempts));
        let sent: Value = serde_json::from_slice(&stand.wall.log()[0].body).expect("JSON");
        assert_eq!(sent["response_format"], format(&schema), "the tier is told it too");
    }
}

#[tokio::test]
async fn where_every_answer_falls_short_the_503_says_why_without_a_word_of_any() {
    let stand = Stand::gated(&["ok-5", "half-page"], &[Gate::Html]);
    let answer = chat("gated").of(&stand).await;
    assert_eq!(answer.status, 503);
    let reasons: Vec<_> =
        answer.json()["error"]["attempts"].as_array().expect("attempts").iter().map(|a| a["reason"].clone()).collect();
    assert_eq!(reasons, ["not a whole page: no doctype and no <html>", "not a whole page: no </html>"]);
    assert!(!answer.body.contains("w1"));
}

#[tokio::test]
async fn an_answer_that_fell_short_is_not_held_against_its_tier() {
    let stand = Stand::gated(&["half-page", "page"], &[Gate::Html]);
    for _ in 0..12 {
        assert_eq!(chat("gated").of(&stand).await.attempts(), "1=gate-html,2=ok");
    }
}

#[tokio::test]
async fn tool_calls_pass_every_gate() {
    let all = [Gate::NotEmpty, Gate::Finished, Gate::Json, Gate::Html];
    for model in ["tool-call", "tool-call+whole-only"] {
        let stand = Stand::gated(&[model, "401"], &all);
        assert_eq!(chat("gated").of(&stand).await.attempts(), "1=ok", "{model}");
        assert_eq!(chat("gated").streamed().of(&stand).await.dones(), 1, "{model}");
    }
}

#[tokio::test]
async fn what_a_filter_held_back_is_not_asked_for_elsewhere() {
    let stand = Stand::gated(&["content-filter-after-10", "json"], &[Gate::Json]);
    assert_eq!(chat("gated").of(&stand).await.attempts(), "1=ok");
    assert_eq!(chat("gated").streamed().of(&stand).await.dones(), 1);
}

#[tokio::test]
async fn a_page_that_its_length_cuts_off_is_gone_on_with_until_it_is_whole() {
    for ask in [chat("gated"), chat("gated").streamed()] {
        let stand = Stand::gated(&["page+length-12", "401"], &[Gate::Finished, Gate::Html]);
        let answer = ask.of(&stand).await;
        assert_eq!((answer.status, answer.text()), (200, said_by(&stand, "page").await));
    }
}

#[tokio::test]
async fn a_stream_breaks_off_before_the_gates_and_is_carried_on_all_the_same() {
    let stand = Stand::gated(&["page+cut-after-12", "page"], &[Gate::Html]);
    let answer = chat("gated").streamed().of(&stand).await;
    assert_eq!((answer.text(), answer.dones()), (said_by(&stand, "page").await, 1));
}
