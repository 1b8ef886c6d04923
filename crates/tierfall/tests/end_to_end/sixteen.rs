//! The sixteen faults of FailoverBench's catalogue (v0.1), restated in our words, against the binary: what the caller sees of
//! each, whole and streamed, and what the tiers saw.

use std::thread;
use std::time::Duration;

use serde_json::json;
use wall::{End, Script};

use crate::answer::Answer;
use crate::held::{FORMS, Form, Held, ask, asked, two_tiers, words};
use crate::served::{Served, chat};
use crate::{until, wall};

/// What tier 1 and tier 2 are, and what must come of one request to them.
struct Case<'a> {
    tiers: [&'a str; 2],
    /// Further lines of the configuration.
    keys: &'a str,
    tier: &'a str,
    attempts: &'a str,
    /// The models that are asked, in order.
    asked: &'a [&'a str],
}

impl Case<'_> {
    /// Plays the case on a gateway of its own.
    fn hold(&self, form: Form) {
        let wall = wall();
        let served = Served::start(&(two_tiers(&wall, self.tiers) + self.keys));
        let held = ask(&served, form);
        assert_eq!((&*held.tier, &*held.attempts), (self.tier, self.attempts), "{form:?}");
        assert_eq!(held.model, *self.asked.last().expect("a tier that answered"), "{form:?}");
        assert_eq!(asked(&wall), self.asked, "{form:?}");
        assert_usage_of_one_answer(&held);
        assert_eq!(held.seams.len(), 0, "{form:?}: {:?}", held.seams);
    }

    fn hold_in_both_forms(&self) {
        FORMS.into_iter().for_each(|form| self.hold(form));
    }
}

/// Sixty words, and a prompt that was read once.
fn assert_usage_of_one_answer(held: &Held) {
    let number = |member: &str| held.usage[member].as_u64().unwrap_or_else(|| panic!("{:?}", held.usage));
    assert_eq!(number("completion_tokens"), 60);
    assert_eq!(number("total_tokens"), number("prompt_tokens") + 60);
}

#[test]
fn s01_a_429_with_retry_after_is_waited_for_once() {
    for (first, least) in [("429-retry-after-1-once", 1_000), ("429-retry-after-200ms-once", 200)] {
        for form in FORMS {
            let wall = wall();
            let held = ask(&Served::start(&two_tiers(&wall, [first, "ok"])), form);
            assert_eq!((&*held.tier, &*held.attempts), ("1", "1=429,1=ok"), "{first}, {form:?}");
            assert_usage_of_one_answer(&held);
            let [refused, answered] = &wall.log()[..] else { panic!("{:?}", wall.log()) };
            assert_eq!([&*refused.model, &*answered.model], [first; 2]);
            let waited = answered.at.duration_since(refused.at).expect("in this order");
            assert!(waited.as_millis() >= least, "{first}: asked again after {waited:?}");
        }
    }
    // As a date, it is in whole seconds, of which the present one has partly passed.
    let first = "429-retry-after-date-1-once";
    Case { tiers: [first, "ok"], keys: "", tier: "1", attempts: "1=429,1=ok", asked: &[first, first] }
        .hold_in_both_forms();
}

#[test]
fn s02_a_429_for_ever_is_routed_round() {
    let case = Case { tiers: ["429", "ok"], keys: "", tier: "2", attempts: "1=429,2=ok", asked: &["429", "ok"] };
    case.hold_in_both_forms();
    let (wall, first) = (wall(), "429-retry-after-60");
    let served = Served::start(&two_tiers(&wall, [first, "ok"]));
    let tiers: Vec<String> = FORMS.into_iter().map(|form| ask(&served, form).tier).collect();
    assert_eq!(tiers, ["2", "2"]);
    assert_eq!(asked(&wall), [first, "ok", "ok"], "it is left alone for as long as it asked");
}

#[test]
fn s03_a_500_is_mended_by_asking_again() {
    let first = "500-once";
    Case { tiers: [first, "ok"], keys: "", tier: "1", attempts: "1=500,1=ok", asked: &[first, first] }
        .hold_in_both_forms();
}

#[test]
fn s04_a_503_for_ever_is_routed_round_and_then_not_asked() {
    let asked_of = &["503", "503", "ok"];
    Case { tiers: ["503", "ok"], keys: "", tier: "2", attempts: "1=503,1=503,2=ok", asked: asked_of }
        .hold_in_both_forms();
    let wall = wall();
    let served = Served::start(&two_tiers(&wall, ["503", "ok"]));
    (0..20).for_each(|_| assert_eq!(ask(&served, Form::Whole).tier, "2"));
    let calls = asked(&wall).into_iter().filter(|model| model == "503").count();
    assert!(calls < 10, "{calls} calls of a tier that is down for 20 requests");
    served.said("↷ Skipped: Tier 1: Your HF Space (breaker open after server errors");
}

#[test]
fn s05_a_reset_before_the_head_is_mended_by_asking_again() {
    let first = "reset-once";
    Case { tiers: [first, "ok"], keys: "", tier: "1", attempts: "1=reset,1=ok", asked: &[first, first] }
        .hold_in_both_forms();
}

#[test]
fn s06_a_tier_that_never_answers_is_left_at_its_limit_and_told_to_stop() {
    let wall = wall();
    let served = Served::start(&(two_tiers(&wall, ["hang", "ok"]) + "TIER1_FIRST_TOKEN_TIMEOUT=300\n"));
    for form in FORMS {
        assert_eq!(ask(&served, form).attempts, "1=timeout,2=ok");
    }
    assert_eq!(asked(&wall), ["hang", "ok", "hang", "ok"], "silence is not asked again");
    let ended =
        || wall.log().iter().filter(|seen| seen.model == "hang").map(|seen| seen.ended).collect::<Option<Vec<_>>>();
    let ended = until("both calls of it end", ended);
    assert!(ended.iter().all(|ended| ended.how == End::ClientLeft), "{ended:?}");
}

#[test]
fn s07_a_first_token_that_is_late_is_not_waited_for() {
    // Its head and its role come at once, and are no token.
    let first = "slow-first-10m";
    let keys = "TIER1_FIRST_TOKEN_TIMEOUT=300\n";
    Case { tiers: [first, "ok"], keys, tier: "2", attempts: "1=timeout,2=ok", asked: &[first, "ok"] }
        .hold_in_both_forms();
}

#[test]
fn s08_a_stream_cut_after_40_of_60_tokens_goes_on() {
    let first = "cut-after-40";
    let case = Case { tiers: [first, "ok"], keys: "", tier: "2", attempts: "1=cut,2=ok", asked: &[first, "ok"] };
    case.hold(Form::Whole);
    carried_on([first, "ok"], "", 40, &[first, "ok"]);
}

#[test]
fn s09_a_stream_stalled_after_20_tokens_goes_on() {
    let (first, keys) = ("stall-after-20", "TIER1_IDLE_TIMEOUT=2000\n");
    let case = Case { tiers: [first, "ok"], keys, tier: "2", attempts: "1=timeout,2=ok", asked: &[first, "ok"] };
    case.hold(Form::Whole);
    carried_on([first, "ok"], keys, 20, &[first, "ok"]);
}

/// A stream that breaks off after so many words is one to its caller, and its seam is told in a comment alone.
fn carried_on(tiers: [&str; 2], keys: &str, words_before: u32, asked_of: &[&str]) {
    let wall = wall();
    let served = Served::start(&(two_tiers(&wall, tiers) + keys));
    let held = ask(&served, Form::Streamed);
    assert_eq!((&*held.tier, &*held.attempts), ("1", "1=ok"), "as far as the head can know");
    assert_eq!(held.model, tiers[1]);
    assert_usage_of_one_answer(&held);
    let seam = words(words_before).chars().count();
    assert_eq!(held.seams, [format!("tierfall tier=2 seam={seam}")]);
    assert_eq!(asked(&wall), asked_of);
}

#[test]
fn s10_one_malformed_event_is_skipped() {
    let first = "malformed-event-at-10";
    Case { tiers: [first, "ok"], keys: "", tier: "1", attempts: "1=ok", asked: &[first] }.hold_in_both_forms();
}

#[test]
fn s11_a_done_that_does_not_come_is_not_missed() {
    Case { tiers: ["no-done", "ok"], keys: "", tier: "1", attempts: "1=ok", asked: &["no-done"] }.hold_in_both_forms();
}

#[test]
fn s12_a_prompt_too_long_is_not_asked_again_and_goes_to_a_larger_tier() {
    let (tiers, keys) = (["context-1", "context-4096"], "TIER1_RETRIES=3\n");
    Case { tiers, keys, tier: "2", attempts: "1=too-long,2=ok", asked: &tiers }.hold_in_both_forms();
}

#[test]
fn s13_a_content_filters_refusal_comes_back_and_is_not_routed_round() {
    for streamed in [false, true] {
        let wall = wall();
        let served = Served::start(&(two_tiers(&wall, ["content-filter", "ok"]) + "TIER1_RETRIES=3\n"));
        let mut body = chat("auto");
        body["stream"] = json!(streamed);
        let answer: Answer = served.ask(&body);
        assert_eq!((answer.status, answer.header("x-tierfall-tier")), (400, "1"));
        let error = json!({
            "message": "The prompt was refused by the content filter.", "type": "invalid_request_error",
            "param": null, "code": "content_filter",
        });
        assert_eq!(answer.json(), json!({ "error": error }), "as the provider gave it");
        assert_eq!(asked(&wall), ["content-filter"]);
    }
}

#[test]
fn s14_a_cut_is_carried_on_by_a_tier_that_refuses_prefill() {
    let tiers = ["cut-after-40", "refuse-prefill"];
    carried_on(tiers, "", 40, &["cut-after-40", "refuse-prefill"]);
}

#[test]
fn s15_a_flapping_tier_is_served_round_and_comes_back() {
    let wall = wall();
    let calls = || asked(&wall).into_iter().filter(|model| model == "flapping").count();
    let script = |faults: &str| wall.script("flapping", faults.parse::<Script>().expect("a script"));
    let served = Served::start(&(two_tiers(&wall, ["flapping", "ok"]) + "TIER1_RETRIES=0\n"));
    assert_eq!(ask(&served, Form::Streamed).tier, "1");

    script("503");
    let tiers: Vec<String> = (0..20).map(|request| ask(&served, FORMS[request % 2]).tier).collect();
    assert!(tiers.iter().all(|tier| tier == "2"), "served throughout: {tiers:?}");
    let while_down = calls() - 1;
    assert!(while_down < 10, "{while_down} calls of a tier that is down for 20 requests");

    script("ok");
    until("the primary answers again", || {
        thread::sleep(Duration::from_millis(50));
        (ask(&served, Form::Whole).tier == "1").then_some(())
    });
    assert_eq!(calls() - 1 - while_down, 1, "the first probe closes the breaker");
    let skips: Vec<u64> = served.log().iter().filter_map(|line| next_probe(line)).collect();
    assert!(!skips.is_empty() && skips.iter().all(|&seconds| seconds <= 30), "{skips:?}");
    assert_eq!(ask(&served, Form::Streamed).tier, "1");
}

/// In how many seconds a skipped tier is to be probed, by its line of the log.
fn next_probe(line: &str) -> Option<u64> {
    line.strip_prefix("↷ Skipped: ")?.split_once("next probe in ")?.1.strip_suffix(" s)")?.parse().ok()
}

#[test]
fn s16_the_answering_tiers_model_and_usage_are_told_and_failed_attempts_are_not_billed() {
    for form in FORMS {
        let wall = wall();
        let own = ask(&Served::start(&two_tiers(&wall, ["ok", "ok#2"])), form).usage;
        for first in ["500", "garbage", "error-frame-after-0"] {
            let served = Served::start(&(two_tiers(&wall, [first, "ok"]) + "TIER1_RETRIES=0\n"));
            let held = ask(&served, form);
            assert_usage_of_one_answer(&held);
            assert_eq!((&*held.tier, &*held.model, held.usage), ("2", "ok", own.clone()), "{first}");
        }
    }
    // The first attempt reserves 1,024 tokens for its answer. Were they billed, the second request would find no room.
    let (wall, first) = (wall(), "500-once+ok");
    let served = Served::start(&(two_tiers(&wall, [first, "ok"]) + "TIER1_RETRIES=0\nTIER1_TPM=2000\n"));
    let tiers: Vec<String> = FORMS.into_iter().map(|form| ask(&served, form).tier).collect();
    assert_eq!(tiers, ["2", "1"]);
}
