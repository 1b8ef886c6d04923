//! What is known of a provider beforehand, and what follows from it for a request.

use serde_json::{Value, json};
use upstream::Kind;
use wall::Script;

use crate::caller::{another, chat};
use crate::stand::Stand;

/// A stand whose tier 1 is `model`, played by `script`, at a provider of this kind, before a healthy tier 2.
fn stand(kind: &'static str, model: &str, script: &str) -> Stand {
    let stand = Stand::with(&[model, "ok"], |settings| settings.tiers[0].target.kind = Kind::named(kind));
    stand.wall.script(model, script.parse::<Script>().unwrap());
    stand
}

/// What the tiers were sent, call for call.
fn sent(stand: &Stand) -> Vec<Value> {
    stand.wall.log().iter().map(|seen| serde_json::from_slice(&seen.body).unwrap()).collect()
}

#[tokio::test]
async fn what_a_provider_is_known_to_refuse_is_never_sent_to_it() {
    let mistral = stand("mistral", "mistral-small-latest", "refuse-stream-options");
    chat("auto").of(&mistral).await.assert_whole("mistral");
    let asked = sent(&mistral);
    assert_eq!((asked.len(), &asked[0]["stream"], asked[0].get("stream_options")), (1, &json!(true), None));

    let cerebras = stand("cerebras", "gpt-oss-120b", "refuse-presence-penalty");
    let answer = chat("auto").with("presence_penalty", 0.5).of(&cerebras).await;
    assert_eq!((answer.attempts().as_str(), answer.header("x-tierfall-ignored")), ("1=ok", Some("presence_penalty")));
    assert_eq!(sent(&cerebras).len(), 1);

    let openai = stand("openai", "gpt-4.1-mini", "refuse-max-tokens");
    chat("auto").with("max_tokens", 500).of(&openai).await.assert_whole("openai");
    let asked = sent(&openai);
    assert_eq!((asked.len(), &asked[0]["max_completion_tokens"], asked[0].get("max_tokens")), (1, &json!(500), None));
}

#[tokio::test]
async fn a_model_that_reasons_is_asked_for_the_least_unless_the_caller_says_how_much() {
    let groq = stand("groq", "openai/gpt-oss-120b", "ok");
    for streamed in [false, true] {
        let ask = chat("auto");
        if streamed { ask.streamed() } else { ask }.of(&groq).await.assert_whole("least");
        assert_eq!(sent(&groq).last().unwrap()["reasoning_effort"], "low");
    }
    chat("auto").with("reasoning_effort", "high").of(&groq).await.assert_whole("high");
    assert_eq!(sent(&groq).last().unwrap()["reasoning_effort"], "high");

    let other = stand("groq", "llama-3.1-8b-instant", "ok");
    chat("auto").of(&other).await.assert_whole("it does not reason");
    assert_eq!(sent(&other)[0].get("reasoning_effort"), None);
}

#[tokio::test]
async fn an_effort_that_a_tier_refuses_is_left_out_from_then_on_and_the_callers_own_is_another_tiers() {
    let groq = stand("groq", "openai/gpt-oss-120b", "refuse-reasoning-effort");
    for _ in 0..2 {
        let answer = another("auto").of(&groq).await;
        answer.assert_whole("without");
        assert_eq!((answer.attempts().as_str(), answer.header("x-tierfall-ignored")), ("1=ok", None));
    }
    let efforts: Vec<bool> = sent(&groq).iter().map(|body| body.get("reasoning_effort").is_some()).collect();
    assert_eq!(efforts, [true, false, false]);
    let answer = chat("auto").with("reasoning_effort", "high").of(&groq).await;
    assert_eq!(answer.attempts(), "1=400,2=ok");
}

#[tokio::test]
async fn credit_that_is_used_up_closes_a_tier_until_its_next_day_once_two_requests_were_told_so() {
    let openrouter = stand("openrouter", "openai/gpt-oss-120b:free", "refuse-credit");
    let attempts = || async { another("auto").of(&openrouter).await.attempts() };
    assert_eq!([attempts().await, attempts().await, attempts().await], ["1=402,2=ok", "1=402,2=ok", "2=ok"]);
    let lines = openrouter.log.lines();
    let skip = lines.iter().find(|line| line.starts_with("↷ Skipped")).expect("a skip");
    let seconds: u64 = skip.rsplit(' ').nth(1).and_then(|seconds| seconds.parse().ok()).expect("seconds");
    let day = upstream::Day::Utc.left(std::time::SystemTime::now()).as_secs();
    assert!(seconds.abs_diff(day) <= 660, "{skip}, and the day has {day} s");
}
