//! Refusals and streams as they are met in the field.

use serde_json::{Value, json};

use crate::client::{Received, chat, post, streamed, wall, whole, with_messages, words};

/// Asks `model` with these further members.
fn with(model: &str, members: &Value) -> Received {
    let mut body = chat(model, false);
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    post(&wall(), "/v1/chat/completions", &body)
}

/// The refusal, a request that meets it, one that does not (where there is one), the status, and words of its body.
#[test]
fn each_refusal_of_the_field_meets_the_calls_that_give_cause_for_it() {
    let picture = json!([{ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "data:," } }] }]);
    let script = json!([{ "role": "user", "content": "<script>" }]);
    let plain = json!({});
    for (name, met, spared, status, says) in [
        ("refuse-tool-use-failed", json!({}), None, 400, r#""failed_generation":"#),
        ("refuse-tool-use-failed-in-stream", json!({}), None, 400, r#""code":"tool_use_failed""#),
        (
            "refuse-streamed-response-format",
            json!({ "stream": true, "response_format": { "type": "json_object" } }),
            Some(json!({ "response_format": { "type": "json_object" } })),
            400,
            "does not support streaming",
        ),
        ("refuse-unverified-stream", json!({ "stream": true }), Some(plain.clone()), 400, r#""param":"stream""#),
        ("refuse-stream-options", json!({ "stream_options": {} }), Some(plain.clone()), 422, "extra_forbidden"),
        ("refuse-organization-restricted", json!({}), None, 400, "organization_restricted"),
        ("refuse-roles-alternate", json!({}), None, 400, "Conversation roles must alternate"),
        ("refuse-system-role", json!({}), None, 422, "System role not supported"),
        ("refuse-no-user-query", json!({}), None, 400, "No user query found"),
        (
            "refuse-max-tokens",
            json!({ "max_tokens": 5 }),
            Some(json!({ "max_completion_tokens": 5 })),
            400,
            "Use 'max_completion_tokens' instead",
        ),
        ("refuse-challenge", json!({}), None, 403, "Just a moment..."),
        (
            "refuse-tpm-8000",
            json!({ "max_tokens": 12_000 }),
            Some(json!({ "max_tokens": 7_000 })),
            413,
            "Limit 8000, Requested 12003",
        ),
        (
            "refuse-reasoning-effort",
            json!({ "reasoning_effort": "low" }),
            Some(plain.clone()),
            400,
            "supplied: reasoning_effort",
        ),
        ("refuse-credit", plain.clone(), None, 402, "Insufficient credits"),
        ("refuse-presence-penalty", json!({ "presence_penalty": 0 }), Some(plain.clone()), 400, "`presence_penalty`"),
        ("refuse-pictures", json!({ "messages": picture }), Some(plain.clone()), 400, "not a multimodal model"),
        ("refuse-model-decommissioned", json!({}), None, 400, "model_decommissioned"),
        ("refuse-quoting-input", json!({}), None, 400, "'input': {'content': 'Say it.'}"),
        ("refuse-script", json!({ "messages": script }), Some(plain.clone()), 403, "you have been blocked"),
        ("refuse-body-over-200", json!({ "user": "x".repeat(200) }), Some(plain), 413, "<center>nginx</center>"),
    ] {
        let answer = with(name, &met);
        assert_eq!(answer.status(), status, "{name}");
        let body = String::from_utf8(answer.body.clone()).unwrap();
        assert!(body.contains(says), "{name}: {body}");
        if let Some(spared) = spared {
            assert_eq!(with(name, &spared).status(), 200, "{name}, without cause");
        }
    }
    assert_eq!(whole(&wall(), "refuse-challenge").header("cf-mitigated"), Some("challenge"));
}

#[test]
fn a_failed_tool_call_can_come_as_the_only_event_of_a_stream() {
    let answer = streamed(&wall(), "refuse-tool-use-failed-in-stream");
    assert_eq!((answer.status(), answer.header("content-type")), (200, Some("text/event-stream")));
    let body = String::from_utf8(answer.body).unwrap();
    assert!(body.starts_with("event: error\ndata: {\"error\":") && body.contains(r#""status_code":400"#), "{body}");
}

#[test]
fn a_redirect_names_where_the_call_is_taken() {
    let wall = wall();
    for (name, location) in [
        ("redirect-308", "/moved/v1/chat/completions"),
        ("redirect-307-https", "https://wall/v1/chat/completions"),
        ("redirect-307-port-8080", "http://wall:8080/moved/v1/chat/completions"),
        ("redirect-307-localhost-8080", "http://localhost:8080/moved/v1/chat/completions"),
        ("redirect-308-elsewhere", "https://elsewhere.invalid/v1/chat/completions"),
    ] {
        let answer = whole(&wall, name);
        assert!(matches!(answer.status(), 307 | 308), "{name}");
        assert_eq!(answer.header("location"), Some(location), "{name}");
        let followed = post(&wall, "/moved/v1/chat/completions", &chat(name, false));
        assert_eq!(followed.said(), words(1, 60), "{name}");
    }
}

#[test]
fn a_text_with_a_suffix_can_be_left_as_it_is() {
    let body = json!({ "model": "insert-nothing", "prompt": "a = ", "suffix": ";" });
    let choice = post(&wall(), "/v1/completions", &body).json()["choices"][0].clone();
    assert_eq!((&choice["text"], &choice["finish_reason"]), (&json!(""), &json!("stop")));
}

#[test]
fn an_apology_takes_the_place_of_a_continuation() {
    let prefilled = json!([{ "role": "user", "content": "Say it." }, { "role": "assistant", "content": "w1 w2" }]);
    let wall = wall();
    let said = post(&wall, "/v1/chat/completions", &with_messages("apology+ok-3", &prefilled)).said();
    assert_eq!(said, "I apologize, my last answer was cut off. Here it is in full: w1 w2 w3");
    assert_eq!(whole(&wall, "apology+ok-3").said(), "w1 w2 w3");
}

#[test]
fn a_tier_that_trims_says_again_the_white_space_that_it_did_not_see() {
    let wall = wall();
    let said = |model: &str, so_far: &str| {
        let messages = json!([{ "role": "user", "content": "Say it." }, { "role": "assistant", "content": so_far }]);
        post(&wall, "/v1/chat/completions", &with_messages(model, &messages)).said()
    };
    assert_eq!(said("ok-4", "w1 w2 "), "w3 w4");
    assert_eq!(said("trim+ok-4", "w1 w2 "), " w3 w4");
    let page = whole(&wall, "page").said();
    for at in (1..page.len()).filter(|at| page[..*at].ends_with(char::is_whitespace)) {
        let (so_far, rest) = page.split_at(at);
        assert_eq!(said("page", so_far), rest);
        let blank = &so_far[so_far.trim_end().len()..];
        assert_eq!(said("trim+page", so_far), format!("{blank}{rest}"));
        assert_eq!(said("page", so_far.trim_end()), format!("{blank}{rest}"));
    }
}

#[test]
fn two_tools_can_be_called_under_one_index() {
    let wall = wall();
    let chunks = streamed(&wall, "tool-calls-same-index").chunks();
    let calls: Vec<_> = chunks
        .iter()
        .map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"][0])
        .filter(|call| call.is_object())
        .map(|call| (call["index"].clone(), call["id"].clone(), call["function"]["arguments"].clone()))
        .collect();
    let city = |city: &str| json!(format!(r#"{{"city":"{city}"}}"#));
    assert_eq!(calls, [(json!(0), json!("c1"), city("Paris")), (json!(0), json!("c2"), city("Rome"))]);
    let message = whole(&wall, "tool-calls-same-index").json()["choices"][0]["message"].clone();
    assert_eq!(message["tool_calls"].as_array().unwrap().len(), 2);
}

#[test]
fn an_answer_can_end_in_ways_that_openai_does_not_know() {
    let wall = wall();
    let answer = streamed(&wall, "ok-3+finish-insufficient_system_resource");
    assert_eq!(
        (answer.streamed_text(), answer.finish_reason().unwrap()),
        (words(1, 3), "insufficient_system_resource".to_owned())
    );
    let whole_answer = whole(&wall, "ok-3+finish-network_error").json();
    assert_eq!(whole_answer["choices"][0]["finish_reason"], "network_error");
    let answer = streamed(&wall, "error-in-choice-after-3");
    let last = answer.chunks().pop().unwrap()["choices"][0].clone();
    assert_eq!((answer.streamed_text(), &last["finish_reason"]), (words(1, 3), &json!("error")));
    assert_eq!(last["error"]["code"], 502);
    let choice = whole(&wall, "error-in-choice-after-3").json()["choices"][0].clone();
    assert_eq!((&choice["finish_reason"], &choice["error"]["code"]), (&json!("error"), &json!(502)));
    let answer = streamed(&wall, "no-finish+ok-3");
    assert_eq!((answer.streamed_text(), answer.finish_reason(), answer.is_done()), (words(1, 3), None, true));
    assert_eq!(whole(&wall, "no-finish").json()["choices"][0]["finish_reason"], Value::Null);
    let thought = streamed(&wall, "reasoning-20+length-20");
    assert_eq!((thought.streamed_text(), thought.finish_reason().unwrap()), (String::new(), "length".to_owned()));
}

#[test]
fn text_can_come_in_parts_and_in_halves() {
    let wall = wall();
    let chunks = streamed(&wall, "parts+reasoning-1+ok-1").chunks();
    let thought = json!([{ "type": "thinking", "thinking": [{ "type": "text", "text": "r1" }] }]);
    assert_eq!(chunks[1]["choices"][0]["delta"]["content"], thought);
    assert_eq!(chunks[2]["choices"][0]["delta"]["content"], json!([{ "type": "text", "text": "w1" }]));
    let content = whole(&wall, "parts+reasoning-1+ok-2").json()["choices"][0]["message"]["content"].clone();
    assert_eq!(content, json!([thought[0], { "type": "text", "text": "w1 w2" }]));
    assert_eq!(whole(&wall, "surrogate-halves+ok-3").said(), "w1 w2😀 w3");
    let body = String::from_utf8(streamed(&wall, "surrogate-halves+ok-3").body).unwrap();
    assert!(body.contains(r#""content":" w2\ud83d""#) && body.contains(r#""content":"\ude00 w3""#), "{body}");
}

#[test]
fn events_can_carry_what_clients_stumble_over() {
    let wall = wall();
    let body = String::from_utf8(streamed(&wall, "event-ids+ok-1").body).unwrap();
    assert!(
        body.contains("id: 1\nretry: 3000\ndata: {") && body.contains("id: 4\nretry: 3000\ndata: [DONE]"),
        "{body}"
    );
    let chunks = streamed(&wall, "broken-usage+ok-1").chunks();
    assert_eq!(chunks[1]["usage"], "");
    assert_eq!(chunks[2]["usage"], json!({ "prompt_tokens": "12" }));
    assert_eq!(whole(&wall, "broken-usage").json()["usage"], json!({ "prompt_tokens": "12" }));
    assert_eq!(streamed(&wall, "silence-10ms-after-2+ok-3").streamed_text(), words(1, 3));
}
