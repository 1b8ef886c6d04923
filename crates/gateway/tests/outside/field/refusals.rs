//! Refusals that are the tier's and not the caller's: F01 to F21.

use std::time::Duration;

use serde_json::{Value, json};
use upstream::Kind;
use wall::Wall;

use crate::caller::{Answer, Ask, another, chat, text};
use crate::play::play;
use crate::stand::Stand;

/// A stand whose tier 1 is `model` at a provider of this kind, before a healthy tier 2.
fn stand(kind: Kind, model: &str) -> Stand {
    Stand::with(&[model, "ok"], |settings| settings.tiers[0].target.kind = kind)
}

fn each_way(ask: Ask) -> [Ask; 2] {
    [ask.clone(), ask.streamed()]
}

/// What tier 1 was sent the `call`th time.
fn sent(stand: &Stand, call: usize) -> Value {
    serde_json::from_slice(&stand.wall.log()[call].body).expect("JSON")
}

fn tools() -> Value {
    json!([{ "type": "function", "function": { "name": "f", "parameters": { "type": "object" } } }])
}

/// How often tier 1 was asked for a completion.
fn completions(stand: &Stand, model: &str) -> usize {
    stand.asked().iter().filter(|asked| *asked == model).count()
}

#[tokio::test]
async fn what_one_tier_refuses_for_its_own_reasons_the_next_one_answers_and_nobody_is_benched() {
    let plain = || chat("auto");
    for (id, kind, model, ask) in [
        ("F01", Kind::named("groq"), "refuse-tool-use-failed", plain().with("tools", tools())),
        ("F01 in a stream", Kind::named("groq"), "refuse-tool-use-failed-in-stream", plain().with("tools", tools())),
        ("F11", Kind::space(), "refuse-roles-alternate", plain()),
        ("F11", Kind::space(), "refuse-system-role", plain()),
        ("F11", Kind::space(), "refuse-no-user-query", plain()),
        (
            "quoted input",
            Kind::space(),
            "refuse-quoting-input",
            plain().with("messages", json!([{ "role": "user", "content": "unknown model" }])),
        ),
        (
            "a firewall",
            Kind::commercial(),
            "refuse-script",
            plain().with("messages", json!([{ "role": "user", "content": "<script>" }])),
        ),
        ("nginx", Kind::space(), "refuse-body-over-10", plain()),
        (
            "F05",
            Kind::space(),
            "refuse-pictures",
            plain().with(
                "messages",
                json!([{ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "data:," } }] }]),
            ),
        ),
    ] {
        for ask in each_way(ask) {
            let stand = stand(kind, model);
            for round in 1..=6 {
                let answer = ask.clone().of(&stand).await;
                answer.assert_whole(id);
                assert_eq!(answer.header("x-tierfall-tier"), Some("2"), "{id}");
                assert_eq!(completions(&stand, model), round, "{id}: it is asked each time");
            }
        }
    }
}

#[tokio::test]
async fn what_was_added_or_changed_is_taken_back_and_that_is_remembered() {
    for (id, kind, model, ask) in [
        (
            "F02",
            Kind::named("groq"),
            "refuse-streamed-response-format",
            chat("auto").with("response_format", json!({ "type": "text" })),
        ),
        ("F03", Kind::commercial(), "refuse-unverified-stream", chat("auto")),
        ("F06", Kind::commercial(), "refuse-stream-options", chat("auto")),
        ("F12", Kind::commercial(), "refuse-max-tokens", chat("auto").with("max_tokens", 100)),
        ("F21", Kind::named("groq"), "refuse-presence-penalty", chat("auto").with("presence_penalty", 0.5)),
    ] {
        for ask in each_way(ask) {
            let stand = stand(kind, model);
            for _ in 0..2 {
                let answer = ask.clone().of(&stand).await;
                answer.assert_whole(id);
                assert_eq!((answer.attempts().as_str(), answer.header("x-tierfall-tier")), ("1=ok", Some("1")), "{id}");
            }
            assert!((2..=3).contains(&completions(&stand, model)), "{id}: the refusal is met once at the most");
        }
    }
}

#[tokio::test]
async fn f12_the_bound_goes_out_under_the_name_that_the_tier_knows() {
    let stand = stand(Kind::commercial(), "refuse-max-tokens");
    chat("auto").with("max_tokens", 100).of(&stand).await.assert_whole("renamed");
    let again = sent(&stand, 1);
    assert_eq!((&again["max_tokens"], &again["max_completion_tokens"]), (&Value::Null, &json!(100)));
}

#[tokio::test]
async fn f21_what_is_left_out_is_said() {
    let stand = stand(Kind::named("groq"), "refuse-presence-penalty");
    let answer = chat("auto").with("presence_penalty", 0.5).of(&stand).await;
    assert_eq!(answer.header("x-tierfall-ignored"), Some("presence_penalty"));
    let without = chat("auto").of(&stand).await;
    assert_eq!(without.header("x-tierfall-ignored"), None);
}

#[tokio::test]
async fn f04_nothing_to_insert_is_an_answer() {
    for ask in each_way(text("auto").with("suffix", "the end")) {
        let stand = stand(Kind::space(), "insert-nothing");
        for _ in 0..6 {
            let answer = ask.clone().of(&stand).await;
            assert_eq!((answer.status, answer.text().as_str(), answer.attempts().as_str()), (200, "", "1=ok"));
        }
    }
}

#[tokio::test]
async fn f08_f17_what_a_person_must_mend_is_left_alone_once_two_requests_were_told_so() {
    for (model, said) in [
        ("refuse-organization-restricted", "the account is restricted (400 Bad Request)"),
        ("refuse-model-decommissioned", "model not found"),
        ("404-model", "model not found"),
    ] {
        for streamed in [false, true] {
            let stand = stand(Kind::named("groq"), model);
            for _ in 0..4 {
                let ask = another("auto");
                if streamed { ask.streamed() } else { ask }.of(&stand).await.assert_whole(model);
            }
            assert_eq!(completions(&stand, model), 2, "{model}");
            assert!(stand.log.lines().iter().any(|line| line.contains(said)), "{model}: {:?}", stand.log.lines());
        }
    }
}

#[tokio::test]
async fn f13_a_challenge_on_the_way_is_no_refused_key() {
    for ask in each_way(chat("auto")) {
        let stand = stand(Kind::commercial(), "refuse-challenge");
        let answer = ask.of(&stand).await;
        answer.assert_whole("F13");
        assert_eq!(answer.attempts(), "1=blocked,2=ok");
        another("auto").of(&stand).await.assert_whole("skipped");
        let lines = stand.log.lines();
        let skip = lines.iter().find(|line| line.contains("breaker open after a block on the way")).expect("a skip");
        let seconds: u64 = skip.rsplit(' ').nth(1).and_then(|seconds| seconds.parse().ok()).expect("seconds");
        assert!(seconds <= 6, "a short time: {skip}");
    }
}

#[tokio::test]
async fn f16_a_redirect_is_followed_on_the_same_host_and_to_no_other() {
    for code in [307, 308] {
        for ask in each_way(chat("auto")) {
            let near = stand(Kind::space(), &format!("redirect-{code}"));
            let answer = ask.clone().of(&near).await;
            answer.assert_whole("the same host");
            assert_eq!(answer.attempts(), "1=ok");
            let far = stand(Kind::space(), &format!("redirect-{code}-elsewhere"));
            let answer = ask.of(&far).await;
            answer.assert_whole("another host");
            assert_eq!(answer.attempts(), "1=redirected,2=ok");
        }
    }
}

#[tokio::test]
async fn f16_no_other_server_ever_sees_the_key() {
    let other = Wall::start("127.0.0.1:0").unwrap();
    let port = other.address().port();
    for place in [format!("port-{port}"), format!("localhost-{port}")] {
        let stand = stand(Kind::space(), &format!("redirect-307-{place}"));
        let answer = chat("auto").of(&stand).await;
        answer.assert_whole(&place);
        assert_eq!(answer.attempts(), "1=redirected,2=ok");
    }
    assert!(other.log().is_empty());
}

#[tokio::test]
async fn f18_a_plans_limit_is_learned_and_asked_within() {
    for ask in each_way(chat("auto").with("max_tokens", 12_000)) {
        let stand = stand(Kind::named("groq"), "refuse-tpm-8000");
        let answer = ask.of(&stand).await;
        answer.assert_whole("F18");
        assert_eq!(answer.attempts(), "1=ok");
        let bound = sent(&stand, 1)["max_tokens"].as_u64().expect("a bound");
        assert!((4_000..8_000).contains(&bound), "{bound}");
    }
}

#[tokio::test]
async fn too_long_everywhere_is_what_clients_know_as_too_long() {
    let stand = Stand::new(&["context-1", "context-2"]);
    let answer = chat("auto").of(&stand).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (400, Some("context_length_exceeded")));
    let message = answer.json()["error"]["message"].as_str().expect("words").to_owned();
    assert!(message.contains("maximum context length is 2 tokens"), "the largest room: {message}");
    assert_eq!(answer.json()["error"]["attempts"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_limit_reached_everywhere_says_when_the_first_has_room_again() {
    for ask in each_way(chat("auto")) {
        let stand = Stand::new(&["429-retry-after-300", "429-retry-after-200"]);
        let is_limited = |answer: &Answer| {
            let wait: u64 = answer.header("retry-after").and_then(|wait| wait.parse().ok()).expect("a time");
            assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (429, Some("rate_limit_exceeded")));
            assert!((100..=200).contains(&wait), "{wait}");
        };
        is_limited(&ask.clone().of(&stand).await);
        is_limited(&ask.of(&stand).await);
    }
}

#[tokio::test]
async fn two_refusals_that_name_no_member_leave_the_third_tier_to_answer() {
    for ask in each_way(chat("auto").with("max_tokens", 100)) {
        let stand = Stand::with(&["as-groq+400", "as-openai+400", "ok"], |settings| {
            (settings.tiers[0].target.kind, settings.tiers[1].target.kind) = (Kind::named("groq"), Kind::commercial());
        });
        let answer = ask.of(&stand).await;
        assert_eq!(answer.header("x-tierfall-tier"), Some("3"), "{answer:?}");
    }
}

/// A tier that answers every request with this 400, and its base URL.
async fn refusing(body: &str) -> String {
    let length = body.len();
    let head =
        format!("HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    play(vec![(Duration::ZERO, head + body)]).await
}

/// One member, as two providers name it.
const GROQ_NAMES_THE_ROLE: &str = r#"{"error":{"message":"'messages.0' : discriminator property 'role' has invalid value","type":"invalid_request_error","param":"messages.0.role"}}"#;
const OPENAI_NAMES_THE_ROLE: &str = r#"{"error":{"message":"Invalid value: 'wizard'. Supported values are: 'system', 'assistant', 'user' and 'tool'.","type":"invalid_request_error","param":"messages[0].role","code":"invalid_value"}}"#;

#[tokio::test]
async fn a_member_that_two_kinds_of_provider_name_is_the_callers_own_and_the_first_refusal_comes_back_as_it_was_given()
{
    let (first, second) = (refusing(GROQ_NAMES_THE_ROLE).await, refusing(OPENAI_NAMES_THE_ROLE).await);
    for ask in each_way(chat("auto").with("messages", json!([{ "role": "wizard", "content": "hi" }]))) {
        for (kinds, tier) in [([Kind::named("groq"), Kind::commercial()], "1"), ([Kind::named("groq"); 2], "3")] {
            let stand = Stand::with(&["-", "-", "ok"], |settings| {
                for (at, (kind, base_url)) in kinds.into_iter().zip([&first, &second]).enumerate() {
                    let target = &mut settings.tiers[at].target;
                    (target.kind, target.base_url) = (kind, base_url.parse().expect("a URL"));
                }
            });
            let answer = ask.clone().of(&stand).await;
            assert_eq!(answer.header("x-tierfall-tier"), Some(tier), "{answer:?}");
            if tier == "1" {
                assert_eq!((answer.status, answer.body.as_str()), (400, GROQ_NAMES_THE_ROLE), "to the byte");
                assert!(stand.asked().is_empty(), "nobody else could have taken it");
            }
        }
    }
}
