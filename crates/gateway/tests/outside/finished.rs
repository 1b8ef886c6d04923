//! The gate `finished`: answers that their length cuts off go on.

use cascade::Quota;
use gateway::Gate;
use serde_json::{Value, json};

use crate::caller::{Answer, Ask, chat, text, words};
use crate::stand::{FAST, SPACE, Stand, failed, gated, succeeded, trying};

const CUT: &str = "cut off by its length";

fn stand(models: &[&str]) -> Stand {
    Stand::gated(models, &[Gate::Finished])
}

fn each_way(ask: Ask) -> [Ask; 2] {
    [ask.clone(), ask.streamed()]
}

/// How the answer says that it ended, each time that it does.
fn ends(answer: &Answer) -> Vec<Value> {
    let of = |answer: &Value| answer["choices"][0]["finish_reason"].clone();
    let all = if answer.is_stream() { answer.chunks().iter().map(of).collect() } else { vec![of(&answer.json())] };
    all.into_iter().filter(|end| !end.is_null()).collect()
}

/// What the tier was sent the `call`th time.
fn sent(stand: &Stand, call: usize) -> Value {
    serde_json::from_slice(&stand.wall.log()[call].body).expect("JSON")
}

#[tokio::test]
async fn an_answer_that_its_length_cuts_off_goes_on_on_the_same_tier_until_it_is_whole() {
    for ask in each_way(chat("gated")).into_iter().chain(each_way(text("gated"))) {
        let stand = stand(&["length-20", "ok"]);
        let answer = ask.of(&stand).await;
        answer.assert_whole("length-20");
        assert_eq!(ends(&answer), ["stop"]);
        assert!(stand.asked().iter().all(|model| model == "length-20"), "the same tier goes on");
        assert_eq!(answer.header("x-tierfall-tier"), Some("1"));
    }
}

#[tokio::test]
async fn without_the_gate_length_is_an_end_like_any_other() {
    for ask in each_way(chat("auto")) {
        let stand = stand(&["length-20", "ok"]);
        let answer = ask.of(&stand).await;
        assert_eq!((answer.text(), ends(&answer)), (words(20), vec![json!("length")]));
    }
}

#[tokio::test]
async fn the_log_and_the_headers_say_what_happened() {
    let stand = stand(&["length-40"]);
    let answer = chat("gated").of(&stand).await;
    assert_eq!(answer.attempts(), "1=length,1=ok");
    let lines = stand.log.lines();
    assert_eq!(lines[..3], [trying(SPACE), failed(SPACE, CUT), trying(SPACE)]);
    assert_eq!(lines.last(), Some(&succeeded(SPACE)));
}

#[tokio::test]
async fn the_callers_own_bound_is_what_they_asked_for() {
    for fault in ["ok", "no-usage", "refuse-prefill", "ok+whole-only"] {
        for ask in each_way(chat("gated").with("max_tokens", 30)) {
            let stand = stand(&[fault, "ok"]);
            let answer = ask.of(&stand).await;
            assert_eq!((answer.text(), ends(&answer)), (words(30), vec![json!("length")]), "{fault}");
            assert_eq!(stand.asked(), [fault]);
        }
    }
}

#[tokio::test]
async fn a_tier_that_cuts_off_earlier_than_the_caller_is_asked_for_the_rest_of_their_bound() {
    for ask in each_way(chat("gated").with("max_tokens", 30)) {
        let stand = stand(&["length-20", "ok"]);
        let answer = ask.of(&stand).await;
        assert_eq!((answer.text(), ends(&answer)), (words(30), vec![json!("length")]));
        assert_eq!(stand.asked(), ["length-20"; 2]);
        assert_eq!(sent(&stand, 1)["max_tokens"], 10 + 64);
        assert_eq!(sent(&stand, 1)["messages"][1], json!({ "role": "assistant", "content": words(20) }));
    }
}

#[tokio::test]
async fn a_tier_repeats_its_own_last_words() {
    for ask in each_way(chat("gated")) {
        let stand = stand(&["length-30+refuse-prefill", "401"]);
        ask.of(&stand).await.assert_whole("refuse-prefill");
        assert_eq!(stand.asked().len(), 3, "cut, repeated and cut again, repeated to the end");
    }
}

#[tokio::test]
async fn a_tier_that_cannot_go_on_gives_way_to_the_next() {
    for ask in each_way(chat("gated")) {
        let stand = stand(&["length-20-once+500-2-times", "ok"]);
        let answer = ask.of(&stand).await;
        answer.assert_whole("500 after the cut");
        assert_eq!(stand.asked().last().map(String::as_str), Some("ok"));
    }
}

#[tokio::test]
async fn a_whole_answer_that_nobody_carries_on_is_made_anew_by_the_next_tier() {
    let stand = stand(&["length-20-once+other-words", "ok+500-2-times"]);
    let answer = chat("gated").of(&stand).await;
    assert_eq!((answer.status, ends(&answer)), (200, vec![json!("stop")]));
}

#[tokio::test]
async fn the_usage_counts_what_all_parts_said() {
    let stand = stand(&["length-20"]);
    let whole = chat("gated").of(&stand).await.json();
    let told = chat("gated").streamed().with("stream_options", json!({ "include_usage": true })).of(&stand).await;
    let streamed = told.chunks().last().expect("a chunk").clone();
    for usage in [&whole["usage"], &streamed["usage"]] {
        assert_eq!(usage["completion_tokens"], 60);
        let (prompt, total) = (usage["prompt_tokens"].as_u64().unwrap(), usage["total_tokens"].as_u64().unwrap());
        assert_eq!(total, prompt + 60);
        assert!(prompt > u64::try_from(words(40).len() / 4).unwrap(), "the last part's tier read the others too");
    }
}

#[tokio::test]
async fn a_caller_who_did_not_ask_for_the_usage_is_not_told() {
    let stand = stand(&["length-20"]);
    let answer = chat("gated").with("max_tokens", 50).streamed().of(&stand).await;
    assert_eq!(answer.text(), words(50));
    assert!(answer.chunks().iter().all(|chunk| chunk["usage"].is_null()), "{}", answer.body);
}

#[tokio::test]
async fn a_bound_that_a_quota_has_lowered_is_not_the_callers() {
    for ask in each_way(chat("gated").with("max_tokens", 16_384)) {
        let stand = Stand::with(&["ok-1500", "ok-1500#2"], |settings| {
            settings.tiers[0].quota = Quota { tpm: Some(1_100), ..Quota::default() };
            settings.routes.push(gated(2, &[Gate::Finished]));
        });
        let answer = ask.of(&stand).await;
        assert_eq!((answer.text(), ends(&answer)), (words(1_500), vec![json!("stop")]));
        assert_eq!(
            answer.header("x-tierfall-tier").map(str::to_owned),
            Some(if answer.is_stream() { "1" } else { "2" }.to_owned())
        );
        assert_eq!(stand.asked(), ["ok-1500", "ok-1500#2"], "the quota has no room for the rest");
    }
}

#[tokio::test]
async fn several_choices_that_are_cut_off_are_made_anew_by_the_next_tier() {
    let stand = stand(&["length-20", "ok"]);
    let answer = chat("gated").with("n", 2).of(&stand).await;
    answer.assert_whole("n = 2");
    assert_eq!(answer.attempts(), "1=length,2=ok");
}

#[tokio::test]
async fn where_nobody_gets_to_the_end_the_caller_is_told() {
    let stand = stand(&["length-0", "length-10"]);
    let answer = chat("gated").of(&stand).await;
    assert_eq!(answer.status, 503);
    let attempts = answer.json()["error"]["attempts"].clone();
    assert_eq!(attempts[1]["reason"], CUT, "{attempts}");
    let streamed = chat("gated").streamed().of(&stand).await;
    assert_eq!((streamed.dones(), ends(&streamed)), (0, vec![]));
    let last: Value = serde_json::from_str(streamed.data().last().expect("an event")).expect("JSON");
    assert_eq!(last["error"]["code"], "answer_broke_off");
    let said = streamed
        .chunks()
        .iter()
        .filter_map(|chunk| Some(chunk["choices"][0]["delta"]["content"].as_str()?.to_owned()))
        .collect::<String>();
    assert!(words(60).starts_with(&said) && said.len() > words(30).len(), "{said}");
    assert!(stand.log.lines().contains(&trying(FAST)));
}
