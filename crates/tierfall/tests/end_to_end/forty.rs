//! Forty cells: each of twenty faults as tier 1 before a healthy tier 2, whole and streamed, against the binary. The caller
//! of each sees one whole answer.

use wall::ClosedPort;

use crate::held::{Form, ask, asked, two_tiers};
use crate::served::Served;
use crate::wall;

/// Who answers when tier 1 fails so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answers {
    /// Tier 2, from the first word on; tier 1 failed for this reason.
    Second(&'static str),
    /// Tier 2, which carries a stream on where tier 1 broke off, and makes a whole answer anew.
    Both(&'static str),
    /// Tier 1: its fault is mended on the way.
    First,
}

use Answers::{Both, First, Second};

/// The fault, the model by whose name the wall plays it, and what comes of it.
const FAULTS: [(&str, &str, Answers); 20] = [
    ("refused", "refused", Second("refused")),
    ("reset", "reset", Second("reset")),
    ("hang", "hang", Second("timeout")),
    ("401", "401", Second("401")),
    ("403", "403", Second("403")),
    ("404", "404", Second("404")),
    ("408", "408", Second("408")),
    ("413", "413", Second("too-long")),
    ("429", "429", Second("429")),
    ("500", "500", Second("500")),
    ("502", "502", Second("502")),
    ("503", "503", Second("503")),
    ("529", "529", Second("529")),
    ("HTML", "html", Second("html")),
    ("garbage", "garbage", Second("not-json")),
    ("empty", "empty", Second("empty")),
    ("cut at the first token", "cut-after-0", Second("reset")),
    ("cut midway", "cut-after-30", Both("cut")),
    ("stalled midway", "stall-after-30", Both("timeout")),
    ("no [DONE]", "no-done", First),
];

fn hold(form: Form) {
    let closed = ClosedPort::take().expect("a port");
    for (fault, model, answers) in FAULTS {
        let (wall, case) = (wall(), format!("{fault}, {form:?}"));
        let mut keys = two_tiers(&wall, [model, "ok"]);
        keys += "TIER1_RETRIES=0\n";
        // Only what is silent is to meet a limit, however busy the machine is.
        keys += match model {
            "hang" => "TIER1_FIRST_TOKEN_TIMEOUT=500\n",
            "stall-after-30" => "TIER1_IDLE_TIMEOUT=500\n",
            _ => "",
        };
        let (mut reached, broken) = (vec![model, "ok"], answers != First);
        if fault == "refused" {
            keys = keys.replacen(&wall.base_url(), &format!("http://{}/v1", closed.address()), 1);
            reached.remove(0);
        }
        let held = ask(&Served::start(&keys), form);
        let carried_on = matches!(answers, Both(_)) && form == Form::Streamed;
        let (tier, attempts) = match answers {
            Second(reason) => ("2", format!("1={reason},2=ok")),
            // The head of a stream has left before tier 1 broke off.
            Both(reason) if !carried_on => ("2", format!("1={reason},2=ok")),
            Both(_) | First => ("1", "1=ok".to_owned()),
        };
        reached.truncate(if broken { 2 } else { 1 });
        assert_eq!((&*held.tier, held.attempts, &*held.model), (tier, attempts, reached[reached.len() - 1]), "{case}");
        assert_eq!((held.seams.len(), asked(&wall)), (usize::from(carried_on), to_owned(&reached)), "{case}");
    }
}

fn to_owned(models: &[&str]) -> Vec<String> {
    models.iter().map(|&model| model.to_owned()).collect()
}

#[test]
fn twenty_faults_of_tier_1_are_held_from_the_caller_of_a_whole_answer() {
    hold(Form::Whole);
}

#[test]
fn twenty_faults_of_tier_1_are_held_from_the_caller_of_a_stream() {
    hold(Form::Streamed);
}
