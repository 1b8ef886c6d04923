//! A configuration that changes while it is served.

use crate::served::Served;
use crate::{four_tiers, wall};

const TAKEN_UP: &str = "the changed configuration is taken up";

#[test]
fn a_changed_file_is_taken_up_and_a_bad_one_refused() {
    let wall = wall();
    let served = Served::start(&four_tiers(&wall, ["ok-5", "ok-6", "ok-7", "ok-8"]));
    assert_eq!(served.chat("auto").json()["model"], "ok-5");

    served.configure(&four_tiers(&wall, ["ok-15", "ok-6", "ok-7", "ok-8"]));
    served.said(TAKEN_UP);
    assert_eq!(served.chat("auto").json()["model"], "ok-15");

    served.configure("TIER1_TIMEOUT=soon\nGROQ_API_KEY=gsk_hunter2\n");
    served.said("Warning: ");
    assert_eq!(served.chat("auto").json()["model"], "ok-15", "the old one stays");

    served.configure(&four_tiers(&wall, ["ok-25", "ok-6", "ok-7", "ok-8"]));
    crate::until("the mended file", || {
        (served.log().iter().filter(|line| *line == TAKEN_UP).count() == 2).then_some(())
    });
    assert_eq!(served.chat("auto").json()["model"], "ok-25");

    let asked = ["→ Trying: Tier 1: Your HF Space", "✓ Success: Tier 1: Your HF Space (Nms, total: Nms)"];
    let refused = "Warning: the changed configuration is refused, the old one stays: TIER1_TIMEOUT=soon (.env.local:1): \
                   takes whole milliseconds, 1 to 86400000 (a day)";
    let log: Vec<&str> = [&asked[..], &[TAKEN_UP], &asked, &[refused], &asked, &[TAKEN_UP], &asked]
        .into_iter()
        .flatten()
        .copied()
        .collect();
    let (tiers, steps): (Vec<_>, Vec<_>) =
        served.end().into_iter().partition(|line| line.contains("ms, connect ") || line.starts_with("Route "));
    assert_eq!(steps, log);
    assert_eq!(tiers.len(), 16, "each change says what each tier and each route is now");
}

#[test]
fn a_request_under_way_is_not_dropped_by_a_change() {
    let wall = wall();
    wall.script("slowly", "trickle-50ms".parse::<wall::Script>().expect("a script"));
    let served = Served::start(&four_tiers(&wall, ["slowly", "ok", "ok", "ok"]));
    let mut stream = served.stream("auto");
    stream.read_chunks(3);
    served.configure(&four_tiers(&wall, ["ok-5", "ok", "ok", "ok"]));
    served.said(TAKEN_UP);
    assert_eq!(served.chat("auto").json()["model"], "ok-5");
    let spoken = stream.rest();
    assert!(spoken.text().ends_with("w60"), "{}", spoken.text());
    spoken.assert_all_the_same("model");
}
