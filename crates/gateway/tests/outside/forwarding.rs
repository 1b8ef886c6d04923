//! What reaches a tier, and what comes back: the caller's bytes and the tier's, but for what must differ.

use serde_json::{Value, json};
use upstream::Kind;

use crate::caller::{Ask, chat, post, text, words};
use crate::stand::Stand;

const CHAT: &str = "/v1/chat/completions";

/// Members that no router knows, in forms that a rebuilt body would not keep.
const UNKNOWN: &str = concat!(
    r#""tools" : [ {"type":"function","function":{"name":"f","parameters":{"b":1,"a":2}}} ], "#,
    r#""response_format":{"type":"json_schema","json_schema":{"z":1e5,"a":1.50}}, "x-own":["\u00e9",{"":null}] "#
);

fn body(rest: &str) -> String {
    format!(r#"{{ "messages" : [{{"role":"user","content":"\u00e9 {{}}"}}],"model": "auto" , {rest}, {UNKNOWN}}}"#)
}

async fn seen_body(request: &str) -> String {
    let stand = Stand::new(&["ok"]);
    let answer = post(CHAT, request.to_owned()).of(&stand).await;
    answer.assert_whole(request);
    String::from_utf8(stand.settled().await[0].body.to_vec()).unwrap()
}

#[tokio::test]
async fn a_streamed_request_reaches_the_tier_byte_for_byte_but_for_its_model() {
    let request = body(r#""stream":true, "stream_options" : {"include_usage":true}, "max_tokens":100"#);
    assert_eq!(seen_body(&request).await, request.replace(r#""auto""#, r#""ok""#));
}

#[tokio::test]
async fn a_whole_request_reaches_the_tier_byte_for_byte_but_for_its_model_and_its_streaming() {
    let request = body(r#""stream" : false, "seed":7"#);
    let expected = request.replace(r#""auto""#, r#""ok""#).replace(r#""stream" : false"#, r#""stream" : true"#);
    let seen = seen_body(&request).await;
    let asked = r#""stream_options":{"include_usage":true},"#;
    assert_eq!(seen.replacen(asked, "", 1), expected);
    assert!(seen.contains(asked));
    let plain: Value = serde_json::from_str(&seen_body(&body(r#""seed":7"#)).await).unwrap();
    assert_eq!((&plain["stream"], &plain["stream_options"]), (&json!(true), &json!({ "include_usage": true })));
}

/// Members of which a cloud may know some and another none.
const FOR_A_CLOUD: &str = concat!(
    r#""grammar":"root ::= \"\u0061\"", "logprobs" : true,"top_logprobs":3e0, "n":1, "#,
    r#""tool_choice":{"function":{"name":"f"},"type":"function"}, "parallel_tool_calls":false , "never_heard_of":[1.0,{}]"#
);

#[tokio::test]
async fn a_cloud_gets_every_member_byte_for_byte_too() {
    let request = body(FOR_A_CLOUD).replace(r#""model""#, r#""stream":true,"model""#);
    for kind in [Kind::named("groq"), Kind::named("serverless"), Kind::commercial()] {
        let stand = Stand::with(&["ok"], |settings| settings.tiers[0].target.kind = kind);
        let answer = post(CHAT, request.clone()).of(&stand).await;
        answer.assert_whole(&request);
        let seen = String::from_utf8(stand.settled().await[0].body.to_vec()).unwrap();
        assert_eq!(seen, request.replace(r#""auto""#, r#""ok""#), "{kind:?}");
    }
}

#[tokio::test]
async fn a_stream_comes_back_byte_for_byte() {
    for tier in ["ok", "crlf", "reasoning-20", "length-30", "content-filter-after-10", "bytewise+ok-3"] {
        let stand = Stand::new(&[tier]);
        let ask = chat("auto").streamed().with("stream_options", json!({ "include_usage": true }));
        let (through, direct) = (ask.clone().of(&stand).await, ask.with("model", tier).of_the_wall(&stand).await);
        let events = |body: &str| body.replace("\r\n", "\n").replace("data: [DONE]\n\n", "");
        assert_eq!(events(&through.body), events(&direct.body), "{tier}");
        assert_eq!(through.dones(), 1, "{tier}");
    }
}

#[tokio::test]
async fn a_whole_answer_that_came_whole_comes_back_byte_for_byte() {
    for tier in ["whole-only", "whole-only+tool-call", "whole-only+reasoning-5", "whole-only+no-usage"] {
        let stand = Stand::new(&[tier]);
        let through = chat("auto").of(&stand).await;
        let direct = chat(tier).with("stream", true).of_the_wall(&stand).await;
        assert_eq!(through.body, direct.body, "{tier}");
    }
}

/// The whole answer of a tier, without what an assembled one may order otherwise.
async fn whole(tier: &str, ask: fn(&str) -> Ask) -> Value {
    let stand = Stand::new(&[tier]);
    let answer = ask("auto").of(&stand).await;
    assert_eq!((answer.status, answer.is_stream()), (200, false), "{tier}: {answer:?}");
    let mut answer = answer.json();
    for named in ["id", "model"] {
        assert!(answer.as_object_mut().unwrap().remove(named).unwrap().is_string());
    }
    answer["choices"][0].as_object_mut().unwrap().remove("logprobs");
    answer
}

#[tokio::test]
async fn an_answer_put_together_from_a_stream_is_the_one_that_would_have_come_whole() {
    for tier in ["ok", "reasoning-5", "length-30", "no-usage", "content-filter-after-10"] {
        for ask in [chat, text] {
            let streamed = whole(&format!("{tier}+stream-only"), ask).await;
            assert_eq!(streamed, whole(&format!("{tier}+whole-only"), ask).await, "{tier}");
        }
    }
}

#[tokio::test]
async fn a_tier_that_only_answers_whole_serves_a_stream() {
    for (ask, with_usage) in [(chat("auto"), false), (chat("auto"), true), (text("auto"), true)] {
        let stand = Stand::new(&["whole-only"]);
        let answer = ask.streamed().with("stream_options", json!({ "include_usage": with_usage })).of(&stand).await;
        answer.assert_whole("whole-only");
        assert!(answer.is_stream());
        assert_eq!(answer.chunks().iter().filter(|chunk| chunk["usage"].is_object()).count(), usize::from(with_usage));
    }
}

#[tokio::test]
async fn a_tool_call_comes_whole_in_either_form() {
    for tier in ["tool-call", "tool-call+whole-only", "tool-call+stream-only"] {
        let stand = Stand::new(&[tier]);
        let answer = chat("auto").of(&stand).await.json();
        let call = &answer["choices"][0]["message"]["tool_calls"][0];
        assert_eq!(call["function"], json!({ "name": "get_weather", "arguments": r#"{"city":"Paris"}"# }), "{tier}");
        assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls");

        let stand = Stand::new(&[tier]);
        let answer = chat("auto").streamed().of(&stand).await;
        let calls = |part: &str| -> String {
            let path = format!("/choices/0/delta/tool_calls/0/function/{part}");
            answer.chunks().iter().filter_map(|chunk| Some(chunk.pointer(&path)?.as_str()?.to_owned())).collect()
        };
        assert_eq!((calls("name").as_str(), calls("arguments").as_str()), ("get_weather", r#"{"city":"Paris"}"#));
        assert_eq!(answer.dones(), 1, "{tier}");
    }
}

#[tokio::test]
async fn the_usage_of_a_stream_is_for_who_asked_for_it() {
    for with_usage in [false, true] {
        let stand = Stand::new(&["ok"]);
        let ask = chat("auto").streamed().with("stream_options", json!({ "include_usage": with_usage }));
        let answer = ask.of(&stand).await;
        let usages: Vec<_> = answer.chunks().into_iter().filter(|chunk| chunk["usage"].is_object()).collect();
        assert_eq!(usages.len(), usize::from(with_usage));
        assert!(usages.iter().all(|chunk| chunk["usage"]["completion_tokens"] == 60 && chunk["choices"] == json!([])));
    }
    let answer = chat("auto").of(&Stand::new(&["ok"])).await.json();
    assert_eq!(answer["usage"]["completion_tokens"], 60, "a whole answer always tells it");
}

#[tokio::test]
async fn the_model_is_the_tiers_that_answered() {
    for ask in [chat("auto"), chat("auto").streamed(), text("auto")] {
        let streamed = ask.clone();
        let stand = Stand::new(&["500", "ok#the-second"]);
        let answer = streamed.of(&stand).await;
        let models: Vec<_> = if answer.is_stream() { answer.chunks() } else { vec![answer.json()] };
        assert!(models.iter().all(|chunk| chunk["model"] == "ok#the-second"), "{answer:?}");
    }
}

#[tokio::test]
async fn why_an_answer_ended_is_told_as_the_tier_told_it() {
    let endings = [
        ("length-30", "length", 30),
        ("content-filter-after-10", "content_filter", 10),
        ("content-filter-after-0", "content_filter", 0),
    ];
    for (tier, reason, count) in endings {
        for form in ["", "+whole-only"] {
            for streamed in [false, true] {
                let case = format!("{tier}{form}, streamed: {streamed}");
                let stand = Stand::new(&[&format!("{tier}{form}"), "ok"]);
                let ask = if streamed { chat("auto").streamed() } else { chat("auto") };
                let answer = ask.of(&stand).await;
                assert_eq!((answer.status, answer.text()), (200, words(count)), "{case}: {answer:?}");
                let chunks = if streamed { answer.chunks() } else { vec![answer.json()] };
                let reasons: Vec<_> =
                    chunks.iter().filter_map(|chunk| chunk["choices"][0]["finish_reason"].as_str()).collect();
                assert_eq!(reasons, [reason], "{case}");
                assert_eq!((answer.attempts().as_str(), answer.dones()), ("1=ok", usize::from(streamed)), "{case}");
            }
        }
    }
}
